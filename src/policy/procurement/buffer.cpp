// Buffer: an (s, S) policy whose levels follow the forecast.
//
//   s = (1 + reorder) E[D(t + L)],  S = (1 + up_to) E[D(t + L)]
// Once supply (in service, waiting and on order) is below s, it is ordered up to S. With s = S it
// is a base-stock policy. Units: accelerators of the reference generation; L: mean lead time.
// Source: Arrow, Harris, Marschak, Econometrica 1951; Scarf 1960 for why (s, S) is best where an
// order costs something. Valid for any demand; leaves out: how uncertain the forecast is.
#include "policy/procurement/offers.hpp"
#include "policy/procurement/procurements.hpp"

namespace hyperdc {
namespace {

class Buffer final : public Procurement {
 public:
  Buffer(double reorder, double up_to, bool cancel, std::string choose)
      : reorder_(reorder), up_to_(up_to), cancel_(cancel), choose_(std::move(choose)) {}

  ProcurementDecision decide(const ProcurementView& view) const override {
    const auto offer = best_offer(view, choose_);
    if (!offer) return {};
    const double mean = view.outlook->demand_mean(view.offers[*offer].lead);
    return order_up_to(view, *offer, mean * (1 + reorder_), mean * (1 + up_to_), cancel_);
  }

 private:
  const double reorder_, up_to_;
  const bool cancel_;
  const std::string choose_;
};

constexpr ParamSpec kParams[] = {
    {.name = "reorder",
     .kind = ParamKind::number,
     .doc =
         "Supply above the mean forecast, as a share of it, below which an order is placed; more "
         "leaves less demand unserved.",
     .fallback = "0.1",
     .min = -1,
     .max = 100,
     .example = "0.1"},
    {.name = "up_to",
     .kind = ParamKind::number,
     .doc = "Supply above the mean forecast, as a share of it, that an order brings; far above "
            "reorder orders are few and large.",
     .fallback = "0.1",
     .min = -1,
     .max = 100,
     .example = "0.2"},
    kCancelParam,
    kChooseParam};

constexpr ProcurementEntry kEntry = {
    "buffer",
    "Keeps supply a share above the mean forecast: orders up to one level when it is below "
    "another, as an (s, S) policy; base stock where they are equal.",
    kParams,
    [](const Params& params, const ProcurementContext&) -> std::unique_ptr<Procurement> {
      return std::make_unique<Buffer>(params.number("reorder"), params.number("up_to"),
                                      params.flag("cancel"), params.text("choose"));
    },
    [](const Params& params) -> std::string {
      return params.number("reorder") > params.number("up_to") ? "reorder is above up_to" : "";
    }};

}  // namespace

const ProcurementEntry& buffer_procurement() {
  return kEntry;
}

}  // namespace hyperdc
