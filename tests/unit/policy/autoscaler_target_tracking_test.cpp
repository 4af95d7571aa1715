// AWS target tracking, worked out by hand: target 50 %, so the low alarm is at 45 %.
#include "policy/autoscaler/alarm.hpp"
#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {

ScaledDeployment tracking(std::uint32_t wanted, const Settings& set = {}) {
  ScaledDeployment d("target-tracking", set);
  d.view.wanted = wanted;
  return d;
}

/// Data points "0 X - X", oldest first, as the table of the CloudWatch guide writes them.
bool alarm_of(std::string_view points, std::size_t periods) {
  DataPoints data(periods);
  for (const char each : points) {
    if (each == ' ') continue;
    data.add(each == '-' ? std::nullopt : std::optional(each == 'X' ? 1.0 : 0.0));
  }
  return data.alarm(periods, [](double m) { return m > 0.5; });
}

}  // namespace

TEST_CASE("alarms treat missing data as the table of the CloudWatch guide says") {
  CHECK_FALSE(alarm_of("0 - X - X", 3));
  CHECK_FALSE(alarm_of("0 - - - -", 3));
  CHECK_FALSE(alarm_of("- - - - -", 3));
  CHECK(alarm_of("0 X X - X", 3));
  CHECK_FALSE(alarm_of("- - - - X", 3));
  CHECK(alarm_of("X - - - -", 3));
}

TEST_CASE("alarms at their beginning wait for as many points as they ask for") {
  CHECK_FALSE(alarm_of("X", 3));
  CHECK_FALSE(alarm_of("X X", 3));
  CHECK(alarm_of("X X X", 3));
  CHECK(alarm_of("X", 1));
  CHECK_FALSE(alarm_of("", 1));
  CHECK_FALSE(alarm_of("X X 0", 3));
  CHECK(alarm_of("0 X X X", 3));
}

TEST_CASE("target tracking: a step is answered after three minutes, in proportion") {
  auto d = tracking(10);
  CHECK(d.at(0 * kMinute, 0.8) == 10);
  CHECK(d.at(1 * kMinute, 0.8) == 10);
  CHECK(d.at(2 * kMinute, 0.8) == 16);  // 10 * 0.8 / 0.5
  CHECK(d.why == "metric above target");
  // 16 warm at 50 %: not above.
  CHECK(d.at(3 * kMinute, 0.5) == 16);
}

TEST_CASE("target tracking: those that start or warm up are not asked for twice") {
  auto d = tracking(10);
  d.instant = false;
  d.list = old_replicas(10, 0.8);
  d.view.ready = 10;
  for (int i = 0; i < 3; ++i) d.at(i * kMinute);
  CHECK(d.view.wanted == 16);
  // Six start. The ten are still at 80 %: 16, which is wanted already.
  d.view.starting = 6;
  d.list = old_replicas(10, 0.8) + starting_replicas(6);
  CHECK(d.at(3 * kMinute) == 16);
  // Ready at 200 s but not warm until 500 s: the mean is that of the ten, 90 %; 10 * 1.8 = 18.
  d.view.starting = 0;
  d.view.ready = 16;
  d.list = old_replicas(10, 0.9) +
           std::vector<ReplicaReading>(
               6, {SimTime{} + whole_seconds(130), SimTime{} + whole_seconds(200), 0.3, {}});
  CHECK(d.at(4 * kMinute) == 18);
  // At 500 s they are warm: (9 + 1.8) / 16 = 0.675, 16 * 0.675 / 0.5 = 21.6.
  CHECK(d.at(500) == 22);
}

TEST_CASE("target tracking: a ramp is followed three minutes late") {
  auto d = tracking(10);
  const double ramp[] = {0.48, 0.52, 0.56, 0.60, 0.64};
  for (int i = 0; i < 3; ++i) CHECK(d.at(i * kMinute, ramp[i]) == 10);
  CHECK(d.at(3 * kMinute, 0.60) == 12);  // three above 0.5: 10 * 1.2
  CHECK(d.at(4 * kMinute, 0.64) == 16);  // 12 * 1.28 = 15.4: the alarm lasts, and so it acts
}

TEST_CASE("target tracking: a spike of two minutes and flapping load do nothing") {
  auto d = tracking(10);
  for (int i = 0; i < 30; ++i) CHECK(d.at(i * kMinute, i % 3 == 0 ? 0.3 : 0.9) == 10);
  for (int i = 30; i < 80; ++i) CHECK(d.at(i * kMinute, i % 14 == 0 ? 0.46 : 0.2) == 10);
}

TEST_CASE("target tracking: in after fifteen minutes, rounded so as to remove too few") {
  auto d = tracking(10);
  // 10 * 0.425 / 0.5 = 8.5: of the 1.5 that could go, one goes.
  for (int i = 0; i < 14; ++i) CHECK(d.at(i * kMinute, 0.425) == 10);
  CHECK(d.at(14 * kMinute, 0.425) == 9);
  CHECK(d.why == "metrics below target");
  // 9 * 0.425 / 0.5 = 7.65: the alarm lasts.
  CHECK(d.at(15 * kMinute, 0.425) == 8);
  // Between 0.45 and 0.5 nothing is wrong.
  CHECK(d.at(16 * kMinute, 0.46) == 8);
}

TEST_CASE("target tracking: not in while replicas start or warm up") {
  auto d = tracking(10);
  d.instant = false;
  d.view.ready = 9;
  d.view.starting = 1;
  for (int i = 0; i < 20; ++i) CHECK(d.at(i * kMinute, 0.2) == 10);
  d.view.ready = 10;
  d.view.starting = 0;
  const SimTime since = SimTime{} + whole_seconds(20 * 60);
  d.list = old_replicas(9, 0.2) + std::vector<ReplicaReading>{{since, since, 0.2, {}}};
  for (int i = 20; i < 25; ++i) CHECK(d.at(i * kMinute) == 10);
  CHECK(d.at(25 * kMinute) == 4);  // warm after 300 s: 10 * 0.2 / 0.5
}

TEST_CASE("target tracking: missing data delay an alarm, and may prolong it") {
  auto d = tracking(10);
  CHECK(d.at(0 * kMinute, 0.8) == 10);
  CHECK(d.at(1 * kMinute, std::nullopt) == 10);
  // Two points, both above, the oldest three periods old; the newest counts: 10 * 0.9 / 0.5.
  CHECK(d.at(2 * kMinute, 0.9) == 18);
  // Silence: for two more periods the alarm sees them again, and 18 warm ones at 90 % are taken for
  // true (the guide warns of it); 18 * 0.9 / 0.5 = 32.4. Then the range of five holds 0.9 alone,
  // which is old enough for one period more: 33 * 1.8 = 59.4.
  CHECK(d.at(3 * kMinute, std::nullopt) == 33);
  CHECK(d.at(4 * kMinute, std::nullopt) == 60);
}

TEST_CASE("target tracking: without data nothing is removed") {
  auto d = tracking(10);
  for (int i = 0; i < 60; ++i) CHECK(d.at(i * kMinute, std::nullopt) == 10);
  // Low for ten minutes, then silent: nine of fifteen points, the oldest not old enough until the
  // alarm has waited its fifteen; then it acts on what it last saw: 10 * 0.2 / 0.5 = 4.
  for (int i = 60; i < 70; ++i) CHECK(d.at(i * kMinute, 0.2) == 10);
  for (int i = 70; i < 74; ++i) CHECK(d.at(i * kMinute, std::nullopt) == 10);
  CHECK(d.at(74 * kMinute, std::nullopt) == 4);
}

TEST_CASE("target tracking: out if any metric says so, in only if all do") {
  ScaledDeployment d("target-tracking", {{"also_metrics", Texts{"requests-per-replica"}},
                                         {"also_targets", Numbers{100}}});
  d.view.wanted = 10;
  d.view.arrivals_per_s = 1300;
  for (int i = 0; i < 2; ++i) d.at(i * kMinute, 0.3);
  CHECK(d.at(2 * kMinute, 0.3) == 13);  // 130 a replica: 10 * 1.3
  // By utilization 13 * 0.6 = 7.8 would do; the requests, 95 a replica, are not low.
  d.view.arrivals_per_s = 95 * 13;
  for (int i = 3; i < 30; ++i) CHECK(d.at(i * kMinute, 0.3) == 13);
  d.view.arrivals_per_s = 70 * 13;  // 13 * 0.7 = 9.1
  for (int i = 30; i < 44; ++i) CHECK(d.at(i * kMinute, 0.3) == 13);
  CHECK(d.at(44 * kMinute, 0.3) == 10);
}

TEST_CASE("target tracking: alarms, margin and direction can be changed") {
  auto quick = tracking(10, {{"out_periods", 1.0}, {"in_periods", 2.0}, {"in_share", 0.5}});
  CHECK(quick.at(0, 0.6) == 12);
  CHECK(quick.at(60, 0.26) == 12);  // 0.26 > 0.25
  CHECK(quick.at(120, 0.2) == 12);
  CHECK(quick.at(180, 0.2) == 5);  // 12 * 0.4 = 4.8
  auto only_out = tracking(10, {{"scale_in", false}});
  for (int i = 0; i < 60; ++i) CHECK(only_out.at(i * kMinute, 0.1) == 10);
  CHECK(problem_of("target-tracking", {{"also_metrics", Texts{"utilization"}}}) ==
        "also_metrics has 1 entries and also_targets 0");
}

TEST_CASE("target tracking: in a cool-down only what is larger than the last addition is added") {
  auto d = tracking(4, {{"warmup", 0.0}, {"out_periods", 1.0}, {"out_cooldown", 300.0}});
  CHECK(d.at(0, 0.9) == 8);  // 4 * 0.9 / 0.5 = 7.2
  // All eight are ready at 1 min: until 6 min. The reading is still that of before; without a
  // cool-down 8 * 0.9 / 0.5 = 14.4 would be asked for.
  CHECK(d.at(1 * kMinute, 0.75) == 8);  // 12: four more, as many as were added
  CHECK(d.at(2 * kMinute, 0.8) == 9);   // 13: five more, one more than were added; ready at 3 min
  CHECK(d.at(3 * kMinute, 0.75) == 9);  // 14: five more
  CHECK(d.at(7 * kMinute, 0.6) == 9);   // 11: two more
  CHECK(d.at(8 * kMinute, 0.6) == 11);  // 5 min after 3 min
}

TEST_CASE("target tracking: a cool-down begins when what was added is ready") {
  auto d = tracking(4, {{"warmup", 0.0}, {"out_periods", 1.0}, {"out_cooldown", 120.0}});
  d.instant = false;
  d.view.ready = 4;
  CHECK(d.at(0, 0.75) == 6);
  d.view.starting = 2;
  CHECK(d.at(10 * kMinute, 0.75) == 6);
  CHECK(d.at(11 * kMinute, 1) == 8);  // larger
  d.view.starting = 4;
  CHECK(d.at(12 * kMinute, 1) == 8);
  d.view.starting = 0;
  d.view.ready = 8;
  CHECK(d.at(13 * kMinute, 0.6) == 8);  // 10: two more, four were added
  CHECK(d.at(14 * kMinute, 0.6) == 8);
  CHECK(d.at(15 * kMinute, 0.6) == 10);
}

TEST_CASE("target tracking: removals wait for each other, and an addition for none of them") {
  auto d = tracking(
      10, {{"warmup", 0.0}, {"in_periods", 1.0}, {"out_periods", 1.0}, {"in_cooldown", 300.0}});
  CHECK(d.at(0, 0.4) == 8);
  for (int i = 1; i < 5; ++i) CHECK(d.at(i * kMinute, 0.4) == 8);
  CHECK(d.at(5 * kMinute, 0.4) == 7);  // 6.4
  CHECK(d.at(6 * kMinute, 0.8) == 12);
  CHECK(d.at(7 * kMinute, 0.4) == 10);  // the addition ended the cool-down
}

}  // namespace hyperdc::testing
