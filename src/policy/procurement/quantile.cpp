// Quantile: the newsvendor's order, step after step.
//
// Order up to the level that demand at arrival stays below with probability
//   fractile = cu / (cu + co)
// cu: what a unit that is missing costs, co: what one too many costs, each for the time until the
// next arrival. Units: accelerators of the reference generation. Source: Edgeworth 1888; Arrow,
// Harris, Marschak 1951. Best where what is bought today can be had anew at each step; where
// hardware stays for years, too much today is worth something tomorrow, and co is smaller.
// Leaves out: the slips of deliveries beyond their mean.
#include "policy/procurement/offers.hpp"
#include "policy/procurement/procurements.hpp"

namespace hyperdc {
namespace {

class Quantile final : public Procurement {
 public:
  Quantile(double fractile, bool cancel, std::string choose)
      : fractile_(fractile), cancel_(cancel), choose_(std::move(choose)) {}

  ProcurementDecision decide(const ProcurementView& view) const override {
    const auto offer = best_offer(view, choose_);
    if (!offer) return {};
    const double target = view.outlook->demand_quantile(view.offers[*offer].lead, fractile_);
    return order_up_to(view, *offer, target, target, cancel_);
  }

 private:
  const double fractile_;
  const bool cancel_;
  const std::string choose_;
};

constexpr ParamSpec kParams[] = {
    {.name = "fractile",
     .kind = ParamKind::number,
     .doc = "Probability that what is ordered suffices when it arrives: the cost of a unit that is "
            "missing over that and the cost of one too many; more serves more and idles more.",
     .fallback = "0.8",
     .min = 0.001,
     .max = 0.999,
     .example = "0.8"},
    kCancelParam,
    kChooseParam};

constexpr ProcurementEntry kEntry = {
    "quantile", "The newsvendor: orders up to a quantile of the demand at arrival.", kParams,
    [](const Params& params, const ProcurementContext&) -> std::unique_ptr<Procurement> {
      return std::make_unique<Quantile>(params.number("fractile"), params.flag("cancel"),
                                        params.text("choose"));
    }};

}  // namespace

const ProcurementEntry& quantile_procurement() {
  return kEntry;
}

}  // namespace hyperdc
