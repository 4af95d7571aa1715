// PHOLD on the engine and on ns-3's Simulator::Schedule, in turns, the same events in the same
// order. Built where ns-3 is installed (Debian: libns3-dev).
//
//   peer_ns3 [largest N, default 1e6] [events a turn, default 5e5]
#include <cstdlib>
#include <ns3/nstime.h>
#include <ns3/object-factory.h>
#include <ns3/simulator.h>
#include <string>
#include <vector>

#include "bench.hpp"
#include "phold.hpp"

namespace hyperdc::bench {
namespace {

constexpr int kTurns = 5;

class PholdOnNs3 final : public PholdRun {
 public:
  PholdOnNs3(std::uint32_t entities, const char* scheduler) : model_(entities) {
    ns3::ObjectFactory factory;
    factory.SetTypeId(scheduler);
    ns3::Simulator::SetScheduler(factory);
    for (std::uint32_t id = 0; id < entities; ++id) schedule(model_.send(id, 0), 0);
  }
  ~PholdOnNs3() override { ns3::Simulator::Destroy(); }
  void run(std::uint64_t events) override {
    stop_at_ = events_ + events;
    ns3::Simulator::Run();
  }
  std::uint64_t checksum() const override { return model_.checksum(); }
  std::uint64_t events() const override { return events_; }

 private:
  void handle(std::uint32_t entity) {
    const std::int64_t now = ns3::Simulator::Now().GetNanoSeconds();
    schedule(model_.step(entity, now), now);
    if (++events_ == stop_at_) ns3::Simulator::Stop();
  }
  void schedule(const PholdModel::Send& send, std::int64_t now) {
    const auto delay = ns3::NanoSeconds(static_cast<std::uint64_t>(send.at - now));
    ns3::Simulator::Schedule(delay, &PholdOnNs3::handle, this, send.to);
  }

  PholdModel model_;
  std::uint64_t events_ = 0;
  std::uint64_t stop_at_ = 0;
};

double measure(std::uint32_t entities, const char* scheduler, std::uint64_t events) {
  PholdOnEngine engine(entities);
  PholdOnNs3 peer(entities, scheduler);
  const auto turn = [](PholdRun& run, std::uint64_t n) {
    const std::uint64_t before = run.events();
    const double start = cpu_ns();
    run.run(n);
    return (cpu_ns() - start) / static_cast<double>(run.events() - before);
  };
  turn(engine, std::max<std::uint64_t>(entities + entities / 2, 300'000));
  turn(peer, engine.events());
  std::vector<double> own, other;
  for (int i = 0; i < kTurns; ++i) {
    own.push_back(turn(engine, events));
    other.push_back(turn(peer, engine.events() - peer.events()));
  }
  if (engine.checksum() != peer.checksum()) {
    std::printf("engine and ns-3 did different things\n");
    std::exit(1);
  }
  const double ratio = median(other) / median(own);
  std::printf("%9u %-28s %12.1f %12.1f %8.2f\n", entities, scheduler, median(own), median(other),
              ratio);
  std::fflush(stdout);
  return ratio;
}

}  // namespace
}  // namespace hyperdc::bench

int main(int argc, char** argv) {
  using namespace hyperdc::bench;
  const double largest = argc > 1 ? std::atof(argv[1]) : 1e6;
  const auto events = static_cast<std::uint64_t>(argc > 2 ? std::atof(argv[2]) : 5e5);
  std::printf("PHOLD, ns of CPU an event, median of %d turns\n", kTurns);
  std::printf("%9s %-28s %12s %12s %8s\n", "entities", "ns-3 scheduler", "Engine", "ns-3", "ratio");
  Targets targets;
  std::vector<std::pair<std::uint32_t, double>> by_default;
  for (std::uint32_t n = 1000; n <= static_cast<std::uint32_t>(largest); n *= 10) {
    by_default.emplace_back(n, measure(n, "ns3::MapScheduler", events));
    measure(n, "ns3::PriorityQueueScheduler", events);
    measure(n, "ns3::HeapScheduler", events);
  }
  for (const auto& [n, ratio] : by_default) {
    if (n < 100'000) continue;
    const std::string label =
        std::to_string(n) + " entities: times ns-3 with its default scheduler";
    targets.check(label.c_str(), ratio, ">=", 8);
  }
  return targets.missed() == 0 ? 0 : 2;
}
