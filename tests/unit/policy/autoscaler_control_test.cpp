// Those that compute what is needed, erlang, pid and vertical, worked out by hand.
#include <cmath>

#include "core/erlang.hpp"
#include "policy/autoscaler/usage_histogram.hpp"
#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {

ScaledDeployment erlang(const Settings& set, double service_s, double cv = 1) {
  ScaledDeployment d("erlang", set, {1, 1000, 1, service_s, cv, {}, {}});
  d.view.window = whole_seconds(60);
  return d;
}

}  // namespace

TEST_CASE("erlang: the staffing of the published example") {
  // 100 calls in 30 min of 180 s each: 10 erlangs; 80 % within 20 s takes 14 (core/erlang_test).
  auto d = erlang({{"wait", 20.0}, {"probability", 0.2}, {"confidence", 0.5}}, 180);
  d.view.arrivals_per_s = 100.0 / 1800;
  CHECK(d.at(0) == 14);
  CHECK(d.why == "wait above goal");
  // Half of the calls are 5 erlangs. C(8, 5) = .1673, exp(-3/9) = .7165: 12.0 %; with 7, C = .3241,
  // exp(-2/9) = .8007: 26 %. But first the 14 are kept for 300 s.
  d.view.arrivals_per_s = 50.0 / 1800;
  for (int t = 30; t < 300; t += 30) CHECK(d.at(t) == 14);
  CHECK(d.at(300) == 8);
}

TEST_CASE("erlang: a goal for the mean wait, and replicas of several slots") {
  // M/M/c with S = 1 s. E[W] <= 0.5 s at a = 1.6: n = 2: C = 0.7111, / 0.4 = 1.78 s; n = 3:
  // C = 0.2738, / 1.4 = 0.196 s.
  auto d = erlang({{"goal", "mean"}, {"wait", 0.5}, {"confidence", 0.5}}, 1);
  d.view.arrivals_per_s = 1.6;
  CHECK(d.at(0) == 3);
  d.view.concurrency = 2;
  d.view.wanted = 1;
  CHECK(d.at(1000) == 2);  // three slots are two replicas
}

TEST_CASE("erlang: the rate is taken with its uncertainty") {
  // 100/s over 60 s: 6000 counted, +- sqrt(6000) = 77.5; 99 % adds 2.326 * 77.5 / 60 = 3.0/s.
  const auto wanted = [](double confidence) {
    auto d = erlang({{"confidence", confidence}, {"wait", 0.0}, {"probability", 0.5}}, 1);
    d.view.arrivals_per_s = 100;
    return d.at(0);
  };
  const auto fewest = [](double offered) {
    return *least_servers(offered, 1000, [](const ErlangWait& q) { return q.waits <= 0.5; });
  };
  CHECK(wanted(0.5) == fewest(100));
  CHECK(wanted(0.99) == fewest(100 + 2.3263 * std::sqrt(100.0 / 60)));
  CHECK(wanted(0.99) == wanted(0.5) + 3);
}

TEST_CASE("erlang: variability, the measured service time, and too much load") {
  // Deterministic service halves the mean wait (Allen-Cunneen): n = 2 at a = 1.6: 0.89 s; goal 1 s.
  const Settings mean = {{"goal", "mean"}, {"wait", 1.0}, {"confidence", 0.5}};
  auto even = erlang(mean, 1, 0);
  even.view.arrivals_per_s = 1.6;
  CHECK(even.at(0) == 2);
  auto random = erlang(mean, 1, 1);
  random.view.arrivals_per_s = 1.6;
  CHECK(random.at(0) == 3);
  // Measured: S = 2 s, a = 3.2. n = 4: C = 0.5964, * 2 / 0.8 = 1.49 s; n = 5: 0.3112 * 2 / 1.8 =
  // 0.35.
  random.view.service_mean_s = 2;
  CHECK(random.at(30) == 5);
  random.view.arrivals_per_s = 5000;
  CHECK(random.at(60) == 1000);
  random.view.arrivals_per_s.reset();
  CHECK(random.at(90) == 1000);
}

TEST_CASE("pid: the velocity form, step by step") {
  // dt 30 s, gain 0.5, integral 60 s, no derivative, target 60 %, from 10 replicas.
  ScaledDeployment d("pid");
  d.view.wanted = 10;
  // e = 0.2: dx = 10 * 0.5 (0 + 0.2 * 30/60) = 0.5; x = 10.5.
  CHECK(d.at(0, 0.72) == 11);
  CHECK(d.why == "error above zero");
  // e = 0.5: dx = 10.5 * 0.5 (0.3 + 0.25) = 2.8875; x = 13.3875.
  CHECK(d.at(30, 0.9) == 14);
  // e = 0 (0.62/0.6 - 1 = 0.033 is within the dead band): dx = 13.3875 * 0.5 * (-0.5) = -3.346875.
  CHECK(d.at(60, 0.62) == 11);  // x = 10.040625
  CHECK(d.at(90, 0.62) == 11);
  // e = -0.5: dx = 10.040625 * 0.5 (-0.5 - 0.25) = -3.765; x = 6.275.
  CHECK(d.at(120, 0.3) == 7);
}

TEST_CASE("pid: derivative and the largest change") {
  ScaledDeployment d("pid", {{"derivative_time", 30.0}, {"max_change", 0.3}});
  d.view.wanted = 10;
  CHECK(d.at(0, 0.6) == 10);
  // e = 0.2, before 0, 0: dx = 10 * 0.5 (0.2 + 0.1 + 30 * 0.2 / 30) = 2.5; x = 12.5.
  CHECK(d.at(30, 0.72) == 13);
  // e = 2/3 after 0.2: 12.5 * 0.5 (0.467 + 0.333 + 0.267) = 6.7, bounded to 0.3 * 12.5 = 3.75.
  CHECK(d.at(60, 1.0) == 17);  // x = 16.25
}

TEST_CASE("pid: a bound does not wind up, and what starts is waited for") {
  ScaledDeployment d("pid");
  d.view.wanted = 10;
  d.view.max_replicas = 12;
  for (int i = 0; i < 100; ++i) d.at(30 * i, 1.0);
  CHECK(d.view.wanted == 12);
  // e from 2/3 to -1/6: dx = 12 * 0.5 (-5/6 - 1/12) = -5.5: at once, not after unwinding; x = 6.5.
  CHECK(d.at(3000, 0.5) == 7);
  ScaledDeployment waits("pid");
  waits.instant = false;
  waits.view.wanted = 10;
  waits.view.ready = 8;
  waits.view.starting = 2;
  for (int i = 0; i < 20; ++i) CHECK(waits.at(30 * i, 0.9) == 10);
  waits.view.starting = 0;
  // e = 0.5 as before: 10 * 0.5 (0 + 0.25) = 1.25; x = 11.25.
  CHECK(waits.at(600, 0.9) == 12);
}

TEST_CASE("pid: from nothing, and without a sample") {
  ScaledDeployment d("pid", {{"metric", "concurrency"}, {"target", 5.0}});
  d.view.min_replicas = 0;
  d.view.wanted = 0;
  CHECK(d.at(0) == 0);
  d.view.in_system = 12;
  CHECK(d.at(30) == 3);
  CHECK(d.why == "load and no replica");
  d.view.in_system.reset();
  CHECK(d.at(60) == 3);
}

TEST_CASE("the histogram of use: buckets, percentiles and decay") {
  // Buckets begin at 0.2 (1.05^n - 1): 0, 0.01, 0.0205, 0.0315, ...
  UsageHistogram h(whole_seconds(100));
  CHECK(h.empty());
  CHECK(h.percentile(0.5) == 0);
  h.add(SimTime{}, 0.005, 1);
  CHECK(h.percentile(0.5) == Approx(0.01));
  h.add(SimTime{}, 0.015, 3);
  CHECK(h.percentile(0.25) == Approx(0.01));
  CHECK(h.percentile(0.26) == Approx(0.0205));
  // After five half-lives a sample of 1 weighs 32 of those: 1, 3, and 32 at 0.025.
  h.add(SimTime{} + whole_seconds(500), 0.025, 1);
  CHECK(h.percentile(4.0 / 36) == Approx(0.0205));
  CHECK(h.percentile(0.12) == Approx(0.031525));
  // A thousand half-lives later only the new one counts; more cores than any bucket: its start.
  h.add(SimTime{} + whole_seconds(100'000), 5000, 1);
  CHECK(h.percentile(0.01) == Approx(1000).epsilon(0.05));
  CHECK(h.percentile(0.01) >= 1000);
}

TEST_CASE("vertical: cores that are too few are raised, at first with little trust") {
  // 4 cores, use 3.6: its bucket ends at 0.2 (1.05^n - 1) = 3.65, n = ln(19.25)/ln(1.05) -> 61.
  const double end = 0.2 * (std::pow(1.05, 61) - 1);
  REQUIRE((end > 3.6 && 0.2 * (std::pow(1.05, 60) - 1) < 3.6));
  const double target = std::ceil(end * 1.15 * 1000) / 1000;
  ScaledDeployment d("vertical");
  d.view.cores = 4;
  d.view.wanted = 2;
  d.list = old_replicas(2, 0.9);
  CHECK(d.at(0) == 2);  // d = 0: the lower bound is 0 and the upper one infinite
  CHECK(d.why.empty());
  // d = 60 s / 86400 s = 0.000694, less than 4/1440: (1 + 1.44)^-2 = 0.168 of 4.2: 4 is enough.
  d.at(60);
  CHECK(d.why.empty());
  // (1 + 0.001/d)^-2 * 1.15 end > 4 once d > 0.04: an hour of two replicas.
  double t = 120;
  while (d.why.empty() && t < 7200) {
    d.at(t);
    t += 60;
  }
  CHECK(d.why == "use above the lower bound of cores");
  const double days = (t - 60) / 86400;
  CHECK(1.15 * end / std::pow(1 + 0.001 / days, 2) > 4);
  CHECK(1.15 * end / std::pow(1 + 0.001 / (days - 60.0 / 86400), 2) < 4 + 0.001);
  REQUIRE(d.cores);
  CHECK(*d.cores == Approx(target));
  CHECK(d.view.wanted == 2);
}

TEST_CASE("vertical: within the bounds cores change after their lifetime, if it is worth it") {
  ScaledDeployment d("vertical", {{"lifetime", 3600.0}, {"interval", 60.0}});
  d.view.cores = 4;
  d.view.wanted = 1;
  // Use 1 core: ends at 1.04..1.1, target 1.2 cores; the upper bound is 1.2 (1 + 1/d), above 4 for
  // the first hours.
  for (int i = 0; i < 60; ++i) {
    d.at(60 * i, 0.25);
    CHECK(d.why.empty());
  }
  d.at(3600, 0.25);
  CHECK(d.why == "cores differ from the target");
  REQUIRE(d.cores);
  CHECK(*d.cores == Approx(1.0 * 1.15).epsilon(0.06));
  d.view.cores = *d.cores;
  for (int i = 61; i < 200; ++i) {
    d.at(60 * i, 1.0 / d.view.cores);
    CHECK(d.why.empty());  // no difference of 10 %
  }
}

TEST_CASE("vertical: bounds of the scenario, far too many cores, and no sample") {
  ScaledDeployment d("vertical", {{"max_cores", 2.0}, {"half_life", 600.0}});
  d.view.cores = 4;
  CHECK(d.at(0, std::nullopt) == 1);
  CHECK(d.why.empty());
  d.at(60, 0.9);
  CHECK(d.why == "use far below the cores");  // the bound of 2 is the upper bound, too
  CHECK(d.cores == 2.0);
  CHECK(problem_of("vertical", {{"lower_percentile", 0.95}}) ==
        "target_percentile is not between lower_percentile and upper_percentile");
  CHECK(problem_of("vertical", {{"min_cores", 3.0}, {"max_cores", 2.0}}) ==
        "min_cores is above max_cores");
}

}  // namespace hyperdc::testing
