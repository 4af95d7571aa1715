// Hedge: what is missing is ordered from two vendors.
//
// The level is that of the policy "quantile", at the mean lead time of the first vendor's offer;
// `share` of what is missing goes to the best offer, the rest to the best one of another vendor.
// With one vendor on sale all goes to it. Units: accelerators of the reference generation.
// Leaves out: shares that follow prices or slips seen so far.
#include "policy/procurement/offers.hpp"
#include "policy/procurement/procurements.hpp"

namespace hyperdc {
namespace {

class Hedge final : public Procurement {
 public:
  Hedge(double fractile, double share, bool cancel, std::string choose)
      : fractile_(fractile), share_(share), cancel_(cancel), choose_(std::move(choose)) {}

  ProcurementDecision decide(const ProcurementView& view) const override {
    const auto first = best_offer(view, choose_);
    if (!first) return {};
    const OfferView& offer = view.offers[*first];
    const double target = view.outlook->demand_quantile(offer.lead, fractile_);
    const auto second = best_offer(view, choose_, offer.vendor);
    if (!second) return order_up_to(view, *first, target, target, cancel_);
    const double missing = target - view.outlook->supply(offer.lead);
    ProcurementDecision out;
    if (missing <= 0) {
      if (cancel_) out.cancel = -missing;
      return out;
    }
    const std::uint64_t racks = racks_for(missing * share_, offer);
    if (racks > 0) out.buy.push_back({*first, racks});
    const double rest = missing - static_cast<double>(racks) * offer.units_per_rack;
    const std::uint64_t others = racks_for(rest, view.offers[*second]);
    if (others > 0) out.buy.push_back({*second, others});
    return out;
  }

 private:
  const double fractile_, share_;
  const bool cancel_;
  const std::string choose_;
};

constexpr ParamSpec kParams[] = {
    kFractileParam,
    {.name = "share",
     .kind = ParamKind::number,
     .doc = "Of what is missing, from the vendor of the best offer; less leans more on the second "
            "vendor.",
     .fallback = "0.7",
     .min = 0,
     .max = 1,
     .example = "0.7"},
    kCancelParam,
    kChooseParam};

constexpr ProcurementEntry kEntry = {
    "hedge", "Splits what is missing between the best offers of two vendors.", kParams,
    [](const Params& params, const ProcurementContext&) -> std::unique_ptr<Procurement> {
      return std::make_unique<Hedge>(params.number("fractile"), params.number("share"),
                                     params.flag("cancel"), params.text("choose"));
    }};

}  // namespace

const ProcurementEntry& hedge_procurement() {
  return kEntry;
}

}  // namespace hyperdc
