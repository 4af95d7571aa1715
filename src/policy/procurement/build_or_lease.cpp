// Build or lease: hardware for what is used steadily, a lease for the rest.
//
// A unit of its own costs c an hour over its life, used or not (price less what it is sold on for,
// and energy); one that is leased p an hour while it is missing. Owning pays where it is used for a
// share of the time of at least
//   u* = c / p    (the break-even)
// and the marginal unit at level x is used while D > x: order up to the level that demand at
// arrival exceeds with probability u*, the newsvendor's fractile 1 - c / p. At p <= c nothing is
// built, and orders may be given up. What is missing is leased by the plan's "lease". Units:
// accelerators of the reference generation. Source: the screening curve of peak and base load
// (Boiteux 1949). Leaves out: discounting, growth within the life (owned capacity finds more use
// later), terms of leases, and failures.
#include <algorithm>
#include <string>
#include <utility>

#include "policy/procurement/offers.hpp"
#include "policy/procurement/procurements.hpp"

namespace hyperdc {
namespace {

class BuildOrLease final : public Procurement {
 public:
  BuildOrLease(double premium, bool cancel, std::string choose)
      : premium_(premium), cancel_(cancel), choose_(std::move(choose)) {}

  ProcurementDecision decide(const ProcurementView& view) const override {
    const auto best = best_offer(view, choose_);
    if (!best || !view.lease_usd_per_h) return {};
    const OfferView& offer = view.offers[*best];
    const double own = offer.cost_usd_per_h * (1 + premium_);
    const double fractile = 1 - own / *view.lease_usd_per_h;
    constexpr double kLeastFractile = 1e-6;  // and of what it leaves to 1
    const double target =
        fractile > kLeastFractile
            ? view.outlook->demand_quantile(offer.lead, std::min(1 - kLeastFractile, fractile))
            : 0;
    return order_up_to(view, *best, target, target, cancel_);
  }

 private:
  const double premium_;
  const bool cancel_;
  const std::string choose_;
};

constexpr ParamSpec kParams[] = {
    {.name = "premium",
     .kind = ParamKind::number,
     .doc = "Share by which an hour of one's own is taken as dearer than its cost, for the risk of "
            "owning; more leases more.",
     .fallback = "0",
     .min = -0.9,
     .max = 10,
     .example = "0.2"},
    kCancelParam,
    kChooseParam};

constexpr ProcurementEntry kEntry = {
    "build-or-lease",
    "Builds what is used for more of the time than the cost of an own hour over the price of a "
    "leased one, and leaves the rest to the plan's lease.",
    kParams, [](const Params& params, const ProcurementContext&) -> std::unique_ptr<Procurement> {
      return std::make_unique<BuildOrLease>(params.number("premium"), params.flag("cancel"),
                                            params.text("choose"));
    }};

}  // namespace

const ProcurementEntry& build_or_lease_procurement() {
  return kEntry;
}

}  // namespace hyperdc
