// Trips that caps come too late for: on paper, and against a loop that is drawn step by step.
#include "model/power/capped_trips.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/math.hpp"
#include "core/rng.hpp"
#include "model/power/feed_losses.hpp"

namespace hyperdc {
namespace {

constexpr double kDays_s = 365 * 86400.0;

/// Holds anything below 110 %, 110 % for a minute and 140 % for 10 s.
TripCurve row_breaker() {
  return TripCurve({{1.1, 60}, {1.4, 10}}, 300);
}

CapLoop loop_of(double noise, double lost) {
  return {5, 5, 1.0, 0.95, noise, lost, 0};
}

/// The load at which the breaker trips after `holds_s`.
double ratio_for(double holds_s) {
  return *row_breaker().ratio_within(holds_s);
}

RackRisk row(std::optional<CapLoop> loop) {
  RackRisk out;
  out.rack = {{{10e3, 2e3, kDays_s}}, 0, 60};
  out.capacity_w = 500e3;
  out.curve = row_breaker();
  out.least_w = 5e3;
  out.loop = std::move(loop);
  out.paths = {LoadPath{}};
  return out;
}

TEST_CASE("caps come too late when so many decisions in a row are lost") {
  const auto late = [](const CapLoop& loop, double holds_s, double floor = 0.5) {
    return late_probability(loop, row_breaker(), ratio_for(holds_s), floor, 60);
  };
  // Measured within 5 s and carried out 5 s later: what holds 10 s never trips, 5 s always do.
  CHECK(late(loop_of(0, 0), 10.0001) == Approx(0).margin(1e-12));
  CHECK(late_probability({5, 10, 1, 0.95}, row_breaker(), 1.4, 0.5, 60) == 1);
  // 17.5 s: (17.5 - 5) / 5 = 2.5 rounds. Two are lost (0.1^2), and the third acts too late in half
  // of the phases unless it is lost as well: 0.01 * (1 - 0.9 * 0.5).
  CHECK(late(loop_of(0, 0.1), 17.5) == Approx(0.0055).epsilon(1e-9));
  CapLoop away = loop_of(0, 0.1);
  away.unavailable = 0.02;
  CHECK(late(away, 17.5) == Approx(0.02 + 0.98 * 0.0055).epsilon(1e-9));
  // Racks that cannot go below 110 % are not held by any cap.
  CHECK(late(loop_of(0, 0), 20, 1.1) == 1);
  // A limit that is only reached beyond the overload is never seen.
  CapLoop blind = loop_of(0, 0);
  blind.above = 2;
  CHECK(late(blind, 20) == 1);
  // 1.1 (1 + e) must be above 1.0: with a noise of 4 % a reading misses with Q(2.2727) = 0.011522.
  CapLoop noisy = loop_of(0.04, 0);
  noisy.target = 0.5;  // so that no reading lifts a cap
  CHECK(late(noisy, 59.9999) == Approx(std::pow(0.011522, 11)).epsilon(0.01));
}

/// Time until a cap that stays, drawn decision by decision; nothing: none within the interval.
bool trips_in_a_draw(const CapLoop& loop, double ratio, const RandomStream& draws,
                     std::uint64_t entity) {
  const double holds_s = *row_breaker().time_s(ratio);
  double over_s = 0;
  double since_s = 0;
  bool capped = false;
  double acts_s = loop.every_s * draws.uniform(entity, 0) + loop.reach_s;
  for (std::uint64_t round = 1; since_s < 60; ++round, acts_s += loop.every_s) {
    if (!capped) over_s += std::min(acts_s, 60.0) - since_s;
    since_s = acts_s;
    if (draws.uniform(entity, 2 * round) < loop.lost) continue;
    const double read =
        ratio * (1 + loop.noise * math::normal_quantile(draws.uniform(entity, 2 * round + 1)));
    const bool asks = capped ? read > loop.target : read > loop.above;
    capped = asks && ratio - (read - loop.target) <= 1.1;
  }
  return over_s >= holds_s;
}

TEST_CASE("loops that are drawn step by step trip as often as the formula says") {
  const RandomStream draws(11, "loops");
  constexpr int kDraws = 20'000;
  for (const CapLoop& loop : {loop_of(0, 0.4), loop_of(0.03, 0.5)}) {
    int trips = 0;
    for (std::uint64_t i = 0; i < kDraws; ++i) {
      trips += trips_in_a_draw(loop, ratio_for(22), draws, i) ? 1 : 0;
    }
    const double expected = late_probability(loop, row_breaker(), ratio_for(22), 0.5, 60);
    const double p = static_cast<double>(trips) / kDraws;
    CHECK(p == Approx(expected).margin(4 * std::sqrt(expected * (1 - expected) / kDraws)));
  }
  // With much noise caps are lifted by mistake; the formula counts each as a trip.
  const CapLoop wild = loop_of(0.06, 0.2);
  int trips = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    trips += trips_in_a_draw(wild, ratio_for(22), draws, i) ? 1 : 0;
  }
  const double bound = late_probability(wild, row_breaker(), ratio_for(22), 0.5, 60);
  CHECK(static_cast<double>(trips) / kDraws < bound);
}

TEST_CASE("without caps it is the plan of oversubscription, with them more racks fit") {
  const RackRisk plain = row({});
  CHECK(racks_at_probability(plain, 0.01) == 47);
  CHECK(-std::expm1(-trips_per_year(plain, 49)) ==
        Approx(trip_probability(plain.rack, 49, 500e3, row_breaker())).epsilon(1e-9));
  const RackRisk capped = row(loop_of(0, 0));
  const RackRisk lossy = row(loop_of(0, 0.05));
  CHECK(trips_per_year(lossy, 49) > trips_per_year(capped, 49));
  CHECK(trips_per_year(lossy, 49) < 0.01 * trips_per_year(plain, 49));
  CHECK(racks_at_probability(lossy, 0.01) > 47);
  // Caps that never come change nothing, by quadrature instead of the tail.
  CapLoop never = loop_of(0, 0);
  never.unavailable = 1;
  never.above = 100;
  for (const double racks : {46.0, 48.0, 52.0, 60.0}) {
    CHECK(trips_per_year(row(never), racks) == Approx(trips_per_year(plain, racks)).epsilon(1e-6));
  }
  // A controller that is away for 1 % of the time leaves 1 % of the trips.
  CapLoop away = loop_of(0, 0);
  away.unavailable = 0.01;
  CHECK(trips_per_year(row(away), 46) == Approx(0.01 * trips_per_year(plain, 46)).epsilon(0.01));
}

TEST_CASE("racks that are capped all the time do not trip, unless they cannot go low enough") {
  // 60 racks of 10 kW on 500 kW: an interval begins without caps as often as one below 475 kW,
  // (600 - 475) / 15.49 = 8.07 deviations away.
  RackRisk risk = row(loop_of(0.01, 0.1));
  CHECK(trips_per_year(risk, 60) < 1e-9);
  CHECK(shaved_w(risk, 60) == Approx(600e3 - 475e3));
  risk.least_w = 9.5e3;  // 570 kW, where 550 kW trip
  CHECK(trips_per_year(risk, 60) > 100);
  // The most whose caps take a thousandth.
  risk = row(loop_of(0, 0));
  risk.shaved_most = 0.001;
  const std::uint32_t few = racks_at_probability(risk, 0.01);
  CHECK(shaved_w(risk, few) <= 0.001 * few * 10e3);
  CHECK(shaved_w(risk, few + 1) > 0.001 * (few + 1) * 10e3);
}

TEST_CASE("4N3: what a lineup carries with none, one and two of four lost, and how often") {
  std::vector<PowerDeviceSpec> lineups(4);
  std::vector<MemberLosses> members;
  for (std::uint32_t i = 0; i < 4; ++i) {
    lineups[i].capacity_w = 1e6;
    members.push_back({DeviceId{i}, 0.5, 0.01});
  }
  std::vector<PowerLoadSpec> pairs;
  for (std::uint32_t a = 0; a < 4; ++a) {
    for (std::uint32_t b = a + 1; b < 4; ++b) {
      pairs.push_back({{DeviceId{a}, DeviceId{b}}, Supply::shared});
    }
  }
  const std::vector<LoadPath> paths =
      paths_with_losses(lineups, pairs, std::vector<double>(6, 1.0 / 6), members);
  int devices = 0;
  for (const LoadPath& path : paths) {
    devices += path.alike;
    if (path.lost == 0) {  // three pairs, half of each
      CHECK(path.mean_part == Approx(1.0 / 4));
      CHECK(path.square_part == Approx(1.0 / 8));
      CHECK(path.time_share == Approx(std::pow(0.99, 4)));
      CHECK(path.visits_per_year == 0);
    } else if (path.lost == 1) {  // two pairs by half, one whole
      CHECK(path.mean_part == Approx(1.0 / 3));
      CHECK(path.square_part == Approx(2.0 / 6 / 4 + 1.0 / 6));
      CHECK(path.time_share == Approx(0.01 * std::pow(0.99, 3)));
      CHECK(path.visits_per_year == Approx(0.5 * std::pow(0.99, 4)));
    } else {  // one pair by half, two whole; one pair is dark
      CHECK(path.mean_part == Approx(5.0 / 12));
      CHECK(path.square_part == Approx(1.0 / 24 + 2.0 / 6));
      CHECK(path.visits_per_year == Approx(2 * 0.5 * 0.01 * std::pow(0.99, 3)));
    }
  }
  CHECK(devices == 4 + 4 * 3 + 6 * 2);
  CHECK(paths.size() < 10);  // most are alike
}

TEST_CASE("a state in which every interval trips does so once each time it begins") {
  RackRisk risk = row({});
  risk.paths = {{1, 1, 0.99, 0, 0}, {4.0 / 3, 1, 0.01, 0.5, 1}};
  // 45 racks: 450 kW hold for ever, 600 kW do not.
  CHECK(trips_per_year(risk, 45, 0) < 1e-5);
  CHECK(trips_per_year(risk, 45, 1) == Approx(0.5).epsilon(1e-3));
  CHECK(trips_per_year(risk, 45) == Approx(0.5).epsilon(1e-3));
  // 35 racks: 466.7 kW with the loss: rare.
  CHECK(trips_per_year(risk, 35, 1) < 1e-3);
}

}  // namespace
}  // namespace hyperdc
