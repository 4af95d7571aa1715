// AWS step scaling: the example of its user guide, and the rules beside it.
#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {

/// `old` warm replicas at u, and the rest that are ready but not warm.
void show(ScaledDeployment& d, std::size_t old, double u, std::size_t warming = 0) {
  const SimTime since = d.view.now;
  d.list = old_replicas(old, u) + std::vector<ReplicaReading>(warming, {since, since, u, {}});
  d.view.ready = static_cast<std::uint32_t>(old + warming);
}

}  // namespace

TEST_CASE("step: the example of the user guide") {
  // Steps of the defaults: +10 % from 60 %, +30 % from 70 %; -10 % to 40 %, -30 % to 30 %.
  ScaledDeployment d("step", {{"cooldown", 0.0}});
  d.instant = false;
  d.view.wanted = 10;
  show(d, 10, 0.5);
  CHECK(d.at(0) == 10);
  show(d, 10, 0.6);
  CHECK(d.at(kMinute) == 11);  // 10 % of 10
  show(d, 11, 0.7);
  CHECK(d.at(2 * kMinute) == 14);  // 30 % of 11 is 3.3, rounded down
  show(d, 14, 0.4);
  CHECK(d.at(3 * kMinute) == 13);  // 10 % of 14 is 1.4
  show(d, 13, 0.3);
  CHECK(d.at(4 * kMinute) == 10);  // 30 % of 13 is 3.9
}

TEST_CASE("step: breaches during a warm-up, the example of the user guide") {
  ScaledDeployment d("step");
  d.instant = false;
  d.view.wanted = 10;
  show(d, 10, 0.6);
  CHECK(d.at(0) == 11);
  show(d, 10, 0.62, 1);
  CHECK(d.at(kMinute) == 11);  // 10 % of the 10 that are warm: 11, as is wanted
  show(d, 10, 0.7, 1);
  CHECK(d.at(2 * kMinute) == 13);  // 30 % of 10: 13, that is 2 more
}

TEST_CASE("step: per cent are cut off, but never to nothing, nor below the least change") {
  ScaledDeployment d("step", {{"out_change", Numbers{25, 30}}, {"min_change", 2.0}});
  d.view.wanted = 4;
  CHECK(d.at(0, 0.65) == 6);  // 25 % of 4 is 1, at least 2
  ScaledDeployment one("step", {{"cooldown", 0.0}});
  one.view.wanted = 4;
  CHECK(one.at(0, 0.65) == 5);        // 0.4 counts as 1
  CHECK(one.at(kMinute, 0.35) == 4);  // -0.5 counts as -1
  ScaledDeployment none("step", {{"out_change", Numbers{0, 30}}});
  none.view.wanted = 10;
  CHECK(none.at(0, 0.65) == 10);
  CHECK(none.at(kMinute, 0.75) == 13);
}

TEST_CASE("step: counts and exact numbers") {
  ScaledDeployment count("step", {{"adjust", "count"},
                                  {"out_change", Numbers{2, 5}},
                                  {"in_change", Numbers{-1, -4}},
                                  {"cooldown", 0.0}});
  count.view.wanted = 10;
  CHECK(count.at(0, 0.6) == 12);
  CHECK(count.at(kMinute, 0.9) == 17);
  CHECK(count.at(2 * kMinute, 0.2) == 13);
  CHECK(count.at(3 * kMinute, 0.4) == 12);
  ScaledDeployment exact(
      "step", {{"adjust", "exact"}, {"out_change", Numbers{15, 40}}, {"in_change", Numbers{8, 2}}});
  exact.view.wanted = 10;
  CHECK(exact.at(0, 0.65) == 15);
  CHECK(exact.at(kMinute, 0.9) == 40);
  CHECK(exact.at(2 * kMinute, 0.65) == 40);  // 15 would be fewer: adding never removes
  CHECK(exact.at(3 * kMinute, 0.35) == 8);
}

TEST_CASE("step: removals wait for the cooldown and for what starts") {
  ScaledDeployment d("step");
  d.view.wanted = 20;
  CHECK(d.at(0, 0.4) == 18);
  for (int i = 1; i < 5; ++i) CHECK(d.at(i * kMinute, 0.4) == 18);
  CHECK(d.at(5 * kMinute, 0.4) == 17);  // 1.8
  d.instant = false;
  d.view.starting = 1;
  d.view.ready = 16;
  CHECK(d.at(10 * kMinute, 0.1) == 17);
  d.view.starting = 0;
  CHECK(d.at(11 * kMinute, 0.1) == 12);  // 5.1
}

TEST_CASE("step: alarms of several periods, and missing data") {
  ScaledDeployment d("step", {{"out_periods", 3.0}});
  d.view.wanted = 10;
  CHECK(d.at(0, 0.65) == 10);
  CHECK(d.at(kMinute, 0.65) == 10);
  CHECK(d.at(2 * kMinute, std::nullopt) == 11);  // the oldest breach is three periods old
  ScaledDeployment silent("step");
  silent.view.wanted = 10;
  for (int i = 0; i < 10; ++i) CHECK(silent.at(i * kMinute, std::nullopt) == 10);
}

TEST_CASE("step: parameters that do not fit each other are named") {
  CHECK(problem_of("step", {{"out_at", Numbers{0.7, 0.6}}}) == "out_at must rise");
  CHECK(problem_of("step", {{"in_at", Numbers{0.3, 0.4}}}) == "in_at must fall");
  CHECK(problem_of("step", {{"in_at", Numbers{0.65, 0.3}}}) ==
        "in_at begins at or above out_at: the same load would add and remove");
  CHECK(problem_of("step", {{"out_at", Numbers{0.6}}}) == "out_at has 1 entries and out_change 2");
  CHECK(problem_of("step", {{"in_change", Numbers{1, 2}}}) == "in_change: 1 would add replicas");
  CHECK(problem_of("step", {{"adjust", "exact"}}) == "in_change: -10 replicas cannot be");
}

}  // namespace hyperdc::testing
