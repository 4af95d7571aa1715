// Tenants, kinds of accelerators and causes of idleness: small pools, by hand.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "support/model_endpoint.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

json server_of(const std::string& accelerator, int accelerators) {
  return {{"cores", 16},
          {"memory", "64 GiB"},
          {"accelerator", accelerator},
          {"accelerators", accelerators},
          {"host_power", nullptr},
          {"power_reason", "not asked"}};
}

/// `servers` of one kind or of two, and the jobs of a file.
json tenant_world(json pool, int servers, int accelerators) {
  const json unknown = {{"power", nullptr}, {"power_reason", "not asked"}};
  json fast = unknown;
  json slow = unknown;
  fast["model"] = "FAST";
  slow["model"] = "SLOW";
  json text;
  text["name"] = "small";
  text["accelerator_types"] = {{"fast", fast}, {"slow", slow}};
  text["server_types"] = {{"f", server_of("fast", accelerators)},
                          {"s", server_of("slow", accelerators)}};
  text["regions"]["lab"]["racks"]["f"] = {{"server", "f"}, {"count", servers}};
  text["pools"]["main"] = std::move(pool);
  text["workloads"]["jobs"] = {
      {"kind", "jobs"}, {"pool", "main"}, {"trace", {{"format", "csv"}, {"file", "jobs.csv"}}}};
  return text;
}

Simulation run_of(const json& text, const std::string& jobs, const std::string& rates = "") {
  const test::TemporaryDirectory home;
  home.write("jobs.csv", jobs);
  if (!rates.empty()) home.write("rates.csv", rates);
  return simulate(test::load_text(home, text), {});
}

TEST_CASE("tenants that a pool names have their waits and what they held") {
  // Two accelerators, first come, first served: a (2 x 100 s), then b (1 x 50 s) waits 90 s.
  const json pool = {{"tenants", {{"red", json::object()}, {"blue", json::object()}}}};
  const Simulation run = run_of(tenant_world(pool, 1, 2),
                                "submit_s,run_s,accelerators,tenant\n"
                                "0,100,2,red\n10,50,1,blue\n20,50,1,green\n");
  const std::string of = "pools.main.tenants.";
  CHECK(test::value(run, of + "red.wait.mean") == 0);
  CHECK(test::value(run, of + "blue.wait.mean") == Approx(90));
  CHECK(test::value(run, of + "blue.completion.mean") == Approx(140));
  CHECK(test::value(run, of + "red.accelerators") == Approx(200));
  CHECK(test::value(run, of + "blue.accelerators") == Approx(50));
  CHECK(test::value(run, of + "red.preempted") == 0);
}

TEST_CASE("quotas: a loan is called back, and its tenant counts the preemption") {
  json pool;
  pool["scheduler"] = {{"policy", "quota"}};
  pool["tenants"]["red"]["quota"]["accelerators"] = 1;
  pool["tenants"]["blue"]["quota"]["accelerators"] = 1;
  pool["preemption"]["overhead"] = "5 s";
  pool["idle_causes"] = true;
  // red borrows the second accelerator from 0 to 10; blue has it until 40; then red goes on:
  // 40 + 90 s + 5 s of overhead.
  const Simulation run = run_of(tenant_world(pool, 1, 2),
                                "submit_s,run_s,accelerators,tenant\n"
                                "0,100,1,red\n0,100,1,red\n10,30,1,blue\n");
  CHECK(test::value(run, "pools.main.tenants.red.preempted") == 1);
  CHECK(test::value(run, "pools.main.tenants.blue.wait.mean") == 0);
  CHECK(test::value(run, "workloads.jobs.makespan") == Approx(135));
  CHECK(test::value(run, "pools.main.time.preempted") == Approx(5));
  CHECK(test::value(run, "pools.main.time.useful") == Approx(230));
  CHECK(test::value(run, "pools.main.time.no_demand") == Approx(35));
}

TEST_CASE("idle accelerators have one cause, by hand") {
  // Two servers of two. A (1) and B (1) go to different servers (worst fit) until 100. C asks for
  // 2 on one server: fragments, 2 accelerators for 100 s less 10. Then C runs to 150 on one of
  // them; D (4 x 1, a gang of 2 x 2) waits from 110 to 150: gang, 2 accelerators for 40 s.
  json pool;
  pool["idle_causes"] = true;
  pool["placement"] = {{"policy", "worst-fit"}};
  const Simulation run = run_of(tenant_world(pool, 2, 2),
                                "submit_s,run_s,accelerators,gang\n"
                                "0,100,1,1\n0,100,1,1\n10,50,2,1\n110,10,2,2\n");
  const std::string of = "pools.main.time.";
  CHECK(test::value(run, of + "useful") == Approx(200 + 100 + 40));
  CHECK(test::value(run, of + "fragments") == Approx(2 * 90));
  CHECK(test::value(run, of + "gang") == Approx(2 * 40));
  CHECK(test::value(run, of + "no_demand") == Approx(2 * 10 + 2 * 10));
  CHECK(test::value(run, of + "held_back") == 0);
}

TEST_CASE("the order of jobs holds accelerators back") {
  // A (1) runs to 100. B wants both; C (1) behind it would fit: held back for 90 s.
  json pool;
  pool["idle_causes"] = true;
  const Simulation run = run_of(tenant_world(pool, 1, 2),
                                "submit_s,run_s,accelerators\n"
                                "0,100,1\n0,10,2\n10,10,1\n");
  CHECK(test::value(run, "pools.main.time.held_back") == Approx(90));
  CHECK(test::value(run, "pools.main.time.gang") == Approx(10));
}

json two_kinds(json pool) {
  json text = tenant_world(std::move(pool), 1, 1);
  text["regions"]["lab"]["racks"]["s"] = {{"server", "s"}, {"count", 1}};
  text["workloads"]["jobs"]["trace"]["throughputs"] = "rates.csv";
  return text;
}
const std::string kRates =
    "application,accelerators,model,steps_per_s\n"
    "steep,1,FAST,4\nsteep,1,SLOW,1\nflat,1,FAST,5\nflat,1,SLOW,4\n";

TEST_CASE("a job runs as fast as its application on what it has") {
  // First come, first served, blind: flat is first and has FAST (100 s); steep has SLOW: 400 steps
  // at 1 a second.
  const Simulation run =
      run_of(two_kinds(json::object()),
             "submit_s,application,steps,accelerators\n0,flat,500,1\n0,steep,400,1\n", kRates);
  CHECK(test::value(run, "workloads.jobs.completion.max") == Approx(400));
  CHECK(test::value(run, "workloads.jobs.completion.mean") == Approx(250));
}

TEST_CASE("max-min: two jobs share two kinds so that both have as much as an equal part gives") {
  // T of steep = (x + (1 - x) / 4) / .625, of flat = (1 - x + .8 x) / .9: both are 1 at x = 1/2,
  // where the lesser is greatest. In rounds of 10 s each has half of FAST: steep makes 62.5 s of
  // its work on FAST in 100 s, flat 90 s.
  json pool;
  pool["scheduler"] = {{"policy", "max-min"}, {"round", "10 s"}};
  const std::string jobs = "submit_s,application,steps,accelerators\n0,flat,450,1\n0,steep,250,1\n";
  const Simulation run = run_of(two_kinds(pool), jobs, kRates);
  CHECK(test::value(run, "workloads.jobs.completion.max") == Approx(100).margin(10));
  CHECK(test::value(run, "workloads.jobs.completion.mean") == Approx(100).margin(10));
  // First come, first served: flat has FAST (90 s), steep SLOW (250 s).
  const Simulation blind = run_of(two_kinds(json::object()), jobs, kRates);
  CHECK(test::value(blind, "workloads.jobs.completion.max") == Approx(250));
}

TEST_CASE("max-min: a job that no kind alone holds runs over all of them") {
  json pool;
  pool["scheduler"] = {{"policy", "max-min"}, {"round", "10 s"}};
  const std::string columns = "submit_s,run_s,application,steps,accelerators,gang\n";
  const Simulation alone = run_of(two_kinds(pool), columns + "0,50,,,1,2\n", kRates);
  CHECK(test::value(alone, "workloads.jobs.completion.max") == Approx(50));
  // Beside one with an application both go on, in turns.
  const Simulation both =
      run_of(two_kinds(pool), columns + "0,50,,,1,2\n0,,flat,250,1,1\n", kRates);
  CHECK(test::value(both, "workloads.jobs.finished") == 2);
  CHECK(test::value(both, "workloads.jobs.completion.max") == Approx(100).margin(20));
}

TEST_CASE("max-min with kinds: a job without accelerators starts when it fits and stays") {
  json pool;
  pool["scheduler"] = {{"policy", "max-min"}, {"round", "10 s"}};
  pool["preemption"]["overhead"] = "5 s";
  const Simulation run = run_of(two_kinds(pool),
                                "submit_s,run_s,application,steps,accelerators,cores\n"
                                "0,,steep,400,1,1\n13,100,,,0,1\n",
                                kRates);
  CHECK(test::value(run, "workloads.jobs.completion.mean") == Approx(100));
  CHECK(test::value(run, "workloads.jobs.preempted") == 0);
}

TEST_CASE("max-min: what is down is no part of its kind") {
  // FAST is down until 1,000 s; steep makes its 250 steps on SLOW in 250 s.
  json pool;
  pool["scheduler"] = {{"policy", "max-min"}, {"round", "10 s"}};
  json text = two_kinds(pool);
  text["failures"]["f"] = {
      {"kind", "outage"}, {"racks", {"lab.f"}}, {"at", "5 s"}, {"for", "995 s"}};
  text["duration"] = "600 s";
  const Simulation run =
      run_of(text, "submit_s,application,steps,accelerators\n10,steep,250,1\n", kRates);
  CHECK(test::value(run, "workloads.jobs.finished") == 1);
  CHECK(test::value(run, "workloads.jobs.completion.max") == Approx(250));
}

TEST_CASE("quotas: a limit bounds what the quota does not name, and more is refused") {
  // red may hold 4 cores: its second job waits for the first; one of 5 cores is rejected.
  json pool;
  pool["scheduler"] = {{"policy", "quota"}};
  pool["tenants"]["red"] = {{"quota", {{"accelerators", 2}}}, {"limit", {{"cores", 4}}}};
  const Simulation run = run_of(tenant_world(pool, 1, 2),
                                "submit_s,run_s,accelerators,cores,tenant\n"
                                "0,100,1,4,red\n0,100,1,4,red\n0,100,1,5,red\n");
  CHECK(test::value(run, "workloads.jobs.makespan") == Approx(200));
  CHECK(test::value(run, "workloads.jobs.rejected") == 1);
}

TEST_CASE("the overhead of a start after a preemption is booked in time, on slow servers too") {
  // flat makes .8 of its work on SLOW. Preempted on SLOW and started there again, 8 s of overhead
  // take 10 s.
  json pool;
  pool["scheduler"] = {{"policy", "priority"}};
  pool["preemption"]["overhead"] = "8 s";
  pool["idle_causes"] = true;
  json text = tenant_world(pool, 1, 1);
  text["regions"]["lab"]["racks"] = {{"s", {{"server", "s"}, {"count", 1}}}};
  text["workloads"]["jobs"]["trace"]["throughputs"] = "rates.csv";
  const Simulation run = run_of(text,
                                "submit_s,run_s,application,steps,accelerators,priority\n"
                                "0,,flat,400,1,0\n10,20,,,1,1\n",
                                kRates);
  CHECK(test::value(run, "pools.main.time.preempted") == Approx(10));
  CHECK(test::value(run, "workloads.jobs.makespan") == Approx(100 + 20 + 10));
}

}  // namespace
}  // namespace hyperdc
