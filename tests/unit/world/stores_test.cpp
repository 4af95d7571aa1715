// Stores of weights: replicas that load at the same time, by hand.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "support/model_endpoint.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

/// Llama 3.1 8B in 16 bits, its matrices; read alone at full rate it takes 10 s.
constexpr double kBytes = 16'059'990'016;

/// Replicas that are ready at 0, and those that are asked for at 60 s.
json grows(std::uint64_t from, std::uint64_t to) {
  return {{"policy", "scheduled"},
          {"companion", "none"},
          {"period", "10 s"},
          {"at", {"0 s", "1 min"}},
          {"replicas", {from, to}}};
}

/// Loads from 60 s + `start` on.
json endpoint(std::uint64_t from, std::uint64_t to, const std::string& start) {
  return {{"kind", "llm-inference"},
          {"demand", "0.01 /s"},
          {"requests", {{"generate", {{"prompt", 10}, {"output", 2}}}}},
          {"engine",
           {{"model", "llama-3-1-8b"},
            {"blocks", 100},
            {"load_from", "s"},
            {"iteration", {{"linear", {{"base", "10 ms"}}}}}}},
          {"instance", {{"accelerators", 1}, {"start", start}}},
          {"replicas", {{"min", 1}, {"initial", from}, {"max", 9}}},
          {"autoscaler", grows(from, to)}};
}

json world_of(json workloads, double rate_in_loads, const json& more = json::object()) {
  json text = test::model_servers(8, std::move(workloads));
  text["stores"]["s"] = more;
  text["stores"]["s"]["rate"] = std::to_string(kBytes / 10 * rate_in_loads) + " B/s";
  text["duration"] = "10 min";
  return text;
}

Simulation store_run(const json& text) {
  const test::TemporaryDirectory home;
  return simulate(test::load_text(home, text), {});
}

TEST_CASE("readers at the same time share the rate of a store, one alone has all of it") {
  const std::string load = "workloads.m.weights_load.";
  const Simulation alone = store_run(world_of({{"m", endpoint(1, 2, "3 s")}}, 1));
  CHECK(test::value(alone, load + "count") == 1);
  CHECK(test::value(alone, load + "max") == Approx(10).epsilon(1e-9));
  CHECK(test::value(alone, "stores.s.bytes_read") == Approx(kBytes).epsilon(1e-9));
  CHECK(test::value(alone, "stores.s.utilization.mean") == Approx(10.0 / 600).epsilon(1e-6));
  const Simulation two = store_run(world_of({{"m", endpoint(1, 3, "3 s")}}, 1));
  CHECK(test::value(two, load + "count") == 2);
  CHECK(test::value(two, load + "max") == Approx(20).epsilon(1e-9));
  CHECK(test::value(two, load + "mean") == Approx(20).epsilon(1e-9));
  CHECK(test::value(two, "stores.s.readers.max") == 2);
  // One is ready for 600 s, two from 60 + 3 + 20 s on.
  CHECK(test::value(two, "workloads.m.p.ready.mean") == Approx((600 + 2 * 517) / 600.0));
}

TEST_CASE("a reader has client_rate at most, and the latency before its first byte") {
  const json bound = {{"client_rate", std::to_string(kBytes / 10) + " B/s"}, {"latency", "2 s"}};
  const auto loads = [&](std::uint64_t readers) {
    const Simulation run = store_run(world_of({{"m", endpoint(1, 1 + readers, "0 s")}}, 3, bound));
    CHECK(test::value(run, "stores.s.bytes_read") ==
          Approx(static_cast<double>(readers) * kBytes).epsilon(1e-9));
    return test::value(run, "workloads.m.weights_load.max");
  };
  CHECK(loads(1) == Approx(12).epsilon(1e-9));
  CHECK(loads(3) == Approx(12).epsilon(1e-9));
  CHECK(loads(6) == Approx(22).epsilon(1e-9));
}

TEST_CASE("one that joins midway slows the other down, and is slowed down by it") {
  const Simulation run =
      store_run(world_of({{"a", endpoint(1, 2, "0 s")}, {"b", endpoint(1, 2, "5 s")}}, 1));
  // The first has half alone, the rest at half the rate; so has the other, the other way round.
  CHECK(test::value(run, "workloads.a.weights_load.max") == Approx(15).epsilon(1e-9));
  CHECK(test::value(run, "workloads.b.weights_load.max") == Approx(15).epsilon(1e-9));
  CHECK(test::value(run, "stores.s.utilization.mean") == Approx(20.0 / 600).epsilon(1e-6));
}

TEST_CASE("who is lost or stopped while it loads leaves the store") {
  json text = world_of({{"m", endpoint(1, 2, "0 s")}}, 1);
  text["failures"] = {
      {"all", {{"kind", "outage"}, {"of", "region"}, {"at", "65 s"}, {"for", "1 h"}}}};
  const Simulation lost = store_run(text);
  CHECK(test::value(lost, "workloads.m.weights_load.count") == 0);
  CHECK(test::value(lost, "stores.s.bytes_read") == Approx(kBytes / 2).epsilon(1e-9));
  CHECK(test::value(lost, "stores.s.utilization.mean") == Approx(5.0 / 600).epsilon(1e-6));
  // Two come, and one of them is not wanted any more after 10 s: the other has 5 s of work left.
  text = world_of({{"m", endpoint(1, 3, "0 s")}}, 1);
  text["workloads"]["m"]["autoscaler"]["at"] = {"0 s", "1 min", "70 s"};
  text["workloads"]["m"]["autoscaler"]["replicas"] = {1, 3, 2};
  const Simulation stopped = store_run(text);
  CHECK(test::value(stopped, "workloads.m.weights_load.count") == 1);
  CHECK(test::value(stopped, "workloads.m.weights_load.max") == Approx(15).epsilon(1e-9));
  CHECK(test::value(stopped, "stores.s.bytes_read") == Approx(1.5 * kBytes).epsilon(1e-9));
}

TEST_CASE("a server that has read the weights keeps them where local_rate says so") {
  json text = world_of({{"m", endpoint(1, 2, "0 s")}}, 1);
  text["workloads"]["m"]["autoscaler"]["at"] = {"0 s", "1 min", "2 min", "3 min"};
  text["workloads"]["m"]["autoscaler"]["replicas"] = {1, 2, 1, 2};
  const Simulation again = store_run(text);
  CHECK(test::value(again, "stores.s.bytes_read") == Approx(2 * kBytes).epsilon(1e-9));
  text["workloads"]["m"]["engine"]["local_rate"] = std::to_string(kBytes / 4) + " B/s";
  const Simulation kept = store_run(text);
  CHECK(test::value(kept, "stores.s.bytes_read") == Approx(kBytes).epsilon(1e-9));
  CHECK(test::value(kept, "workloads.m.weights_load.count") == 2);
  CHECK(test::value(kept, "workloads.m.weights_load.mean") == Approx(7).epsilon(1e-9));
}

}  // namespace
}  // namespace hyperdc
