// Spot first: what is not reserved goes on spot, cheapest zone first; the rest is on-demand.
//
// At most `share` of the rest, in zones whose price is at most bid * p, p the on-demand price.
// Where it heeds checkpoints, only in zones whose price over the share of the time that is work is
// below p: what checkpoints, lost work and restarts cost is then less than spot saves. Units:
// accelerators. Source: Yi, Kondo, Andrzejak, Reducing Costs of Spot Instances via Checkpointing,
// CLOUD 2010, as a rule without forecasts. Leaves out: spreading over zones by their correlation.
#include <numeric>

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

  bool takes(const PurchasingView& view, const SpotOffer& offer) const override {
    if (offer.usd_per_s > bid_ * view.on_demand_usd_per_s) return false;
    return !aware_ || offer.usd_per_s / offer.useful < view.on_demand_usd_per_s;
  }

  std::vector<double> spot(const PurchasingView& view, double rest) const override {
    std::vector<double> out(view.spot.size());
    std::vector<std::size_t> order(view.spot.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto cost = [&](std::size_t i) {
      return aware_ ? view.spot[i].usd_per_s / view.spot[i].useful : view.spot[i].usd_per_s;
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return cost(a) < cost(b); });
    double left = share_ * rest;
    for (const std::size_t i : order) {
      if (!takes(view, view.spot[i])) continue;
      out[i] = std::min(left, view.spot[i].most);
      left -= out[i];
    }
    return out;
  }

 private:
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
     .doc = "Whether it counts checkpoints, lost work and restarts into the price of a zone.",
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
