// Rows of halls: racks that stand in them, room that is left, and power that no rack can use.
//
// A rack fits where each resource of the row (positions, power of the busway, heat to air and to
// liquid, ports, weight) is left as much as it needs. Rows are filled first fit, in order of
// readiness: n = min over resources of floor(left / need). Stranded power of a row: what is left of
// its power beyond the n racks of the wanted kind that still fit, by the resource with the least
// floor(left / need). Of the site: power of rows that fit racks and that the grid does not carry is
// stranded by the grid; power of the grid that no row can take, by halls; power of rows that the
// UPS of their hall does not carry, by it. Units: W, kg. Law: left power of all rows = what racks
// still fit and the grid carries + stranded by each cause but halls. Leaves out: the place of racks
// beside each other, cables, moving racks together later.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "scenario/growth_spec.hpp"
#include "world/growth/limits.hpp"

namespace hyperdc {

/// Positions, power, air, liquid, ports, weight: in the order of GrowthLimit.
using RowResources = std::array<double, 6>;
RowResources resources_of(const RowNeeds& needs);

struct RowFit {
  std::uint64_t racks = 0;
  GrowthLimit cause = GrowthLimit::halls;  // the resource that ends first
};
RowFit fit_of(const RowResources& left, const RowResources& needs);

/// Racks of so much power each that so much carries.
std::uint64_t whole_racks(double available_w, double rack_w);

/// Racks of one cohort in one row.
struct PlacedRacks {
  std::uint32_t site = 0, row = 0;
  std::uint64_t racks = 0;
};

/// By GrowthLimit; chips and budget stay 0.
using StrandedPower = std::array<double, kGrowthLimits.size()>;

/// The rows of one site in one future.
class SiteRows {
 public:
  void add(const RowResources& row, std::uint32_t count, double ups_w);
  /// Puts at most so many racks into rows, first fit; adds them to `placed`. How many it were.
  std::uint64_t place(const RowResources& needs, std::uint64_t racks, std::uint32_t site,
                      std::vector<PlacedRacks>& placed);
  void remove(const RowResources& needs, std::uint32_t row, std::uint64_t racks);
  /// Racks of such needs that still fit, and what ends first in most rows that hold none of them;
  /// where each still holds some, in most of all rows.
  RowFit open(const RowResources& needs) const;
  /// Adds what is stranded for racks of such needs where the grid carries `free_w` more of racks.
  /// How many more of them rows, UPS and grid carry.
  std::uint64_t strand(const RowResources& needs, double free_w, StrandedPower& stranded) const;

  double used_w() const { return used_w_; }
  bool empty() const { return left_.empty(); }
  /// Room of all rows, in W: the other side of the law.
  double left_w() const;

 private:
  struct Hall {
    std::uint32_t first = 0, end = 0;  // rows
    double ups_w = 0;                  // left
  };

  std::vector<RowResources> left_;
  std::vector<Hall> halls_;
  double used_w_ = 0;
};

}  // namespace hyperdc
