// Auction: all pay one price, that of the highest bid that loses.
//
// Bids are filled from the highest down, those of one price in the order in which they came, until
// one does not fit whole:  p = max(floor, bid of that one).
// Units: USD/s. Source: uniform-price auction (Vickrey 1961); the spot market of Amazon until 2017
// (Agmon Ben-Yehuda et al., Deconstructing Amazon EC2 Spot Instance Pricing, ACM TEAC 2013).
// Leaves out: a hidden reserve price that moves, which that paper found; lower bids that would fit
// beside the first that does not.
#include <algorithm>

#include "policy/pricing/pricings.hpp"

namespace hyperdc {
namespace {

class Auction final : public Pricing {
 public:
  explicit Auction(double floor) : floor_(floor) {}

  double usd_per_s(const PricingView& view) const override {
    const std::optional<double> loses = view.bids->first_beyond(view.supply);
    return loses ? std::max(floor_, *loses) : floor_;
  }
  bool auctions() const override { return true; }

 private:
  const double floor_;
};

constexpr ParamSpec kParams[] = {{.name = "floor",
                                  .kind = ParamKind::quantity,
                                  .dimension = Dimension::money_per_time,
                                  .doc = "Price while no bid loses; more turns low bids away.",
                                  .fallback = "",
                                  .min = 0,
                                  .max = 1e3,
                                  .example = "\"1.28 USD/h\""}};

constexpr PricingEntry kEntry = {
    "auction", "The highest bids win, and all pay the highest that loses.", kParams,
    [](const Params& params, const PricingContext&) -> std::unique_ptr<Pricing> {
      return std::make_unique<Auction>(params.number("floor"));
    }};

}  // namespace

const PricingEntry& auction_pricing() {
  return kEntry;
}

}  // namespace hyperdc
