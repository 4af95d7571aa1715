// Just in time: orders what the mean forecast says will be missing when it arrives.
//
// Order up to E[D(t + L)], L the mean lead time of the offer. Units: accelerators of the reference.
// Leaves out: safety of any kind; when demand beats its mean or a delivery slips, it is short.
#include "policy/procurement/offers.hpp"
#include "policy/procurement/procurements.hpp"

namespace hyperdc {
namespace {

class JustInTime final : public Procurement {
 public:
  explicit JustInTime(std::string choose) : choose_(std::move(choose)) {}

  ProcurementDecision decide(const ProcurementView& view) const override {
    const auto offer = best_offer(view, choose_);
    if (!offer) return {};
    const double target = view.outlook->demand_mean(view.offers[*offer].lead);
    return order_up_to(view, *offer, target, target, false);
  }

 private:
  const std::string choose_;
};

constexpr ParamSpec kParams[] = {kChooseParam};

constexpr ProcurementEntry kEntry = {
    "just-in-time", "Orders what the mean forecast says will be missing when the order arrives.",
    kParams, [](const Params& params, const ProcurementContext&) -> std::unique_ptr<Procurement> {
      return std::make_unique<JustInTime>(params.text("choose"));
    }};

}  // namespace

const ProcurementEntry& just_in_time_procurement() {
  return kEntry;
}

}  // namespace hyperdc
