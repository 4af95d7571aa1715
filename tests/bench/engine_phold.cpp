// End to end: events/s of the engine with processes, entity state and random draws, against the
// same work on a std::priority_queue of std::function.
//
//   engine_phold [largest N, default 1e6] [events a turn, default 1e6]
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "bench.hpp"
#include "phold.hpp"

namespace hyperdc::bench {
namespace {

constexpr int kTurns = 5;

/// What the entities do, without any queue: each message is followed at once. ns a step.
double work_alone(std::uint32_t entities, std::uint64_t steps) {
  PholdModel model(entities);
  PholdModel::Send send{0, 0};
  const auto follow = [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) send = model.step(send.to, send.at);
  };
  follow(steps);
  std::vector<double> ns;
  for (int i = 0; i < kTurns; ++i) {
    const double start = cpu_ns();
    follow(steps);
    ns.push_back((cpu_ns() - start) / static_cast<double>(steps));
  }
  if (model.checksum() == 0) std::printf("a checksum of 0 is not expected\n");
  return median(ns);
}

struct Row {
  std::uint32_t entities;
  double engine, baseline;  // ns an event
};

Row measure(std::uint32_t entities, std::uint64_t events) {
  PholdOnEngine engine(entities);
  PholdOnFunctions baseline(entities);
  const auto turn = [](PholdRun& run, std::uint64_t n) {
    const std::uint64_t before = run.events();
    const double start = cpu_ns();
    run.run(n);
    return (cpu_ns() - start) / static_cast<double>(run.events() - before);
  };
  const auto warm = std::max<std::uint64_t>(entities + entities / 2, 300'000);
  turn(engine, warm);
  turn(baseline, engine.events());
  std::vector<double> own, other;
  for (int i = 0; i < kTurns; ++i) {
    own.push_back(turn(engine, events));
    other.push_back(turn(baseline, engine.events() - baseline.events()));
  }
  if (engine.events() != baseline.events() || engine.checksum() != baseline.checksum()) {
    std::printf("engine and baseline did different things\n");
    std::exit(1);
  }
  const Row row{entities, median(own), median(other)};
  std::printf("%9u %12.2f %12.2f %12.1f %12.1f %12.1f %8.2f\n", entities, 1e3 / row.engine,
              1e3 / row.baseline, row.engine, row.baseline, work_alone(entities, events),
              row.baseline / row.engine);
  std::fflush(stdout);
  return row;
}

}  // namespace
}  // namespace hyperdc::bench

int main(int argc, char** argv) {
  using namespace hyperdc::bench;
  const double largest = argc > 1 ? std::atof(argv[1]) : 1e6;
  const auto events = static_cast<std::uint64_t>(argc > 2 ? std::atof(argv[2]) : 1e6);
  std::printf("PHOLD, million events a CPU second and ns an event, median of %d turns\n", kTurns);
  std::printf("%9s %12s %12s %12s %12s %12s %8s\n", "entities", "Engine", "pq<function>", "ns",
              "ns", "work alone", "ratio");
  Targets targets;
  std::vector<Row> rows;
  for (std::uint32_t n = 1000; n <= static_cast<std::uint32_t>(largest); n *= 10) {
    rows.push_back(measure(n, events));
  }
  for (const Row& row : rows) {
    const std::string label = std::to_string(row.entities) + " entities: times the baseline";
    targets.check(label.c_str(), row.baseline / row.engine, ">=", row.entities < 100'000 ? 3 : 5);
  }
  return targets.missed() == 0 ? 0 : 2;
}
