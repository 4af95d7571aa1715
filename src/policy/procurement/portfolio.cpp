// Portfolio: what is missing is split over all that is on sale, by the shares of the scenario.
//
// The level is that of the policy "quantile", at the longest mean lead time of the offers with a
// share; of what is missing, offer i has s_i / (s_1 + ... + s_n), in whole racks, the last one what
// is left. Units: accelerators of the reference generation. The shares are the decision, and
// several plans of one file find the mix of least regret (Savage 1951). Leaves out: shares that
// follow prices, deliveries or what the software turned out to make of a kind; what a vendor does
// not take is not given to another.
#include <algorithm>

#include "policy/procurement/offers.hpp"
#include "policy/procurement/procurements.hpp"

namespace hyperdc {
namespace {

class Portfolio final : public Procurement {
 public:
  explicit Portfolio(double fractile) : fractile_(fractile) {}

  ProcurementDecision decide(const ProcurementView& view) const override {
    double shares = 0;
    Duration lead{};
    for (const OfferView& offer : view.offers) {
      if (offer.share <= 0) continue;
      shares += offer.share;
      lead = std::max(lead, offer.lead);
    }
    ProcurementDecision out;
    if (shares <= 0) return out;
    const double missing =
        view.outlook->demand_quantile(lead, fractile_) - view.outlook->supply(lead);
    double wanted = 0;  // of the offers so far
    double bought = 0;
    for (std::uint32_t i = 0; i < view.offers.size(); ++i) {
      const OfferView& offer = view.offers[i];
      wanted += missing * offer.share / shares;
      const std::uint64_t racks = offer.share > 0 ? racks_for(wanted - bought, offer) : 0;
      if (racks == 0) continue;
      out.buy.push_back({i, racks});
      bought += static_cast<double>(racks) * offer.units_per_rack;
    }
    return out;
  }

 private:
  const double fractile_;
};

constexpr ParamSpec kParams[] = {kFractileParam};

constexpr ProcurementEntry kEntry = {
    "portfolio", "Splits what is missing over all generations on sale by their \"share\".", kParams,
    [](const Params& params, const ProcurementContext&) -> std::unique_ptr<Procurement> {
      return std::make_unique<Portfolio>(params.number("fractile"));
    }};

}  // namespace

const ProcurementEntry& portfolio_procurement() {
  return kEntry;
}

}  // namespace hyperdc
