// Demand curves: each term by hand, and laws of random trees (the integral is additive and that of
// the rate, bounds hold, breaks are where the rate jumps).
#include "workload/demand/demand_curve.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "demand_trees.hpp"
#include "support/instants.hpp"

using namespace hyperdc;
using hyperdc::test::at_s;
using testing::RandomDemand;

namespace {

constexpr double kPi = 3.14159265358979323846;

SimTime at_h(double h) {
  return at_s(3600 * h);
}
Duration hours(double h) {
  return seconds(3600 * h);
}
DemandSpec constant(double rate) {
  return {DemandConstant{rate}};
}
DemandSpec product(DemandSpec a, DemandSpec b) {
  DemandProduct out;
  out.factors.push_back(std::move(a));
  out.factors.push_back(std::move(b));
  return {std::move(out)};
}
DemandSpec table(std::vector<double> at, std::vector<double> value, bool linear,
                 std::optional<Duration> period = std::nullopt) {
  DemandPoints points;
  for (const double t : at) points.at.push_back(at_s(t));
  points.value = std::move(value);
  return {DemandTable{std::make_shared<const DemandPoints>(std::move(points)), linear, period}};
}

}  // namespace

TEST_CASE("a diurnal curve has its mean, peak and trough") {
  // mean 10, peak 18 at 14:00, trough 2 at 02:00; a day has 864000 arrivals; 6 h around the peak:
  // 10 * (21600 + 0.8 * 86400 / pi * sin(pi / 4))
  const DemandCurve curve({DemandDiurnal{10, 1.8, hours(14)}}, 1);
  CHECK(curve.rate(at_h(14)) == Approx(18).epsilon(1e-14));
  CHECK(curve.rate(at_h(2)) == Approx(2).epsilon(1e-14));
  CHECK(curve.rate(at_h(8)) == Approx(10).epsilon(1e-14));
  CHECK(curve.expected(at_h(0), at_h(24)) == Approx(864000).epsilon(1e-13));
  CHECK(curve.expected(at_h(5), at_h(24 * 365 + 5)) == Approx(864000.0 * 365).epsilon(1e-12));
  const double six = 10 * (21600 + 0.8 * 86400 / kPi * std::sin(kPi / 4));
  CHECK(curve.expected(at_h(11), at_h(17)) == Approx(six).epsilon(1e-13));
  const auto [low, high] = curve.bounds(at_h(1), at_h(13));
  CHECK(low == Approx(2));
  CHECK(high == Approx(curve.rate(at_h(13))));
}

TEST_CASE("a trough of zero keeps its digits") {
  // near the trough the rate is mean x^2 / 2, x the angle: the integral over +-1 s is
  // mean (2 pi / day)^2 / 2 * 2/3, up to a share x^2/12 = 4e-10
  const DemandCurve curve({DemandDiurnal{10, 2, hours(12)}}, 1);
  const double omega = 2 * kPi / 86400;
  CHECK(curve.expected(at_s(-1), at_s(1)) == Approx(10 * omega * omega / 3).epsilon(1e-9));
}

TEST_CASE("growth") {
  using Form = DemandGrowth::Form;
  const auto growth = [](Form form, double by, double every, double midpoint) {
    return DemandSpec{DemandGrowth{form, by, seconds(every), seconds(midpoint)}};
  };
  // 1 + 0.5 t / 100: 1 at 0, 2 at 200; the integral over 0..200 is 300
  const DemandCurve linear(growth(Form::linear, 0.5, 100, 0), 1);
  CHECK(linear.rate(at_s(200)) == Approx(2));
  CHECK(linear.expected(at_s(0), at_s(200)) == Approx(300));
  // 1 - t / 100 is cut at 100: 50
  const DemandCurve down(growth(Form::linear, -1, 100, 0), 1);
  CHECK(down.rate(at_s(150)) == 0);
  CHECK(down.expected(at_s(0), at_s(1000)) == Approx(50));
  // doubles every 100 s: integral over 0..100 is 100 / ln 2
  const DemandCurve twice(growth(Form::exponential, 2, 100, 0), 1);
  CHECK(twice.rate(at_s(300)) == Approx(8));
  CHECK(twice.expected(at_s(0), at_s(100)) == Approx(100 / std::log(2.0)));
  // from 1 to 5, half way (3) at 1000 s; symmetric, so the mean over 0..2000 is 3
  const DemandCurve logistic(growth(Form::logistic, 5, 50, 1000), 1);
  CHECK(logistic.rate(at_s(1000)) == Approx(3));
  CHECK(logistic.rate(at_s(1050)) == Approx(1 + 4 / (1 + std::exp(-1.0))));
  CHECK(logistic.expected(at_s(0), at_s(2000)) == Approx(6000));
  const DemandCurve shrinking(growth(Form::logistic, 0, 50, 1000), 1);
  CHECK(shrinking.rate(at_s(2000)) == Approx(std::exp(-20.0)).epsilon(1e-7));
  CHECK(shrinking.expected(at_s(0), at_s(2000)) == Approx(1000));
}

TEST_CASE("a flash crowd rises, stays and falls") {
  // 100/s; at 1000 s up to 5x over 100 s, 200 s long, then exp(-x/400)
  const DemandCurve curve(product(constant(100), {DemandFlash{1, 5, at_s(1000), seconds(100),
                                                              seconds(200), seconds(400)}}),
                          1);
  CHECK(curve.rate(at_s(999)) == 100);
  CHECK(curve.rate(at_s(1050)) == Approx(300));
  CHECK(curve.rate(at_s(1200)) == 500);
  CHECK(curve.rate(at_s(1700)) == Approx(100 + 400 * std::exp(-1.0)));
  // before 100 * 1000, rise 300 * 100, hold 500 * 200, fall 100 * 400 + 400 * 400 * (1 - 1/e)
  const double whole = 1e5 + 3e4 + 1e5 + 4e4 + 160000 * (1 - std::exp(-1.0));
  CHECK(curve.expected(at_s(0), at_s(1700)) == Approx(whole).epsilon(1e-12));
  CHECK(curve.next_break(at_s(0)) == at_s(1000));
  CHECK(curve.next_break(at_s(1000)) == at_s(1100));
  CHECK(curve.next_break(at_s(1300)) == std::nullopt);
}

TEST_CASE("events repeat") {
  // 10/s, 40/s for 100 s each 1000 s from 500 s on: a period has 10 * 900 + 40 * 100 = 13000
  const DemandCurve curve({DemandEvent{10, 40, at_s(500), seconds(100), seconds(1000)}}, 1);
  CHECK(curve.rate(at_s(499)) == 10);
  CHECK(curve.rate(at_s(500)) == 40);
  CHECK(curve.rate(at_s(600)) == 10);
  CHECK(curve.rate(at_s(1599)) == 40);
  CHECK(curve.expected(at_s(500), at_s(3500)) == Approx(39000));
  CHECK(curve.expected(at_s(550), at_s(1550)) == Approx(13000));
  CHECK(curve.next_break(at_s(550)) == at_s(600));
  CHECK(curve.next_break(at_s(600)) == at_s(1500));
}

TEST_CASE("tables: steps and lines, once and repeated") {
  const std::vector<double> at{10, 20, 40};
  const std::vector<double> value{1, 3, 2};
  const DemandCurve steps(table(at, value, false), 1);
  CHECK(steps.rate(at_s(0)) == 1);
  CHECK(steps.rate(at_s(20)) == 3);
  CHECK(steps.rate(at_s(1000)) == 2);
  CHECK(steps.expected(at_s(0), at_s(50)) == Approx(10 + 10 + 60 + 20));
  const DemandCurve lines(table(at, value, true), 1);
  CHECK(lines.rate(at_s(15)) == Approx(2));
  CHECK(lines.expected(at_s(10), at_s(40)) == Approx(20 + 50));
  // period 40: after 40 comes 50 = 10 again; the line from (40, 2) to (50, 1) crosses the seam
  const DemandCurve ring(table(at, value, true, seconds(40)), 1);
  CHECK(ring.rate(at_s(45)) == Approx(1.5));
  CHECK(ring.rate(at_s(5)) == Approx(1.5));
  CHECK(ring.rate(at_s(60)) == Approx(3));
  CHECK(ring.expected(at_s(10), at_s(50)) == Approx(20 + 50 + 15));
  CHECK(ring.expected(at_s(-30), at_s(90)) == Approx(3 * 85));
  const DemandCurve rung(table(at, value, false, seconds(40)), 1);
  CHECK(rung.rate(at_s(5)) == 2);
  CHECK(rung.rate(at_s(55)) == 1);
  CHECK(rung.expected(at_s(10), at_s(50)) == Approx(10 + 60 + 20));
}

TEST_CASE("a week begins on its first day") {
  // the run starts on a Saturday: 5, then Sunday 6, then Monday 0
  const DemandCurve curve(weekly({0.5, 1, 2, 3, 4, 5, 6}, 5, false), 1);
  CHECK(curve.rate(at_h(1)) == 5);
  CHECK(curve.rate(at_h(25)) == 6);
  CHECK(curve.rate(at_h(49)) == 0.5);
  CHECK(curve.rate(at_h(7 * 24)) == 5);
  CHECK(curve.expected(at_h(0), at_h(7 * 24)) == Approx(21.5 * 86400));
  const DemandCurve lines(weekly({0.5, 1, 2, 3, 4, 5, 6}, 5, true), 1);
  CHECK(lines.rate(at_h(12)) == Approx(5));
  CHECK(lines.rate(at_h(24)) == Approx(5.5));
  CHECK(lines.expected(at_h(0), at_h(7 * 24)) == Approx(21.5 * 86400));
}

TEST_CASE("shift, clip and scale") {
  const DemandCurve late(shifted(table({10, 20}, {1, 3}, false), seconds(100)), 1);
  CHECK(late.rate(at_s(119)) == 1);
  CHECK(late.rate(at_s(120)) == 3);
  const DemandSpec twice = scaled({DemandDiurnal{10, 2, hours(12)}}, 2);
  const DemandCurve clipped({DemandClip{5.0, 30.0, std::make_shared<const DemandSpec>(twice)}}, 1);
  CHECK(clipped.rate(at_h(0)) == 5);
  CHECK(clipped.rate(at_h(12)) == 30);
  CHECK(clipped.rate(at_h(6)) == Approx(20));
  // 20 (1 + cos x) above 30 for |x| < pi/3 (8 h of the day) and below 5 for |x| > acos(-3/4)
  const double u = std::acos(-0.75);
  const double day = 86400 / (2 * kPi);
  const double whole = day * (30 * 2 * kPi / 3 + 5 * 2 * (kPi - u) +
                              2 * 20 * ((u - kPi / 3) + std::sin(u) - std::sin(kPi / 3)));
  CHECK(clipped.expected(at_h(0), at_h(24)) == Approx(whole).epsilon(1e-10));
}

TEST_CASE("a sum with factors multiplies its rates") {
  // (100 + 50) * (1 + (3 - 1) + (2 - 1)) while both events last; never below 0
  const auto event = [](double on, double at) {
    return DemandSpec{DemandEvent{1, on, at_s(at), seconds(100), std::nullopt}};
  };
  const DemandCurve sum(
      modulated_sum({constant(100), constant(50)}, {event(3, 100), event(2, 150)}), 1);
  CHECK(sum.rate(at_s(0)) == 150);
  CHECK(sum.rate(at_s(120)) == 450);
  CHECK(sum.rate(at_s(170)) == 600);
  CHECK(sum.rate(at_s(220)) == 300);
  const DemandCurve dip(modulated_sum({constant(100)}, {event(0.3, 100), event(0.3, 100)}), 1);
  CHECK(dip.rate(at_s(120)) == 0);
  CHECK(dip.expected(at_s(0), at_s(200)) == Approx(10000));
}

TEST_CASE("noise has mean one, its cv and its correlation time") {
  // 40000 correlation times: the mean of 640000 grid points has a standard error of
  // cv * sqrt(2 / 40000) * about 0.9 = 0.0035 for cv 0.5; 4 of them
  const DemandNoise spec{0.5, seconds(160), "test.noise"};
  const DemandCurve curve({spec}, 7);
  const double step = 10;
  const int n = 640'000;
  double sum = 0;
  double square = 0;
  double lagged = 0;
  std::vector<double> x;
  for (int k = 0; k < n; ++k) {
    const double m = curve.rate(at_s(k * step));
    sum += m;
    x.push_back(math::log(m));
    square += m * m;
  }
  CHECK(sum / n == Approx(1).margin(0.015));
  CHECK(square / n - (sum / n) * (sum / n) == Approx(0.25).margin(0.025));
  // of the logarithm: one correlation time (16 points) apart exp(-1)
  double mean = 0;
  double variance = 0;
  for (const double v : x) mean += v / n;
  for (const double v : x) variance += (v - mean) * (v - mean) / n;
  for (int k = 0; k + 16 < n; ++k) {
    lagged += (x[static_cast<std::size_t>(k)] - mean) *
              (x[static_cast<std::size_t>(k) + 16] - mean) / (n - 16);
  }
  CHECK(variance == Approx(std::log(1.25)).epsilon(0.03));
  CHECK(lagged / variance == Approx(std::exp(-1.0)).margin(0.025));
}

TEST_CASE("noise does not depend on the order of asking, but on seed and stream") {
  const DemandNoise spec{1, seconds(100), "a"};
  const DemandCurve forward({spec}, 1);
  const DemandCurve backward({spec}, 1);
  std::vector<double> first;
  for (int k = 0; k < 500; ++k) first.push_back(forward.rate(at_s(37.0 * k)));
  bool same = true;
  for (int k = 499; k >= 0; --k) {
    same = same && backward.rate(at_s(37.0 * k)) == first[static_cast<std::size_t>(k)];
  }
  CHECK(same);
  CHECK(DemandCurve({spec}, 2).rate(at_s(1)) != forward.rate(at_s(1)));
  CHECK(DemandCurve({DemandNoise{1, seconds(100), "b"}}, 1).rate(at_s(1)) != forward.rate(at_s(1)));
}

TEST_CASE("random trees: the integral is additive and that of the rate") {
  const RandomStream draws(5, "points");
  for (std::uint64_t tree = 0; tree < 150; ++tree) {
    const DemandCurve curve(RandomDemand(1, tree).rate(3), 1);
    INFO("tree " << tree);
    const SimTime a = at_s(-2e5 + 8e5 * draws.uniform(tree, 0));
    const SimTime b = a + seconds(1e5 * draws.uniform(tree, 1));
    const SimTime c = b + seconds(1e5 * draws.uniform(tree, 2));
    const double whole = curve.expected(a, c);
    CHECK(curve.expected(a, b) + curve.expected(b, c) == Approx(whole).epsilon(1e-9).margin(1e-9));
    // the slow obvious way: midpoints; a jump costs at most its height times a step
    const int n = 20'000;
    double sum = 0;
    const double step = to_seconds(c - a) / n;
    for (int k = 0; k < n; ++k) sum += step * curve.rate(a + seconds((k + 0.5) * step));
    const double top = curve.bounds(a, c).second;
    CHECK(whole == Approx(sum).epsilon(2e-5).margin(150 * top * step + 1e-9));
  }
}

TEST_CASE("random trees: bounds hold, and are tight on short smooth intervals") {
  const RandomStream draws(6, "points");
  int loose = 0;
  for (std::uint64_t tree = 0; tree < 300; ++tree) {
    const DemandCurve curve(RandomDemand(2, tree).rate(3), 1);
    for (std::uint64_t k = 0; k < 20; ++k) {
      INFO("tree " << tree << " interval " << k);
      const double length = math::pow(10.0, -3 + 9 * draws.uniform(tree, 3 * k));
      const SimTime from = at_s(-2e5 + 8e5 * draws.uniform(tree, 3 * k + 1));
      const SimTime to = from + seconds(length);
      const auto [low, high] = curve.bounds(from, to);
      double least = 1e300;
      double most = 0;
      for (int i = 0; i <= 200; ++i) {
        const double rate = curve.rate(i == 200 ? to : from + seconds(length * i / 200));
        least = std::fmin(least, rate);
        most = std::fmax(most, rate);
      }
      CHECK(low <= least);
      CHECK(most <= high);
      const double area = curve.expected(from, to);
      const double span = to_seconds(to - from);
      CHECK(area <= high * span * (1 + 1e-9) + 1e-12);
      CHECK(area >= low * span * (1 - 1e-9) - 1e-12);
      if (length < 1 && high - low > 2 * (most - least) + 1e-3 * high) ++loose;
    }
  }
  CHECK(loose == 0);
}

TEST_CASE("random trees: between breaks the rate does not jump") {
  for (std::uint64_t tree = 0; tree < 200; ++tree) {
    const DemandCurve curve(RandomDemand(3, tree).rate(3), 1);
    SimTime t = at_s(-1e5);
    for (int k = 0; k < 50; ++k) {
      const auto next = curve.next_break(t);
      if (!next) break;
      INFO("tree " << tree << " break " << k);
      REQUIRE(*next > t);
      const SimTime middle{t.ns + (next->ns - t.ns) / 2};
      CHECK(curve.rate(middle) ==
            Approx(curve.rate(middle + nanoseconds(next->ns > middle.ns + 1 ? 1 : 0)))
                .epsilon(1e-6)
                .margin(1e-9));
      t = *next;
    }
  }
}

TEST_CASE("when: the instant that an amount is reached") {
  const DemandCurve steady(constant(10), 1);
  CHECK(steady.when(at_s(5), 100, at_s(1000)) == at_s(15));
  CHECK(steady.when(at_s(5), 100, at_s(14)) == std::nullopt);
  CHECK(DemandCurve(constant(0), 1).when(at_s(0), 1, at_s(1e6)) == std::nullopt);
  const RandomStream draws(8, "points");
  for (std::uint64_t tree = 0; tree < 200; ++tree) {
    const DemandCurve curve(RandomDemand(4, tree).rate(3), 1);
    INFO("tree " << tree);
    const SimTime from = at_s(3e5 * draws.uniform(tree, 0));
    const SimTime end = from + seconds(1e5);
    const double amount = curve.expected(from, end) * draws.uniform(tree, 1);
    if (amount < 1e-6) continue;
    const auto found = curve.when(from, amount, end);
    REQUIRE(found);
    const double top = curve.bounds(from, end).second;
    CHECK(curve.expected(from, *found) == Approx(amount).epsilon(1e-9).margin(4e-9 * top));
  }
}

TEST_CASE("the peak is found") {
  const DemandCurve curve(product({DemandDiurnal{10, 1.8, hours(14)}},
                                  {DemandFlash{1, 5, at_h(57), {}, seconds(0.5), seconds(2400)}}),
                          1);
  const DemandPeak peak = find_peak(curve, at_h(0), at_h(168));
  CHECK(peak.at >= at_h(57));
  CHECK(peak.at <= at_h(57) + seconds(10));
  CHECK(peak.rate == Approx(curve.rate(at_h(57))).epsilon(1e-3));
}
