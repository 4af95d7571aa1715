// The Kubernetes HPA, worked out by hand. u is the mean utilization, r = u / target.
#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {

ScaledDeployment hpa(std::uint32_t wanted, Settings set = {{"target", 0.5}}) {
  ScaledDeployment d("hpa", set);
  d.view.wanted = wanted;
  return d;
}

}  // namespace

TEST_CASE("hpa: a step doubles until the load is spread") {
  auto d = hpa(4);
  // r = 100/50 = 2, ceil(2*4) = 8; the limit of 15 s is max(4+4, 2*4) = 8.
  CHECK(d.at(0, 1.0) == 8);
  CHECK(d.why == "metric above target");
  // 8 replicas at 100 %: ceil(2*8) = 16, and 15 s later the limit is max(8+4, 2*8) = 16.
  CHECK(d.at(15, 1.0) == 16);
  CHECK(d.at(30, 0.5) == 16);
}

TEST_CASE("hpa: a ramp is followed outside the tolerance") {
  auto d = hpa(10);
  CHECK(d.at(0, 0.50) == 10);
  CHECK(d.at(15, 0.54) == 10);   // 54/50 = 1.08
  CHECK(d.at(30, 0.55) == 10);   // 55/50 = 1.10, the edge belongs to the tolerance
  CHECK(d.at(45, 0.56) == 12);   // 1.12 * 10 = 11.2
  CHECK(d.at(60, 0.60) == 15);   // 1.2 * 12 = 14.4
  CHECK(d.at(75, 0.559) == 15);  // per cent are cut off: 55/50, not 1.118
  CHECK(d.at(90, 0.569) == 17);  // 56/50 = 1.12; 1.12 * 15 = 16.8
}

TEST_CASE("hpa: a spike is answered as fast as the rate lets, and kept for 300 s") {
  auto d = hpa(2, {{"target", 0.05}});
  // r = 100/5 = 20: 40 are wanted, but max(2+4, 2*2) = 6 are allowed, then max(10, 12) = 12, ...
  CHECK(d.at(0, 1.0) == 6);
  CHECK(d.why == "metric above target, as far as the limits let");
  CHECK(d.at(15, 1.0) == 12);
  CHECK(d.at(30, 1.0) == 24);
  CHECK(d.at(45, 1.0) == 48);
  // The spike is over: u = 1 %, ceil(0.2 * 48) = 10. The recommendations of the last 300 s hold:
  // 480 from t = 30 (20 * 24) and 960 from t = 45 until t = 45 + 300.
  for (int t = 60; t < 345; t += 15) CHECK(d.at(t, 0.01) == 48);
  CHECK(d.at(345, 0.01) == 10);
  CHECK(d.why == "metrics below target");
}

TEST_CASE("hpa: recommendations below what is wanted wait for the whole window") {
  auto d = hpa(10);
  // u = 25 %: ceil(0.5 * 10) = 5. The first sync counts the 10 that it found at t = 0.
  for (int t = 0; t < 300; t += 15) CHECK(d.at(t, 0.25) == 10);
  CHECK(d.at(300, 0.25) == 5);
}

TEST_CASE("hpa: flapping load keeps the replicas of its highs") {
  auto d = hpa(10);
  // Lows of 5 and, at every fifth sync, a high that asks for the 10: never 300 s without one.
  for (int i = 0; i < 60; ++i) CHECK(d.at(15 * i, i % 5 == 0 ? 0.5 : 0.25) == 10);
  // The last high was at 55 * 15 = 825; the window has passed it at 1125.
  for (int t = 900; t < 1125; t += 15) CHECK(d.at(t, 0.25) == 10);
  CHECK(d.at(1125, 0.25) == 5);
}

TEST_CASE("hpa: an up window takes the least recommendation") {
  auto d = hpa(10, {{"target", 0.5}, {"up_window", 30.0}, {"down_window", 0.0}});
  CHECK(d.at(0, 0.8) == 10);   // recommendations: 10 (first seen), now 16: the least is 10
  CHECK(d.at(15, 0.9) == 10);  // 10, 16, 18
  CHECK(d.at(30, 0.7) == 14);  // those of t = 0 are 30 s old: 18 and 14
  CHECK(d.at(45, 0.25) == 7);  // down at once: 0.5 * 14
}

TEST_CASE("hpa: the rate of a longer period counts what was added within it") {
  auto d = hpa(2, {{"target", 0.05}, {"up_periods", Numbers{60, 60}}});
  CHECK(d.at(0, 1.0) == 6);  // max(2+4, 2*2)
  // 4 were added within 60 s: at its start there were 2, and 6 is all it lets through.
  for (int t = 15; t < 60; t += 15) CHECK(d.at(t, 1.0) == 6);
  CHECK(d.at(60, 1.0) == 12);  // max(6+4, 2*6)
}

TEST_CASE("hpa: a removal within the period may be taken back beyond the limit of adding") {
  // down at once, one pod up per 60 s.
  auto d = hpa(10, {{"target", 0.5},
                    {"down_window", 0.0},
                    {"up_policies", Texts{"pods"}},
                    {"up_values", Numbers{1}},
                    {"up_periods", Numbers{60}}});
  CHECK(d.at(0, 0.50) == 10);
  CHECK(d.at(15, 0.25) == 5);
  // At the start of the period there were 5 - 0 + 5 = 10: up to 11 may be had.
  CHECK(d.at(30, 1.0) == 10);
  // The removal at 15 has left the period, the 5 added at 30 have not: 10 - 5 + 1 = 6, and what is
  // there stays.
  CHECK(d.at(75, 1.0) == 10);
  CHECK(d.at(90, 1.0) == 11);  // now 10 were there when the period began
}

TEST_CASE("hpa: removal one pod a minute") {
  auto d = hpa(10, {{"target", 0.5},
                    {"down_policies", Texts{"pods"}},
                    {"down_values", Numbers{1}},
                    {"down_periods", Numbers{60}}});
  for (int t = 0; t < 300; t += 15) d.at(t, 0.25);
  CHECK(d.at(300, 0.25) == 9);  // 5 are wanted
  CHECK(d.why == "metrics below target, as far as the limits let");
  // 9 + 1 removed = 10 at the start of the period, 9 allowed.
  for (int t = 315; t < 360; t += 15) CHECK(d.at(t, 0.25) == 9);
  CHECK(d.at(360, 0.25) == 8);
}

TEST_CASE("hpa: the select policy takes the widest or the strictest rule, or none") {
  const Settings rules = {{"target", 0.5}, {"down_window", 0.0}};
  const auto with_select = [&](std::string select) {
    Settings set = rules;
    set.push_back({"up_select", select});
    set.push_back({"down_select", select});
    set.push_back({"down_policies", Texts{"percent", "pods"}});
    set.push_back({"down_values", Numbers{10, 3}});
    set.push_back({"down_periods", Numbers{15, 15}});
    return hpa(10, set);
  };
  // Up from 10 to 20: max(14, 20) or min(14, 20). Down from n: trunc(0.9 n) or n - 3.
  auto widest = with_select("max");
  CHECK(widest.at(0, 1.0) == 20);
  CHECK(widest.at(15, 0.1) == 17);  // min(18, 17)
  auto strictest = with_select("min");
  CHECK(strictest.at(0, 1.0) == 14);
  CHECK(strictest.at(15, 0.1) == 12);  // max(trunc(12.6), 11)
  auto neither = with_select("disabled");
  CHECK(neither.at(0, 1.0) == 10);
  CHECK(neither.at(15, 0.1) == 10);
}

TEST_CASE("hpa: tolerances by direction") {
  auto d = hpa(
      10, {{"target", 0.5}, {"up_tolerance", 0.0}, {"down_tolerance", 0.4}, {"down_window", 0.0}});
  CHECK(d.at(0, 0.51) == 11);   // 1.02 * 10
  CHECK(d.at(15, 0.31) == 11);  // 0.62 is within 0.6..1
  CHECK(d.at(30, 0.29) == 7);   // 0.58 * 11 = 6.38
}

TEST_CASE("hpa: a metric in total is divided by the target") {
  ScaledDeployment d("hpa", {{"metric", "requests-per-replica"}, {"target", 150.0}});
  d.view.wanted = 5;
  d.view.arrivals_per_s = 1000;
  CHECK(d.at(0) == 7);  // 1000 / (150 * 5) = 1.33; 1000 / 150 = 6.67
  d.view.wanted = 5;
  d.view.arrivals_per_s = 800;
  CHECK(d.at(15) == 5);  // 1.067
  d.view.arrivals_per_s.reset();
  CHECK(d.at(30) == 5);
}

TEST_CASE(
    "hpa: of several metrics the largest proposal counts, and a missing one forbids removal") {
  ScaledDeployment d("hpa", {{"target", 0.5},
                             {"also_metrics", Texts{"queue-per-replica"}},
                             {"also_targets", Numbers{10}},
                             {"down_window", 0.0}});
  d.view.wanted = 10;
  d.view.queued = 130;
  CHECK(d.at(0, 0.6) == 13);  // 12 by utilization, 13 by the queue
  d.view.queued = 0;
  CHECK(d.at(15, 0.25) == 7);  // ceil(6.5) and 0
  d.view.queued.reset();
  CHECK(d.at(30, 0.25) == 7);
  CHECK(d.at(45, 1.0) == 14);
}

TEST_CASE("hpa: bounds hold at once, and no replica means no scaling") {
  auto d = hpa(10);
  d.view.max_replicas = 6;
  CHECK(d.at(0, std::nullopt) == 6);
  CHECK(d.why == "above the maximum");
  d.view.min_replicas = 6;
  d.view.wanted = 3;
  CHECK(d.at(15, std::nullopt) == 6);
  CHECK(d.why == "below the minimum");
  CHECK(d.at(30, 1.0) == 6);  // 12, bounded
  CHECK(d.why.empty());
  d.view.min_replicas = 1;
  d.view.wanted = 0;
  CHECK(d.at(45, std::nullopt) == 0);
}

TEST_CASE("hpa: parameters that do not fit each other are named") {
  CHECK(problem_of("hpa", {{"target", 0.625}}) ==
        "Kubernetes takes whole per cent of utilization, not 0.625");
  CHECK(problem_of("hpa", {{"target", 2.0}}) == "utilization is a share, and target 2 is above 1");
  CHECK(problem_of("hpa", {{"metric", "concurrency"}, {"target", 2.5}}).empty());
  CHECK(problem_of("hpa", {{"up_values", Numbers{4}}}) ==
        "up_policies has 2 entries and up_values 1");
  CHECK(problem_of("hpa", {{"down_values", Numbers{2.5}}}) == "down_values: 2.5 is not whole");
  CHECK(problem_of("hpa", {{"down_policies", Texts{}}}) ==
        "down_policies is empty; to forbid it, select disabled");
  CHECK(problem_of("hpa", {{"also_targets", Numbers{3}}}) ==
        "also_metrics has 0 entries and also_targets 1");
}

}  // namespace hyperdc::testing
