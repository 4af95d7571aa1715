// Rates over time by hand.
#include "economics/periodic_rate.hpp"

#include <catch2/catch.hpp>

namespace hyperdc {
namespace {

SimTime at_h(std::int64_t hours) {
  return SimTime{} + whole_seconds(hours * 3600);
}

TEST_CASE("one price costs the same at all times") {
  const PeriodicRate rate(2.0);
  CHECK(rate.value(at_h(13)) == 2.0);
  CHECK(rate.integral(at_h(1), at_h(4)) == 2.0 * 3 * 3600);
  CHECK(rate.integral(at_h(5), at_h(5)) == 0);
}

TEST_CASE("a day's steps repeat, and the night belongs to the last of them") {
  // 3 from 7:00, 1 from 22:00; so 1 from 0:00 to 7:00 too
  const PeriodicRate rate({{whole_seconds(7 * 3600), 3.0}, {whole_seconds(22 * 3600), 1.0}});
  CHECK(rate.value(at_h(0)) == 1.0);
  CHECK(rate.value(at_h(7)) == 3.0);
  CHECK(rate.value(at_h(21)) == 3.0);
  CHECK(rate.value(at_h(22)) == 1.0);
  CHECK(rate.value(at_h(24 + 8)) == 3.0);
  // 6:00 to 23:00: 1 h at 1, 15 h at 3, 1 h at 1
  CHECK(rate.integral(at_h(6), at_h(23)) == Approx((1 + 45 + 1) * 3600.0));
  // a whole day is 9 h at 1 and 15 h at 3, wherever it begins
  CHECK(rate.integral(at_h(0), at_h(24)) == Approx((9 + 45) * 3600.0));
  CHECK(rate.integral(at_h(10), at_h(34)) == Approx((9 + 45) * 3600.0));
  // three days and an hour
  CHECK(rate.integral(at_h(6), at_h(79)) == Approx((3 * 54 + 1) * 3600.0));
}

TEST_CASE("a level that lasts over a change of price costs the sum of its parts") {
  const PeriodicRate rate({{Duration{}, 1.0}, {whole_seconds(12 * 3600), 5.0}});
  const double whole = rate.integral(at_h(3), at_h(40));
  const double parts = rate.integral(at_h(3), at_h(12)) + rate.integral(at_h(12), at_h(24)) +
                       rate.integral(at_h(24), at_h(40));
  CHECK(whole == Approx(parts));
}

TEST_CASE("the next step of a rate, over the end of its period") {
  CHECK_FALSE(PeriodicRate(2.0).next_step(at_h(5)));
  PeriodicRate rate({{whole_seconds(6 * 3600), 1.0}, {whole_seconds(12 * 3600), 5.0}});
  CHECK(rate.next_step(at_h(6))->ns == at_h(12).ns);
  CHECK(rate.next_step(at_h(13))->ns == at_h(24).ns);  // where the table begins again
  CHECK(rate.next_step(at_h(24))->ns == at_h(30).ns);
  rate.start_at(whole_seconds(3 * 3600));
  CHECK(rate.next_step(at_h(0))->ns == at_h(3).ns);
}

}  // namespace
}  // namespace hyperdc
