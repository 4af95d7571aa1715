// What a buyer expects: quantiles of its demand over a time to come.
//
// Computes: the quantile of all the values that demand takes between now and `ahead`, over the
// futures that go on from here: a mixture of lognormals at 12 times, each taken at 20 equal
// probabilities; between the values straight. Units: accelerators. Valid for p within 1/480 of 0
// and 1; beyond that the ends. Leaves out: what the future of this run has in store.
#pragma once

#include <hyperdc/policy/purchasing.hpp>

#include "world/growth/demand_paths.hpp"

namespace hyperdc {

class BuyerOutlook final : public PurchasingOutlook {
 public:
  BuyerOutlook(const DemandPaths& paths, const DemandState& state, double spread)
      : paths_(paths), state_(state), spread_(spread) {}
  double demand_quantile(Duration ahead, double p) const override;

 private:
  const DemandPaths& paths_;
  const DemandState& state_;
  const double spread_;
};

}  // namespace hyperdc
