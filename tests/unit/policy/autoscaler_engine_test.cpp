// Autoscalers by what engines of language models show: cache in use, tokens, times to tokens.
#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {

ScaledDeployment by(std::string_view policy, const std::string& metric, double target,
                    std::uint32_t wanted, Settings set = {}) {
  set.push_back({"metric", metric});
  set.push_back({"target", target});
  ScaledDeployment d(policy, set);
  d.view.wanted = wanted;
  return d;
}

}  // namespace

TEST_CASE("hpa: cache in use and tokens are shared by replicas") {
  auto cache = by("hpa", "kv-utilization", 0.5, 4);
  cache.view.kv_utilization = 0.54;  // 4 * 0.54 / (0.5 * 4) = 1.08
  CHECK(cache.at(0) == 4);
  cache.view.kv_utilization = 0.7;  // 2.8 / 0.5 = 5.6
  CHECK(cache.at(15) == 6);
  auto tokens = by("hpa", "tokens-per-replica", 1000, 4);
  CHECK(tokens.at(0) == 4);  // no sample
  tokens.view.tokens_per_s = 5100;
  CHECK(tokens.at(15) == 6);  // 5.1
}

TEST_CASE("hpa: a time to tokens multiplies the ready replicas by its ratio") {
  auto d = by("hpa", "ttft-p95", 0.5, 4);
  d.instant = false;
  d.view.ready = 4;
  CHECK(d.at(0) == 4);  // nobody got a token
  d.view.ttft = TailReading{0.55, 9};
  CHECK(d.at(15) == 4);  // 1.1: within the tolerance
  d.view.ttft = TailReading{0.6, 9};
  CHECK(d.at(30) == 5);  // 1.2 * 4 = 4.8
  // The fifth is not ready: still 4 that the ratio is of.
  CHECK(d.at(45) == 5);
  d.view.ready = 5;
  CHECK(d.at(60) == 6);  // 1.2 * 5
  // p99 is another metric: 9 / 0.5 = 18 times, as far as max(4 + 4, 2 * 4) lets.
  auto p99 = by("hpa", "ttft-p99", 0.5, 4);
  p99.view.ttft = TailReading{0.55, 9};
  CHECK(p99.at(0) == 8);
  // A token in 20 ms: us are told apart. 22.001 / 20 is above the tolerance.
  auto tpot = by("hpa", "tpot-p99", 0.02, 10);
  tpot.view.tpot = TailReading{0, 0.022};
  CHECK(tpot.at(0) == 10);
  tpot.view.tpot = TailReading{0, 0.022001};
  CHECK(tpot.at(15) == 12);  // 11.0005
}

TEST_CASE("target tracking and step: the mean of warm replicas, and times as they are") {
  auto cache = by("target-tracking", "kv-utilization", 0.5, 2, {{"out_periods", 1.0}});
  cache.instant = false;
  cache.view.ready = 3;
  cache.view.wanted = 3;
  // Two are warm and show 0.7 and 0.9; the one that warms up has an empty cache.
  cache.list = old_replicas(2, 0.1) + std::vector<ReplicaReading>{{}};
  cache.list[0].kv_utilization = 0.7;
  cache.list[1].kv_utilization = 0.9;
  cache.list[2].ready_since = SimTime{};
  cache.list[2].kv_utilization = 0;
  CHECK(cache.at(kMinute) == 4);  // 2 * 0.8 / 0.5 = 3.2
  auto ttft = by("target-tracking", "ttft-p95", 0.4, 5, {{"out_periods", 1.0}});
  ttft.view.ttft = TailReading{0.5, 0.5};
  CHECK(ttft.at(0) == 7);  // 5 * 1.25 = 6.25
  ScaledDeployment step("step", {{"metric", std::string("tpot-p95")},
                                 {"out_at", Numbers{0.05, 0.1}},
                                 {"out_change", Numbers{1, 4}},
                                 {"in_at", Numbers{0.01}},
                                 {"in_change", Numbers{-1}},
                                 {"adjust", std::string("count")}});
  step.view.tpot = TailReading{0.06, 1};
  CHECK(step.at(0) == 2);
  step.view.tpot = TailReading{0.1, 1};
  CHECK(step.at(kMinute) == 6);
}

TEST_CASE("keda: a second trigger wakes what shows nothing at zero replicas") {
  auto d = by("keda", "ttft-p95", 1, 0,
              {{"activation_metric", std::string("concurrency")}, {"activation", 0.5}});
  d.view.min_replicas = 0;
  d.view.in_system = 0;
  CHECK(d.at(0) == 0);
  d.view.in_system = 0.5;
  CHECK(d.at(30) == 0);  // not above
  d.view.in_system = 3;
  CHECK(d.at(60) == 1);
  CHECK(d.why == "trigger active");
  d.view.ttft = TailReading{2.5, 4};
  CHECK(d.at(75) == 3);  // 2.5 * 1
  // Alone the metric is its own trigger, and one that shows nothing wakes nobody.
  auto alone = by("keda", "kv-utilization", 0.5, 0);
  alone.view.min_replicas = 0;
  alone.view.in_system = 3;
  for (int t = 0; t < 600; t += 15) CHECK(alone.at(t) == 0);
}

TEST_CASE("who keeps quantiles of times to tokens, and targets that cannot be") {
  const auto keeps = [](std::string_view policy, const Settings& set) {
    const AutoscalerEntry& entry = autoscaler(policy);
    return entry.make(params_for(entry, set), {})->needs_token_times();
  };
  for (const std::string_view policy : {"hpa", "keda", "target-tracking", "step"}) {
    INFO(policy);
    CHECK(keeps(policy, {{"metric", std::string("ttft-p99")}}));
    CHECK_FALSE(keeps(policy, {{"metric", std::string("kv-utilization")}}));
  }
  CHECK(keeps("hpa", {{"also_metrics", Texts{"tpot-p95"}}, {"also_targets", Numbers{0.05}}}));
  CHECK(problem_of("keda", {{"metric", std::string("kv-utilization")}, {"target", 5.0}}) ==
        "kv-utilization is a share, and target 5 is above 1");
  CHECK(problem_of("hpa", {{"metric", std::string("ttft-p95")}, {"target", 1.333}}).empty());
}

}  // namespace hyperdc::testing
