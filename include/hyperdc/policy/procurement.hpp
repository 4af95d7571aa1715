// Procurement: how many racks of which hardware are ordered, step by step over years.
//
// A procurement policy sees what is on sale now, what demand is expected and what supply is already
// there or on order, and answers with orders. It knows no engine, no clock but view.now, no
// metrics and no files. Capacity is counted in accelerators of the reference generation ("units").
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <hyperdc/core/params.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// A generation that is on sale.
struct OfferView {
  std::string_view name, vendor;
  Duration on_sale;           // since when
  double units_per_rack = 1;  // accelerators of the reference generation
  double price_usd = 0;       // of a rack, now
  double cost_usd_per_h = 0;  // of a unit: price over its life, and its energy
  Duration lead;              // from order to arrival, in whole steps; mean, slips included
  std::uint64_t most = 0;     // racks that the vendor takes in this step
  double share = 1;           // weight that the scenario gives it
};

/// What a planner can know of the time to come.
class ProcurementOutlook {
 public:
  virtual ~ProcurementOutlook() = default;
  /// Units of demand expected `ahead` from now, over all futures that go on from here.
  virtual double demand_mean(Duration ahead) const = 0;
  /// Units that demand stays below with probability p, 0 < p < 1.
  virtual double demand_quantile(Duration ahead, double p) const = 0;
  /// Units of what is in service, waits for a place, or is on order, less what is retired by then.
  virtual double supply(Duration ahead) const = 0;
};

struct ProcurementView {
  SimTime now;
  std::span<const OfferView> offers;  // on sale, in the order of the scenario; may be empty
  const ProcurementOutlook* outlook = nullptr;
  std::optional<double> lease_usd_per_h = {};  // of a unit of others, now
};

struct Purchase {
  std::uint32_t offer = 0;  // index into ProcurementView::offers
  std::uint64_t racks = 0;
};

struct ProcurementDecision {
  std::vector<Purchase> buy;  // each offer at most once
  double cancel = 0;          // units on order to give up, at their breakage; latest due first
};

struct ProcurementContext {};

class Procurement {
 public:
  virtual ~Procurement() = default;
  /// What is ordered and given up now. A budget, a vendor or missing power may cut it down.
  virtual ProcurementDecision decide(const ProcurementView& view) const = 0;
};

using ProcurementEntry = Entry<Procurement, ProcurementContext>;
/// Every procurement policy, in the order of the reference. Listed by hand in policy/builtin.cpp.
std::span<const ProcurementEntry> procurements();

}  // namespace hyperdc
