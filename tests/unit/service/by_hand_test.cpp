// Services whose every moment can be written down: users of a closed loop with constant times.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

using Sets = std::vector<Override>;

/// One replica; `users` users who think for `think`, each with `work` to be done.
RunResult run_users(int users, const std::string& think, const std::string& work,
                    const std::string& duration, const Sets& more = {}) {
  Sets sets = {{"workloads.customers.demand", "null"},
               {"workloads.customers.arrivals", R"({"closed": {"users": )" + std::to_string(users) +
                                                    R"(, "think": ")" + think + "\"}}"},
               {"workloads.customers.service_time", work},
               {"workloads.customers.instance.concurrency", "1"},
               {"workloads.customers.sensors.scrape", "1 s"},
               {"duration", duration},
               {"series_step", "1 s"},
               {"warmup", "0 s"}};
  sets.insert(sets.end(), more.begin(), more.end());
  return test::run_seeds(test::load_example("station", sets), 1).front();
}

double of(const RunResult& result, const std::string& name) {
  return test::metric(result, "workloads.customers." + name);
}

TEST_CASE("one user asks, waits for two seconds and thinks for one") {
  // asks at 1, 4, 7, … and is answered at 3, 6, …, 30
  const RunResult result = run_users(1, "1 s", "2 s", "30500 ms");
  CHECK(of(result, "offered") == 10);
  CHECK(of(result, "completed") == 10);
  CHECK(of(result, "latency.mean") == Approx(2.0));
  CHECK(of(result, "queue_wait.max") == 0);
  CHECK(of(result, "station.in_system") == Approx(20 / 30.5));
}

TEST_CASE("windows are met or missed by the answers to what arrived in them") {
  // Asked at 0, 1, 2, … by three users at one slot: at 0 all three, answered after 1, 2 and 3 s;
  // from then on each waits 3 s. Within 2 s are the first two, none later. Four whole
  // windows of 2 s and a half one: [0, 2) has 2 of 4, the others 0 of 2.
  const auto met = [](const std::string& share) {
    return run_users(
        3, "0 s", "1 s", "9 s",
        {{"workloads.customers.slo", "2 s"},
         {"workloads.customers.slo_windows", R"({"length": "2 s", "share": )" + share + "}"}});
  };
  CHECK(of(met("0.5"), "windows_met") == Approx(0.25));
  CHECK(of(met("0.5"), "missed_time") == Approx(6.0));
  CHECK(of(met("0.51"), "missed_time") == Approx(8.0));
  CHECK(of(run_users(1, "1 s", "1 s", "9 s",
                     {{"workloads.customers.slo", "1 s"},
                      {"workloads.customers.slo_windows", R"({"length": "2 s", "share": 1})"}}),
           "windows_met") == 1);
}

TEST_CASE("two users at one slot wait for each other") {
  // A is served 0-1, B waits and is served 1-2, A asked at 1 and is served 2-3, …: the first
  // answer takes 1 s, all others 2 s
  const RunResult result = run_users(2, "0 s", "1 s", "10500 ms");
  CHECK(of(result, "completed") == 10);
  CHECK(of(result, "latency.mean") == Approx((1 + 9 * 2) / 10.0));
  CHECK(of(result, "station.in_system") == Approx(2.0));
}

TEST_CASE("two users who share a slot both take twice as long") {
  const RunResult result =
      run_users(2, "0 s", "1 s", "10500 ms", {{"workloads.customers.instance.discipline", "ps"}});
  CHECK(of(result, "completed") == 10);
  CHECK(of(result, "latency.mean") == Approx(2.0));
  CHECK(of(result, "latency.max") == Approx(2.0));
}

TEST_CASE("a request beyond the queue limit is refused, and its user asks again later") {
  // both ask at 1: A is served, B is refused, thinks for 1 s and is refused at 2, A is answered at
  // 3.5, B asks at 3 (refused) and at 4: served to 6.5; A asks at 4.5 and 5.5 (refused), 6.5: the
  // slot is free by then (completions come first)
  const RunResult result =
      run_users(2, "1 s", "2.5 s", "7 s", {{"workloads.customers.instance.queue_limit", "0"}});
  CHECK(of(result, "completed") == 2);
  CHECK(of(result, "failed") == 5);
  CHECK(of(result, "refused") == 5);
  CHECK(of(result, "offered") == 8);
}

TEST_CASE("abandoned work goes on and is wasted") {
  // asked at 1, served 1-6; given up at 3; sent again at 4, waits; at 6 the first one is done for
  // nobody and the second begins, and is given up at once: 4 + 2
  const RunResult result = run_users(1, "1 s", "5 s", "6500 ms",
                                     {{"workloads.customers.client",
                                       R"({"timeout": "2 s",
            "retry": {"max_attempts": 2, "backoff": "1 s", "max_backoff": "1 s",
                      "jitter": "none"}})"}});
  CHECK(of(result, "offered") == 1);
  CHECK(of(result, "retries") == 1);
  CHECK(of(result, "timed_out") == 2);
  CHECK(of(result, "wasted") == 1);
  CHECK(of(result, "failed") == 1);
  CHECK(of(result, "completed") == 0);
}

std::string callee(const std::string& work) {
  return R"({"kind": "service", "pools": ["station"], "service_time": ")" + work +
         R"(", "instance": {"cores": 1, "concurrency": 4}})";
}

TEST_CASE("calls in sequence add up, calls at once take as long as the longest") {
  const Sets services = {
      {"server_types.station.cores", "32"},
      {"workloads.stock", callee("2 s")},
      {"workloads.price", callee("3 s")},
      {"workloads.customers.calls", R"([{"to": "stock", "count": 2}, {"to": "price"}])"}};
  const RunResult sequence = run_users(1, "1 s", "1 s", "29 s", services);
  CHECK(of(sequence, "latency.mean") == Approx(1.0 + 2 + 3));
  CHECK(of(sequence, "completed") == 4);  // one in seven seconds
  CHECK(test::metric(sequence, "workloads.stock.completed") == 8);
  CHECK(test::metric(sequence, "workloads.price.completed") == 4);

  Sets at_once = services;
  at_once.push_back({"workloads.customers.call_order", "fan-out"});
  const RunResult fan_out = run_users(1, "1 s", "1 s", "29 s", at_once);
  CHECK(of(fan_out, "latency.mean") == Approx(1.0 + 3));
}

TEST_CASE("a request that holds its slot while it calls keeps others out") {
  // without hold the slot is free after 1 s and both users are in step: 1 + 4 and 2 + 4
  Sets sets = {{"server_types.station.cores", "32"},
               {"workloads.stock", callee("4 s")},
               {"workloads.customers.calls", R"([{"to": "stock"}])"}};
  const RunResult free = run_users(2, "100 s", "1 s", "120 s", sets);
  CHECK(of(free, "latency.max") == Approx(2.0 + 4));
  sets.push_back({"workloads.customers.hold", "true"});
  const RunResult held = run_users(2, "100 s", "1 s", "120 s", sets);
  CHECK(of(held, "latency.max") == Approx(5.0 + 5));
}

TEST_CASE("a lost server takes its requests along, and its replica is replaced") {
  // Two servers of one replica each. The one of zone b is out from 10 to 20 s; its request is lost.
  const Sets sets = {{"regions.lab.racks",
                      R"({"stations": null, "a": {"server": "station", "count": 1, "zone": "a"},
           "b": {"server": "station", "count": 1, "zone": "b"}})"},
                     {"pools.station.placement", R"({"policy": "worst-fit"})"},
                     {"workloads.customers.replicas", R"({"initial": 2})"},
                     {"workloads.customers.router", R"({"policy": "round-robin"})"},
                     {"workloads.customers.instance.cores", "8"},
                     {"failures", R"({"zone-b": {"kind": "outage", "of": "zone", "zones": ["lab.b"],
                                  "at": "10 s", "for": "10 s"}})"}};
  const RunResult result = run_users(2, "1 s", "100 s", "50 s", sets);
  CHECK(of(result, "crashed") == 1);
  CHECK(of(result, "failed") == 1);
  CHECK(of(result, "station.lost_replicas") == 1);
  CHECK(of(result, "station.ready.max") == 2);
  // both serve but for the ten seconds, and the scrape that asks for the new one
  CHECK(of(result, "station.ready.mean") == Approx((2 * 40 + 10) / 50.0).epsilon(0.03));
}

}  // namespace
}  // namespace hyperdc
