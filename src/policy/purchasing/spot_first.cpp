// Spot first: what is not reserved goes on spot, cheapest zone first; the rest is on-demand.
//
// At most `share` of the rest, in zones whose price s is at most bid * p, p the on-demand price.
// Where it heeds checkpoints, by what a step of length dt there costs over on-demand,
//   G = (s / (u p) - 1) dt + x,  u the share of the time that is work, x the exposure of the zone:
// it comes in where G < 0, the least first, and what it holds it leaves only for what is cheaper by
// more than the work that leaving loses (hysteresis). Without, the cheapest zones of each step.
// Units: accelerators, seconds of on-demand. Source: Dixit, Entry and Exit Decisions under
// Uncertainty, J. Political Economy 1989; Yi, Kondo, Andrzejak, CLOUD 2010, for what checkpoints
// cost. Leaves out: spreading over zones by their correlation, and going to another zone as what
// the exposure of one may end in.
#include "policy/purchasing/purchasings.hpp"

namespace hyperdc {
namespace {

class SpotFirst final : public Purchasing {
 public:
  explicit SpotFirst(const Params& params)
      : share_(params.number("share")),
        bid_(params.number("bid")),
        aware_(params.flag("checkpoint_aware")),
        quantile_(params.number("quantile")),
        term_(params.text("term")) {}

  Commitment commit(const PurchasingView& view) const override {
    return commit_up_to(view, quantile_, term_, false);
  }

  double most_paid() const override { return bid_; }

  bool takes(const PurchasingView& view, const SpotOffer& offer) const override {
    if (offer.usd_per_s > bid_ * view.on_demand_usd_per_s) return false;
    return !aware_ || over_on_demand_s(view, offer) <= offer.lost_s;
  }

  std::vector<double> spot(const PurchasingView& view, double rest) const override {
    struct Place {
      std::size_t offer;
      double cost, most;
    };
    std::vector<Place> places;
    for (std::size_t i = 0; i < view.spot.size(); ++i) {
      const SpotOffer& offer = view.spot[i];
      if (!takes(view, offer)) continue;
      if (!aware_) {
        places.push_back({i, offer.usd_per_s, offer.most});
        continue;
      }
      const double cost_s = over_on_demand_s(view, offer);
      const double held = std::min(offer.held, offer.most);
      places.push_back({i, cost_s - offer.lost_s, held});
      if (cost_s < 0) places.push_back({i, cost_s, offer.most - held});
    }
    std::stable_sort(places.begin(), places.end(),
                     [](const Place& a, const Place& b) { return a.cost < b.cost; });
    std::vector<double> out(view.spot.size());
    double left = share_ * rest;
    for (const Place& place : places) {
      const double part = std::min(left, place.most);
      out[place.offer] += part;
      left -= part;
    }
    return out;
  }

 private:
  static double over_on_demand_s(const PurchasingView& view, const SpotOffer& offer) {
    const double price = offer.usd_per_s / (offer.useful * view.on_demand_usd_per_s);
    return (price - 1) * to_seconds(view.step) + offer.exposure_s;
  }

  const double share_, bid_;
  const bool aware_;
  const double quantile_;
  const std::string term_;
};

constexpr ParamSpec kParams[] = {
    {.name = "share",
     .kind = ParamKind::number,
     .doc = "Of what is not reserved or owned, at most; more saves more and is interrupted more.",
     .fallback = "1",
     .min = 0,
     .max = 1,
     .example = "0.8"},
    {.name = "bid",
     .kind = ParamKind::number,
     .doc = "Most that it pays, in on-demand prices.",
     .fallback = "1",
     .min = 0,
     .max = 100,
     .example = "0.6"},
    {.name = "checkpoint_aware",
     .kind = ParamKind::boolean,
     .doc = "Whether it counts checkpoints, lost work and restarts into the price of a zone, and "
            "leaves what it holds only for what saves more than leaving loses.",
     .fallback = "true",
     .example = "false"},
    {.name = "quantile",
     .kind = ParamKind::number,
     .doc = "Of demand over the term, up to which is reserved; 0 reserves nothing.",
     .fallback = "0",
     .min = 0,
     .max = 0.999,
     .example = "0.5"},
    kTermParam};

constexpr PurchasingEntry kEntry = {
    "spot-first", "Puts what is not reserved on spot where that pays; the rest is on-demand.",
    kParams, [](const Params& params, const PurchasingContext&) -> std::unique_ptr<Purchasing> {
      return std::make_unique<SpotFirst>(params);
    }};

}  // namespace

const PurchasingEntry& spot_first_purchasing() {
  return kEntry;
}

}  // namespace hyperdc
