#include "model/power/trip_curve.hpp"

#include <catch2/catch.hpp>

#include <hyperdc/core/assert.hpp>

#include "support/instants.hpp"

namespace hyperdc {
namespace {

using test::at_s;

/// Below 125 % never; 125 % for 40 s, 250 % for 10 s: a line of slope -2 in log-log, t = 62.5 /
/// r^2.
TripCurve inverse_square() {
  return TripCurve({{1.25, 40}, {2.5, 10}}, 100);
}

TEST_CASE("a trip curve is a power law between its points") {
  const TripCurve curve = inverse_square();
  CHECK(!curve.time_s(1.0));
  CHECK(!curve.time_s(1.2499));
  CHECK(*curve.time_s(1.25) == Approx(40));
  CHECK(*curve.time_s(2.0) == Approx(62.5 / 4).epsilon(1e-12));
  CHECK(*curve.time_s(2.5) == Approx(10));
  CHECK(*curve.time_s(9.0) == Approx(10));  // beyond the last point its time
  CHECK(!TripCurve().time_s(100));
}

TEST_CASE("the smallest overload that trips in time is the curve read the other way") {
  const TripCurve curve = inverse_square();
  CHECK(*curve.ratio_within(15.625) == Approx(2.0).epsilon(1e-12));
  CHECK(*curve.ratio_within(1000) == Approx(1.25));
  CHECK(!curve.ratio_within(9));
  for (double r = 1.25; r < 2.5; r += 0.05) {
    CHECK(*curve.ratio_within(*curve.time_s(r)) == Approx(r).epsilon(1e-10));
  }
}

TEST_CASE("damage adds up over overloads and cools between them") {
  // 125 % for 10 s: damage 10/40 = 0.25. 90 % for 5 s: cools by 5/100 to 0.20. 200 % (15.625 s):
  // 0.80 * 15.625 = 12.5 s are left, so the trip is 10 + 5 + 12.5 = 27.5 s.
  const TripCurve curve = inverse_square();
  TripState state;
  state.set(at_s(0), curve, 1.25);
  CHECK(state.trips_at() == at_s(40));
  state.set(at_s(10), curve, 0.9);
  CHECK(state.damage(at_s(10)) == Approx(0.25));
  CHECK(!state.trips_at());
  state.set(at_s(15), curve, 2.0);
  CHECK(state.damage(at_s(15)) == Approx(0.20));
  CHECK(to_seconds(*state.trips_at()) == Approx(27.5).epsilon(1e-12));
  CHECK(state.damage(at_s(27.5)) == Approx(1));
}

TEST_CASE("a device cools to nothing and not below") {
  const TripCurve curve = inverse_square();
  TripState state;
  state.set(at_s(0), curve, 1.25);
  state.set(at_s(20), curve, 0.5);  // 0.5: 50 s to cool
  CHECK(state.damage(at_s(45)) == Approx(0.25));
  CHECK(state.damage(at_s(1000)) == 0);
}

TEST_CASE("a trip curve that does not fall is refused") {
  CHECK_THROWS_AS(TripCurve({{1.5, 10}, {1.2, 40}}, 100), InvariantError);
  CHECK_THROWS_AS(TripCurve({{1.2, 10}, {1.5, 40}}, 100), InvariantError);
  CHECK_THROWS_AS(TripCurve({{1.2, 10}}, 0), InvariantError);
}

}  // namespace
}  // namespace hyperdc
