// Commit: reserves up to a quantile of the demand of the term; the rest is on-demand.
//
// A reservation of price r is worth it for the accelerator that is needed for more than r / p of
// the time, p the on-demand price: the cheapest on average is the quantile 1 - r / p of demand over
// the term (newsvendor; Edgeworth 1888). A lower one has less breakage and less to lose when prices
// fall. Units: accelerators. Leaves out: spot.
#include "policy/purchasing/purchasings.hpp"

namespace hyperdc {
namespace {

class Commit final : public Purchasing {
 public:
  Commit(double quantile, std::string term, bool release)
      : quantile_(quantile), term_(std::move(term)), release_(release) {}

  Commitment commit(const PurchasingView& view) const override {
    return commit_up_to(view, quantile_, term_, release_);
  }
  double most_paid() const override { return 0; }
  bool takes(const PurchasingView&, const SpotOffer&) const override { return false; }
  std::vector<double> spot(const PurchasingView&, double) const override { return {}; }

 private:
  const double quantile_;
  const std::string term_;
  const bool release_;
};

constexpr ParamSpec kParams[] = {
    {.name = "quantile",
     .kind = ParamKind::number,
     .doc = "Of demand over the term, up to which is reserved; 0 reserves nothing.",
     .fallback = "0.5",
     .min = 0,
     .max = 0.999,
     .example = "0.5"},
    kTermParam,
    {.name = "release",
     .kind = ParamKind::boolean,
     .doc = "Whether what is reserved above that is given up at its breakage.",
     .fallback = "false",
     .example = "true"}};

constexpr PurchasingEntry kEntry = {
    "commit", "Reserves up to a quantile of the demand of the term; the rest is on-demand.",
    kParams, [](const Params& params, const PurchasingContext&) -> std::unique_ptr<Purchasing> {
      return std::make_unique<Commit>(params.number("quantile"), params.text("term"),
                                      params.flag("release"));
    }};

}  // namespace

const PurchasingEntry& commit_purchasing() {
  return kEntry;
}

}  // namespace hyperdc
