// Those that scale to zero, KEDA and Knative, and the ones by the clock, worked out by hand.
#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {

ScaledDeployment keda(const Settings& set = {}) {
  ScaledDeployment d("keda", set);
  d.view.min_replicas = 0;
  d.view.wanted = 0;
  return d;
}

ScaledDeployment knative(std::uint32_t wanted, const Settings& set = {}) {
  ScaledDeployment d("knative", set);
  d.view.min_replicas = 0;
  d.view.wanted = wanted;
  d.view.concurrency = 10;  // t = 7
  return d;
}

}  // namespace

TEST_CASE("keda: from zero at a poll with work, up by the HPA, to zero after the cooldown") {
  auto d = keda();
  d.view.in_system = 0;
  CHECK(d.at(0) == 0);
  d.view.in_system = 12;
  CHECK(d.at(15) == 0);  // polls are at 0, 30, ...
  CHECK(d.at(30) == 1);
  CHECK(d.why == "trigger active");
  // 12 / (5 * 1) = 2.4: ceil(12 / 5) = 3.
  CHECK(d.at(45) == 3);
  d.view.in_system = 0;
  // The last active poll was at 30 (at 45 nobody polled). More than 300 s later: the poll at 360,
  // since 330 is not more. The HPA's window of 300 s holds 3 until the recommendation of 45 is old.
  for (int t = 60; t < 345; t += 15) CHECK(d.at(t) == 3);
  CHECK(d.at(345) == 1);  // the HPA never goes below 1
  CHECK(d.at(360) == 0);
  CHECK(d.why == "trigger not active");
}

TEST_CASE("keda: activation, cooldown and minimum") {
  auto d = keda({{"activation", 4.0}, {"cooldown", 60.0}, {"down_window", 0.0}});
  d.view.in_system = 4;
  CHECK(d.at(0) == 0);  // not above 4
  d.view.in_system = 5;
  CHECK(d.at(30) == 1);
  d.view.in_system = 3;
  CHECK(d.at(60) == 1);
  CHECK(d.at(90) == 1);  // 60 s, not more
  CHECK(d.at(120) == 0);
  auto kept = keda({{"cooldown", 0.0}});
  kept.view.min_replicas = 2;
  kept.view.wanted = 2;
  kept.view.in_system = 0;
  for (int t = 0; t < 600; t += 15) CHECK(kept.at(t) == 2);
  // Never active since the beginning: nothing to wait for.
  auto idle = keda();
  idle.view.wanted = 1;
  idle.view.in_system = 0;
  CHECK(idle.at(0) == 0);
}

TEST_CASE("keda: without a sample everything stays") {
  auto d = keda();
  CHECK(d.at(0) == 0);
  d.view.wanted = 3;
  for (int t = 15; t < 1200; t += 15) CHECK(d.at(t) == 3);
}

TEST_CASE("knative: stable demand, and the rate of going down") {
  auto d = knative(1);
  d.view.in_system = 14;
  CHECK(d.at(0) == 2);  // 14 / 7; panic: 2 / 1 ready >= 2
  CHECK(d.why == "panic: demand above the threshold");
  // In panic nothing is removed until 60 s after the threshold last held (more than 60 s).
  d.view.in_system = 1;
  for (int t = 2; t <= 60; t += 2) CHECK(d.at(t) == 2);
  // At 62: the window (2, 62] holds 30 readings of 1: ceil(1/7) = 1, at least floor(2/2) = 1.
  CHECK(d.at(62) == 1);
  CHECK(d.why == "stable demand");
}

TEST_CASE("knative: a burst is seen in the panic window") {
  auto d = knative(4);
  d.view.in_system = 20;
  CHECK(d.at(0) == 4);  // it starts in panic, at the 4 that are ready; 20/7 = 3
  for (int t = 2; t <= 60; t += 2) d.at(t);
  CHECK(d.at(62) == 3);
  // 70: stable over 30 readings (29 * 20 + 70) / 30 = 21.7 -> 4; panic over three (20, 20, 70)
  // = 36.7 -> 6, 6/3 ready = 2: panic.
  d.view.in_system = 70;
  CHECK(d.at(64) == 6);
  CHECK(d.at(66) == 8);   // (20, 70, 70): 53.3 -> 8
  CHECK(d.at(68) == 10);  // 70 -> 10
}

TEST_CASE("knative: rates and the delay of going down") {
  auto d = knative(2, {{"max_up", 1.5},
                       {"panic_threshold", 100.0},
                       {"stable_window", 4.0},
                       {"panic_window", 2.0},
                       {"max_down", 2.0}});
  d.instant = false;
  d.view.ready = 1;  // of the two: the start is not in panic
  d.view.in_system = 70;
  CHECK(d.at(0) == 2);  // ceil(1.5 * 1)
  d.view.ready = 2;
  CHECK(d.at(2) == 3);
  d.view.ready = 10;
  d.view.in_system = 0;
  CHECK(d.at(4) == 5);  // (0 + 70)/2 = 35 -> 5
  CHECK(d.at(6) == 5);  // 0, but not below floor(10 / 2)
  auto slow = knative(1, {{"scale_down_delay", 30.0},
                          {"panic_threshold", 100.0},
                          {"stable_window", 2.0},
                          {"panic_window", 2.0}});
  slow.view.in_system = 28;
  CHECK(slow.at(0) == 4);
  slow.view.in_system = 7;
  for (int t = 2; t < 30; t += 2) CHECK(slow.at(t) == 4);
  CHECK(slow.at(30) == 2);  // at least floor(4 / 2)
}

TEST_CASE("knative: to zero after the grace, and back") {
  auto d = knative(1);
  d.view.in_system = 0;
  for (int t = 0; t < 30; t += 2) CHECK(d.at(t) == 1);
  CHECK(d.at(30) == 0);
  CHECK(d.why == "no demand");
  CHECK(d.at(32) == 0);
  d.view.in_system = 3;
  CHECK(d.at(34) == 1);
  d.view.in_system.reset();
  for (int t = 36; t < 400; t += 2) CHECK(d.at(t) == 1);  // nothing known, nothing done
}

TEST_CASE("knative: by requests, and a target of its own") {
  auto d = knative(1, {{"metric", "requests-per-replica"},
                       {"requests_target", 100.0},
                       {"target_utilization", 0.5}});
  d.view.arrivals_per_s = 260;
  CHECK(d.at(0) == 6);  // 260 / 50 = 5.2
  CHECK(problem_of("knative", {{"panic_window", 90.0}}) ==
        "panic_window is longer than stable_window");
}

TEST_CASE("scheduled: floors by the time of day, alone") {
  ScaledDeployment d("scheduled", {{"companion", "none"}, {"replicas", Numbers{20, 5}}});
  CHECK(d.at(0) == 5);  // before 8 h: that of 20 h the day before
  CHECK(d.at(8 * kHour - 60) == 5);
  CHECK(d.at(8 * kHour) == 20);
  CHECK(d.at(20 * kHour) == 5);
  CHECK(d.at(32 * kHour) == 20);
}

TEST_CASE("scheduled: a week that begins in its middle, with target tracking above the floor") {
  // Floors of the week: 10 from Monday 8 h, 3 from Saturday 0 h. The run begins on Friday 20 h.
  ScaledDeployment d("scheduled", {{"cycle", "week"},
                                   {"at", Numbers{8 * kHour, 120 * kHour}},
                                   {"replicas", Numbers{10, 3}},
                                   {"starts_at", 116 * kHour}});
  CHECK(d.at(0, 0.5) == 10);
  CHECK(d.why == "schedule");
  for (int i = 1; i < 60; ++i) CHECK(d.at(60 * i, 0.2) == 10);  // the floor stops the removal
  CHECK(d.at(4 * kHour, 0.2) == 4);                             // Saturday: 10 * 0.2 / 0.5
  for (int i = 1; i < 3; ++i) d.at(4 * kHour + 60 * i, 0.9);
  CHECK(d.at(4 * kHour + 180, 0.9) == 8);  // 4 * 1.8 = 7.2
  CHECK(problem_of("scheduled", {{"at", Numbers{8 * kHour, 30 * kHour}}}) ==
        "at: 108000 s is not within the cycle");
  CHECK(problem_of("scheduled", {{"replicas", Numbers{1}}}) == "at has 2 entries and replicas 1");
}

}  // namespace hyperdc::testing
