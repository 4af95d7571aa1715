// Rules of Azure Monitor, worked out by hand: above 70 %, below 30 %, mean of 5 min, 5 min apart.
#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {

ScaledDeployment ruled(std::uint32_t wanted, const Settings& set = {}) {
  ScaledDeployment d("azure-monitor", set);
  d.view.wanted = wanted;
  return d;
}

}  // namespace

TEST_CASE("azure-monitor: the mean of five points decides, and a change holds for 5 min") {
  auto d = ruled(4);
  for (int i = 0; i < 5; ++i) CHECK(d.at(i * kMinute, 0.475) == 4);
  CHECK(d.at(5 * kMinute, 1) == 4);  // 0.58
  CHECK(d.at(6 * kMinute, 1) == 4);  // 0.685
  CHECK(d.at(7 * kMinute, 1) == 5);  // 0.79
  CHECK(d.why == "mean above the rule");
  for (int i = 8; i < 12; ++i) CHECK(d.at(i * kMinute, 1) == 5);
  CHECK(d.at(12 * kMinute, 1) == 6);
  CHECK(d.at(17 * kMinute, std::nullopt) == 6);  // nothing in the window
}

TEST_CASE("azure-monitor: it counts what still starts, unlike policies that count what is warm") {
  auto d = ruled(4);
  d.instant = false;
  d.view.ready = 4;
  CHECK(d.at(0, 1) == 5);
  d.view.starting = 1;
  CHECK(d.at(5 * kMinute, 1) == 6);
}

TEST_CASE("azure-monitor: one goes after 5 min, unless what is left would ask for it again") {
  auto d = ruled(4, {{"in_at", 0.6}});
  CHECK(d.at(0, 0.5) == 3);  // 4 * 0.5 / 3 = 0.67
  CHECK(d.why == "mean below the rule");
  for (int i = 1; i < 10; ++i) CHECK(d.at(i * kMinute, 0.5) == 3);  // 3 * 0.5 / 2 = 0.75
  auto two = ruled(10, {{"in_at", 0.6}, {"in_change", 3.0}});
  CHECK(two.at(0, 0.59) == 9);  // 5.9 / 7 and 5.9 / 8 are above 0.7
  auto last = ruled(1);
  CHECK(last.at(0, 0.1) == 1);  // with no replica nothing is measured
}

TEST_CASE("azure-monitor: per cent, bounds, and cool-downs of their own") {
  auto d = ruled(
      12,
      {{"change", "percent"}, {"out_change", 20.0}, {"in_change", 50.0}, {"out_cooldown", 120.0}});
  CHECK(d.at(0, 0.8) == 15);  // 2.4
  CHECK(d.at(kMinute, 0.8) == 15);
  CHECK(d.at(2 * kMinute, 0.8) == 18);
  CHECK(d.at(8 * kMinute, 0.1) == 9);
  d.view.max_replicas = 10;
  CHECK(d.at(14 * kMinute, 0.9) == 10);
  d.view.max_replicas = 20;
  CHECK(d.at(16 * kMinute, 0.9) == 12);
}

TEST_CASE("azure-monitor: parameters that do not fit each other are named") {
  CHECK(problem_of("azure-monitor", {{"in_at", 0.7}}) ==
        "in_at is not below out_at 0.7: the same load would add and remove");
  CHECK(problem_of("azure-monitor", {{"out_at", 2.0}}) ==
        "utilization is a share, and target 2 is above 1");
}

}  // namespace hyperdc::testing
