#include "model/power/cooling.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "support/instants.hpp"

namespace hyperdc {
namespace {

using test::at_s;

TEST_CASE("a room without enough cooling warms by a line to the throttle and the shutdown") {
  // 100 kW of heat, 60 kW of cooling, K = 400 kJ/K: 0.1 K/s. From 25 to 35 C: 100 s; to 45: 200 s.
  CoolingZone zone({25, 35, 45, 400e3, {}});
  zone.set(at_s(0), 60e3, 60e3);
  CHECK(!zone.next_event());
  zone.set(at_s(50), 100e3, 60e3);
  CHECK(zone.temperature_c(at_s(80)) == Approx(28));
  CHECK(zone.next_event() == at_s(150));
  zone.advance(at_s(150));
  CHECK(zone.throttled());
  CHECK(!zone.shut());
  CHECK(zone.next_event() == at_s(250));
  zone.advance(at_s(250));
  CHECK(zone.shut());
  // Nothing runs any more: 60 kW of cooling take the 20 K away in 400 kJ/K * 20 K / 60 kW = 133.3
  // s.
  zone.set(at_s(250), 0, 60e3);
  CHECK(to_seconds(*zone.next_event()) == Approx(250 + 400.0 / 3));
  zone.advance(*zone.next_event());
  CHECK(!zone.throttled());
  CHECK(!zone.shut());
  CHECK(zone.temperature_c(at_s(1000)) == 25);
}

TEST_CASE("throttling that lowers the heat below the capacity turns the line around") {
  CoolingZone zone({25, 35, 45, 400e3, {}});
  zone.set(at_s(0), 100e3, 60e3);
  zone.advance(at_s(100));
  REQUIRE(zone.throttled());
  zone.set(at_s(100), 40e3, 60e3);  // -0.05 K/s: 10 K in 200 s
  CHECK(zone.next_event() == at_s(300));
  zone.advance(at_s(300));
  CHECK(!zone.throttled());
}

TEST_CASE("with walls that take part the temperature ends below the line") {
  // 0.1 K/s, tau 300 s: it would end at 25 + 30 = 55 C. 35 C is a third of the way:
  // t = -300 ln(1 - 10/30) = 121.64 s; 45 C: -300 ln(1 - 20/30) = 329.58 s.
  CoolingZone zone({25, 35, 45, 400e3, 300});
  zone.set(at_s(0), 100e3, 60e3);
  CHECK(to_seconds(*zone.next_event()) == Approx(121.6395).epsilon(1e-6));
  zone.advance(*zone.next_event());
  CHECK(zone.temperature_c(at_s(121.6395)) == Approx(35).epsilon(1e-6));
  CHECK(to_seconds(*zone.next_event()) == Approx(329.5837).epsilon(1e-6));
  // 0.05 K/s would end at 40 C: the shutdown is never reached.
  zone.set(at_s(130), 80e3, 60e3);
  CHECK(!zone.next_event());
}

TEST_CASE("the closed form is the differential equation, step by step") {
  const double k = 300e3;
  const double tau = 240;
  CoolingZone zone({24, 90, 99, k, tau});
  double slow_c = 24;
  double time_s = 0;
  const double step_s = 0.01;
  const double heat_w[] = {50e3, 120e3, 80e3, 20e3};
  for (const double heat : heat_w) {
    zone.set(at_s(time_s), heat, 60e3);
    for (int i = 0; i < 20000; ++i) {
      slow_c += step_s * ((heat - 60e3) / k - (slow_c - 24) / tau);
      slow_c = std::max(slow_c, 24.0);
      time_s += step_s;
    }
    CHECK(zone.temperature_c(at_s(time_s)) == Approx(slow_c).epsilon(1e-4));
  }
}

TEST_CASE("thresholds that do not rise are refused") {
  CHECK_THROWS_AS(CoolingZone({25, 20, 45, 1, {}}), InvariantError);
  CHECK_THROWS_AS(CoolingZone({25, 35, 45, 0, {}}), InvariantError);
}

}  // namespace
}  // namespace hyperdc
