// Depreciation schedules by hand.
#include "economics/price.hpp"

#include <catch2/catch.hpp>

namespace hyperdc {
namespace {

constexpr double kYear = 365.0 * 86'400;

PurchaseTerms bought(Depreciation how) {
  PurchaseTerms out;
  out.usd = 10'000;
  out.residual_usd = 1'000;
  out.life_s = 5 * kYear;
  out.depreciation = how;
  return out;
}

TEST_CASE("a straight line writes the same off at all times") {
  const PurchaseTerms p = bought(Depreciation::straight_line);
  CHECK(book_value(p, 0) == 10'000);
  CHECK(book_value(p, 2.5 * kYear) == Approx(5'500));
  CHECK(book_value(p, 5 * kYear) == Approx(1'000));
  CHECK(book_value(p, 9 * kYear) == Approx(1'000));  // nothing after its life
  CHECK(Price::purchase(p).charge(kYear, 2 * kYear) == Approx(1'800));
  CHECK(Price::purchase(p).mean_usd_per_s() * kYear == Approx(1'800));
}

TEST_CASE("double-declining balance becomes a straight line where that is more") {
  // 40 %: 10,000 -> 6,000 -> 3,600 -> 2,160; then (2,160 - 1,000) / 2 = 580 < 864; 1,296; the rest
  const std::vector<double> values = book_values(bought(Depreciation::declining_balance));
  REQUIRE(values.size() == 6);
  CHECK(values[1] == Approx(6'000));
  CHECK(values[2] == Approx(3'600));
  CHECK(values[3] == Approx(2'160));
  CHECK(values[4] == Approx(1'296));
  CHECK(values[5] == Approx(1'000));
  // Without a residual value the line wins in year 4: 2,160 / 2 = 1,080 > 864
  PurchaseTerms worthless = bought(Depreciation::declining_balance);
  worthless.residual_usd = 0;
  CHECK(book_values(worthless)[4] == Approx(1'080));
  CHECK(book_values(worthless)[5] == Approx(0).margin(1e-9));
}

TEST_CASE("the sum of the years' digits writes off 5/15, 4/15, ...") {
  const std::vector<double> values = book_values(bought(Depreciation::sum_of_years));
  CHECK(values[1] == Approx(7'000));
  CHECK(values[2] == Approx(4'600));
  CHECK(values[3] == Approx(2'800));
  CHECK(values[4] == Approx(1'600));
  CHECK(values[5] == Approx(1'000));
}

TEST_CASE("all schedules write off the same over the whole life") {
  for (const Depreciation how :
       {Depreciation::straight_line, Depreciation::declining_balance, Depreciation::sum_of_years}) {
    const Price price = Price::purchase(bought(how));
    double sum = 0;
    for (int month = 0; month < 60; ++month) {
      sum += price.charge(month * kYear / 12, (month + 1) * kYear / 12);
    }
    CHECK(sum == Approx(9'000));
    CHECK(price.charge(5 * kYear, 7 * kYear) == Approx(0).margin(1e-9));
  }
}

TEST_CASE("an old thing begins at its age, and upkeep goes on") {
  PurchaseTerms p = bought(Depreciation::sum_of_years);
  p.age_s = kYear;
  p.upkeep_usd_per_s = 100 / kYear;
  const Price price = Price::purchase(p);
  CHECK(price.is_owned());
  CHECK(price.charge(0, kYear) == Approx(2'400));
  CHECK(price.upkeep(0, 8 * kYear) == Approx(800));
  CHECK_FALSE(Price::rent(2).is_owned());
  CHECK(Price::rent(2).charge(3, 10) == 14);
}

}  // namespace
}  // namespace hyperdc
