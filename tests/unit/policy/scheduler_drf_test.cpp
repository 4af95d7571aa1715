#include "fake_pool.hpp"

namespace hyperdc::testing {
namespace {

constexpr std::int64_t kGB = 1'000'000'000;

FakeJob task(std::uint32_t tenant, std::int64_t cpus, std::int64_t gigabytes, double run = 100) {
  FakeJob job = cores(0, run, cpus);
  job.each.memory_bytes = gigabytes * kGB;
  job.tenant = tenant;
  return job;
}

}  // namespace

TEST_CASE("drf: the example of Ghodsi et al. (NSDI'11), section 4.1") {
  // 9 CPUs, 18 GB; tasks of A need <1 CPU, 4 GB>, of B <3 CPU, 1 GB>: A gets 3 and B 2 tasks, both
  // with a dominant share of 2/3.
  FakePool pool({{.cores_milli = 9000, .memory_bytes = 18 * kGB}});
  std::vector<FakeJob> jobs;
  for (int i = 0; i < 6; ++i) jobs.push_back(task(1, 3, 1));
  for (int i = 0; i < 6; ++i) jobs.push_back(task(0, 1, 4));
  int tasks[2] = {0, 0};
  pool.after_pass = [&](const FakePool& p) {
    if (p.view().now > SimTime{}) return;
    for (const JobId job : p.view().running) ++tasks[p.view().jobs[job.value].tenant];
  };
  const Outcome out = pool.run(*make("drf"), jobs);
  CHECK(tasks[0] == 3);
  CHECK(tasks[1] == 2);
  // Table 1 of the paper: B, A, A, B, A. (A's third task brings both to 2/3.)
  CHECK(out.text().substr(0, 19) == "0:A 0:G 0:H 0:B 0:I");
}

TEST_CASE("drf: a tenant that holds less goes before one that asked earlier") {
  // 4 cores, one job each: tenant 0 asks for three, tenant 1 for two.
  std::vector<FakeJob> jobs;
  for (int i = 0; i < 3; ++i) jobs.push_back(task(0, 1, 0, 10 + i));
  for (int i = 0; i < 2; ++i) jobs.push_back(task(1, 1, 0, 10 + i));
  CHECK(FakePool::of_cores(4).run(*make("drf"), jobs).text() ==
        "0:A 0:D 0:B 0:E 10:/A 10:/D 10:C 11:/B 11:/E 22:/C");
}

TEST_CASE("drf: shares fall as jobs end") {
  // 2 cores. Tenant 0 holds one to 3, tenant 1 one to 10. At 3 both have a job waiting; tenant 0
  // holds nothing now and goes first though tenant 1 asked first.
  std::vector<FakeJob> jobs = {task(0, 1, 0, 3), task(1, 1, 0, 10), task(1, 1, 0, 5),
                               task(0, 1, 0, 5)};
  CHECK(FakePool::of_cores(2).run(*make("drf"), jobs).text() ==
        "0:A 0:B 3:/A 3:D 8:/D 8:C 10:/B 13:/C");
}

TEST_CASE("drf: a tenant whose job does not fit is passed over") {
  std::vector<FakeJob> jobs = {task(0, 2, 0, 4), task(1, 3, 0, 5), task(0, 1, 0, 3)};
  CHECK(FakePool::of_cores(3).run(*make("drf"), jobs).text() == "0:A 0:C 3:/C 4:/A 4:B 9:/B");
}

}  // namespace hyperdc::testing
