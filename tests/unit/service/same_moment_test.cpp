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

TEST_CASE("shares of requests are of those that arrived after the warm-up") {
  // Two slots: a backlog of about 300 at the end of the warm-up, gone when the run ends. What is
  // answered after the warm-up is twice what arrives then, and all of that is answered in time.
  const std::vector<Override> sets = {{"duration", "650 s"},
                                      {"warmup", "300 s"},
                                      {"workloads.web.autoscaler", "null"},
                                      {"workloads.web.replicas", R"({"initial": 2})"},
                                      {"workloads.web.instance.concurrency", "1"},
                                      {"workloads.web.service_time", "1 s"},
                                      {"workloads.web.slo", "5 min"},
                                      {"workloads.web.demand",
                                       R"({"piecewise": {"points": [{"at": "0 s", "rate": "3 /s"},
                                    {"at": "300 s", "rate": "1 /s"}]}})"}};
  for (const std::string fidelity : {"exact", "fluid"}) {
    CAPTURE(fidelity);
    std::vector<Override> more = sets;
    more.push_back({"workloads.web.fidelity", "\"" + fidelity + "\""});
    const RunResult run = run_rack(more);
    const double attainment = test::metric(run, "workloads.web.attainment");
    CHECK(attainment <= 1);
    CHECK(attainment > 0.97);
    CHECK(test::metric(run, "workloads.web.failed_share") == 0);
    CHECK(test::metric(run, "workloads.web.good") >
          1.5 * test::metric(run, "workloads.web.offered"));
  }
}

TEST_CASE("what fluid clients send again counts when its request arrived") {
  // 100 /s until the warm-up ends, 1 /s then; what is refused or late then is of before, mostly.
  std::vector<Override> sets = {
      {"duration", "180 s"},
      {"warmup", "60 s"},
      {"workloads.web.autoscaler", "null"},
      {"workloads.web.replicas", R"({"initial": 2})"},
      {"workloads.web.instance.concurrency", "1"},
      {"workloads.web.service_time", "100 ms"},
      {"workloads.web.slo", "1 h"},
      {"workloads.web.fidelity", "\"fluid\""},
      {"workloads.web.demand",
       R"({"piecewise": {"points": [{"at": "0 s", "rate": "100 /s"},
                                    {"at": "60 s", "rate": "1 /s"}]}})"},
      {"workloads.web.client", R"({"timeout": "150 ms", "retry": {"max_attempts": 3}})"}};
  for (const bool limited : {false, true}) {
    CAPTURE(limited);
    if (limited) sets.push_back({"workloads.web.instance.queue_limit", "5"});
    const RunResult run = run_rack(sets);
    CHECK(test::metric(run, "workloads.web.failed") > test::metric(run, "workloads.web.offered"));
    // Those of the last two steps are on their way to be asked again.
    const double settled = test::metric(run, "workloads.web.failed_share") +
                           test::metric(run, "workloads.web.attainment");
    CHECK(settled <= 1);
    CHECK(settled > 0.7);
  }
}

TEST_CASE("a fluid crash with nobody asking is asked again all the same") {
  const RunResult run =
      run_rack({{"duration", "600 s"},
                {"workloads.web.autoscaler", "null"},
                {"workloads.web.replicas", R"({"initial": 2})"},
                {"workloads.web.instance.concurrency", "1"},
                {"workloads.web.service_time", "100 ms"},
                {"workloads.web.fidelity", "\"fluid\""},
                {"workloads.web.demand",
                 R"({"piecewise": {"points": [{"at": "0 s", "rate": "100 /s"},
                                     {"at": "60 s", "rate": "0 /s"}]}})"},
                {"workloads.web.client", R"({"retry": {"max_attempts": 5}})"},
                {"failures", R"({"o": {"kind": "outage", "at": "75 s", "for": "20 s"}})"}});
  CHECK(test::metric(run, "workloads.web.crashed") > 4000);
  CHECK(test::metric(run, "workloads.web.failed") == 0);
  CHECK(test::metric(run, "workloads.web.completed") == 6000);
}

TEST_CASE("a fluid replica takes what it had with it, unanswered") {
  // 12 /s of 1 s on 10 slots: 2 /s join the backlog for 600 s, and all is lost with the region.
  const RunResult run =
      run_rack({{"duration", "1200 s"},
                {"regions.lab.racks.a.count", "2"},
                {"workloads.web.autoscaler", "null"},
                {"workloads.web.replicas", R"({"min": 10, "initial": 10})"},
                {"workloads.web.instance.concurrency", "1"},
                {"workloads.web.service_time", R"({"exponential": {"mean": "1 s"}})"},
                {"workloads.web.slo", "10 min"},
                {"workloads.web.demand", "12 /s"},
                {"workloads.web.fidelity", "fluid"},
                {"failures", R"({"z": {"kind": "outage", "of": "region", "in": ["lab"],
                              "at": "600 s", "for": "900 s"}})"}});
  CHECK(test::metric(run, "workloads.web.completed") == Approx(10 * 600).epsilon(0.01));
  CHECK(test::metric(run, "workloads.web.good") == test::metric(run, "workloads.web.completed"));
  CHECK(test::metric(run, "workloads.web.attainment") == Approx(10 * 600 / 14400.0).epsilon(0.01));
  CHECK(test::metric(run, "workloads.web.latency.count") ==
        Approx(test::metric(run, "workloads.web.completed")).margin(2));
}

TEST_CASE("replicas do not count as work of the jobs of their pool") {
  // Two jobs of 10 s on one core of eight, one after the other; four replicas are there for a
  // while.
  const RunResult run =
      run_rack({{"duration", "1000 s"},
                {"workloads.web.autoscaler.at", R"(["0 s", "500 s"])"},
                {"workloads.web.autoscaler.replicas", "[4, 0]"},
                {"workloads.web.service_time", "1 s"},
                {"workloads.jobs", R"({"kind": "jobs", "generate": {"count": 2, "run": "10 s"},
                                       "arrivals": {"every": "10 s"}})"}});
  CHECK(test::metric(run, "pools.main.utilization") == Approx(1 / 8.0));
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
