// What autoscalers see of engines, by hand: an iteration takes a second, a block has ten tokens, a
// replica ten blocks, and the one scrape of a run is after ten seconds.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/model_endpoint.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

/// Whether the autoscaler adds a replica to `replicas`, which got a request of 10 tokens for 8 at
/// 0 s: the first token is there after a second, the last after eight.
bool scales_out(const json& autoscaler, std::uint64_t replicas = 1) {
  const test::TemporaryDirectory home;
  home.write("requests.csv", "arrival_ns,prompt,output\n0,10,8\n");
  json text = test::model_servers(
      4, {{"m",
           {{"kind", "llm-inference"},
            {"requests", {{"trace", {{"file", "requests.csv"}}}}},
            {"engine",
             {{"block", 10}, {"blocks", 10}, {"iteration", {{"linear", {{"base", "1 s"}}}}}}},
            {"instance", {{"accelerators", 1}}},
            {"replicas", {{"min", replicas}, {"max", 4}}},
            {"sensors", {{"scrape", "10 s"}, {"window", "10 s"}}},
            {"autoscaler", autoscaler}}}});
  text["duration"] = "15 s";
  return test::value(simulate(test::load_text(home, text), {}), "workloads.m.p.scaled_out") > 0;
}

/// The reading of the metric, a replica, lies within 0.1 % of `expected`: each replica is asked.
void check_reading(const std::string& metric, double expected, std::uint64_t replicas = 1) {
  const auto at_least = [&](double bound) {
    return scales_out({{"policy", "step"},
                       {"metric", metric},
                       {"period", "10 s"},
                       {"warmup", "0 s"},
                       {"adjust", "exact"},
                       {"out_at", {bound}},
                       {"out_change", {4}},
                       {"in_at", {0}},
                       {"in_change", {4}}},
                      replicas);
  };
  INFO(metric);
  CHECK(at_least(expected * 0.999));
  CHECK_FALSE(at_least(expected * 1.001));
}

TEST_CASE("cache, tokens and times of a request, as a scrape shows them") {
  // One block for a second, two for the other seven: 15 of 100 block seconds.
  check_reading("kv-utilization", 0.15);
  // 10 tokens of the prompt, 8 of the answer, in ten seconds.
  check_reading("tokens-per-replica", 1.8);
  check_reading("ttft-p95", 1);
  check_reading("ttft-p99", 1);
  check_reading("tpot-p95", 1);
  check_reading("tpot-p99", 1);
}

TEST_CASE("a replica without an engine has an empty cache") {
  check_reading("kv-utilization", 0.075, 2);
  check_reading("tokens-per-replica", 0.9, 2);
  check_reading("ttft-p99", 1, 2);
}

TEST_CASE("the cache of all replicas together") {
  const auto hpa = [](double target) {
    return scales_out(
        {{"policy", "hpa"}, {"metric", "kv-utilization"}, {"target", target}, {"sync", "10 s"}});
  };
  CHECK(hpa(0.136));        // 0.15 / 0.136 = 1.103
  CHECK_FALSE(hpa(0.137));  // 1.095: within the tolerance
}

}  // namespace
}  // namespace hyperdc
