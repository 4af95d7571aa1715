// The Kubernetes HPA where samples are missing or replicas not ready, worked out by hand as
// replica_calculator.go does. Each replica asks for 1000 millicores; u in per cent.
#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {

ScaledDeployment hpa(double target, const std::vector<ReplicaReading>& replicas) {
  ScaledDeployment d("hpa", {{"target", target}, {"down_window", 0.0}});
  d.instant = false;
  d.list = replicas;
  d.view.wanted = static_cast<std::uint32_t>(replicas.size());
  d.view.window = whole_seconds(30);
  return d;
}

}  // namespace

TEST_CASE("hpa: without any sample nothing happens") {
  auto d = hpa(0.5, old_replicas(4, std::nullopt));
  CHECK(d.at(0) == 4);
  CHECK(d.why.empty());
  d.list = starting_replicas(4);
  CHECK(d.at(15) == 4);
  d.list = {};  // nothing listed, and no totals
  CHECK(d.at(30) == 4);
}

TEST_CASE("hpa: on the way down a missing sample counts as 100 %") {
  // Three at 40 %: r = 40/50 = 0.8. With the fourth at 100 %: (120 + 100)/4 = 55, 1.1: tolerance.
  auto d = hpa(0.5, old_replicas(3, 0.4) + old_replicas(1, std::nullopt));
  CHECK(d.at(0) == 4);
  // Without the fourth: ceil(0.8 * 3) = 3, from what is wanted, 4.
  d.list = old_replicas(3, 0.4);
  CHECK(d.at(15) == 3);
}

TEST_CASE("hpa: on the way down a missing sample may turn the direction, and is then discarded") {
  // One at 10 %, two missing: r = 0.2; (10 + 200)/3 = 70, r' = 1.4 > 1: stays at 3.
  auto d = hpa(0.5, old_replicas(1, 0.1) + old_replicas(2, std::nullopt));
  CHECK(d.at(0) == 3);
  // Nine at 10 %, one missing: (90 + 100)/10 = 19, r' = 0.38, ceil(3.8) = 4.
  d = hpa(0.5, old_replicas(9, 0.1) + old_replicas(1, std::nullopt));
  CHECK(d.at(0) == 4);
}

TEST_CASE("hpa: on the way up a missing sample counts as 0 %") {
  // Two at 90 %, one missing: r = 1.8; 180/3 = 60, r' = 1.2, ceil(3.6) = 4.
  auto d = hpa(0.5, old_replicas(2, 0.9) + old_replicas(1, std::nullopt));
  CHECK(d.at(0) == 4);
  // Two at 60 %, one missing: r = 1.2; 120/3 = 40, r' = 0.8: turned, stays at 3.
  d = hpa(0.5, old_replicas(2, 0.6) + old_replicas(1, std::nullopt));
  CHECK(d.at(0) == 3);
}

TEST_CASE("hpa: on the way up a replica that is not ready counts as 0 %") {
  // Nine at 70 % of a target of 60 %: r = 70/60, by themselves ceil(1.167 * 9) = 11. With the
  // tenth, which starts: 630/10 = 63, r' = 1.05, tolerance.
  auto d = hpa(0.6, old_replicas(9, 0.7) + starting_replicas(1));
  CHECK(d.at(0) == 10);
  // Four at 100 %, two start, target 50 %: 400/6 is cut to 66, 1.32 * 6 = 7.92.
  d = hpa(0.5, old_replicas(4, 1.0) + starting_replicas(2));
  CHECK(d.at(0) == 8);
}

TEST_CASE("hpa: on the way down those that are not ready are left out") {
  // Four at 20 %, two start: r = 0.4, ceil(0.4 * 4) = 2: the starting ones do not count.
  auto d = hpa(0.5, old_replicas(4, 0.2) + starting_replicas(2));
  CHECK(d.at(0) == 2);
}

TEST_CASE("hpa: a fresh replica's sample counts once a whole window has been taken while ready") {
  // Two old ones at 80 % and a fresh one at 100 % (it warms up), target 50 %. Created at 0, ready
  // at 60, window 30 s, samples 10 s old: the first whole one was taken at 90 and is seen at 100.
  const ReplicaReading fresh{SimTime{}, SimTime{} + whole_seconds(60), 1.0, {}};
  auto d = hpa(0.5, old_replicas(2, 0.8) + std::vector<ReplicaReading>{fresh});
  d.view.age = whole_seconds(10);
  // Not counted: r = 1.6, then 160/3 is cut to 53, r' = 1.06: tolerance.
  CHECK(d.at(99) == 3);
  // Counted: 260/3 is cut to 86, 1.72 * 3 = 5.16.
  CHECK(d.at(100) == 6);
}

TEST_CASE("hpa: after the initialisation period a sample counts as it comes") {
  const ReplicaReading fresh{SimTime{}, SimTime{} + whole_seconds(290), 1.0, {}};
  const auto replicas = old_replicas(2, 0.8) + std::vector<ReplicaReading>{fresh};
  auto d = hpa(0.5, replicas);
  CHECK(d.at(299) == 3);  // within 300 s of its creation and only 9 s ready
  CHECK(d.at(300) == 6);
}

TEST_CASE("hpa: without a list of replicas the totals stand for it") {
  ScaledDeployment d("hpa", {{"target", 0.6}, {"down_window", 0.0}});
  d.instant = false;
  d.view.wanted = 10;
  d.view.ready = 9;
  d.view.starting = 1;
  CHECK(d.at(0, 0.7) == 10);  // as with the list above
  d.view.starting = 0;
  CHECK(d.at(15, 0.7) == 11);
  CHECK(d.at(30, std::nullopt) == 11);
}

}  // namespace hyperdc::testing
