// A growth plan in the world: all of its futures, their levels, numbers and laws.
//
// Computes, over the futures of the plan: mean and quantiles (nearest rank) of what each adds up
// to. A limit first binds at the step at which it first keeps demand from being served or racks
// from being ordered or placed; a quantile that falls on futures in which it never does has no
// value. Cost per hour is levelised: discounted costs less what is sold on, over discounted hours
// served. Units as in docs/models/capacity-growth.md. One future's numbers do not depend on the
// others. Leaves out: what future.hpp and rows.hpp leave out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "world/growth/future.hpp"
#include "world/growth/windows.hpp"
#include "world/world.hpp"

namespace hyperdc {

struct GrowthState {
  GrowthState(const GrowthPlanSpec& plan, std::uint64_t seed)
      : context(plan, seed), windows(plan.windows.size()) {}

  GrowthContext context;
  std::vector<GrowthFuture> futures;
  std::uint32_t steps = 0;  // that are done
  bool closed = false;
  std::vector<WindowState> windows;  // as in the plan
  struct {
    MetricId demand, capacity, served, leased, on_order, waiting, grid, racks;
  } metrics;
};

/// Once, before the run.
void build_growth(World& world);
/// One step of all futures, and its levels.
void step_growth(World& world, GrowthState& state);
void close_growth(GrowthState& state);
/// Accelerators and money since the beginning, over all futures: what a fingerprint may rest on.
std::uint64_t growth_digest(const GrowthState& state);

void read_growth(const World& world, std::vector<MetricValue>& values);

/// Both sides of each law of one plan, over its futures; throws InvariantError on a future that
/// breaks one.
struct GrowthLaws {
  std::uint64_t ordered = 0, there = 0, failed = 0, retired = 0, cancelled = 0;  // accelerators
  std::int64_t net_cents = 0, net_by_year_cents = 0;
  std::int64_t racks_cents = 0, racks_by_order_cents = 0;
  std::int64_t capex_cents = 0, books_cents = 0;  // written off and left, where there are taxes
};
GrowthLaws growth_laws(const GrowthState& state);

}  // namespace hyperdc
