// Demand charges, carbon and water of a facility by hand.
#include "economics/energy_books.hpp"

#include <catch2/catch.hpp>

#include "core/rng.hpp"

namespace hyperdc {
namespace {

SimTime at_s(std::int64_t s) {
  return SimTime{} + whole_seconds(s);
}

TEST_CASE("a demand charge is paid for the greatest mean of a window") {
  DemandPeaks peaks(whole_seconds(900), whole_seconds(9000));
  peaks.add(at_s(0), at_s(300), 100);
  peaks.add(at_s(300), at_s(900), 400);  // mean 300
  peaks.add(at_s(900), at_s(1350), 50);
  peaks.add(at_s(1350), at_s(4500), 310);  // whole windows of 310 from 1,800 on
  peaks.close();
  CHECK(peaks.highest_w() == Approx(310));
  CHECK(peaks.charged_w() == Approx(310 * 0.5));  // half of the period was run
}

TEST_CASE("each period has its own peak, and a level that lasts over many counts in each") {
  DemandPeaks peaks(whole_seconds(10), whole_seconds(100));
  peaks.add(at_s(0), at_s(5), 1000);
  peaks.add(at_s(5), at_s(250), 10);
  peaks.close();
  // (1000 + 10) / 2 = 505 in the first, 10 in the second, 10 in half of the third
  CHECK(peaks.charged_w() == Approx(505 + 10 + 5));
}

TEST_CASE("cutting a level into pieces changes no peak") {
  const RandomStream random(7, "levels");
  DemandPeaks whole(whole_seconds(60), whole_seconds(600));
  DemandPeaks cut(whole_seconds(60), whole_seconds(600));
  std::int64_t now = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    const auto lasts = 1 + static_cast<std::int64_t>(random.uniform(i, 0) * 150);
    const double watts = 1000 * random.uniform(i, 1);
    whole.add(at_s(now), at_s(now + lasts), watts);
    for (std::int64_t s = now; s < now + lasts; ++s) cut.add(at_s(s), at_s(s + 1), watts);
    now += lasts;
  }
  whole.close();
  cut.close();
  CHECK(whole.highest_w() == Approx(cut.highest_w()));
  CHECK(whole.charged_w() == Approx(cut.charged_w()));
}

TEST_CASE("energy, carbon by method and water are integrals") {
  EnergyTerms terms;
  terms.price = PeriodicRate(2e-8);
  terms.carbon[static_cast<std::size_t>(CarbonMethod::average)] = PeriodicRate(1e-4);
  terms.carbon[static_cast<std::size_t>(CarbonMethod::marginal)] =
      PeriodicRate({{Duration{}, 2e-4}, {whole_seconds(50), 4e-4}}, whole_seconds(100));
  terms.water = WaterUse{1e-9, 1e-10, 20};
  EnergyBooks books(terms);
  books.add(at_s(0), at_s(100), 1e6, 8e5, 15);
  books.add(at_s(100), at_s(150), 2e6, 1e6, 30);
  books.close();
  CHECK(books.energy_usd() == Approx(2e8 * 2e-8));
  CHECK(books.carbon_kg(CarbonMethod::average) == Approx(2e8 * 1e-4 * 1e-3));
  // 1e6 (50 * 2e-4 + 50 * 4e-4) + 2e6 * 50 * 2e-4 g
  CHECK(books.carbon_kg(CarbonMethod::marginal) == Approx((3e4 + 2e4) * 1e-3));
  CHECK(books.carbon_kg(CarbonMethod::market) == 0);
  CHECK(books.water_m3() == Approx(8e7 * 1e-9 + 5e7 * 2e-9));
  CHECK(books.demand_usd() == 0);
}

TEST_CASE("a series begins where it is told and begins again after its end") {
  PeriodicRate rate({{Duration{}, 1}, {whole_seconds(10), 2}, {whole_seconds(20), 6}},
                    whole_seconds(30));
  rate.start_at(whole_seconds(15));
  CHECK(rate.value(at_s(0)) == 2);
  CHECK(rate.value(at_s(5)) == 6);
  CHECK(rate.value(at_s(15)) == 1);
  CHECK(rate.integral(at_s(0), at_s(30)) == Approx(90));
  CHECK(rate.integral(at_s(0), at_s(20)) == Approx(5 * 2 + 10 * 6 + 5 * 1));
}

}  // namespace
}  // namespace hyperdc
