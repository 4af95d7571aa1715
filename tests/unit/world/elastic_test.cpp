// Elastic training: completion times by hand.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "support/load_example.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

/// One application: a step of 10 samples on an accelerator takes 1 s, and 0.25 s more where they
/// lie on several servers; two epochs of 100 steps at batch 10; without noise larger batches are
/// worth nothing, so that 20 samples progress no faster than 10 in a step.
struct Elastic {
  std::string jobs = "a,5,app,1,10\n";
  std::string allocator = R"({"policy": "tiresias"})";
  std::string more, top, pool, kinds, racks;
  int servers = 2;
  double epoch = 100;  // steps
  double noise = 0;

  RunResult run() const {
    const test::TemporaryDirectory home;
    home.write("steps.csv",
               "application,placement,local_bsz,step_time,sync_time\n"
               "app,1,10,1,0\napp,1,20,2,0\napp,2,10,1,0\napp,2,20,2,0\n"
               "app,11,10,1.25,0.25\napp,11,20,2.25,0.25\n"
               "app,12,10,1.25,0.25\napp,12,20,2.25,0.25\n");
    home.write("progress.csv",
               fmt::format("application,batch_size,progress,iteration,grad_sqr,grad_var\n"
                           "app,10,{1},{1},1,{0}\napp,10,{2},{2},1,{0}\n"
                           "app,40,{1},{1},1,{0}\napp,40,{2},{2},1,{0}\n",
                           noise, epoch, 2 * epoch));
    home.write("jobs.csv", "name,time,application,num_replicas,batch_size\n" + jobs);
    const std::string file = home.write(
        "s.json",
        fmt::format(R"({{"name": "e", "accelerator_types": {{"x": {{"power_reason": "none"}}}},
          "server_types": {{"b": {{"cores": 4, "memory": "8 GiB", "accelerator": "x",
            "accelerators": 2, "power_reason": "none"}},
            "f": {{"cores": 4, "memory": "8 GiB", "accelerator": "t4", "accelerators": 2,
            "power_reason": "none"}}}},
          "regions": {{"r": {{"racks": {{"b": {{"server": "b", "count": {}}}{}}}}}}},
          "pools": {{"p": {{{}}}}},
          "workloads": {{"w": {{"kind": "elastic-training", "jobs": "jobs.csv",
            "profile": {{"steps": "steps.csv", "progress": "progress.csv"{}}},
            "allocator": {}{}}}}}{}}})",
                    servers, racks, pool, kinds, allocator, more, top));
    const Result<Loaded> loaded = load_scenario(file, {});
    REQUIRE(std::holds_alternative<Loaded>(loaded));
    return test::run_seeds(std::get<Loaded>(loaded).scenario, 1).front();
  }
};

double of(const RunResult& result, const std::string& name) {
  return test::metric(result, "workloads.w." + name);
}

TEST_CASE("a job waits for the next decision, comes up and works its steps") {
  const RunResult result = Elastic{}.run();
  CHECK(of(result, "wait.mean") == Approx(55));  // decisions at 60, 120, ...
  CHECK(of(result, "completion.max") == Approx(55 + 30 + 200));
  CHECK(of(result, "slowdown.max") == Approx(285.0 / 230).epsilon(3e-3));  // by what it held
  CHECK(of(result, "restarts") == 0);
  CHECK(of(result, "restarting") == Approx(30));
  CHECK(of(result, "efficiency") == Approx(1));
  CHECK(test::metric(result, "pools.p.busy") == Approx(230));            // given back at its end
  CHECK(test::metric(result, "pools.p.idle") == Approx(4 * 290 - 230));  // which ends the run
}

TEST_CASE("a job of much service gives way, comes up anew and keeps what it did") {
  Elastic two;
  two.servers = 1;
  two.jobs = "a,5,app,2,20\nb,100,app,1,10\n";
  two.allocator = R"({"policy": "tiresias", "threshold": "50 s"})";
  const RunResult result = two.run();
  // a: works from 90 to 120, gives way to b; b has 60 s at 180 and stands behind a, which works
  // from 210 to 380; b, that worked from 150 to 180, works from 450 to 620.
  CHECK(of(result, "completion.mean") == Approx((375 + 520) / 2.0));
  CHECK(of(result, "restarts") == 2);
  CHECK(of(result, "preempted") == 2);
  CHECK(of(result, "restarting") == Approx(2 * 30 + 30 + 2 * 30 + 30));
  CHECK(of(result, "efficiency") == Approx(2.0 / 3));  // of a half, and twice the samples
}

TEST_CASE("jobs over several servers slow each other on one that they share") {
  Elastic two;
  two.servers = 3;
  two.jobs = "a,5,app,3,30\nb,5,app,3,30\n";
  CHECK(of(two.run(), "completion.max") == Approx(55 + 30 + 250));
  two.more = R"(, "interference": 0.5)";
  CHECK(of(two.run(), "completion.max") == Approx(55 + 30 + 500));
}

TEST_CASE("a job is no longer slowed from the moment on at which the other ends") {
  Elastic two;
  two.servers = 3;
  two.jobs = "a,5,app,3,30\nb,65,app,3,30\n";
  two.more = R"(, "interference": 0.5)";
  // a: 24 steps from 90 to 120, then, beside b, 176 of 2.5 s: to 560. b: 164 steps from 150 to 560,
  // then 36 of 1.25 s.
  const RunResult result = two.run();
  CHECK(of(result, "completion.max") == Approx(560 - 5));
  CHECK(of(result, "completion.mean") == Approx((555 + 605 - 65) / 2.0));
}

TEST_CASE("what a job did until the end of the run counts, be its end beyond all time") {
  Elastic one;
  one.top = R"(, "duration": "100 s")";
  one.epoch = 4e14;
  const RunResult result = one.run();
  CHECK(of(result, "unfinished") == 1);
  CHECK(of(result, "restarting") == Approx(30));
  CHECK(of(result, "efficiency") == Approx(1));
  CHECK(test::metric(result, "pools.p.busy") == Approx(40));
}

TEST_CASE("a fixed batch is spread over no more than it has local batches") {
  Elastic one;
  one.noise = 1e9;
  one.allocator = R"({"policy": "pollux"})";
  one.more = R"(, "applications": {"app": {"batch": 10}})";
  const RunResult alone = one.run();
  CHECK(of(alone, "restarts") == 0);
  CHECK(of(alone, "completion.max") == Approx(55 + 30 + 200));
  // 20 samples at a time: 2 s alone, 1 s on two, and worth two steps.
  one.more = R"(, "applications": {"app": {"batch": 20}})";
  one.servers = 1;
  const RunResult two = one.run();
  CHECK(of(two, "restarts") == 1);
  CHECK(of(two, "completion.max") < 55 + 30 + 200);
}

TEST_CASE("only tiresias looks at the number of accelerators that is asked for") {
  Elastic one;
  one.jobs = "a,5,app,5,40\n";
  for (const char* policy : {"optimus", "pollux"}) {
    CAPTURE(policy);
    one.allocator = fmt::format(R"({{"policy": "{}"}})", policy);
    const RunResult result = one.run();
    CHECK(of(result, "rejected") == 0);
    CHECK(of(result, "finished") == 1);
  }
}

TEST_CASE("optimus gives a job what makes its batch faster") {
  Elastic one;
  one.jobs = "a,5,app,1,20\n";
  one.allocator = R"({"policy": "optimus"})";
  const RunResult result = one.run();
  CHECK(of(result, "completion.max") == Approx(55 + 30 + 200));
  CHECK(test::metric(result, "pools.p.busy") == Approx(2 * 230));
  CHECK(of(result, "efficiency") == Approx(0.5));
}

TEST_CASE("under pollux a job begins with one accelerator, gets more, and grows its batch") {
  Elastic one;
  one.noise = 1e9;  // every sample is news
  one.allocator = R"({"policy": "pollux"})";
  const RunResult result = one.run();
  CHECK(of(result, "restarts") >= 1);
  CHECK(of(result, "completion.max") < 55 + 30 + 200);
  CHECK(of(result, "efficiency") == Approx(1).epsilon(1e-6));
}

TEST_CASE("under sia a job moves to the faster type of accelerators when it has measured itself") {
  Elastic two;
  two.allocator = R"({"policy": "sia"})";
  two.servers = 1;
  two.kinds = R"(, "kinds": {"t4": {"speeds": {"app": 4}}})";
  two.racks = R"(, "f": {"server": "f", "count": 1})";
  two.more = R"(, "applications": {"app": {"restart": "10 s", "slowdown": 2, "accelerators": 1}})";
  // On x from 60; from 70 to 120 25 steps of 2 s; then on t4, from 130 on 175 steps of 0.5 s.
  const RunResult result = two.run();
  CHECK(of(result, "restarts") == 1);
  CHECK(of(result, "restarting") == Approx(20));
  CHECK(of(result, "completion.max") == Approx(130 + 87.5 - 5));
}

TEST_CASE("pollux takes types of accelerators for alike and gives a job those of one") {
  Elastic two;
  two.allocator = R"({"policy": "pollux"})";
  two.noise = 1e9;
  two.servers = 1;
  two.kinds = R"(, "kinds": {"t4": {"speeds": {"app": 4}}})";
  two.racks = R"(, "f": {"server": "f", "count": 1})";
  const RunResult result = two.run();
  CHECK(of(result, "finished") == 1);
  CHECK(test::metric(result, "pools.p.busy") > 0);
}

TEST_CASE("a job that asks for more than there is is rejected") {
  Elastic two;
  two.jobs = "a,5,app,5,40\nb,5,app,1,10\n";
  const RunResult result = two.run();
  CHECK(of(result, "rejected") == 1);
  CHECK(of(result, "finished") == 1);
}

TEST_CASE("a job that starts larger than it waited waits no more") {
  // 4 accelerators idle while it waits for the decision at 60; from then on nobody waits.
  Elastic one;
  one.noise = 1e9;
  one.jobs = "a,5,app,2,20\n";
  one.pool = R"("idle_causes": true)";
  const RunResult result = one.run();
  CHECK(test::metric(result, "pools.p.time.held_back") == Approx(4 * 55));
  CHECK(test::metric(result, "pools.p.time.no_demand") > 0);
  CHECK(test::metric(result, "pools.p.time.fragments") == 0);
}

}  // namespace
}  // namespace hyperdc
