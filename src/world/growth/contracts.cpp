// Contracts of grid power, and people: what growth needs beside hardware and halls.
//
// Minimum bill of a site: energy at its price for max(drawn, sum of share_g firm_g), over what has
// come, risen and is within its term (take or pay). A delivery is given up once the firm power of
// the others has carried what stands there, and all racks that are delivered or on order, for
// `give_up_after` without a break; within its term that costs the exit fee. Staff: one person for
// so many watts of racks; who is missing for what stands, waits or is on order is hired, at most so
// many a year, and comes after the lead time; a share leaves a year. Units: W, persons (and parts
// of them). Sources: large-load tariffs of US utilities since 2024 have a minimum demand of 60 to
// 85 % of the contracted power, terms of 10 to 15 years and exit fees. Leaves out: demand charges
// beside the minimum, selling power on, overtime, trades, and people of one site who do not move to
// another.
#include <algorithm>
#include <limits>

#include "world/growth/future.hpp"

namespace hyperdc {
namespace {

bool within_term(const GrowthContext& context, const GridContract& contract, std::uint32_t at,
                 std::uint32_t step) {
  return !contract.term || step - at < context.steps_of(*contract.term);
}

}  // namespace

double units_of_rack(const GrowthContext& context, const GrowthFuture& future,
                     std::uint32_t generation) {
  const double units = context.generations[generation].units_per_rack;
  return future.known[generation] ? units * future.efficiency[generation] : units;
}

double coming_w(const GrowthContext& context, const GrowthFuture& future) {
  double sum = 0;
  for (const Cohort& cohort : future.cohorts) {
    sum += static_cast<double>(cohort.waiting) *
           context.spec.generations[cohort.generation].rack.power_w;
  }
  for (const RackOrder& one : future.orders) {
    sum += static_cast<double>(one.racks) * context.spec.generations[one.generation].rack.power_w;
  }
  return sum;
}

double unstaffed_w(const GrowthContext& context, const GrowthFuture& future) {
  if (!context.spec.staff) return std::numeric_limits<double>::infinity();
  double watts = future.staff * context.spec.staff->watts_per_person;
  for (const FutureSite& site : future.sites) watts -= site.rows.used_w();
  return std::max(0.0, watts);
}

double unused_contract_w(const GrowthContext& context, const GrowthFuture& future, std::uint32_t s,
                         std::uint32_t step, double drawn_w) {
  const GrowthSite& site = context.spec.sites[s];
  double sum = 0;
  for (std::size_t g = 0; g < site.grid.size(); ++g) {
    const auto& contract = site.grid[g].contract;
    if (!contract || !within_term(context, *contract, future.sites[s].grid_at[g], step)) continue;
    sum += contract->minimum_bill * site.grid[g].firm_w * there(context, future, s, g, step);
  }
  return std::max(0.0, sum - drawn_w);
}

void hire(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  if (!context.spec.staff) return;
  const StaffSpec& spec = *context.spec.staff;
  double watts = coming_w(context, future);
  for (const FutureSite& site : future.sites) watts += site.rows.used_w();
  double missing = watts / spec.watts_per_person - future.staff;
  for (const Hires& some : future.hires) missing -= some.persons;
  if (spec.most) missing = std::min(missing, *spec.most * context.spec.step_years());
  if (missing <= 1e-9) return;
  future.hires.push_back({step + std::max(1U, context.steps_of(spec.lead)), missing});
}

void give_up_power(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  if (step + 1 >= context.spec.steps()) return;  // it would go after the plan
  for (std::uint32_t s = 0; s < future.sites.size(); ++s) {
    const GrowthSite& spec = context.spec.sites[s];
    FutureSite& site = future.sites[s];
    const bool any = std::any_of(spec.grid.begin(), spec.grid.end(), [](const GridDelivery& grid) {
      return grid.contract && grid.contract->give_up_after;
    });
    if (!any) continue;
    const double needed_w = (site.rows.used_w() + coming_w(context, future)) * spec.pue;
    double firm = 0;
    for (std::size_t g = 0; g < spec.grid.size(); ++g) {
      firm += spec.grid[g].firm_w * there(context, future, s, g, step);
    }
    for (std::size_t g = spec.grid.size(); g-- > 0;) {
      const auto& contract = spec.grid[g].contract;
      const double share = there(context, future, s, g, step);
      if (!contract || !contract->give_up_after || share <= 0) continue;
      const double others = firm - spec.grid[g].firm_w * share;
      const bool spare = needed_w <= others;
      site.spare[g] = spare ? site.spare[g] + 1 : 0;
      if (spare) firm = others;  // what may go does not carry the load for those before it
      if (site.spare[g] <= context.steps_of(*contract->give_up_after)) continue;
      site.grid_until[g] = step + 1;
      if (!within_term(context, *contract, site.grid_at[g], step + 1)) continue;
      book(context, future, CashKind::exit_fee, step, cents_of(contract->exit_fee_usd));
    }
  }
}

}  // namespace hyperdc
