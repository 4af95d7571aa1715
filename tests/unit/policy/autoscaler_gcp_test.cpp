// GCP managed instance groups, worked out by hand: target 60 %, peak of 600 s.
#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {}  // namespace

TEST_CASE("gcp: out at once, in when the peak has left the stabilisation period") {
  ScaledDeployment d("gcp");
  d.view.wanted = 10;
  CHECK(d.at(0, 0.6) == 10);
  CHECK(d.at(1 * kMinute, 0.72) == 12);  // 10 * 0.72 / 0.6
  for (int i = 2; i < 11; ++i) CHECK(d.at(i * kMinute, 0.2) == 12);
  CHECK(d.at(11 * kMinute, 0.2) == 4);  // the 12 of minute 1 are 600 s old; 12 * 0.2 / 0.6
}

TEST_CASE("gcp: machines that initialise are left out of the mean, not out of the size") {
  ScaledDeployment d("gcp");
  d.instant = false;
  d.view.wanted = 6;
  d.view.ready = 6;
  // Four old ones at 90 %, two created 30 s ago that are still idle: 6 * 0.9 / 0.6 = 9.
  const SimTime created = SimTime{} + whole_seconds(30);
  d.list = old_replicas(4, 0.9) + std::vector<ReplicaReading>(2, {created, created, 0.0, {}});
  CHECK(d.at(1 * kMinute) == 9);
  // At 90 s they count: mean 0.6, 6 * 0.6 / 0.6 = 6; the peak holds.
  CHECK(d.at(90) == 9);
  // Nobody has initialised: nothing is known, and the peak holds.
  d.list = std::vector<ReplicaReading>(6, {SimTime{} + whole_seconds(100), SimTime{}, 1.0, {}});
  CHECK(d.at(2 * kMinute) == 9);
}

TEST_CASE("gcp: scale-in control in replicas and in per cent") {
  const Settings slow = {
      {"stabilization", 60.0}, {"max_scaled_in", 2.0}, {"scale_in_window", 300.0}};
  ScaledDeployment d("gcp", slow);
  d.view.wanted = 10;
  CHECK(d.at(0, 0.6) == 10);
  // 10 * 0.12 / 0.6 = 2 would do; not below the peak recommendation of 300 s, 10, less 2.
  for (int i = 1; i < 5; ++i) CHECK(d.at(i * kMinute, 0.12) == 8);
  CHECK(d.at(5 * kMinute, 0.12) == 6);  // the 10 of t = 0 has left; 8 less 2
  Settings share = slow;
  share[1].second = 25.0;
  share.push_back({"scaled_in_unit", "percent"});
  ScaledDeployment p("gcp", share);
  p.view.wanted = 10;
  CHECK(p.at(0, 0.6) == 10);
  CHECK(p.at(1 * kMinute, 0.12) == 8);  // 25 % of 10, cut off: 2
}

TEST_CASE("gcp: modes") {
  ScaledDeployment out("gcp", {{"mode", "only-scale-out"}, {"stabilization", 60.0}});
  out.view.wanted = 10;
  CHECK(out.at(0, 0.72) == 12);
  for (int i = 1; i < 30; ++i) CHECK(out.at(i * kMinute, 0.1) == 12);
  ScaledDeployment off("gcp", {{"mode", "off"}});
  off.view.wanted = 10;
  CHECK(off.at(0, 1.0) == 10);
}

TEST_CASE("gcp: another metric, and no sample") {
  ScaledDeployment d("gcp", {{"metric", "requests-per-replica"}, {"target", 80.0}});
  d.view.wanted = 3;
  d.view.arrivals_per_s = 500;
  CHECK(d.at(0) == 7);  // 6.25
  d.view.arrivals_per_s.reset();
  for (int i = 1; i < 30; ++i) CHECK(d.at(i * kMinute) == 7);
}

}  // namespace hyperdc::testing
