// One future of a growth plan, and the steps that it goes through.
//
// In each step of the plan, in this order: grid, halls, bridging power and staff that are due come;
// racks that are due come and are paid; those at the end of their life are sold on; accelerators
// fail; racks that wait are placed, first come first placed, first site first; demand of the step
// is served and money booked; the procurement policy orders; stranded power is taken stock of. What
// is ordered at a step comes at its beginning, at least one step later. Equations:
// docs/models/capacity-growth.md.
//
// Slips: late with probability p, if rho_slip^(1/2) Z_y + (1 - rho_slip)^(1/2) Z < Phi^-1(p), Z_y
// shared by all that is promised for, or ordered in, year y. Failures in a step: Poisson of mean
// n afr (1 + wear age) dt, at most n; above 30 by its normal approximation with the correction for
// skewness (Cornish, Fisher 1938).
// Law: accelerators ordered = on order + waiting + in service + failed + retired + cancelled.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <hyperdc/policy/procurement.hpp>

#include "core/rng.hpp"
#include "world/growth/cash_book.hpp"
#include "world/growth/demand_paths.hpp"
#include "world/growth/rows.hpp"
#include "world/growth/tax.hpp"

namespace hyperdc {

/// What all futures of a plan share.
struct GrowthContext {
  struct Generation {
    RowResources needs;
    std::uint32_t from = 0, until = 0;  // steps of sale, both included
    std::uint32_t life = 0;             // steps
    std::uint32_t repurpose = 0;        // age in steps; above life: never
    std::uint32_t lead = 0;             // mean with slips, steps
    double units_per_rack = 1;
    Distribution lead_s, slip_s;
    RandomStream leads, slips, prices, failures, efficiency;
  };
  struct Delivery {
    std::uint32_t site = 0, part = 0;  // of GrowthSite::grid or ::halls
    bool is_hall = false;
    std::optional<Distribution> slip_s;
    RandomStream slips;
  };

  GrowthContext(const GrowthPlanSpec& plan, std::uint64_t seed);

  const GrowthPlanSpec& spec;
  DemandPaths demand;
  std::vector<Generation> generations;  // as in the plan
  std::vector<Delivery> deliveries;
  RandomStream common_slips;
  std::vector<double> worth;  // of a dollar at a step, today; one more for the end
  std::unique_ptr<const Procurement> policy;
  bool all_take_repurposed = false;  // every class

  std::uint32_t steps_of(Duration time) const;  // rounded up
  /// The time, or the plan and one step more where it is longer: it is past the end all the same,
  /// and a heavy tail may draw more than a Duration holds.
  Duration within_plan(double time_s) const;
  std::uint32_t year_of(std::uint32_t step) const { return step / spec.steps_per_year; }
  /// Steps by which something that is promised for that year is late.
  bool is_late(const RandomStream& slips, double probability, std::uint32_t future,
               std::uint32_t year, std::uint64_t attribute) const;
};

struct Cohort {
  std::uint32_t generation = 0;
  std::uint32_t arrived = 0;  // step, modulo 2^32: what was there before has an age at step 0
  std::uint64_t racks = 0, waiting = 0;  // the latter of the former
  std::uint64_t alive = 0;               // accelerators in service
  double price_usd = 0;                  // of a rack
  std::int64_t paid_cents = 0;
  std::uint64_t number = 0;  // of its future, in order of arrival
  std::vector<PlacedRacks> places = {};
  std::vector<std::uint64_t> at_site = {};  // racks of `places`
};

struct RackOrder {
  std::uint32_t generation = 0, due = 0;
  std::uint64_t racks = 0;
  double price_usd = 0;         // of a rack
  std::int64_t paid_cents = 0;  // deposit
  std::uint32_t ordered = 0;    // step
};

struct LeaseBlock {
  double units = 0;
  std::uint32_t from = 0, until = 0;  // steps
  double usd_per_h = 0;               // of a unit, as of the day it was taken
};

/// Levels of one step.
struct GrowthLevels {
  double demand = 0, capacity = 0, served = 0, leased = 0, on_order = 0, waiting = 0;  // units
  double grid_w = 0, racks_w = 0;  // of the sites; of racks that stand there
};

/// What a future adds up to; unit-seconds, W s.
struct GrowthTotals {
  double demand = 0, served = 0, idle = 0, waiting = 0, leased = 0;
  std::vector<double> class_demand, class_unserved;
  std::vector<double> year_unserved, year_demand;
  StrandedPower stranded{};
  double present_hours = 0;  // served, discounted
  std::uint64_t orders = 0;
  std::vector<std::optional<std::uint32_t>> first;  // by GrowthLimit: step at which it bound
  std::vector<std::uint64_t> delivered;  // racks by quarter and generation, if steps are quarters
};

struct FutureSite {
  SiteRows rows;
  std::vector<std::uint32_t> grid_at, hall_at;  // steps, slips included
  std::vector<std::uint32_t> grid_until;        // step at which it was given up
  std::vector<std::uint32_t> spare;             // by delivery: steps in a row without need of it
  std::uint32_t bridged_from = 0, bridged_until = 0;
  bool grid_stopped = false;                   // a rack, in this step
  GrowthLimit room_ends = GrowthLimit::halls;  // what ends first for what was last asked for
  std::optional<std::uint32_t> grid_cuts_at;   // what the grid cut off an order would come then
};

/// People who come at a step.
struct Hires {
  std::uint32_t at = 0;
  double persons = 0;
};

struct GrowthFuture {
  GrowthFuture(const GrowthContext& context, std::uint32_t index);

  std::uint32_t index = 0;
  DemandState demand;
  std::vector<double> log_price;  // by generation
  std::vector<FutureSite> sites;
  std::vector<Cohort> cohorts;    // in order of arrival
  std::vector<RackOrder> orders;  // in order of ordering
  std::vector<LeaseBlock> leases;
  double staff = 0;                // persons; meaningless without StaffSpec
  std::vector<Hires> hires;        // on their way, in order of coming
  std::vector<double> efficiency;  // by generation
  std::vector<bool> known;         // by generation: one of it has come
  CashBook cash;
  TaxBook books;  // without TaxSpec empty
  GrowthLevels now;
  GrowthTotals totals;
  double committed_usd = 0;                    // of the budget of this year
  std::vector<std::uint64_t> ordered_in_year;  // racks by generation
  std::optional<std::uint32_t> wanted;         // generation that was last asked for
  // Accelerators since the beginning.
  std::uint64_t ordered = 0, cancelled = 0, failed = 0, retired = 0;
  std::uint64_t arrivals = 0;            // cohorts
  std::int64_t paid_and_gone_cents = 0;  // for racks that are retired
};

/// What a class may use at a step: what the classes before it leave, all kinds of racks alike;
/// those after it yield.
struct ClassCapacity {
  double demand = 0, units = 0;  // leases included
  // By generation, those with power; units without leases:
  std::vector<double> accelerators = {}, units_of = {};
};

/// All of one step. They come in order from 0.
void step_future(const GrowthContext& context, GrowthFuture& future, std::uint32_t step);
/// The end of the plan: racks, and halls and grid that have a life, are sold on, and open orders
/// have their deposits back.
void close_future(const GrowthContext& context, GrowthFuture& future);
/// Accelerators that wait, serve or are on order: the other side of the law.
std::uint64_t accelerators_there(const GrowthContext& context, const GrowthFuture& future);

// Parts of a step.
void deliver(const GrowthContext& context, GrowthFuture& future, std::uint32_t step);
void place_waiting(const GrowthContext& context, GrowthFuture& future, std::uint32_t step);
void serve(const GrowthContext& context, GrowthFuture& future, std::uint32_t step);
/// After that of the step.
ClassCapacity class_capacity(const GrowthContext& context, GrowthFuture& future, std::uint32_t step,
                             std::uint32_t of_class);
void order(const GrowthContext& context, GrowthFuture& future, std::uint32_t step);
void hire(const GrowthContext& context, GrowthFuture& future, std::uint32_t step);
/// Gives up power of the grid that has not been needed for long enough.
void give_up_power(const GrowthContext& context, GrowthFuture& future, std::uint32_t step);
void strand_power(const GrowthContext& context, GrowthFuture& future, std::uint32_t step);

/// Watts of racks that are delivered or on order and do not stand yet.
double coming_w(const GrowthContext& context, const GrowthFuture& future);
/// Watts of racks that the staff could look after beside those that stand; without limit: infinity.
double unstaffed_w(const GrowthContext& context, const GrowthFuture& future);
/// Watts of the minimum bill of a site beyond what it draws.
double unused_contract_w(const GrowthContext& context, const GrowthFuture& future,
                         std::uint32_t site, std::uint32_t step, double drawn_w);
/// Units of a rack of a generation: what its software makes of it once one has come, the mean until
/// then.
double units_of_rack(const GrowthContext& context, const GrowthFuture& future,
                     std::uint32_t generation);
/// Share of a delivery that is there at a step: by its ramp, and 0 before it comes and once it is
/// given up.
double there(const GrowthContext& context, const GrowthFuture& future, std::uint32_t site,
             std::size_t delivery, std::uint32_t step);

/// Power that the racks of a site may draw at a step, by what is there or is promised by then.
double racks_limit_w(const GrowthContext& context, const GrowthFuture& future, std::uint32_t site,
                     std::uint32_t step, bool promised);
/// Watts of the racks of a site that are without power at a step, on average over it: interruptible
/// power while that is away, and what the grid no longer carries once bridging power has gone.
double unpowered_w(const GrowthContext& context, const GrowthFuture& future, std::uint32_t site,
                   std::uint32_t step);
double firm_w(const GrowthContext& context, const GrowthFuture& future, std::uint32_t site,
              std::uint32_t step);
/// Stops the run where so many racks are no number of accelerators.
void check_racks(const HardwareGeneration& generation, std::uint64_t racks);
void note_limit(GrowthFuture& future, GrowthLimit limit, std::uint32_t step);
void book(const GrowthContext& context, GrowthFuture& future, CashKind kind, std::uint32_t step,
          std::int64_t cents);

}  // namespace hyperdc
