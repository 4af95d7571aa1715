// Who owns AI compute, by hand.
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "support/load_example.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

std::map<std::string, double> owned(const std::vector<Override>& set, std::uint64_t seed = 1) {
  const Scenario scenario = test::load_file("tests/property/owners.json", set);
  SimulateOptions options;
  options.seed = seed;
  std::map<std::string, double> out;
  for (const MetricValue& metric : simulate(scenario, options).metrics) {
    if (metric.value) out[metric.name] = *metric.value;
  }
  return out;
}

TEST_CASE("shares, what is rentable and the largest runs of four owners by hand") {
  // a 5, b 3, c 2, the rest 2: of 12.
  const auto m = owned({{"ownership.owners.a.accelerators", "5"}});
  CHECK(m.at("concentration.accelerators") == 12);
  CHECK(m.at("owners.a.share") == Approx(5.0 / 12));
  CHECK(m.at("concentration.top_4") == Approx(10.0 / 12));
  CHECK(m.at("concentration.hhi") == Approx((25 + 9 + 4) * 1e4 / 144));
  CHECK(m.at("concentration.hhi_single") == Approx((25 + 9 + 4 + 4) * 1e4 / 144));
  CHECK(m.at("concentration.rentable") == Approx((2.5 + 0.6) / 12));
  CHECK(m.at("concentration.rentable_hhi") == Approx((6.25 + 0.36) * 1e4 / (3.1 * 3.1)));
  // 100 TFLOP/s * 0.4 * 100 d an accelerator: 3.456e20; half of a's five at one site.
  CHECK(m.at("owners.a.largest_run") == Approx(2.5 * 3.456e20));
  CHECK(m.at("owners.b.largest_run") == Approx(3 * 3.456e20));
  CHECK(m.at("concentration.able") == 1);  // of 1e21: b alone
}

TEST_CASE("what others rent out is of nobody each, at their price") {
  // a 2.5, b 0.6 and the others 1 of what is rentable; a at 3 USD, the others at 1.
  const auto m = owned({{"ownership.owners.a.accelerators", "5"},
                        {"ownership.others_rented_out", "0.5"},
                        {"ownership.others_rent", R"("1 USD/h")"}});
  CHECK(m.at("concentration.rentable") == Approx(4.1 / 12));
  CHECK(m.at("concentration.rentable_hhi") == Approx((6.25 + 0.36) * 1e4 / (4.1 * 4.1)));
  CHECK(m.at("concentration.rentable_top_4") == Approx(3.1 / 4.1));
  CHECK(m.at("concentration.rentable_hhi_least") == Approx(m.at("concentration.rentable_hhi")));
  CHECK(m.at("concentration.rentable_top_4_most") == Approx(3.1 / 4.1));
  CHECK(m.at("concentration.price_per_pflop_hour") == Approx(25 * (2.5 * 3 + 1) / 3.5));
}

TEST_CASE("merged owners are one at the largest of their sites, a factor takes from one") {
  const auto merged =
      owned({{"ownership.owners.a.accelerators", "5"}, {"ownership.merge", R"([["a", "c"]])"}});
  CHECK(merged.at("owners.a.share") == Approx(7.0 / 12));
  CHECK(merged.count("owners.c.share") == 0);
  CHECK(merged.at("owners.a.largest_run") == Approx(2.5 * 3.456e20));
  const auto limited =
      owned({{"ownership.owners.a.accelerators", "5"}, {"ownership.owners.b.factor", "0.5"}});
  CHECK(limited.at("owners.b.share") == Approx(1.5 / 10.5));
}

TEST_CASE("where sources differ each seed draws within them, and the same for the same seed") {
  const double one = owned({}, 1).at("concentration.accelerators");
  CHECK(one >= 4 + 3 + 2 + 2);
  CHECK(one <= 6 + 3 + 2 + 2);
  CHECK(one == owned({}, 1).at("concentration.accelerators"));
  CHECK(one != owned({}, 2).at("concentration.accelerators"));
}

const Override kFive{"ownership.owners.a.accelerators", "5"};

TEST_CASE("a largest run is bound by chips or by power, and what is rented of it has a price") {
  // 5 kW at a PUE of 1.25 are 4 kW of IT: four accelerators of 1 kW, more than the 2.5 there.
  const auto m = owned({kFive});
  CHECK(m.at("owners.a.run_by_chips") == Approx(2.5 * 3.456e20));
  CHECK(m.at("owners.a.run_by_power") == Approx(4 * 3.456e20));
  CHECK(m.at("owners.a.power_binds") == 0);
  CHECK(m.at("owners.a.rentable_run") == Approx(0.5 * 2.5 * 3.456e20));
  CHECK(m.count("owners.b.run_by_power") == 0);
  // 100 TFLOP/s * 0.4: 25 h an accelerator for a useful PFLOP-h, at 3 USD.
  CHECK(m.at("owners.a.price_per_pflop_hour") == Approx(75));
  CHECK(m.at("concentration.able_to_rent") == 0);
  CHECK(m.count("concentration.run_price") == 0);
  const auto hot =
      owned({kFive, {"ownership.run.power", R"("2 kW")"}, {"ownership.run.flop", "3e20"}});
  CHECK(hot.at("owners.a.power_binds") == 1);
  CHECK(hot.at("owners.a.largest_run") == Approx(2 * 3.456e20));
  CHECK(hot.at("concentration.able_to_rent") == 1);
  CHECK(hot.at("concentration.run_price") == Approx(3e20 / 4e13 / 3600 * 3));
}

TEST_CASE("every seed takes one of the estimates, and the bounds are over all of them") {
  const std::vector<Override> set{kFive,
                                  {"ownership.owners.c.estimates",
                                   R"({"one": {"accelerators": 2}, "two": {"accelerators": 4}})"}};
  bool two = false;
  bool four = false;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto m = owned(set, seed);
    const double c = m.at("owners.c.share") * m.at("concentration.accelerators");
    two = two || c == Approx(2);
    four = four || c == Approx(4);
    // a 5, b 3, others 2: with c = 2 of 12, with c = 4 of 14, even at c = 34 / 10.
    CHECK(m.at("concentration.hhi_most") == Approx(38 * 1e4 / 144));
    CHECK(m.at("concentration.hhi_least") == Approx((34 + 3.4 * 3.4) * 1e4 / (13.4 * 13.4)));
    CHECK(m.at("concentration.top_4_least") == Approx(10.0 / 12));
    CHECK(m.at("concentration.top_4_most") == Approx(12.0 / 14));
    CHECK(m.at("concentration.rentable_hhi_most") == m.at("concentration.rentable_hhi_least"));
  }
  CHECK(two);
  CHECK(four);
}

TEST_CASE("an outlook buys what capex can, and retires what is owned as it was bought") {
  // Of a 1 was bought in 2024 and 4 in 2025, of the rest all in 2025.
  const auto m = owned({kFive});
  CHECK(m.at("outlooks.goes-on.years.2026.accelerators") == Approx(6 + 9 + 2 + 3));
  CHECK(m.at("outlooks.goes-on.years.2027.accelerators") == Approx(4 + 12 + 0 + 2));
  CHECK(m.at("outlooks.goes-on.years.2026.hhi") == Approx((36 + 81 + 4) * 1e4 / 400));
  CHECK(m.at("outlooks.goes-on.years.2026.top_4") == Approx(17.0 / 20));
  CHECK(m.at("outlooks.goes-on.owners.b.share") == Approx(12.0 / 18));
  CHECK(m.at("outlooks.goes-on.owners.a.largest_run") == Approx(2 * 3.456e20));
  CHECK(m.at("outlooks.goes-on.years.2027.able") == 1);  // b, all at one site
  // From nothing: a 1 and 2, b 1.5, the others 1.
  CHECK(m.at("outlooks.explained.owners.a.explained") == Approx(3.0 / 5));
  CHECK(m.at("outlooks.explained.explained") == Approx(5.5 / 12));
}

TEST_CASE("what is made is split by orders or goes to the largest first") {
  // Orders of a 2, b 3, the entrant d 1 and the others 1, for 3.
  const auto m = owned({kFive});
  CHECK(m.at("outlooks.bound.years.2026.accelerators") == Approx(15));
  CHECK(m.at("outlooks.bound.years.2026.unfilled") == Approx(4.0 / 7));
  CHECK(m.at("outlooks.bound.owners.b.accelerators") == Approx(3 + 9.0 / 7));
  CHECK(m.at("outlooks.bound.owners.d.accelerators") == Approx(3.0 / 7));
  const std::string bound = "ownership.outlooks.bound.";
  const auto first = owned({kFive, {bound + "split", R"("largest-first")"}});
  CHECK(first.at("outlooks.bound.owners.b.accelerators") == Approx(6));
  CHECK(first.at("outlooks.bound.owners.d.accelerators") == 0);
  const auto limited =
      owned({kFive, {bound + "limits", R"([{"from": 2026, "owner": "b", "factor": 0}])"}});
  CHECK(limited.at("outlooks.bound.owners.b.accelerators") == 3);
  CHECK(limited.at("outlooks.bound.owners.a.accelerators") == Approx(5 + 1.5));
  const auto merged =
      owned({kFive, {bound + "mergers", R"([{"from": 2026, "owners": ["a", "d"]}])"}});
  CHECK(merged.at("outlooks.bound.owners.a.accelerators") == Approx(5 + 9.0 / 7));
  CHECK(merged.count("outlooks.bound.owners.d.share") == 0);
}

}  // namespace
}  // namespace hyperdc
