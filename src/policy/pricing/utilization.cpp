// Utilization: the fuller the zone, the dearer.
//
//   q = floor + (ceiling - floor) u^exponent,  u = accelerators in use / accelerators of the zone
//   p' = p + smoothing (q - p) at each new price; the first is q
// Units: USD/s. Source: the smoothed spot prices since 2017, which follow supply and demand slowly
// and stay below on-demand (Baughman et al., Deconstructing the 2017 Changes to AWS Spot Market
// Pricing, ScienceCloud 2019), as a power law with its two ends. Valid for exponents above 0.
// Leaves out: forecasts; that a provider may leave the curve.
#include <algorithm>

#include "core/math.hpp"
#include "policy/pricing/pricings.hpp"

namespace hyperdc {
namespace {

class Utilization final : public Pricing {
 public:
  explicit Utilization(const Params& params)
      : floor_(params.number("floor")),
        ceiling_(params.number("ceiling")),
        exponent_(params.number("exponent")),
        smoothing_(params.number("smoothing")) {}

  double usd_per_s(const PricingView& view) const override {
    const double u = static_cast<double>(view.in_use) / static_cast<double>(view.capacity);
    const double of_use = view.in_use == 0 ? 0 : math::pow(std::min(u, 1.0), exponent_);
    const double goal = floor_ + (ceiling_ - floor_) * of_use;
    return view.usd_per_s ? *view.usd_per_s + smoothing_ * (goal - *view.usd_per_s) : goal;
  }

 private:
  const double floor_, ceiling_, exponent_, smoothing_;
};

constexpr ParamSpec kParams[] = {
    {.name = "floor",
     .kind = ParamKind::quantity,
     .dimension = Dimension::money_per_time,
     .doc = "Price of an empty zone.",
     .fallback = "",
     .min = 0,
     .max = 1e3,
     .example = "\"1.28 USD/h\""},
    {.name = "ceiling",
     .kind = ParamKind::quantity,
     .dimension = Dimension::money_per_time,
     .doc = "Price of a full zone, as a rule that of on-demand.",
     .fallback = "",
     .min = 0,
     .max = 1e3,
     .example = "\"6.88 USD/h\""},
    {.name = "exponent",
     .kind = ParamKind::number,
     .doc = "Of utilization; above 1 the price stays low until the zone is nearly full.",
     .fallback = "4",
     .min = 0.01,
     .max = 100,
     .example = "4"},
    {.name = "smoothing",
     .kind = ParamKind::number,
     .doc = "Share of the way to the price of its utilization that a new price goes; near 1 prices "
            "and those who follow them swing.",
     .fallback = "0.1",
     .min = 0.001,
     .max = 1,
     .example = "0.05"}};

constexpr PricingEntry kEntry = {
    "utilization", "Between two prices, as a power of how full the zone is.", kParams,
    [](const Params& params, const PricingContext&) -> std::unique_ptr<Pricing> {
      return std::make_unique<Utilization>(params);
    },
    [](const Params& params) -> std::string {
      if (params.number("floor") <= params.number("ceiling")) return "";
      return "floor is above ceiling";
    }};

}  // namespace

const PricingEntry& utilization_pricing() {
  return kEntry;
}

}  // namespace hyperdc
