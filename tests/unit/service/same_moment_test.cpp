// Replicas that leave in the moment in which their server fails, or their pool refuses them: the
// laws that every run checks must hold, and what remains can be counted.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

RunResult run_rack(const std::vector<Override>& sets, std::uint64_t seeds = 1) {
  return test::run_seeds(test::load_file("tests/unit/service/one_rack.json", sets),
                         static_cast<int>(seeds))
      .back();
}

Override outage(const std::string& at) {
  return {"failures", R"({"o": {"kind": "outage", "at": ")" + at + R"(", "for": "10 s"}})"};
}

TEST_CASE("a drain that ends as the server fails") {
  // Two replicas are to leave at 120 s and drain until 140 s, when the server goes. From then on
  // the other two are asked for anew, and are there 10 s later.
  const RunResult run = run_rack({outage("140 s")});
  CHECK(test::metric(run, "workloads.web.main.lost_replicas") == 2);
  CHECK(test::metric(run, "workloads.web.main.ready.max") == 4);
  CHECK(test::metric(run, "workloads.web.main.ready.mean") ==
        Approx((4 * 120 + 2 * 20 + 2 * 150) / 300.0).epsilon(0.01));
}

TEST_CASE("a held request that ends with the server lets its draining replica go once") {
  // Replicas of front drain from 120 s on while their requests wait for back, on the same server.
  const std::string services = R"({
    "web": null,
    "back": {"kind": "service", "service_time": "30 s",
             "instance": {"cores": 1, "concurrency": 100}, "replicas": {"min": 2, "initial": 2}},
    "front": {"kind": "service", "demand": "2 /s", "service_time": "100 ms", "hold": true,
              "calls": [{"to": "back"}], "instance": {"cores": 0.5, "concurrency": 50},
              "replicas": {"min": 1, "max": 8, "initial": 8},
              "autoscaler": {"policy": "scheduled", "companion": "none",
                             "at": ["0 s", "2 min"], "replicas": [8, 1]}}})";
  for (const std::string at : {"131.7 s", "140 s"}) {
    CAPTURE(at);
    const RunResult run = run_rack({{"workloads", services}, outage(at)}, 3);
    CHECK(test::metric(run, "workloads.back.crashed") > 0);
    CHECK(test::metric(run, "workloads.front.failed") > 0);
    CHECK(test::metric(run, "workloads.front.main.ready.mean") > 3);
  }
}

TEST_CASE("a full queue of a pool refuses a replica once") {
  for (const std::string limit : {"0", "1", "2", "3"}) {
    CAPTURE(limit);
    const RunResult run =
        run_rack({{"pools.main.queue_limit", limit},
                  {"duration", "600 s"},
                  {"workloads.web.service_time", "1 s"},
                  {"workloads.web.replicas.initial", "8"},
                  {"workloads.web.autoscaler.at", R"(["0 s", "2 min", "4 min", "5 min", "6 min"])"},
                  {"workloads.web.autoscaler.replicas", "[8, 10, 4, 16, 11]"}});
    CHECK(test::metric(run, "pools.main.waiting.max") == std::stod(limit));
    CHECK(test::metric(run, "workloads.web.main.ready.max") == 8);
  }
}

}  // namespace
}  // namespace hyperdc
