// Control planes, health checks, spreading and availability, by hand.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

using Sets = std::vector<Override>;

RunResult run_zones(const Sets& sets) {
  return test::run_seeds(test::load_file("tests/unit/service/two_zones.json", sets), 1).front();
}

double of_web(const RunResult& result, const std::string& name) {
  return test::metric(result, "workloads.web." + name);
}

Override lost(const std::string& zone, const std::string& at, const std::string& lasts) {
  return {"failures", R"({"lost": {"kind": "outage", "of": "zone", "zones": ["lab.)" + zone +
                          R"("], "at": ")" + at + R"(", "for": ")" + lasts + "\"}}"};
}

Override plane(const std::string& kind, const std::string& outage, const std::string& more = "") {
  return {"control_planes",
          R"({"p": {"kind": ")" + kind + R"(", "outages": [)" + outage + "]" + more + "}}"};
}

/// Checks every 10 s, timeout 1 s, three failures, one success, 2 s to fail to connect.
const Override kChecked{"workloads.web.health_check",
                        R"({"interval": "10 s", "timeout": "1 s", "unhealthy_threshold": 3,
                            "connect_timeout": "2 s"})"};
const Override kOneZone{"regions.lab.racks", R"({"a": null})"};

TEST_CASE("a replica that is gone gets requests until its third check has failed") {
  // One replica, gone from 15 s on; checks at 20, 30, 40 fail, the last of them at 41. Asked at 15,
  // 18, …, 39: each hangs for two seconds. From 42 on it is known that there is none; the
  // server is back at 60, started at 67, and answers its check at 70.
  const RunResult run = run_zones({kOneZone, kChecked, lost("b", "15 s", "45 s")});
  CHECK(of_web(run, "unreachable") == 9);
  CHECK(of_web(run, "refused") == 28);        // 42, 43, …, 69
  CHECK(of_web(run, "completed") == 7 + 65);  // asked at 1, 3, …, 13; at 70, 72, …, 198
  CHECK(of_web(run, "failed") == 9 + 28);
  CHECK(of_web(run, "main.undetected.mean") == Approx(26 / 200.0));
  CHECK(of_web(run, "main.ready.mean") == Approx((15 + 130) / 200.0));
  CHECK(of_web(run, "availability") == Approx((15 + 130) / 200.0));
  // in service, or hanging
  CHECK(of_web(run, "main.in_system") == Approx((7 + 65 + 9 * 2) / 200.0));
}

TEST_CASE("without health checks it is known at once") {
  // refused at 15 (its request of 13 was answered at 14), 16, …, 66; ready again at 67
  const RunResult run = run_zones({kOneZone, lost("b", "15 s", "45 s")});
  CHECK(of_web(run, "refused") == 52);
  CHECK(of_web(run, "main.ready.mean") == Approx((15 + 133) / 200.0));
}

TEST_CASE("a new replica gets requests when it has answered as many checks as it takes") {
  Override slow = kChecked;
  slow.value = R"({"interval": "10 s", "timeout": "1 s", "healthy_threshold": 3,
                   "unhealthy_threshold": 3, "connect_timeout": "2 s"})";
  const RunResult run = run_zones({kOneZone, slow, lost("b", "15 s", "45 s")});
  CHECK(of_web(run, "main.ready.mean") == Approx((15 + 110) / 200.0));  // 70, 80, 90
}

TEST_CASE("a request to a dead replica fails when its client gives up, if that is sooner") {
  // sent at 15, given up at 15.5; thinks to 16.5, …: every 1.5 s until 41
  const RunResult run = run_zones({kOneZone,
                                   kChecked,
                                   lost("b", "15 s", "45 s"),
                                   {"workloads.web.service_time", "200 ms"},
                                   {"workloads.web.client", R"({"timeout": "500 ms"})"}});
  CHECK(of_web(run, "timed_out") == of_web(run, "unreachable"));
  CHECK(of_web(run, "timed_out") == Approx(26 / 1.5).margin(1));
}

TEST_CASE("while the health plane is out nobody is found out, and nobody is found healthy") {
  // Out from 30 to 65: checks count anew from 70 on. The dead one goes at 90 + 1, the new one,
  // placed at 60 and started at 67, comes at 70.
  const RunResult run = run_zones({kOneZone, kChecked, lost("b", "15 s", "45 s"),
                                   plane("health", R"({"at": "30 s", "for": "35 s"})")});
  CHECK(of_web(run, "main.undetected.mean") == Approx((91 - 15) / 200.0));
  CHECK(of_web(run, "main.ready.mean") == Approx((15 + 130) / 200.0));
  CHECK(test::metric(run, "control_planes.p.outages") == 1);
  CHECK(test::metric(run, "control_planes.p.down.mean") == Approx(35 / 200.0));
  // out until 75: the new one comes at 80
  const RunResult longer = run_zones({kOneZone, kChecked, lost("b", "15 s", "45 s"),
                                      plane("health", R"({"at": "30 s", "for": "45 s"})")});
  CHECK(of_web(longer, "main.ready.mean") == Approx((15 + 120) / 200.0));
  // when nothing is to be found out: as if there was none
  const RunResult other = run_zones({kOneZone, kChecked, lost("b", "15 s", "45 s"),
                                     plane("health", R"({"at": "150 s", "for": "10 s"})")});
  CHECK(of_web(other, "main.undetected.mean") == Approx(26 / 200.0));
}

/// Four replicas from 100 s on, two before; decided every 10 s.
const Override kScheduled{
    "workloads.web.autoscaler",
    R"({"policy": "scheduled", "companion": "none", "period": "10 s", "at": ["0 s", "95 s"],
                              "replicas": [2, 4]})"};
const Override kTwo{"workloads.web.replicas", R"({"min": 1, "max": 16, "initial": 2})"};

TEST_CASE("autoscalers do not decide while their plane is out, and miss what they missed") {
  const RunResult base = run_zones({kScheduled, kTwo});
  CHECK(of_web(base, "main.ready.mean") == Approx(2 + 2 * (200 - 107) / 200.0));
  // out from 91 to 145: decisions of 100, 110, …, 140 are missed, that of 150 is made
  const RunResult run =
      run_zones({kScheduled, kTwo, plane("scaling", R"({"at": "91 s", "for": "54 s"})")});
  CHECK(of_web(run, "main.missed_decisions") == 5);
  CHECK(of_web(run, "main.scaled_out") == 1);
  CHECK(of_web(run, "main.ready.mean") == Approx(2 + 2 * (200 - 157) / 200.0));
}

TEST_CASE("overlapping outages are one, and a plane of a part of the racks scales nothing") {
  const RunResult run = run_zones(
      {kScheduled, kTwo,
       plane("scaling", R"({"at": "91 s", "for": "20 s"}, {"at": "100 s", "for": "45 s"})")});
  CHECK(of_web(run, "main.missed_decisions") == 5);
  CHECK(test::metric(run, "control_planes.p.outages") == 1);
  CHECK(test::metric(run, "control_planes.p.down.mean") == Approx(54 / 200.0));
  const RunResult part =
      run_zones({kScheduled, kTwo,
                 plane("scaling", R"({"at": "91 s", "for": "54 s"})", R"(, "zones": ["lab.a"])")});
  CHECK(of_web(part, "main.missed_decisions") == 0);
}

TEST_CASE("nothing starts while the launch plane is out") {
  // wanted at 100, placed at 145, ready at 152
  const RunResult run =
      run_zones({kScheduled, kTwo, plane("launch", R"({"at": "91 s", "for": "54 s"})")});
  CHECK(of_web(run, "main.ready.mean") == Approx(2 + 2 * (200 - 152) / 200.0));
  CHECK(of_web(run, "main.placement_wait.max") == Approx(45).epsilon(0.01));
  // of one zone: they go to the other
  const RunResult part =
      run_zones({kScheduled, kTwo,
                 plane("launch", R"({"at": "91 s", "for": "54 s"})", R"(, "zones": ["lab.a"])")});
  CHECK(of_web(part, "main.ready.mean") == Approx(2 + 2 * (200 - 107) / 200.0));
  CHECK(of_web(part, "zones.lab.b.availability") == Approx(93 / 200.0));
}

TEST_CASE("maintenance moves replicas before it takes their server") {
  // Both are on the first server. It drains from 100 s on: both leave when they have answered what
  // they have, and two others are asked for at 100 s and ready at 107 s.
  const RunResult run = run_zones(
      {kTwo, {"failures", R"({"work": {"kind": "maintenance", "racks": ["lab.a"], "first": "100 s",
                                 "drain": "60 s", "for": "50 s"}})"}});
  CHECK(of_web(run, "main.lost_replicas") == 0);
  CHECK(of_web(run, "crashed") == 0);
  CHECK(of_web(run, "main.ready.mean") == Approx(2 * 193 / 200.0));
  CHECK(test::metric(run, "failures.work.down.mean") == Approx(50 / 200.0).epsilon(0.01));
}

TEST_CASE("maintenance moves no replica while the launch plane is out") {
  // They stay on their server until the drain is over, and are lost then; nothing starts.
  const RunResult run = run_zones(
      {kTwo,
       plane("launch", R"({"at": "90 s", "for": "110 s"})"),
       {"failures", R"({"work": {"kind": "maintenance", "racks": ["lab.a"], "first": "100 s",
                                 "drain": "60 s", "for": "50 s"}})"}});
  CHECK(of_web(run, "main.lost_replicas") == 2);
  CHECK(of_web(run, "main.ready.mean") == Approx(2 * 160 / 200.0));
}

TEST_CASE("a health plane holds up the verdicts of its own zone alone") {
  const Override first_lost = lost("a", "51 s", "100 s");
  const RunResult alone = run_zones({kTwo, kChecked, first_lost});
  const RunResult other =
      run_zones({kTwo, kChecked, first_lost,
                 plane("health", R"({"at": "65 s", "for": "1 s"})", R"(, "zones": ["lab.b"])")});
  CHECK(of_web(alone, "unreachable") > 0);
  CHECK(of_web(other, "unreachable") == of_web(alone, "unreachable"));
  CHECK(of_web(other, "main.undetected.mean") == of_web(alone, "main.undetected.mean"));
  const RunResult own =
      run_zones({kTwo, kChecked, first_lost,
                 plane("health", R"({"at": "65 s", "for": "1 s"})", R"(, "zones": ["lab.a"])")});
  CHECK(of_web(own, "main.undetected.mean") > of_web(alone, "main.undetected.mean"));
}

TEST_CASE("no replica is taken away while the launch plane is out") {
  // four to 100 s, two from then on; the plane is out to 145
  const Override shrinks{
      "workloads.web.autoscaler",
      R"({"policy": "scheduled", "companion": "none", "period": "10 s", "at": ["0 s", "95 s"],
                             "replicas": [4, 2]})"};
  const Override four{"workloads.web.replicas", R"({"min": 1, "max": 16, "initial": 4})"};
  const RunResult run =
      run_zones({shrinks, four, plane("launch", R"({"at": "91 s", "for": "54 s"})")});
  CHECK(of_web(run, "main.wanted.mean") == Approx(3.0));
  CHECK(of_web(run, "main.ready.mean") == Approx(2 + 2 * 145 / 200.0).epsilon(0.01));
}

TEST_CASE("jobs wait for the launch plane, and run on without it") {
  // jobs of 20 s at 10, 20, …; out from 15 to 55: those of 20 to 50 start at 55
  const RunResult run =
      run_zones({{"workloads", R"({"web": null, "jobs": {"kind": "jobs", "pool": "main",
          "generate": {"count": 6, "run": "20 s", "cores": 1, "memory": "1 MiB"},
          "arrivals": {"every": "10 s"}}})"},
                 plane("launch", R"({"at": "15 s", "for": "40 s"})")});
  CHECK(test::metric(run, "workloads.jobs.finished") == 6);
  const double waits = test::metric(run, "workloads.jobs.wait.mean") * 6;
  // first job at 0 or 10: two before the outage or one
  CHECK((waits == Approx(35 + 25 + 15 + 5).epsilon(0.01)));
}

TEST_CASE("a lost zone takes half of the replicas that are spread, and all that are not") {
  const Override four{"workloads.web.replicas", R"({"min": 4, "max": 16})"};
  const Override spread{"workloads.web.spread", "zones"};
  const RunResult together = run_zones({four, lost("a", "50 s", "100 s")});
  CHECK(of_web(together, "main.lost_replicas") == 4);
  CHECK(of_web(together, "zones.lab.b.availability") == Approx(143 / 200.0));  // 50 + 7
  CHECK(of_web(together, "availability") == Approx((200 - 7) / 200.0));
  const RunResult apart = run_zones({four, spread, lost("a", "50 s", "100 s")});
  CHECK(of_web(apart, "main.lost_replicas") == 2);
  CHECK(of_web(apart, "zones.lab.a.availability") == Approx(50 / 200.0));
  CHECK(of_web(apart, "zones.lab.b.availability") == 1);
  CHECK(of_web(apart, "availability") == 1);
  CHECK(of_web(apart, "regions.lab.availability") == 1);
  CHECK(of_web(apart, "main.ready.mean") == Approx((4 * 193 + 2 * 7) / 200.0));
  CHECK(of_web(apart, "answered_share") > 0.97);
  CHECK(of_web(apart, "regions.lab.answered_share") == of_web(apart, "answered_share"));
}

TEST_CASE("scale-in takes from the zone with the most") {
  // five: three in a, two in b; then two: one each
  const Sets sets = {
      {"workloads.web.replicas", R"({"min": 1, "max": 16, "initial": 5})"},
      {"workloads.web.spread", "zones"},
      {"workloads.web.autoscaler",
       R"({"policy": "scheduled", "companion": "none", "period": "10 s", "at": ["0 s", "95 s"],
                          "replicas": [5, 2]})"}};
  const RunResult run = run_zones(sets);
  CHECK(of_web(run, "zones.lab.a.availability") == 1);
  CHECK(of_web(run, "zones.lab.b.availability") == 1);
  CHECK(of_web(run, "main.ready.mean") == Approx(3.5));
}

TEST_CASE("random outages of a plane are the same for all that meet it, and differ by seed") {
  const Override random{"control_planes", R"({"p": {"kind": "scaling", "random": {
      "time_to_failure": {"exponential": {"mean": "20 s"}},
      "for": {"exponential": {"mean": "5 s"}}}}})"};
  const auto down = [&](const Sets& sets) {
    return test::metric(run_zones(sets), "control_planes.p.down.mean");
  };
  CHECK(down({random}) > 0);
  CHECK(down({random}) == down({random, kScheduled, kTwo, lost("a", "50 s", "10 s")}));
  const std::vector<RunResult> runs =
      test::run_seeds(test::load_file("tests/unit/service/two_zones.json", {random}), 2);
  CHECK(test::metric(runs[0], "control_planes.p.down.mean") !=
        test::metric(runs[1], "control_planes.p.down.mean"));
}

}  // namespace
}  // namespace hyperdc
