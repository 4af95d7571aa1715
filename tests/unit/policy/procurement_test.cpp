// Procurement policies: decisions by hand, and what holds for every entry.
#include <catch2/catch.hpp>
#include <map>

#include <hyperdc/policy/procurement.hpp>

#include "core/erlang.hpp"
#include "unit/policy/fake_deployment.hpp"

namespace hyperdc {
namespace {

std::unique_ptr<Procurement> make_procurement(std::string_view name, const Params& set = {}) {
  return testing::make_policy(procurements(), name, set, ProcurementContext{});
}

Params params(const std::map<std::string, double>& numbers) {
  Params out;
  for (const auto& [name, value] : numbers) out.set(name, value);
  return out;
}

/// Demand uniform between low and high, whenever; supply as given.
class FlatOutlook final : public ProcurementOutlook {
 public:
  double low = 100, high = 200, has = 0;
  double demand_mean(Duration) const override { return (low + high) / 2; }
  double demand_quantile(Duration, double p) const override { return low + p * (high - low); }
  double supply(Duration) const override { return has; }
};

struct Shop {
  FlatOutlook outlook;
  // A rack of 8 units that is cheap, one of 72 from another vendor that came later.
  std::vector<OfferView> offers = {
      {"old", "a", whole_seconds(0), 8, 100, 1.0, whole_seconds(10), 1000},
      {"new", "b", whole_seconds(50), 72, 1000, 1.5, whole_seconds(20), 1000}};

  ProcurementDecision ask(std::string_view policy, const Params& set = {}) const {
    return make_procurement(policy, set)->decide({SimTime{}, offers, &outlook, 4.0});
  }
};

TEST_CASE("just in time orders what the mean lacks, in whole racks of the cheapest offer") {
  Shop shop;
  shop.outlook.has = 100;
  const ProcurementDecision some = shop.ask("just-in-time");
  REQUIRE(some.buy.size() == 1);
  CHECK(some.buy[0].offer == 0);
  CHECK(some.buy[0].racks == 7);  // 50 units in racks of 8
  shop.outlook.has = 150;
  CHECK(shop.ask("just-in-time").buy.empty());
  Params newest;
  newest.set("choose", "newest");
  shop.outlook.has = 0;
  const ProcurementDecision other = shop.ask("just-in-time", newest);
  REQUIRE(other.buy.size() == 1);
  CHECK(other.buy[0].offer == 1);
  CHECK(other.buy[0].racks == 3);  // 150 in racks of 72
}

TEST_CASE("a buffer orders up to S once supply is below s, and gives up what is above if asked") {
  Shop shop;
  Params levels = params({{"reorder", 0.2}, {"up_to", 0.6}});  // s = 180, S = 240
  shop.outlook.has = 180;
  CHECK(shop.ask("buffer", levels).buy.empty());
  shop.outlook.has = 179;
  const ProcurementDecision some = shop.ask("buffer", levels);
  REQUIRE(some.buy.size() == 1);
  CHECK(some.buy[0].racks == 8);  // 61 units
  shop.outlook.has = 300;
  CHECK(shop.ask("buffer", levels).cancel == 0);
  levels.set("cancel", true);
  CHECK(shop.ask("buffer", levels).cancel == Approx(60));
}

TEST_CASE("the newsvendor orders up to its quantile") {
  Shop shop;
  const ProcurementDecision some = shop.ask("quantile", params({{"fractile", 0.9}}));
  REQUIRE(some.buy.size() == 1);
  CHECK(some.buy[0].racks == 24);  // 190 units
}

TEST_CASE("a hedge splits between two vendors, and not where there is one") {
  Shop shop;
  const Params split = params({{"fractile", 0.5}, {"share", 0.32}});
  const ProcurementDecision two = shop.ask("hedge", split);  // 150 units: 48 and 102
  REQUIRE(two.buy.size() == 2);
  CHECK(two.buy[0].racks == 6);
  CHECK(two.buy[1].offer == 1);
  CHECK(two.buy[1].racks == 2);
  shop.offers.pop_back();
  const ProcurementDecision one = shop.ask("hedge", split);
  REQUIRE(one.buy.size() == 1);
  CHECK(one.buy[0].racks == 19);
}

TEST_CASE("reservations get the least room that Erlang's formula allows") {
  Shop shop;
  shop.offers = {{"one", "a", whole_seconds(0), 5, 1, 1, whole_seconds(1), 1'000'000}};
  for (const double blocking : {0.2, 0.01, 1e-4}) {
    const ProcurementDecision some =
        shop.ask("reservation", params({{"blocking", blocking}, {"size", 5}}));
    REQUIRE(some.buy.size() == 1);
    const std::uint64_t n = some.buy[0].racks;  // of one reservation each; 30 erlangs
    CHECK(erlang_b(n, 30) <= blocking);
    CHECK(erlang_b(n - 1, 30) > blocking);
  }
}

TEST_CASE("no procurement policy orders from an empty market or above a full one") {
  for (const ProcurementEntry& entry : procurements()) {
    INFO(entry.name);
    Shop shop;
    shop.outlook.has = 1e6;
    CHECK(shop.ask(entry.name).buy.empty());
    shop.outlook.has = 0;
    CHECK(!shop.ask(entry.name).buy.empty());
    shop.offers.clear();
    CHECK(shop.ask(entry.name).buy.empty());
  }
}

TEST_CASE("build or lease: what is used for more than the break-even share of the time") {
  Shop shop;
  const auto ask = [&shop](std::optional<double> price, const Params& set) {
    return make_procurement("build-or-lease", set)
        ->decide({SimTime{}, shop.offers, &shop.outlook, price});
  };
  // An own hour costs 1; at 4 the marginal unit is used a quarter of the time, at level 175.
  CHECK(ask(4, {}).buy.at(0).racks == 22);
  CHECK(ask(4, params({{"premium", 1}})).buy.at(0).racks == 19);  // used half of the time: 150
  CHECK(ask(1, {}).buy.empty());
  CHECK(ask({}, {}).buy.empty());  // nothing to lease
  shop.outlook.has = 100;
  Params cancel;
  cancel.set("cancel", true);
  CHECK(ask(0.5, cancel).cancel == Approx(100));
}

TEST_CASE("a portfolio splits what is missing by the shares, the last offer takes the rest") {
  Shop shop;
  shop.offers[1].share = 3;
  const ProcurementDecision some = shop.ask("portfolio", params({{"fractile", 0.6}}));
  REQUIRE(some.buy.size() == 2);
  CHECK(some.buy[0].racks == 5);  // 40 of 160
  CHECK(some.buy[1].racks == 2);  // 120 in racks of 72
  shop.offers[0].share = shop.offers[1].share = 0;
  CHECK(shop.ask("portfolio").buy.empty());
}

}  // namespace
}  // namespace hyperdc
