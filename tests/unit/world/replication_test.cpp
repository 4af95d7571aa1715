// Copies in other regions, and regions that are lost or emptied, on paper.
#include <catch2/catch.hpp>

#include "support/load_example.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

/// People of east ask ten times a second, and are served there; one way to west takes 30 ms. East
/// is lost from 120 s to 240 s.
Simulation run_copies(const std::string& replication, std::vector<Override> more = {}) {
  std::vector<Override> all{
      {"wan", R"({"efficiency": 1, "links": [{"name": "only", "from": "east", "to": "west",
                  "bandwidth": "80 Mbit/s"}]})"},
      {"workloads.web.origins.west", "null"},
      {"workloads.web.payload", "null"},
      {"workloads.web.replication", replication}};
  all.insert(all.end(), more.begin(), more.end());
  return simulate(test::load_file("tests/property/residency.json", all), {});
}

double of_copies(const Simulation& run, const std::string& name) {
  return test::value(run, "workloads.web.replication." + name);
}

const char* const kEveryTen =
    R"({"mode": "asynchronous", "to": ["west"], "bytes": "100 kB", "every": "10 s"})";

TEST_CASE("what a region has not copied is lost with it", "[replication]") {
  const Simulation run = run_copies(kEveryTen);
  // It is lost at 120 s, before the batch of that moment: what was written since 110 s is gone. The
  // first write of a batch comes about a tenth of a second after the batch before.
  const double point = of_copies(run, "recovery_point.max");
  CHECK(of_copies(run, "recovery_point.count") == 1);
  CHECK(point > 9);
  CHECK(point <= 10);
  const double lost = of_copies(run, "lost");
  CHECK(lost > 50 * 100e3);
  CHECK(lost < 150 * 100e3);
  // A batch of about 100 writes of 100 kB takes about 1 s at 10 MB/s, and 30 ms on its way.
  CHECK(of_copies(run, "lag.mean") > 10);
  CHECK(of_copies(run, "lag.mean") < 12);
  // Who fails over is answered by west at once: 100 ms of work, and the next request comes within
  // a second.
  CHECK(of_copies(run, "recovery_time.max") >= 0.1);
  CHECK(of_copies(run, "recovery_time.max") < 1);
}

TEST_CASE("what is sent more often is lost less, and what is lost or copied was written",
          "[replication]") {
  const Simulation often =
      run_copies(R"({"mode": "asynchronous", "to": ["west"], "bytes": "1 kB", "every": "1 s"})");
  CHECK(of_copies(often, "recovery_point.max") <= 1);

  CHECK(of_copies(often, "copied") + of_copies(often, "lost") > 4'000 * 1000.0);
}

TEST_CASE("copies share the link with transfers and are on the bill", "[replication]") {
  const Override other{"workloads.bulk",
                       R"({"kind": "transfers", "over": "wan", "generate": {"bytes": "100 GB",
                           "count": 1, "pattern": {"pair": {"src": "east", "dst": "west"}}},
                           "arrivals": {"every": "1 h"}})"};
  const Override calm{"failures.lost", "null"};
  const Simulation alone = run_copies(kEveryTen, {calm});
  const Simulation shared = run_copies(kEveryTen, {calm, other});
  // Half of the link: the second that a batch takes is two.
  CHECK(of_copies(shared, "lag.mean") - of_copies(alone, "lag.mean") == Approx(1).epsilon(0.1));
  CHECK(test::value(alone, "regions.east.cost.egress") ==
        Approx(of_copies(alone, "copied") / 1e9 * 0.02));
  CHECK(test::value(alone, "workloads.web.egress") == of_copies(alone, "copied"));
}

TEST_CASE("a synchronous write waits for the way there and back, and loses nothing",
          "[replication]") {
  const char* const copies = R"({"mode": "synchronous", "to": ["west"], "bytes": "10 kB"})";
  const Simulation run = run_copies(copies);
  // 10 kB at 10 MB/s are 1 ms, where no other write is on the link at that time.
  CHECK(of_copies(run, "wait.p50") == Approx(0.061).epsilon(0.02));
  CHECK(of_copies(run, "recovery_point.max") == 0);
  const Override calm{"failures.lost", "null"};
  const Simulation without = run_copies("null", {calm});
  const Simulation with = run_copies(copies, {calm});
  CHECK(test::value(with, "workloads.web.latency.mean") -
            test::value(without, "workloads.web.latency.mean") ==
        Approx(of_copies(with, "wait.mean")).epsilon(1e-3));
  const Simulation some = run_copies(
      R"({"mode": "synchronous", "to": ["west"], "bytes": "10 kB", "share": 0.2})", {calm});
  CHECK(of_copies(some, "copied") == Approx(0.2 * of_copies(with, "copied")).epsilon(0.1));
}

TEST_CASE("a link that is cut holds copies up, and answers that wait for them", "[replication]") {
  const Override calm{"failures.lost", "null"};
  const Override cut{"failures.cut", R"({"kind": "network", "over": "wan", "of": "cable",
                                         "link": "only", "at": "200.5 s", "for": "60 s"})"};
  const Simulation late = run_copies(kEveryTen, {calm, cut});
  // The batch of 200 s is cut half way, and its first write was made just after 190 s.
  CHECK(of_copies(late, "lag.max") > 60);
  CHECK(of_copies(late, "uncopied.max") > 500 * 100e3);
  const Simulation held =
      run_copies(R"({"mode": "synchronous", "to": ["west"], "bytes": "10 kB"})", {calm, cut});
  CHECK(of_copies(held, "wait.max") > 59);
  CHECK(of_copies(held, "wait.max") < 62);
}

TEST_CASE("a region is evacuated, and loses no copy and no request", "[replication]") {
  const Override empty{"failures.lost", R"({"kind": "maintenance", "of": "region", "in": ["east"],
                                            "first": "2 min", "drain": "1 min", "for": "2 min"})"};
  const Simulation run = run_copies(kEveryTen, {empty, {"workloads.batch", "null"}});
  CHECK(of_copies(run, "lost") == 0);
  CHECK(test::value(run, "workloads.web.failed") == 0);
  CHECK(test::value(run, "workloads.web.crashed") == 0);
  CHECK(test::value(run, "failures.lost.count") == 1);
  // Requests of 100 ms are the last that leave.
  CHECK(test::value(run, "failures.lost.emptied.max") <= 0.1);
}

TEST_CASE("an evacuation without a drain is no loss of the region", "[replication]") {
  const Override empty{"failures.lost", R"({"kind": "maintenance", "of": "region", "in": ["east"],
                                            "first": "2 min", "for": "2 min"})"};
  const Simulation run = run_copies(kEveryTen, {empty, {"workloads.batch", "null"}});
  CHECK(of_copies(run, "lost") == 0);
  CHECK(of_copies(run, "recovery_time.count") == 0);
}

TEST_CASE("jobs of a region that is emptied run to their end, are stopped, or start elsewhere",
          "[replication]") {
  // Four jobs of a minute on two servers; east is to be empty from 30 s on.
  const auto run = [](const char* more) {
    const Override empty{"failures.lost",
                         R"({"kind": "maintenance", "of": "region", "in": ["east"], "first": "30 s",
                             "for": "5 min")" +
                             std::string(more) + "}"};
    return run_copies("null", {empty});
  };
  const Simulation finish = run(R"(, "drain": "1 min")");
  CHECK(test::value(finish, "failures.lost.emptied.max") == 30);  // the first ends at 60 s
  CHECK(test::value(finish, "failures.lost.stopped") == 0);
  const Simulation stop = run(R"(, "drain": "10 s")");
  CHECK(test::value(stop, "failures.lost.emptied.max") == 10);
  CHECK(test::value(stop, "failures.lost.stopped") == 1);
  CHECK(test::value(stop, "workloads.batch.interrupted") == 1);
  const Simulation move = run(R"(, "drain": "1 min", "jobs": "move")");
  CHECK(test::value(move, "failures.lost.moved") == 1);
  CHECK(test::value(move, "failures.lost.stopped") == 0);
  CHECK(test::value(move, "failures.lost.emptied.max") < 1);
  CHECK(test::value(move, "workloads.batch.finished") == 4);
}

}  // namespace
}  // namespace hyperdc
