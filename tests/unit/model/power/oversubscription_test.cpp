#include "model/power/oversubscription.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "core/math.hpp"
#include "core/rng.hpp"
#include "model/power/rack_confidence.hpp"

namespace hyperdc {
namespace {

constexpr double kYear_s = 365 * 86400.0;

/// Holds anything below 110 % and 110 % for a minute.
TripCurve breaker() {
  return TripCurve({{1.1, 60}, {1.4, 10}}, 300);
}

TEST_CASE("the normal tail is the inverse of the normal quantile, and the published values") {
  CHECK(normal_tail(0) == Approx(0.5));
  CHECK(normal_tail(1.959963984540054) == Approx(0.025).epsilon(1e-12));
  CHECK(normal_tail(6) ==
        Approx(9.865876450376981e-10).epsilon(1e-10));  // Abramowitz & Stegun 26.2
  CHECK(normal_tail(-1) == Approx(0.8413447460685429).epsilon(1e-12));
  for (double z = 0.1; z < 7; z += 0.1) {
    CHECK(math::normal_quantile(normal_tail(z)) == Approx(-z).epsilon(1e-9));
  }
}

TEST_CASE("racks at a trip probability, worked out for independent Gaussian racks") {
  // Racks of 10 kW, sd 2 kW, on a row of 500 kW; noise keeps together for 60 s, in which 110 %
  // trips: the limit is 550 kW. A year has N = 525,600 intervals.
  // 52 racks: mean 520, sd 2 sqrt(52) = 14.422, z = 30 / 14.422 = 2.0801: Q = 0.018757: certain.
  // 44 racks: mean 440, sd 13.266, z = 110 / 13.266 = 8.2918: Q = 5.6e-17: never.
  // 1 % a year asks Q <= 0.01005 / 525600 = 1.912e-8, z >= 5.4996:
  //   46 racks: sd 13.565, z = 90 / 13.565 = 6.635   enough
  //   47 racks: sd 13.711, z = 80 / 13.711 = 5.835   enough
  //   48 racks: sd 13.856, z = 70 / 13.856 = 5.052   too little
  const RackPower rack{{{10e3, 2e3, kYear_s}}, 0, 60};
  CHECK(trip_probability(rack, 52, 500e3, breaker()) == Approx(1));
  CHECK(trip_probability(rack, 44, 500e3, breaker()) < 1e-9);
  CHECK(racks_at_probability(rack, 500e3, breaker(), 0.01) == 47);
  // Nameplate: a rack that may draw mean + 4 sd = 18 kW fits 27 times. 20 more racks fit.
  CHECK(racks_at_probability(rack, 500e3, breaker(), 0.01) - std::floor(500.0 / 18) == 20);
}

TEST_CASE("noise that racks share takes most of the gain away") {
  // rho = 0.3, 40 racks: sd = 2 sqrt(40 (1 + 39 * 0.3)) = 45.08 kW instead of 12.65.
  const RackPower alone{{{10e3, 2e3, kYear_s}}, 0, 60};
  const RackPower together{{{10e3, 2e3, kYear_s}}, 0.3, 60};
  CHECK(racks_at_probability(together, 500e3, breaker(), 0.01) <
        racks_at_probability(alone, 500e3, breaker(), 0.01));
  const double z = (550 - 400) / (2 * std::sqrt(40 * (1 + 39 * 0.3)));
  const double expected = -std::expm1(kYear_s / 60 * std::log1p(-normal_tail(z)));
  CHECK(trip_probability(together, 40, 500e3, breaker()) == Approx(expected).epsilon(1e-9));
}

TEST_CASE("more racks trip more, and a higher probability allows more") {
  const RackPower rack{{{8e3, 2e3, kYear_s / 2}, {10e3, 1e3, kYear_s / 2}}, 0.05, 60};
  double last = 0;
  for (int n = 30; n < 70; ++n) {
    const double p = trip_probability(rack, n, 500e3, breaker());
    CHECK(p >= last);
    last = p;
  }
  CHECK(racks_at_probability(rack, 500e3, breaker(), 1e-4) <=
        racks_at_probability(rack, 500e3, breaker(), 0.5));
}

TEST_CASE("limits of what was measured by tables, and fewer racks by them") {
  RackPower rack;
  rack.noise_time_s = 60;
  rack.slots = {{10e3, 2e3, 365 * 86400.0}};
  // At 90 % each limit is one of 95 %: t = 1.6602, chi-square of 100 degrees at 5 % = 77.929.
  const RackPower limit = at_confidence(rack, 101, 0.9);
  CHECK(limit.slots[0].mean_w == Approx(10e3 + 1.6602 * 2e3 / std::sqrt(101)).epsilon(1e-6));
  CHECK(limit.slots[0].sd_w == Approx(2e3 * std::sqrt(100 / 77.929)).epsilon(1e-4));
  // 30 samples: t of 29 degrees and their chi-square by the tables, each at (1 + confidence) / 2.
  const std::vector<std::array<double, 3>> tables = {
      {0.95, 2.0452, 16.047}, {0.99, 2.7564, 13.121}, {0.999, 3.6594, 10.227}};
  for (const auto& [confidence, t, chi_square] : tables) {
    const RackPowerSlot few = at_confidence(rack, 30, confidence).slots[0];
    CHECK((few.mean_w - 10e3) / 2e3 * std::sqrt(30) == Approx(t).epsilon(1e-3));
    CHECK(few.sd_w == Approx(2e3 * std::sqrt(29 / chi_square)).epsilon(5e-3));
  }
  const auto exact = racks_at_probability(rack, 500e3, breaker(), 0.01);
  const auto few = racks_at_probability(limit, 500e3, breaker(), 0.01);
  const auto many =
      racks_at_probability(at_confidence(rack, 1'000'000, 0.9), 500e3, breaker(), 0.01);
  CHECK(few < many);
  CHECK(many <= exact);
}

TEST_CASE("years drawn rack by rack trip as often as the formula says") {
  // A year of 24 hours, diurnal: 8..12 kW with noise of 1.5 kW that racks share by rho = 0.2.
  // 24 slots of 10 intervals each. 4000 such years are drawn; each rack has its own draws.
  RackPower rack;
  rack.correlation = 0.2;
  rack.noise_time_s = 60;
  for (int hour = 0; hour < 24; ++hour) {
    const double mean = 10e3 + 2e3 * std::cos(2 * 3.14159265358979 * hour / 24);
    rack.slots.push_back({mean, 1.5e3, 600});
  }
  const int n = 20;
  const double capacity_w = 245e3;
  const double expected = trip_probability(rack, n, capacity_w, breaker());
  REQUIRE(expected > 0.1);
  REQUIRE(expected < 0.9);
  const RandomStream draws(7, "oversubscription");
  const double limit_w = 1.1 * capacity_w;
  int trips = 0;
  constexpr int kYears = 4000;
  std::uint64_t entity = 0;
  const auto normal = [&](std::uint64_t k) {
    return math::normal_quantile(draws.uniform(entity, k));
  };
  for (int year = 0; year < kYears; ++year) {
    bool tripped = false;
    for (const RackPowerSlot& slot : rack.slots) {
      for (int i = 0; i < 10 && !tripped; ++i, ++entity) {
        const double shared = std::sqrt(0.2) * normal(1000);
        double watts = 0;
        for (int r = 0; r < n; ++r) {
          const double own = normal(static_cast<std::uint64_t>(r));
          watts += slot.mean_w + slot.sd_w * (shared + std::sqrt(0.8) * own);
        }
        tripped = watts > limit_w;
      }
      if (tripped) break;
    }
    trips += tripped ? 1 : 0;
  }
  const double p = static_cast<double>(trips) / kYears;
  // Four standard errors of a proportion: 4 sqrt(p (1 - p) / 4000) < 0.032.
  CHECK(std::fabs(p - expected) < 4 * std::sqrt(expected * (1 - expected) / kYears));
}

}  // namespace
}  // namespace hyperdc
