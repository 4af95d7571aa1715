// Pricing and purchasing policies: decisions by hand.
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <hyperdc/policy/pricing.hpp>
#include <hyperdc/policy/purchasing.hpp>

namespace hyperdc {
namespace {

using Numbers = std::map<std::string, double>;

template <class Policy, class Context>
std::unique_ptr<Policy> made(std::span<const Entry<Policy, Context>> entries, std::string_view name,
                             Params params, const Numbers& numbers) {
  for (const auto& [key, value] : numbers) params.set(key, value);
  for (const auto& entry : entries) {
    if (entry.name == name) return entry.make(params, Context{});
  }
  FAIL("no policy is called " << name);
  return nullptr;
}

std::unique_ptr<Pricing> pricing(std::string_view name, const Numbers& numbers) {
  return made(pricings(), name, {}, numbers);
}

struct Bid {
  double usd_per_s;
  std::uint64_t accelerators;
};

/// Read one by one.
class ListedBids final : public Bids {
 public:
  explicit ListedBids(std::vector<Bid> bids) : bids_(std::move(bids)) {}
  std::optional<double> first_beyond(std::uint64_t supply) const override {
    for (const Bid& bid : bids_) {
      if (bid.accelerators > supply) return bid.usd_per_s;
      supply -= bid.accelerators;
    }
    return {};
  }

 private:
  const std::vector<Bid> bids_;
};

/// Demand uniform between 100 and 200.
class UniformOutlook final : public PurchasingOutlook {
 public:
  double demand_quantile(Duration, double p) const override { return 100 + 100 * p; }
};

}  // namespace

TEST_CASE("a posted price is what it is, utilization goes from floor to ceiling") {
  CHECK(pricing("posted", {{"price", 3}})->usd_per_s({10, 9, 1, {}}) == 3);
  const auto some =
      pricing("utilization", {{"floor", 1}, {"ceiling", 5}, {"exponent", 2}, {"smoothing", 0.25}});
  CHECK(some->usd_per_s({10, 0, 10, {}}) == 1);
  CHECK(some->usd_per_s({10, 5, 5, {}}) == Approx(2));
  CHECK(some->usd_per_s({10, 10, 0, {}}) == Approx(5));
  CHECK(some->usd_per_s({10, 10, 0, nullptr, 3.0}) == Approx(3.5));
}

TEST_CASE("four bids for three accelerators: all pay the fourth") {
  const auto auction = pricing("auction", {{"floor", 1}});
  const ListedBids bids({{5, 1}, {4, 1}, {3, 1}, {2, 1}});
  CHECK(auction->usd_per_s({3, 3, 3, &bids}) == 2);
  CHECK(auction->usd_per_s({4, 4, 4, &bids}) == 1);  // none loses
  CHECK(auction->usd_per_s({1, 1, 1, &bids}) == 4);
  CHECK(auction->usd_per_s({0, 0, 0, &bids}) == 5);
  // The bid of 3 for two accelerators does not fit beside 5 and 4; that of 2 would and loses too.
  const ListedBids sizes({{5, 1}, {4, 1}, {3, 2}, {2, 1}});
  CHECK(auction->usd_per_s({3, 3, 3, &sizes}) == 3);
  CHECK(pricing("auction", {{"floor", 3.5}})->usd_per_s({3, 3, 3, &bids}) == 3.5);
}

TEST_CASE("commit reserves the quantile less what there is, and gives up what is above it") {
  const UniformOutlook outlook;
  const std::vector<TermOffer> terms = {{"1y", whole_seconds(1), 1}, {"3y", whole_seconds(3), 1}};
  Params params;
  params.set("term", std::string("3y"));
  params.set("release", true);
  const auto half = made(purchasings(), "commit", params, {{"quantile", 0.5}});
  PurchasingView view{SimTime{}, 120, 30, 40, 2, terms, {}, &outlook};
  const Commitment more = half->commit(view);
  CHECK(more.term == 1);
  CHECK(more.reserve == 150 - 30 - 40);
  CHECK(more.release == 0);
  view.reserved = 200;
  CHECK(half->commit(view).release == 200 - 120);
  CHECK(half->commit(view).reserve == 0);
  params.set("release", false);
  CHECK(made(purchasings(), "commit", params, {{"quantile", 0.5}})->commit(view).release == 0);
  CHECK(half->spot(view, 100).empty());
}

TEST_CASE("spot first takes the cheapest useful hours below its bid") {
  const UniformOutlook outlook;
  std::vector<SpotOffer> spot = {
      {"a", 1.0, 0.5, 50}, {"b", 1.2, 0.9, 30}, {"c", 1.9, 0.9, 500}, {"d", 0.5, 0.2, 500}};
  const PurchasingView view{SimTime{}, 200, 0, 0, 2, {}, spot, &outlook, whole_seconds(1)};
  Params params;
  params.set("term", std::string());
  params.set("checkpoint_aware", true);
  const Numbers numbers = {{"share", 0.75}, {"bid", 0.9}, {"quantile", 0}};
  // Of 100 it wants 75: 30 in b at 1.33 a useful hour. a costs as much as on-demand, d more, and c
  // is above the bid of 1.8.
  CHECK(made(purchasings(), "spot-first", params, numbers)->spot(view, 100) ==
        std::vector<double>{0, 30, 0, 0});
  params.set("checkpoint_aware", false);
  CHECK(made(purchasings(), "spot-first", params, numbers)->spot(view, 1000) ==
        std::vector<double>{50, 30, 0, 500});
  // A step in a costs as much as on-demand, one in b 0.33 s less: what is held in a stays where
  // leaving it loses more than that, and nothing comes in where being there costs more later on.
  params.set("checkpoint_aware", true);
  spot[0].held = 20;
  spot[0].lost_s = 0.4;
  const auto aware = made(purchasings(), "spot-first", params, numbers);
  CHECK(aware->spot(view, 100) == std::vector<double>{20, 30, 0, 0});
  spot[0].lost_s = 0.2;
  CHECK(aware->spot(view, 40) == std::vector<double>{0, 30, 0, 0});
  spot[1].exposure_s = 0.4;
  CHECK(aware->spot(view, 100) == std::vector<double>{20, 0, 0, 0});
  spot[0].exposure_s = 0.3;
  CHECK_FALSE(aware->takes(view, spot[0]));
}

}  // namespace hyperdc
