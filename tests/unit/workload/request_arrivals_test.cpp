// Arrivals over a curve: counts by interval, dispersion and gaps against their formulas, ends,
// and that draws depend on seed and name alone. Margins are four standard errors or more.
#include "workload/request_arrivals.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <memory>

#include <hyperdc/core/assert.hpp>

#include "core/input_changed.hpp"
#include "demand_trees.hpp"
#include "support/instants.hpp"
#include "workload/demand/exponential.hpp"
#include "workload_files.hpp"

using namespace hyperdc;
using hyperdc::test::at_s;
using testing::RandomDemand;
using testing::TempDir;

namespace {

/// 1000/s on average over a day of 1000 s, with a flash crowd: the curve of a day in small.
DemandSpec storefront() {
  DemandPoints points;
  for (int k = 0; k <= 10; ++k) {
    points.at.push_back(at_s(100.0 * k));
    points.value.push_back(k % 2 == 0 ? 200 : 1800);
  }
  DemandProduct product;
  product.factors.push_back(
      {DemandTable{std::make_shared<const DemandPoints>(std::move(points)), true, std::nullopt}});
  product.factors.push_back({DemandFlash{1, 4, at_s(450), seconds(5), seconds(20), seconds(60)}});
  return {std::move(product)};
}

std::vector<double> draw(const RequestArrivalSpec& spec, const DemandCurve& curve,
                         std::uint64_t seed, double end_s) {
  const auto arrivals = make_request_arrivals(spec, &curve, "w", seed, at_s(end_s));
  std::vector<double> out;
  SimTime last;
  bool in_order = true;
  while (const auto at = arrivals->next()) {
    in_order = in_order && *at >= last && *at < at_s(end_s);
    last = *at;
    out.push_back(to_seconds(*at));
  }
  CHECK(in_order);
  CHECK(!arrivals->next());
  return out;
}

std::vector<double> counts(const std::vector<double>& arrivals, double end_s, double bin_s) {
  std::vector<double> out(static_cast<std::size_t>(end_s / bin_s + 0.5));
  for (const double t : arrivals) {
    out[std::min(static_cast<std::size_t>(t / bin_s), out.size() - 1)] += 1;
  }
  return out;
}

double mean_of(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}
double variance_of(const std::vector<double>& x) {
  const double mean = mean_of(x);
  double sum = 0;
  for (const double v : x) sum += (v - mean) * (v - mean);
  return sum / static_cast<double>(x.size() - 1);
}

/// Gaps in operational time: the integral of the curve between arrivals.
std::vector<double> gaps(const std::vector<double>& arrivals, const DemandCurve& curve) {
  std::vector<double> out;
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    out.push_back(curve.expected(at_s(arrivals[i - 1]), at_s(arrivals[i])));
  }
  return out;
}

}  // namespace

TEST_CASE("the ziggurat draws exponential variates") {
  const demand_nodes::ExponentialZiggurat ziggurat;
  const RandomStream stream(1, "ziggurat");
  const int n = 2'000'000;
  double sum = 0;
  double square = 0;
  std::vector<double> above(12);
  for (std::uint64_t k = 0; k < n; ++k) {
    const double x = ziggurat.draw(stream.u64(k), stream, k, 2);
    sum += x;
    square += x * x;
    for (std::size_t i = 0; i < above.size() && x > static_cast<double>(i); ++i) above[i] += 1;
  }
  CHECK(sum / n == Approx(1).margin(4 / std::sqrt(n)));
  CHECK(square / n == Approx(2).margin(4 * std::sqrt(20.0 / n)));
  for (std::size_t i = 1; i < above.size(); ++i) {  // P(X > i) = exp(-i), across the tail at 7.7
    const double mean = n * std::exp(-static_cast<double>(i));
    CHECK(above[i] == Approx(mean).margin(4.5 * std::sqrt(mean)));
  }
}

TEST_CASE("Poisson counts by interval follow the curve") {
  const DemandCurve curve(storefront(), 1);
  const auto arrivals = draw(PoissonRequests{}, curve, 3, 1000);
  const auto seen = counts(arrivals, 1000, 5);
  double chi_square = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const double mean =
        curve.expected(at_s(5.0 * static_cast<double>(i)), at_s(5.0 * static_cast<double>(i + 1)));
    chi_square += (seen[i] - mean) * (seen[i] - mean) / mean;
  }
  // 200 degrees of freedom: standard deviation 20
  CHECK(chi_square > 200 - 80);
  CHECK(chi_square < 200 + 80);
  // and the gaps in operational time are exponential: mean 1, cv 1
  const auto x = gaps(arrivals, curve);
  CHECK(mean_of(x) == Approx(1).margin(4 / std::sqrt(static_cast<double>(x.size()))));
  CHECK(variance_of(x) == Approx(1).margin(4 * std::sqrt(8.0 / static_cast<double>(x.size()))));
}

TEST_CASE("Poisson arrivals over random curves: as many as expected") {
  double sum = 0;
  int n = 0;
  for (std::uint64_t tree = 0; tree < 60; ++tree) {
    const DemandCurve curve(RandomDemand(9, tree).rate(3), 1);
    const double mean = curve.expected(at_s(0), at_s(400));
    if (mean < 50) continue;
    const auto arrivals = draw(PoissonRequests{}, curve, tree, 400);
    const double z = (static_cast<double>(arrivals.size()) - mean) / std::sqrt(mean);
    CHECK(std::fabs(z) < 5);
    sum += z * z;
    ++n;
  }
  REQUIRE(n > 25);
  CHECK(sum / n == Approx(1).margin(4 * std::sqrt(2.0 / n)));
}

TEST_CASE("no arrivals where there is no demand, and the end ends") {
  const DemandCurve none({DemandConstant{0}}, 1);
  CHECK(draw(PoissonRequests{}, none, 1, 1e7).empty());
  CHECK(draw(GammaRequests{2}, none, 1, 1e7).empty());
  CHECK(draw(HawkesRequests{0.5, 1}, none, 1, 1e7).empty());
  // an event of 10 s each day: nothing outside of it
  const DemandCurve event({DemandEvent{0, 50, at_s(100), seconds(10), seconds(86400)}}, 1);
  const auto arrivals = draw(PoissonRequests{}, event, 1, 86400.0 * 20);
  CHECK(static_cast<double>(arrivals.size()) == Approx(10000).margin(400));
  for (const double t : arrivals) {
    const double phase = std::fmod(t, 86400);
    if (phase < 100 || phase >= 110) FAIL("an arrival at " << t);
  }
}

TEST_CASE("gamma and Weibull gaps have mean one and their cv in operational time") {
  const DemandCurve curve(storefront(), 1);
  for (const double cv : {0.5, 2.0}) {
    for (const RequestArrivalSpec& spec :
         {RequestArrivalSpec{GammaRequests{cv}}, RequestArrivalSpec{WeibullRequests{cv}}}) {
      const auto x = gaps(draw(spec, curve, 5, 100), curve);
      const double n = static_cast<double>(x.size());
      REQUIRE(n > 50'000);
      CHECK(mean_of(x) == Approx(1).margin(4 * cv / std::sqrt(n)));
      CHECK(std::sqrt(variance_of(x)) == Approx(cv).epsilon(0.04));
    }
  }
}

TEST_CASE("renewal counts are those of the curve, however slow it is") {
  // a cv of 0.01 is a metronome in operational time: arrival k is where L = k
  const DemandCurve slow({DemandDiurnal{0.01, 1.9, seconds(40000)}}, 1);
  const auto arrivals = draw(GammaRequests{0.01}, slow, 5, 86400 * 10);
  CHECK(static_cast<double>(arrivals.size()) == Approx(8640).margin(3));
  CHECK(slow.expected(at_s(0), at_s(arrivals[4000])) == Approx(4001).margin(3));
}

TEST_CASE("a Markov-modulated process: mean and index of dispersion") {
  // rates 50 * (0.4, 4), mean sojourns 3 s and 1 s: p = 3/4, 1/4, mean 50 * 1.3 = 65.
  // Heffes and Lucantoni (1986): var / mean of counts over a time t tends to
  // 1 + 2 r1 r2 (l1 - l2)^2 / ((r1 + r2)^2 (l1 r2 + l2 r1)), r_i = 1 / sojourn; over t minus
  // A (1 - exp(-(r1 + r2) t)) / ((r1 + r2) t), A the second term.
  const DemandCurve curve({DemandConstant{50}}, 1);
  const double end_s = 30'000;
  const auto arrivals = draw(MarkovRequests{{{0.4, 3}, {4, 1}}}, curve, 11, end_s);
  const double r1 = 1.0 / 3;
  const double r2 = 1;
  const double l1 = 20;
  const double l2 = 200;
  const double a =
      2 * r1 * r2 * (l1 - l2) * (l1 - l2) / ((r1 + r2) * (r1 + r2) * (l1 * r2 + l2 * r1));
  const double bin = 20;
  const double x = (r1 + r2) * bin;
  const double dispersion = 1 + a * (1 - (1 - std::exp(-x)) / x);
  const auto seen = counts(arrivals, end_s, bin);
  CHECK(mean_of(seen) == Approx(65 * bin).epsilon(4 * std::sqrt((1 + a) / (65 * end_s))));
  CHECK(variance_of(seen) / mean_of(seen) == Approx(dispersion).epsilon(0.15));
}

TEST_CASE("a Hawkes process: mean and index of dispersion") {
  // mean 20 / (1 - 0.6) = 50/s; var / mean tends to 1 / (1 - 0.6)^2 = 6.25 (Hawkes, 1971)
  const DemandCurve curve({DemandConstant{20}}, 1);
  const double end_s = 20'000;
  const auto arrivals = draw(HawkesRequests{0.6, 0.5}, curve, 4, end_s);
  const auto seen = counts(arrivals, end_s, 50);
  CHECK(mean_of(seen) / 50 == Approx(50).epsilon(4 * std::sqrt(6.25 / (50 * end_s))));
  // over t: 6.25 - 5.25 (1 - exp(-g t)) / (g t) with g = (1 - 0.6) / 0.5 s: t = 50 s, less 0.13
  CHECK(variance_of(seen) / mean_of(seen) == Approx(6.12).epsilon(0.25));
  // without excitation it is a Poisson process
  const auto plain = draw(HawkesRequests{0, 0.5}, curve, 4, 2000);
  CHECK(plain == draw(PoissonRequests{}, curve, 4, 2000));
}

TEST_CASE("draws depend on seed and name, and a longer run begins like a shorter one") {
  const DemandCurve curve(storefront(), 1);
  for (const RequestArrivalSpec& spec :
       {RequestArrivalSpec{PoissonRequests{}}, RequestArrivalSpec{GammaRequests{2}},
        RequestArrivalSpec{MarkovRequests{{{0.5, 3}, {2, 1}}}},
        RequestArrivalSpec{HawkesRequests{0.3, 1}}}) {
    const auto first = draw(spec, curve, 1, 20);
    CHECK(first == draw(spec, curve, 1, 20));
    CHECK(first != draw(spec, curve, 2, 20));
    const auto other = make_request_arrivals(spec, &curve, "v", 1, at_s(20));
    CHECK(to_seconds(*other->next()) != first.front());
  }
}

TEST_CASE("replay: dates and numbers, checked before and while it runs") {
  const TempDir dir;
  const auto replay = [&](const ReplayRequests& spec) {
    std::vector<double> out;
    const auto arrivals = make_request_arrivals(spec, nullptr, "w", 1, at_s(1000));
    while (const auto at = arrivals->next()) out.push_back(to_seconds(*at));
    return out;
  };
  ReplayRequests spec;
  spec.file = dir.write("a.csv", "id,at_ms\n1,500\n2,500\n3,1500.5\n4,2000000\n");
  spec.column = "at_ms";
  spec.unit_s = 1e-3;
  const auto facts = check_replay(spec);
  REQUIRE(ok(facts));
  CHECK(std::get<ReplayFacts>(facts).rows == 4);
  CHECK(to_seconds(std::get<ReplayFacts>(facts).last) == 2000);
  CHECK(replay(spec) == std::vector<double>{0.5, 0.5, 1.5005});
  spec.from_first = true;
  CHECK(replay(spec) == std::vector<double>{0, 0, 1.0005});

  spec.file = dir.write("b.csv", "2014-07-01 00:00:10\n2014-07-01T00:01\n2014-07-01 00:02:00\n");
  spec.header = false;
  spec.column = "1";
  spec.unit_s = 0;
  CHECK(replay(spec) == std::vector<double>{0, 50, 110});

  spec.file = dir.write("c.csv", "2014-07-01 00:00:10\n2014-07-01 00:00:09\nsoon\n");
  const auto bad = check_replay(spec);
  REQUIRE(!ok(bad));
  const Issues& issues = std::get<Issues>(bad);
  REQUIRE(issues.size() == 2);
  CHECK(issues[0].message == "earlier than the row before");
  CHECK(issues[0].place.line == 2);
  CHECK(issues[1].message == "1: \"soon\" is not a date");
  CHECK_THROWS_AS(replay(spec), InputChanged);
  spec.file = dir.write("d.csv", "");
  CHECK(std::get<Issues>(check_replay(spec)).front().code == "E067");
}

TEST_CASE("what has no curve says so") {
  CHECK(needs_curve(PoissonRequests{}));
  CHECK(!needs_curve(ReplayRequests{}));
  CHECK(!needs_curve(ClosedRequests{}));
  CHECK_THROWS_AS(make_request_arrivals(PoissonRequests{}, nullptr, "w", 1, at_s(1)),
                  InvariantError);
  CHECK_THROWS_AS(make_request_arrivals(ClosedRequests{}, nullptr, "w", 1, at_s(1)),
                  InvariantError);
}
