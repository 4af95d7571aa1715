// Purchasing: how much of a demand for accelerators is reserved, for how long, and how much of the
// rest goes on spot.
//
// A purchasing policy sees demand, offers and prices of one moment and answers with numbers of
// accelerators. It knows no engine, no clock but view.now, no metrics and no files. Prices are in
// USD per second and accelerator. It keeps no state: one object serves every future.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/params.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// A reservation that can be taken now.
struct TermOffer {
  std::string_view name;
  Duration term;
  double usd_per_s = 0;
};

/// A zone that has spot accelerators now.
struct SpotOffer {
  std::string_view zone;
  double usd_per_s = 0;
  double useful = 1;  // share of the time that is work: not checkpoints, not lost, not restarts
  double most = 0;    // accelerators' worth of demand that it may carry
  double held = 0;    // of them it carries from the step before
  // Of what carries the demand of one accelerator, in seconds of its work: what is lost by leaving
  // now; and what it costs to be there when the step ends rather than not, at best: prices that
  // rise and stock that goes, as far as they are dearer than to leave.
  double lost_s = 0, exposure_s = 0;
};

/// What a buyer can know of the time to come.
class PurchasingOutlook {
 public:
  virtual ~PurchasingOutlook() = default;
  /// What demand stays below for a share p of the time from now until `ahead`, over all futures
  /// that go on from here; 0 < p < 1.
  virtual double demand_quantile(Duration ahead, double p) const = 0;
};

struct PurchasingView {
  SimTime now;
  double demand = 0;  // accelerators
  double owned = 0, reserved = 0;
  double on_demand_usd_per_s = 0;
  std::span<const TermOffer> terms;
  std::span<const SpotOffer> spot;
  const PurchasingOutlook* outlook = nullptr;
  Duration step = {};  // between two decisions on spot
};

struct Commitment {
  std::uint32_t term = 0;  // index into PurchasingView::terms
  double reserve = 0;      // accelerators to reserve for that term, from now on
  double release = 0;      // reserved accelerators to give up at their breakage
};

class Purchasing {
 public:
  virtual ~Purchasing() = default;
  /// At each review.
  virtual Commitment commit(const PurchasingView& view) const = 0;
  /// The most that it pays for spot, in on-demand prices; above that it is interrupted.
  virtual double most_paid() const = 0;
  /// Whether spot is held at this offer; where it is not, what is there is interrupted.
  virtual bool takes(const PurchasingView& view, const SpotOffer& offer) const = 0;
  /// At each step: how much of `rest`, the demand that owned and reserved accelerators do not
  /// carry, each entry of view.spot carries; on-demand carries what is left.
  virtual std::vector<double> spot(const PurchasingView& view, double rest) const = 0;
};

struct PurchasingContext {};
using PurchasingEntry = Entry<Purchasing, PurchasingContext>;
/// Every purchasing policy, in the order of the reference. Listed by hand in policy/builtin.cpp.
std::span<const PurchasingEntry> purchasings();

}  // namespace hyperdc
