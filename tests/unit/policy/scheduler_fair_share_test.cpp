#include <cmath>

#include "fake_pool.hpp"

namespace hyperdc::testing {
namespace {

FakeJob of(std::uint32_t tenant, double submit, double run, std::int64_t n = 1) {
  FakeJob job = cores(submit, run, n);
  job.tenant = tenant;
  return job;
}

FakePool pool_with_shares(std::int64_t n, std::vector<double> shares) {
  FakePool pool = FakePool::of_cores(n);
  for (const double share : shares) pool.terms.push_back({.shares = share, .quota = {}});
  return pool;
}

/// Core-seconds of each tenant at t, faded by a half-life: by the sum over intervals, not by the
/// scheduler's running totals.
double faded(const Outcome& out, const std::vector<FakeJob>& jobs, std::uint32_t tenant, double t,
             double half_life) {
  std::vector<double> since(jobs.size(), -1);
  double sum = 0;
  const auto add = [&](std::size_t job, double from, double to) {
    const double cores = static_cast<double>(jobs[job].each.cores_milli) / 1000;
    const double scale = cores * half_life / std::log(2.0);
    sum += scale * (std::exp2((to - t) / half_life) - std::exp2((from - t) / half_life));
  };
  for (const LogEntry& entry : out.log) {
    const double at = to_seconds(entry.at - SimTime{});
    if (at >= t || jobs[entry.job].tenant != tenant) continue;
    if (entry.change == Change::start) {
      since[entry.job] = at;
    } else {
      add(entry.job, since[entry.job], at);
      since[entry.job] = -1;
    }
  }
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    if (since[job] >= 0) add(job, since[job], t);
  }
  return sum;
}

}  // namespace

TEST_CASE("fair-share: who used less of its share goes next") {
  // One core. A runs 10 s for tenant 0; then tenant 1, who used nothing, before B of tenant 0.
  const std::vector<FakeJob> jobs = {of(0, 0, 10), of(0, 1, 5), of(1, 2, 5)};
  CHECK(pool_with_shares(1, {1, 1}).run(*make("fair-share"), jobs).text() ==
        "0:A 10:/A 10:C 15:/C 15:B 20:/B");
}

TEST_CASE("fair-share: Slurm's 2^(-U/S) weighs usage by shares") {
  // One core; no fading to speak of. Tenant 0 used 20 s, tenant 1 used 10 s: U = 2/3 and 1/3.
  // With shares 3 and 1, S = 3/4 and 1/4: F = 2^(-8/9) = .54 against 2^(-4/3) = .40: tenant 0.
  // With equal shares F = 2^(-4/3) against 2^(-2/3): tenant 1.
  const std::vector<FakeJob> jobs = {of(0, 0, 20), of(1, 0, 10), of(0, 21, 5), of(1, 21, 5)};
  CHECK(pool_with_shares(1, {3, 1}).run(*make("fair-share"), jobs).text() ==
        "0:A 20:/A 20:B 30:/B 30:C 35:/C 35:D 40:/D");
  CHECK(pool_with_shares(1, {1, 1}).run(*make("fair-share"), jobs).text() ==
        "0:A 20:/A 20:B 30:/B 30:D 35:/D 35:C 40:/C");
}

TEST_CASE("fair-share: usage fades with its half-life") {
  // Tenant 0 runs 40 s up to 40, tenant 1 30 s up to 70. At 70, for a half-life h, tenant 0 has
  // (h/ln 2)(1 - 2^(-40/h)) 2^(-30/h) and tenant 1 (h/ln 2)(1 - 2^(-30/h)).
  // h = 1000 s: 39.45 * .979 = 38.6 against 29.7: tenant 1 goes. h = 10 s: 1.69 against 12.6:
  // tenant 0 goes though it used more in all.
  const std::vector<FakeJob> jobs = {of(0, 0, 40), of(1, 1, 30), of(0, 50, 5), of(1, 51, 5)};
  const auto text = [&](double half_life) {
    return pool_with_shares(1, {1, 1})
        .run(*make("fair-share", with("half_life", half_life)), jobs)
        .text();
  };
  CHECK(text(1000) == "0:A 40:/A 40:B 70:/B 70:D 75:/D 75:C 80:/C");
  CHECK(text(10) == "0:A 40:/A 40:B 70:/B 70:C 75:/C 75:D 80:/D");
}

TEST_CASE("fair-share: age lifts a job over the factor of its tenant") {
  // At 10, F of tenant 0 is 2^-2 (it has all the usage and half the shares), of tenant 1 it is 1.
  // B has waited 9 s, C 1 s: with age_most 9 s and a weight of 1, 1.25 against 1.11.
  const std::vector<FakeJob> jobs = {of(0, 0, 10), of(0, 1, 5), of(1, 9, 5)};
  Params params = with("age_most", 9.0);
  params.set("age_weight", 1.0);
  CHECK(pool_with_shares(1, {1, 1}).run(*make("fair-share", params), jobs).text() ==
        "0:A 10:/A 10:B 15:/B 15:C 20:/C");
  params.set("age_weight", 0.8);  // 1.05 against 1.09
  CHECK(pool_with_shares(1, {1, 1}).run(*make("fair-share", params), jobs).text() ==
        "0:A 10:/A 10:C 15:/C 15:B 20:/B");
}

TEST_CASE("fair-share: others backfill around a gang and do not delay it") {
  // 4 cores; A holds 2 to 10. B wants 4 and is reserved for 10. C ends by then and passes; D (20 s)
  // would delay it and waits.
  const std::vector<FakeJob> jobs = {of(0, 0, 10, 2), of(1, 1, 5, 4), of(0, 2, 8, 1),
                                     of(0, 3, 20, 1)};
  CHECK(pool_with_shares(4, {1, 1}).run(*make("fair-share"), jobs).text() ==
        "0:A 2:C 10:/A 10:/C 10:B 15:/B 15:D 35:/D");
  CHECK(
      pool_with_shares(4, {1, 1}).run(*make("fair-share", with("backfill", false)), jobs).text() ==
      "0:A 10:/A 10:B 15:/B 15:C 15:D 23:/C 35:/D");
}

TEST_CASE("fair-share: each start is that of the greatest 2^(-U/S) that fits") {
  // Jobs of one core on two: who starts is never of a tenant with a smaller factor than one that
  // waits, as the log of the run says.
  const std::vector<double> shares = {5, 2, 1};
  Draw draw{11};
  std::vector<FakeJob> jobs;
  double t = 0;
  for (int i = 0; i < 300; ++i) {
    t += static_cast<double>(draw(6));
    const auto tenant = static_cast<std::uint32_t>(draw(3));
    jobs.push_back(of(tenant, t, static_cast<double>(2 + draw(9))));
  }
  const Outcome out =
      pool_with_shares(2, shares).run(*make("fair-share", with("half_life", 60.0)), jobs);
  std::size_t compared = 0;
  for (const LogEntry& entry : out.log) {
    if (entry.change != Change::start) continue;
    const double at = to_seconds(entry.at - SimTime{});
    double all = 0;
    std::vector<double> used;
    for (std::uint32_t tenant = 0; tenant < 3; ++tenant) {
      used.push_back(faded(out, jobs, tenant, at, 60));
      all += used.back();
    }
    const auto factor = [&](std::uint32_t tenant) {
      return std::exp2(-used[tenant] / all / (shares[tenant] / 8));
    };
    if (all == 0) continue;
    for (std::size_t other = 0; other < jobs.size(); ++other) {
      const bool waits = jobs[other].submit < entry.at && out.first_start[other] > entry.at;
      if (!waits) continue;
      ++compared;
      REQUIRE(factor(jobs[entry.job].tenant) >= factor(jobs[other].tenant) - 1e-9);
    }
  }
  CHECK(compared > 500);
}

TEST_CASE("fair-share: busy tenants get the pool in proportion to their shares") {
  std::vector<FakeJob> jobs;
  for (int i = 0; i < 2000; ++i) jobs.push_back(of(i % 2 == 0 ? 0 : 1, 0, 10));
  FakePool pool = pool_with_shares(4, {3, 1});
  double held[2] = {0, 0};
  pool.after_pass = [&](const FakePool& p) {
    if (p.view().now < at_s(1000) || p.view().now > at_s(3000)) return;
    for (const JobId job : p.view().running) held[p.view().jobs[job.value].tenant] += 1;
  };
  pool.run(*make("fair-share", with("half_life", 200.0)), jobs);
  CHECK(held[0] / (held[0] + held[1]) == Approx(0.75).margin(0.02));
}

TEST_CASE("fair-share: shares of tenants that never came to the pool do not count") {
  // S = 1/2 for both who came. At 10 tenant 0 has used all: F = 2^-2, and B has waited 9 of 10 s:
  // 1.15 against 1 + .1 of C. With the 100 shares of tenant 1 it would be .9.
  const std::vector<FakeJob> jobs = {of(0, 0, 10), of(0, 1, 5), of(2, 9, 5)};
  Params params = with("age_weight", 1.0);
  params.set("age_most", 10.0);
  CHECK(pool_with_shares(1, {1, 100, 1}).run(*make("fair-share", params), jobs).text() ==
        "0:A 10:/A 10:B 15:/B 15:C 20:/C");
}

TEST_CASE("fair-share: U / S tells tenants apart whose 2^(-U/S) is 0") {
  // Shares of 1 and 2 in 100,000; both used 10 s of 60. At 60 U / S is 16,667 and 8,333: E goes
  // before D, which came first.
  const std::vector<FakeJob> jobs = {of(2, 0, 20), of(0, 0, 10), of(1, 0, 10),
                                     of(0, 35, 5), of(1, 36, 5), of(2, 30, 20)};
  const std::string text = pool_with_shares(1, {1, 2, 99997}).run(*make("fair-share"), jobs).text();
  CHECK(text.find("E") < text.find("D"));
}

}  // namespace hyperdc::testing
