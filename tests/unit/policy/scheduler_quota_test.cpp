#include "fake_pool.hpp"

namespace hyperdc::testing {
namespace {

constexpr std::int64_t kNoBound = TenantTerms::kNoBound;

FakeJob job_of(std::uint32_t tenant, double submit, double run, std::int64_t n = 1) {
  FakeJob job = cores(submit, run, n);
  job.tenant = tenant;
  return job;
}

TenantTerms cores_of(std::int64_t quota, std::optional<std::int64_t> limit = std::nullopt) {
  TenantTerms terms;
  terms.quota = {quota * 1000, kNoBound, kNoBound};
  if (limit) terms.limit.cores_milli = *limit * 1000;
  return terms;
}

FakePool pool_with_terms(std::int64_t n, std::vector<TenantTerms> terms) {
  FakePool pool = FakePool::of_cores(n);
  pool.terms = std::move(terms);
  return pool;
}

}  // namespace

TEST_CASE("quota: idle quota is lent, and reclaimed by stopping who started last") {
  // 4 cores, quotas 2 and 2. Tenant 0 takes all 4 at 0, 1, 2; at 5 tenant 1 wants 1: D, the last
  // that tenant 0 started, gives way, and nobody else. It goes on when E has ended.
  const std::vector<FakeJob> jobs = {job_of(0, 0, 20), job_of(0, 0, 20), job_of(0, 1, 20),
                                     job_of(0, 2, 20), job_of(1, 5, 3)};
  CHECK(pool_with_terms(4, {cores_of(2), cores_of(2)}).run(*make("quota"), jobs).text() ==
        "0:A 0:B 1:C 2:D 5:-D 5:E 8:/E 8:D 20:/A 20:/B 21:/C 25:/D");
}

TEST_CASE("quota: a tenant is not stopped below its quota") {
  // Tenant 1 may have 2 and asks for 3 as three jobs. Two are within its quota; the third would
  // borrow, and waits until those have ended and it is within the quota too.
  const std::vector<FakeJob> jobs = {job_of(0, 0, 20), job_of(0, 0, 20), job_of(0, 0, 20),
                                     job_of(0, 0, 20), job_of(1, 5, 9),  job_of(1, 5, 9),
                                     job_of(1, 5, 9)};
  CHECK(pool_with_terms(4, {cores_of(2), cores_of(2)}).run(*make("quota"), jobs).text() ==
        "0:A 0:B 0:C 0:D 5:-D 5:E 5:-C 5:F 14:/E 14:/F 14:G 14:C 20:/A 20:/B 20:D 23:/G 29:/C "
        "35:/D");
}

TEST_CASE("quota: without reclaim it waits for an end, without borrow nothing is lent") {
  const std::vector<FakeJob> jobs = {job_of(0, 0, 10), job_of(0, 0, 20), job_of(0, 0, 20),
                                     job_of(1, 5, 3)};
  const std::vector<TenantTerms> terms = {cores_of(1), cores_of(2)};
  CHECK(pool_with_terms(3, terms).run(*make("quota", with("reclaim", false)), jobs).text() ==
        "0:A 0:B 0:C 10:/A 10:D 13:/D 20:/B 20:/C");
  CHECK(pool_with_terms(3, terms).run(*make("quota", with("borrow", false)), jobs).text() ==
        "0:A 5:D 8:/D 10:/A 10:B 30:/B 30:C 50:/C");
}

TEST_CASE("quota: a limit bounds what is borrowed") {
  const std::vector<FakeJob> jobs = {job_of(0, 0, 10), job_of(0, 0, 10), job_of(0, 0, 10),
                                     job_of(0, 0, 10)};
  CHECK(pool_with_terms(4, {cores_of(1, 3), cores_of(3)}).run(*make("quota"), jobs).text() ==
        "0:A 0:B 0:C 10:/A 10:/B 10:/C 10:D 20:/D");
}

TEST_CASE("quota: loans go to who has borrowed least") {
  // 6 cores, no quotas: tenants take turns; at 10 nobody holds anything and the order is that of
  // submission.
  const std::vector<FakeJob> jobs = {job_of(0, 0, 10, 2), job_of(0, 0, 10, 2), job_of(1, 0, 10, 2),
                                     job_of(1, 0, 10, 4), job_of(0, 0, 10, 1)};
  CHECK(pool_with_terms(6, {}).run(*make("quota"), jobs).text() ==
        "0:A 0:C 0:B 10:/A 10:/B 10:/C 10:D 10:E 20:/D 20:/E");
}

TEST_CASE("quota: what a job frees when it gives way is offered again") {
  // B (3 cores, over the quota) gives way to C (1 core): D, which fits beside it, starts at once.
  const std::vector<FakeJob> jobs = {job_of(0, 0, 20, 1), job_of(0, 1, 20, 3), job_of(1, 5, 10, 1),
                                     job_of(0, 6, 5, 2)};
  CHECK(pool_with_terms(4, {cores_of(1), cores_of(3)}).run(*make("quota"), jobs).text() ==
        "0:A 1:B 5:-B 5:C 6:D 11:/D 15:/C 15:B 20:/A 31:/B");
}

TEST_CASE("quota: a job within its quota starts when it comes, whatever the others do") {
  // Quotas 8 + 8 + 4 of 20 cores. While a tenant asks for no more than its quota, none of its jobs
  // waits; nobody holds more than its limit; nobody within its quota is stopped.
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const std::vector<TenantTerms> terms = {cores_of(8), cores_of(8, 12), cores_of(4)};
    Draw draw{seed};
    std::vector<FakeJob> jobs;
    double t = 0;
    for (int i = 0; i < 400; ++i) {
      t += static_cast<double>(draw(8)) / 2;
      const auto tenant = static_cast<std::uint32_t>(draw(3));
      jobs.push_back(job_of(tenant, t, static_cast<double>(1 + draw(20)), 1 + draw(4)));
    }
    FakePool pool = pool_with_terms(20, terms);
    std::size_t within = 0;
    std::size_t beyond = 0;
    pool.after_pass = [&](const FakePool& p) {
      std::vector<std::int64_t> held(3, 0);
      for (const JobId job : p.view().running) {
        const JobView& seen = p.view().jobs[job.value];
        held[seen.tenant] += seen.total.cores_milli;
      }
      REQUIRE(held[1] <= 12'000);
      for (const std::size_t waiting : p.waiting()) {
        const JobView& seen = p.seen(waiting);
        ++beyond;
        // It would take its tenant beyond the quota.
        REQUIRE(held[seen.tenant] + seen.total.cores_milli > terms[seen.tenant].quota.cores_milli);
      }
      within += p.view().running.size();
    };
    const Outcome out = pool.run(*make("quota"), jobs);
    CHECK(within > 1000);
    CHECK(beyond > 150);
    CHECK(std::any_of(out.stops.begin(), out.stops.end(), [](int n) { return n > 0; }));
  }
}

TEST_CASE("quota: who is within its quota of what is short does not give way") {
  // Tenant 0 borrows a core and has the accelerator that its quota assures, tenant 2 borrows the
  // other accelerator. D of tenant 1 wants an accelerator: A gives it back, and not C, which
  // started last.
  std::vector<FakeJob> jobs = {gpus(0, 20, 1), job_of(0, 1, 20), job_of(0, 1, 20), gpus(5, 5, 1)};
  jobs[0].tenant = 2;
  jobs[2].each.accelerators = 1;
  jobs[2].each.accelerator_milli = 1000;
  jobs[3].tenant = 1;
  FakePool pool({{.cores_milli = 4000, .memory_bytes = 0, .accelerator_milli = 2000}});
  pool.terms = {{.quota = {1000, kNoBound, 1000}}, {.quota = {3000, kNoBound, 1000}}, {}};
  CHECK(pool.run(*make("quota"), jobs).text() ==
        "0:A 1:B 1:C 5:-A 5:D 10:/D 10:A 21:/B 21:/C 25:/A");
}

TEST_CASE("quota: jobs beyond the quota do not use up the depth") {
  // Tenant 0 may hold 2 and holds A. B and C ask for 2 and may not start yet; D may.
  const std::vector<FakeJob> jobs = {job_of(0, 0, 10, 1), job_of(0, 1, 10, 2), job_of(0, 1, 10, 2),
                                     job_of(0, 1, 5, 1)};
  CHECK(pool_with_terms(4, {cores_of(2, 2)}).run(*make("quota", with("depth", 1.0)), jobs).text() ==
        "0:A 1:D 6:/D 10:/A 10:B 20:/B 20:C 30:/C");
}

}  // namespace hyperdc::testing
