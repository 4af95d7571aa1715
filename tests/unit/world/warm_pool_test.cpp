// Warm pools by hand: who serves when, who comes back, and who is replaced.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/model_endpoint.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

/// 600 s of a service whose replicas take 60 s to start, two of them warm, ready after 5 s.
json service(const std::vector<std::string>& at, const std::vector<int>& replicas) {
  return {{"kind", "service"},
          {"demand", "0.5 /s"},
          {"service_time", "10 ms"},
          {"instance", {{"cores", 1}, {"accelerators", 1}, {"start", "60 s"}}},
          {"replicas", {{"min", 0}, {"initial", replicas[0]}, {"max", 9}}},
          {"warm_pool", {{"size", 2}, {"start", "5 s"}}},
          {"autoscaler",
           {{"policy", "scheduled"},
            {"companion", "none"},
            {"period", "10 s"},
            {"at", at},
            {"replicas", replicas}}}};
}

json pool_world(const json& workload) {
  json text = test::model_servers(8, {{"m", workload}});
  text["duration"] = "10 min";
  return text;
}

Simulation run_pool(const json& text) {
  const test::TemporaryDirectory home;
  return simulate(test::load_text(home, text), {});
}

double of(const Simulation& run, const std::string& metric) {
  return test::value(run, "workloads.m.p." + metric);
}

TEST_CASE("replicas from the warm pool are ready after its start, and the pool is filled again") {
  const Simulation run = run_pool(pool_world(service({"0 s", "1 min"}, {1, 3})));
  CHECK(of(run, "ready.mean") == Approx((600 + 2 * 535) / 600.0));
  CHECK(of(run, "warm_starts") == 2);
  CHECK(of(run, "cold_starts") == 0);
  // Two until 60 s; those that are asked for then have started at 120 s.
  CHECK(of(run, "warm.mean") == Approx((2 * 60 + 2 * 480) / 600.0));
  CHECK(of(run, "replica_time") == Approx(3 * 600 + 2 * 540));
  const Simulation more = run_pool(pool_world(service({"0 s", "1 min"}, {1, 4})));
  CHECK(of(more, "ready.mean") == Approx((600 + 2 * 535 + 480) / 600.0));
  CHECK(of(more, "warm_starts") == 2);
  CHECK(of(more, "cold_starts") == 1);
}

TEST_CASE("without a start they are ready at once, and from zero as well") {
  json workload = service({"0 s", "1 min"}, {0, 1});
  workload["warm_pool"].erase("start");
  const Simulation run = run_pool(pool_world(workload));
  CHECK(of(run, "ready.mean") == Approx(540 / 600.0));
  CHECK(of(run, "warm_starts") == 1);
  CHECK(of(run, "warm.max") == 2);
  workload["warm_pool"]["start"] = "30 s";
  CHECK(of(run_pool(pool_world(workload)), "ready.mean") == Approx(510 / 600.0));
}

TEST_CASE("a member that has not started yet is taken before one from nothing") {
  // Two are taken at 60 s; two others begin then, and are asked for at 90 s, with 30 s to go.
  const Simulation run = run_pool(pool_world(service({"0 s", "1 min", "90 s"}, {1, 3, 5})));
  CHECK(of(run, "ready.mean") == Approx((600 + 2 * 535 + 2 * 480) / 600.0));
  CHECK(of(run, "warm_starts") == 2);
  CHECK(of(run, "cold_starts") == 2);
}

TEST_CASE("scale-in gives back to a pool that is short, and ends replicas beside a full one") {
  const Simulation back = run_pool(pool_world(service({"0 s", "1 min", "80 s"}, {1, 3, 1})));
  CHECK(of(back, "warm.mean") == Approx((2 * 60 + 2 * 520) / 600.0));
  CHECK(of(back, "replica_time") == Approx(3 * 600 + 2 * 20));  // starts are given up at 80 s
  const Simulation ended = run_pool(pool_world(service({"0 s", "1 min", "200 s"}, {1, 3, 1})));
  CHECK(of(ended, "warm.mean") == Approx((2 * 60 + 2 * 480) / 600.0));
  CHECK(of(ended, "replica_time") == Approx(600 + 2 * 200 + 2 * 540));
}

TEST_CASE("a replica that is lost is replaced from the pool, and a warm one from nothing") {
  json text = pool_world(service({"0 s"}, {1}));
  text["regions"]["r"]["racks"] = {{"a", {{"server", "s"}, {"count", 1}, {"zone", "b"}}},
                                   {"k", {{"server", "s"}, {"count", 7}}}};
  const auto outage = [](const char* zone) {
    return json{{"out",
                 {{"kind", "outage"},
                  {"of", "zone"},
                  {"zones", {zone}},
                  {"at", "100 s"},
                  {"for", "10 s"}}}};
  };
  text["failures"] = outage("r.b");
  const Simulation serving = run_pool(text);  // the one that serves; seen at 105 s
  CHECK(of(serving, "lost_replicas") == 1);
  CHECK(of(serving, "ready.mean") == Approx((100 + 490) / 600.0));
  CHECK(of(serving, "warm_starts") == 1);
  text["failures"] = outage("r.a");  // both that are warm; others start at 110 s
  const Simulation warm = run_pool(text);
  CHECK(of(warm, "lost_replicas") == 2);
  CHECK(of(warm, "ready.mean") == 1);
  CHECK(of(warm, "warm.mean") == Approx(2 * (100 + 430) / 600.0));
}

TEST_CASE("members have the version of before until a rollout is done, and are replaced then") {
  json workload = service({"0 s", "5 min"}, {1, 2});
  workload["rollouts"] = {{{"at", "100 s"}, {"waves", {{{"share", 1}, {"bake", "30 s"}}}}}};
  const Simulation run = run_pool(pool_world(workload));
  CHECK(test::value(run, "workloads.m.rollouts.finished") == 1);
  // The new version starts at 100 s and is watched from 160 to 190 s; the next scrape is at 195 s.
  // The two that start then are warm at 255 s; one is taken at 300 s.
  CHECK(of(run, "cold_starts") == 1);
  CHECK(of(run, "warm_starts") == 1);
  CHECK(of(run, "warm.mean") == Approx((2 * 195 + 2 * 45 + 60 + 2 * 240) / 600.0));
}

TEST_CASE("fluid services have warm pools too, with the same replicas") {
  json workload = service({"0 s", "1 min", "3 min"}, {1, 3, 1});
  const Simulation exact = run_pool(pool_world(workload));
  workload["fidelity"] = "fluid";
  const Simulation fluid = run_pool(pool_world(workload));
  for (const char* metric : {"ready.mean", "warm.mean", "replica_time", "warm_starts"}) {
    INFO(metric);
    CHECK(of(fluid, metric) == Approx(of(exact, metric)).epsilon(1e-3));
  }
}

TEST_CASE("who is warm holds its accelerators, and idles") {
  json text = pool_world(service({"0 s"}, {1}));
  text["workloads"]["m"]["demand"] = "60 /s";
  const Simulation with = run_pool(text);
  text["workloads"]["m"].erase("warm_pool");
  const Simulation without = run_pool(text);
  CHECK(test::value(with, "regions.r.energy") ==
        Approx(test::value(without, "regions.r.energy")).epsilon(1e-9));
  CHECK(test::value(with, "pools.p.allocation.accelerators.mean") ==
        Approx(3 * test::value(without, "pools.p.allocation.accelerators.mean")));
}

TEST_CASE("who has loaded its weights once does not load them again from the pool") {
  json workload = service({"0 s", "1 min"}, {1, 2});
  workload["kind"] = "llm-inference";
  workload.erase("service_time");
  workload["requests"] = {{"generate", {{"prompt", 10}, {"output", 2}}}};
  workload["engine"] = {{"model", "llama-3-1-8b"},
                        {"blocks", 100},
                        {"load_from", "s"},
                        {"iteration", {{"linear", {{"base", "10 ms"}}}}}};
  json text = pool_world(workload);
  text["stores"]["s"]["rate"] = "1605999001.6 B/s";  // 10 s
  const Simulation run = run_pool(text);
  CHECK(of(run, "ready.mean") == Approx((600 + 535) / 600.0));
  CHECK(test::value(run, "workloads.m.weights_load.count") == 1);  // of who fills the pool
  CHECK(of(run, "warm.mean") == Approx((2 * 60 + 70 + 2 * 470) / 600.0));
}

}  // namespace
}  // namespace hyperdc
