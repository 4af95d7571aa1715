// Elastic profiles: what is between measured points, and what is wrong with files, by hand.
#include "workload/elastic_profile.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

constexpr const char* kSteps =
    "application,placement,num_nodes,num_replicas,local_bsz,step_time,sync_time\n"
    "a,1,,,10,1.0,0\na,1,,,20,2.0,0\n"
    "a,2,,,10,1.2,0.2\na,2,,,20,2.2,0.2\n"
    "a,12,,,10,1.6,0.6\na,12,,,20,2.6,0.6\n"
    "a,22,,,10,1.8,0.8\na,22,,,20,2.8,0.8\n"
    "a,,4,4,10,2.0,1.0\na,,4,4,20,3.0,1.0\n"
    "a,,4,8,10,2.4,1.4\na,,4,8,20,3.4,1.4\n";
constexpr const char* kProgress =
    "application,batch_size,progress,iteration,grad_sqr,grad_var\n"
    "a,10,100,100,1,4\na,10,200,200,1,8\n"
    "a,30,102,50,2,10\na,30,199,90,2,20\n";

Result<ElasticProfiles> read_texts(const std::string& steps, const std::string& progress) {
  const test::TemporaryDirectory home;
  return read_elastic_profiles(home.write("steps.csv", steps),
                               home.write("progress.csv", progress));
}

ElasticProfile profile() {
  auto read = read_texts(kSteps, kProgress);
  REQUIRE(std::holds_alternative<ElasticProfiles>(read));
  return std::get<ElasticProfiles>(read).applications.front();
}

double step_s(const ElasticProfile& of, const std::vector<std::uint32_t>& placement, double batch) {
  return of.step(placement, batch).step_s;
}

TEST_CASE("a step of a measured placement is straight between its batches") {
  const ElasticProfile p = profile();
  CHECK(p.name() == "a");
  CHECK(p.least_local() == 10);
  CHECK(p.most_local() == 20);
  CHECK(p.most_per_server() == 2);
  CHECK(step_s(p, {0, 1, 0}, 10) == 1.0);
  CHECK(step_s(p, {1}, 15) == Approx(1.5));
  CHECK(step_s(p, {2, 1}, 10) == 1.6);  // a rotation of 1,2
  CHECK(p.step(std::vector<std::uint32_t>{2, 1}, 15).sync_s == Approx(0.6));
  CHECK(step_s(p, {1}, 30) == Approx(3.0));  // the line goes on
  CHECK(step_s(p, {1}, 2) == Approx(0.5));   // but not below a half
}

TEST_CASE("a step that was not measured is between sizes that were") {
  const ElasticProfile p = profile();
  CHECK(step_s(p, {2, 1, 1, 2}, 10) == Approx(2.2));  // 6 of 4..8 on four servers
  // Three servers of 4: between two of 8/3 and four of 16/3.
  const double two = 1.6 + (8.0 / 3 - 3) * 0.2;
  const double four = 2.0 + (16.0 / 3 - 4) * 0.1;
  CHECK(step_s(p, {1, 1, 2}, 10) == Approx((two + four) / 2));
  CHECK(step_s(p, {1, 1, 1, 1, 1, 1}, 10) == Approx(2.2));  // five and more count as four
}

TEST_CASE("progress is the least of the batches, gradients and steps are between them") {
  const ElasticProfile p = profile();
  CHECK(p.epochs() == 2);
  CHECK(p.first_batch() == 10);
  CHECK(p.last_batch() == 30);
  CHECK(p.progress(0) == 0);
  CHECK(p.progress(1) == 100);
  CHECK(p.progress(2) == 199);
  CHECK(p.noise(20, 0).sqr == Approx(1.5));
  CHECK(p.noise(20, 1).var == Approx(14));
  CHECK(p.noise(90, 1).var == Approx(20));
  CHECK(p.iterations(15, 1) == Approx(172.5));
}

TEST_CASE("what is wrong with a profile is said with its line") {
  const auto issues_of = [](const std::string& steps, const std::string& progress) {
    auto read = read_texts(steps, progress);
    REQUIRE(std::holds_alternative<Issues>(read));
    std::string all;
    for (const Issue& issue : std::get<Issues>(read)) {
      const std::string& file = issue.place.file;
      if (issue.place.line == 0) all += file.substr(file.rfind('/') + 1) + ":";
      all += std::to_string(issue.place.line) + ": " + issue.message + "\n";
    }
    return all;
  };
  const std::string bad = issues_of(
      "application,placement,local_bsz,step_time,sync_time\n"
      "a,102,10,1,0\na,1,10,1,2\na,,10,1,0\na,1,ten,1,0\n",
      std::string(kProgress) + "a,30,50,1,0,0\n");
  CHECK_THAT(bad, Catch::Contains("2: placement: \"102\" is not a digit for each server"));
  CHECK_THAT(bad, Catch::Contains("3: sync_time is above step_time"));
  CHECK_THAT(bad, Catch::Contains("4: has neither a placement nor num_nodes and num_replicas"));
  CHECK_THAT(bad, Catch::Contains("5: local_bsz"));
  CHECK_THAT(bad, Catch::Contains("6: grad_sqr and grad_var are both 0"));
  CHECK_THAT(
      issues_of("application,placement,local_bsz,step_time,sync_time\nb,1,10,1,0\n", kProgress),
      Catch::Contains("progress.csv:0: application b has no progress") &&
          Catch::Contains("steps.csv:0: application a has no steps of a placement"));
  CHECK_THAT(issues_of(kSteps, std::string(kProgress) + "a,30,50,95,2,20\n"),
             Catch::Contains("application a does not progress from epoch to epoch at batch 30"));
  CHECK_THAT(issues_of(kSteps, std::string(kProgress) + "a,30,250,90,2,20\n"),
             Catch::Contains("progress.csv:0: application a takes no iterations"));
}

TEST_CASE("jobs come in order of time and name a profile") {
  const test::TemporaryDirectory home;
  auto profiles = read_texts(kSteps, kProgress);
  const auto& known = std::get<ElasticProfiles>(profiles);
  const std::string header = "name,time,application,num_replicas,batch_size\n";
  auto read = read_elastic_jobs(home.write("j.csv", header + "x,5,a,2,20\ny,1.5,a,1,10\n"), known);
  const auto& jobs = std::get<ElasticJobs>(read);
  REQUIRE(jobs.rows.size() == 2);
  CHECK(jobs.rows[0].name == "y");
  CHECK(jobs.rows[0].submit.ns == 1'500'000'000);
  CHECK(jobs.rows[1].accelerators == 2);
  auto wrong = read_elastic_jobs(home.write("k.csv", header + "x,5,b,2,20\ny,1,a,1,31\n"), known);
  const auto& issues = std::get<Issues>(wrong);
  REQUIRE(issues.size() == 2);
  CHECK_THAT(issues[0].message, Catch::Contains("there is no profile of \"b\""));
  CHECK_THAT(issues[1].message, Catch::Contains("the profile of a is of 10 to 30"));
}

}  // namespace
}  // namespace hyperdc
