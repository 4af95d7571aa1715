// Posted: one price, whatever happens.
//
// p = price. Units: USD/s. Source: list prices of on-demand instances. Leaves out: changes of it.
#include "policy/pricing/pricings.hpp"

namespace hyperdc {
namespace {

class Posted final : public Pricing {
 public:
  explicit Posted(double price) : price_(price) {}
  double usd_per_s(const PricingView&) const override { return price_; }

 private:
  const double price_;
};

constexpr ParamSpec kParams[] = {
    {.name = "price",
     .kind = ParamKind::quantity,
     .dimension = Dimension::money_per_time,
     .doc = "Of an accelerator; more brings more for each and drives those away who will not pay.",
     .fallback = "",
     .min = 0,
     .max = 1e3,
     .example = "\"6.88 USD/h\""}};

constexpr PricingEntry kEntry = {
    "posted", "One price for the whole run.", kParams,
    [](const Params& params, const PricingContext&) -> std::unique_ptr<Pricing> {
      return std::make_unique<Posted>(params.number("price"));
    }};

}  // namespace

const PricingEntry& posted_pricing() {
  return kEntry;
}

}  // namespace hyperdc
