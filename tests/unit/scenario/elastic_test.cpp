// Workloads of elastic training: what is read, and what is refused with its reason.
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <memory>

#include "files.hpp"
#include "scenario/elastic_spec.hpp"

using namespace hyperdc;
using test::has;

namespace {

struct ElasticParts {
  std::string workload = "";
  std::string server = R"("accelerators": 2)";
  std::string top = "";
  std::string pool = "", pools = "", racks = "";
  std::string jobs = "a,5,app,1,20\nb,2,app,1,10\n";
  std::string kinds = "", allocator = "tiresias";
};

class ElasticFiles {
 public:
  explicit ElasticFiles(const ElasticParts& parts) {
    home_.write("steps.csv",
                "application,placement,local_bsz,step_time,sync_time\n"
                "app,1,10,1,0\napp,1,20,2,0\napp,2,10,1,0\napp,12,10,1,0\n");
    home_.write("progress.csv",
                "application,batch_size,progress,iteration,grad_sqr,grad_var\n"
                "app,10,100,100,1,1\napp,40,100,50,1,1\n");
    home_.write("jobs.csv", "name,time,application,num_replicas,batch_size\n" + parts.jobs);
    file = home_.write(
        "s.json",
        fmt::format(R"({{"name": "e", "accelerator_types": {{"x": {{"power_reason": "none"}}}},
          "server_types": {{"b": {{"cores": 4, "memory": "8 GiB", "accelerator": "x",
            "power_reason": "none", {}}}}},
          "regions": {{"r": {{"racks": {{"b": {{"server": "b", "count": 2}}{}}}}}}},
          "pools": {{"p": {{{}}}{}}},
          "workloads": {{"w": {{"kind": "elastic-training", "jobs": "jobs.csv",
            "profile": {{"steps": "steps.csv", "progress": "progress.csv"{}}},
            "allocator": {{"policy": "{}"}}{}}}{}}}}})",
                    parts.server, parts.racks, parts.pool, parts.pools, parts.kinds,
                    parts.allocator, parts.workload, parts.top));
  }
  std::string file;

 private:
  test::TemporaryDirectory home_;
};

bool elastic_refused(const ElasticParts& parts, const char* key, const char* reason,
                     const char* code = "E034") {
  const ElasticFiles files(parts);
  const Issues issues = test::issues_of(files.file);
  INFO(test::print(issues));
  return has(issues, code, std::string("workloads.w") + key, reason);
}

}  // namespace

TEST_CASE("a profile gives the limits of an application, and the scenario narrows them") {
  const ElasticFiles files({R"(, "cores": 2, "memory": "4 GiB", "interval": "2 min",
      "applications": {"app": {"local_batch": 15, "accelerators": 3, "batch": 40}})"});
  const Scenario scenario = test::load(files.file).scenario;
  REQUIRE(scenario.workloads.front().elastic);
  const ElasticSpec& spec = *scenario.workloads.front().elastic;
  CHECK(spec.interval == whole_seconds(120));
  CHECK(spec.restart == whole_seconds(30));
  CHECK(spec.each.cores_milli == 2000);
  REQUIRE(spec.jobs.size() == 2);
  CHECK(spec.jobs[0].name == "b");
  const ElasticApplication& app = spec.applications.at(0);
  CHECK(app.limits.first == 10);
  CHECK(app.limits.last == 40);
  CHECK(app.limits.least_local == 10);
  CHECK(app.limits.most_local == 15);
  CHECK(app.accelerators == 3U);
  CHECK(app.batch == 40U);
  CHECK(scenario.files.size() >= 3);
}

TEST_CASE("what an application cannot be is refused") {
  CHECK(elastic_refused({R"(, "applications": {"ap": {}})"}, ".applications.ap",
                        "there is no profile of ap", "E030"));
  CHECK(elastic_refused({R"(, "applications": {"app": {"local_batch": 5}})"},
                        ".applications.app.local_batch", "app was measured from 10 on"));
  CHECK(elastic_refused({R"(, "applications": {"app": {"batch": 50}})"}, ".applications.app.batch",
                        "the profile of app is of 10 to 40"));
  ElasticParts parts;
  parts.jobs = "a,5,other,1,20\n";
  CHECK(elastic_refused(parts, ".jobs", "there is no profile of \"other\"", "E064"));
}

TEST_CASE("jobs that get what they ask for ask for what can be") {
  ElasticParts parts;
  parts.jobs = "a,5,app,4,40\nb,6,app,41,40\n";
  CHECK(elastic_refused(parts, ".jobs", "over which 40 samples cannot be spread", "E065"));
  parts.workload = R"(, "applications": {"app": {"accelerators": 3}})";
  CHECK(elastic_refused(parts, ".jobs", "and its application may have 3", "E065"));
}

TEST_CASE("servers must hold what comes with each accelerator, and have been measured") {
  CHECK(elastic_refused({R"(, "cores": 3)"}, ".cores",
                        "b has not so much for each of its 2 accelerators"));
  CHECK(elastic_refused({R"(, "memory": "5 GiB")"}, ".memory", "less for each accelerator"));
  CHECK(elastic_refused({"", R"("accelerators": 4)"}, ".profile.steps",
                        "b has 4 accelerators, and placements were measured of at most 2"));
}

TEST_CASE("of several types of accelerators each has a profile, and jobs those of one") {
  ElasticParts parts;
  parts.racks = R"(, "f": {"server": "f", "count": 1})";
  parts.server = R"("accelerators": 2}, "f": {"cores": 8, "memory": "8 GiB", "accelerator": "t4",
      "power_reason": "none", "accelerators": 2)";
  CHECK(elastic_refused(parts, ".allocator",
                        "tiresias is for accelerators of one type, and pool \"p\" has 2"));
  parts.kinds = R"(, "kinds": {"y": {"speeds": {"app": 2}}})";
  CHECK(elastic_refused(parts, ".profile.kinds.y", "pool \"p\" has no accelerators y", "E030"));
  parts.kinds = R"(, "kinds": {"t4": {}})";
  CHECK(elastic_refused(parts, ".profile.kinds.t4", "wants steps that were measured, or speeds"));
  parts.kinds = R"(, "kinds": {"t4": {"speeds": {}}})";
  CHECK(elastic_refused(parts, ".profile.kinds.t4.speeds", "says no speed of app"));
  parts.kinds = R"(, "kinds": {"t4": {"speeds": {"app": 2, "ap": 2}}})";
  CHECK(elastic_refused(parts, ".profile.kinds.t4.speeds.ap", "there is no profile of ap", "E030"));
  parts.kinds = R"(, "kinds": {"t4": {"speeds": {"app": 4}}})";
  parts.allocator = "sia";
  parts.workload = R"(, "applications": {"app": {"restart": "2 min", "slowdown": 1.5}})";
  const ElasticFiles files(parts);
  const ElasticSpec spec = *test::load(files.file).scenario.workloads.front().elastic;
  CHECK(spec.applications[0].restart == whole_seconds(120));
  CHECK(spec.applications[0].slowdown == 1.5);
  REQUIRE(spec.kinds.size() == 2);
  CHECK(spec.kinds[0].accelerator == "x");
  CHECK(spec.kinds[1].accelerator == "t4");
  CHECK(spec.kinds[0].profiles[0].one_rate() == Approx(10));
  CHECK(spec.kinds[1].profiles[0].one_rate() == Approx(40));
}

TEST_CASE("decisions are a year apart at most, and a restart takes a day") {
  CHECK(elastic_refused({R"(, "interval": "2 y")"}, ".interval", "outside 1 ms..", "E021"));
  CHECK(elastic_refused({R"(, "restart": "25 h")"}, ".restart", "outside 0 s..", "E021"));
}

TEST_CASE("an allocator wants its pool alone, without failures") {
  ElasticParts other;
  other.top = R"(, "batch": {"kind": "jobs", "generate": {"count": 1, "run": "1 s"},
      "arrivals": {"every": "1 s"}})";
  CHECK(elastic_refused(other, "", "\"batch\" runs in pool \"p\" too"));
  ElasticParts failing;
  failing.top = R"(}, "duration": "10 d", "failures": {"servers": {"kind": "random",
      "of": "server", "racks": ["r.b"],
      "time_to_failure": {"exponential": {"mean": "10 d"}}, "repair": {"time": "1 h"}})";
  CHECK(elastic_refused(failing, "", "\"servers\" hits its racks"));
  failing.racks = R"(, "c": {"server": "b", "count": 1})";
  failing.pool = R"("racks": ["r.b"])";
  failing.pools = R"(, "q": {"racks": ["r.c"]})";
  failing.workload = R"(, "pool": "p")";
  CHECK(elastic_refused(failing, "", "\"servers\" hits its racks"));
  failing.top.replace(failing.top.find("r.b"), 3, "r.c");
  CHECK(test::print(test::issues_of(ElasticFiles(failing).file)).empty());
}

TEST_CASE("what a pool says of scheduling has no meaning beside an allocator") {
  ElasticParts parts;
  parts.pool = R"("queue_limit": 0)";
  const ElasticFiles limited(parts);
  CHECK(has(test::issues_of(limited.file), "E034", "pools.p.queue_limit", "leave it out"));
  parts.pool = R"("scheduler": {"policy": "sjf"}, "ties": "shuffled")";
  const ElasticFiles scheduled(parts);
  const Issues issues = test::issues_of(scheduled.file);
  INFO(test::print(issues));
  CHECK(issues.size() == 2);
  CHECK(has(issues, "E016", "pools.p.scheduler", "an allocator decides"));
  CHECK(has(issues, "E016", "pools.p.ties", "an allocator decides"));
}
