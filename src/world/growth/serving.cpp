// Demand of a step against what stands there, and the money of the step.
#include <algorithm>
#include <cmath>

#include "core/erlang.hpp"
#include "core/math.hpp"
#include "world/growth/future.hpp"

namespace hyperdc {
namespace {

constexpr double kSecondsOfHour = 3600;

struct Capacity {
  double fresh = 0, repurposed = 0;  // units

  double all() const { return fresh + repurposed; }
};

/// Share of the racks of each site that has power, all kinds of racks alike.
std::vector<double> powered_shares(const GrowthContext& context, const GrowthFuture& future,
                                   std::uint32_t step) {
  std::vector<double> shares;
  for (std::uint32_t s = 0; s < future.sites.size(); ++s) {
    const double racks_w = future.sites[s].rows.used_w();
    shares.push_back(racks_w > 0 ? 1 - unpowered_w(context, future, s, step) / racks_w : 1);
  }
  return shares;
}

/// Share of the racks of a cohort that has power.
double powered(const Cohort& cohort, const std::vector<double>& shares) {
  double racks = 0;
  double with = 0;
  for (std::size_t s = 0; s < cohort.at_site.size(); ++s) {
    racks += static_cast<double>(cohort.at_site[s]);
    with += static_cast<double>(cohort.at_site[s]) * shares[s];
  }
  return racks > 0 ? with / racks : 1;
}

Capacity capacity_of(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  Capacity out;
  future.now.waiting = 0;
  const std::vector<double> shares = powered_shares(context, future, step);
  for (const Cohort& cohort : future.cohorts) {
    const GrowthContext::Generation& generation = context.generations[cohort.generation];
    const double units = static_cast<double>(cohort.alive) *
                         context.spec.generations[cohort.generation].performance *
                         future.efficiency[cohort.generation] * powered(cohort, shares);
    (step - cohort.arrived >= generation.repurpose ? out.repurposed : out.fresh) += units;
    future.now.waiting +=
        static_cast<double>(cohort.waiting) * units_of_rack(context, future, cohort.generation);
  }
  for (const LeaseBlock& block : future.leases) {
    if (block.from <= step && step < block.until) out.fresh += block.units;
  }
  return out;
}

/// Units that a class gets; takes them from what is left.
double take(const GrowthClass& of, double demand, Capacity& left) {
  if (of.reservation) {
    const double offered = demand / *of.reservation;
    const double room =
        (left.fresh + (of.takes_repurposed ? left.repurposed : 0)) / *of.reservation;
    const auto servers = static_cast<std::uint64_t>(room * (1 + 1e-12));
    return demand <= 0 ? 0 : demand * (1 - erlang_b(servers, offered));
  }
  const double old = of.takes_repurposed ? std::min(demand, left.repurposed) : 0;
  left.repurposed -= old;
  const double fresh = std::min(demand - old, left.fresh);
  left.fresh -= fresh;
  return old + fresh;
}

void book_running(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  const double step_s = to_seconds(context.spec.step);
  const double years = context.spec.step_years() * step;
  double energy = 0;
  double minimum = 0;
  double rent = 0;
  double bridging = 0;
  for (std::uint32_t s = 0; s < future.sites.size(); ++s) {
    const GrowthSite& spec = context.spec.sites[s];
    const FutureSite& site = future.sites[s];
    const double drawn = site.rows.used_w() - unpowered_w(context, future, s, step);
    const double usd_per_w = step_s * spec.usd_per_j * math::pow(spec.electricity.factor, years);
    energy += drawn * spec.pue * usd_per_w;
    minimum += unused_contract_w(context, future, s, step, drawn * spec.pue) * usd_per_w;
    for (std::size_t h = 0; h < spec.halls.size(); ++h) {
      if (site.hall_at[h] <= step) rent += spec.halls[h].rent_usd_per_s * step_s;
    }
    if (spec.bridging && site.bridged_from <= step && step < site.bridged_until) {
      bridging += spec.bridging->cost_usd_per_s * step_s;
    }
  }
  book(context, future, CashKind::energy, step, cents_of(energy));
  book(context, future, CashKind::minimum_bill, step, cents_of(minimum));
  if (context.spec.staff) {
    book(context, future, CashKind::staff, step,
         cents_of(future.staff * context.spec.staff->usd_per_s * step_s));
  }
  book(context, future, CashKind::rent, step, cents_of(rent));
  book(context, future, CashKind::bridging, step, cents_of(bridging));
}

/// Leases what is missing, or will be when terms end, and pays for what is leased.
void lease(const GrowthContext& context, GrowthFuture& future, std::uint32_t step,
           double unserved) {
  if (!context.spec.lease) return;
  const LeaseSpec& spec = *context.spec.lease;
  std::erase_if(future.leases, [&](const LeaseBlock& block) { return block.until <= step; });
  const std::uint32_t from = step + std::max(1U, context.steps_of(spec.lead));
  double active = 0;
  double then = 0;  // what is leased when more would come
  double usd_per_h = 0;
  for (const LeaseBlock& block : future.leases) {
    if (block.until > from) then += block.units;
    if (block.from > step) continue;
    active += block.units;
    usd_per_h += block.units * block.usd_per_h;
  }
  const double step_h = to_seconds(context.spec.step) / kSecondsOfHour;
  book(context, future, CashKind::lease, step, cents_of(usd_per_h * step_h));
  future.now.leased = active;
  future.totals.leased += active * to_seconds(context.spec.step);
  const double idle = future.now.capacity - future.now.served;
  const double needed = unserved + std::max(0.0, active - idle);
  const double more = std::min(spec.most, needed) - then;
  if (more <= 1e-9 * spec.most) return;
  const double price =
      spec.usd_per_h * math::pow(spec.price.factor, context.spec.step_years() * step);
  future.leases.push_back({more, from, from + std::max(1U, context.steps_of(spec.term)), price});
}

}  // namespace

double unpowered_w(const GrowthContext& context, const GrowthFuture& future, std::uint32_t s,
                   std::uint32_t step) {
  const double racks_w = future.sites[s].rows.used_w();
  const double limit = racks_limit_w(context, future, s, step, false);
  const double firm = firm_w(context, future, s, step) / context.spec.sites[s].pue;
  return std::max(0.0, racks_w - limit) +
         std::max(0.0, std::min(racks_w, limit) - firm) * context.spec.sites[s].interrupted;
}

ClassCapacity class_capacity(const GrowthContext& context, GrowthFuture& future, std::uint32_t step,
                             std::uint32_t of_class) {
  const Capacity all = capacity_of(context, future, step);
  Capacity left = all;
  for (std::uint32_t c = 0; c < of_class; ++c) {
    take(context.spec.classes[c], context.demand.level(future.demand, c), left);
  }
  const bool takes_old = context.spec.classes[of_class].takes_repurposed;
  ClassCapacity out{context.demand.level(future.demand, of_class),
                    left.fresh + (takes_old ? left.repurposed : 0)};
  out.accelerators.resize(context.generations.size());
  out.units_of.resize(context.generations.size());
  const double of_fresh = all.fresh > 0 ? left.fresh / all.fresh : 0;
  const double of_old = takes_old && all.repurposed > 0 ? left.repurposed / all.repurposed : 0;
  const std::vector<double> shares = powered_shares(context, future, step);
  for (const Cohort& cohort : future.cohorts) {
    const bool old = step - cohort.arrived >= context.generations[cohort.generation].repurpose;
    const double there =
        static_cast<double>(cohort.alive) * powered(cohort, shares) * (old ? of_old : of_fresh);
    out.accelerators[cohort.generation] += there;
    out.units_of[cohort.generation] += there *
                                       context.spec.generations[cohort.generation].performance *
                                       future.efficiency[cohort.generation];
  }
  return out;
}

void serve(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  const double step_s = to_seconds(context.spec.step);
  Capacity left = capacity_of(context, future, step);
  GrowthLevels& now = future.now;
  GrowthTotals& totals = future.totals;
  now.capacity = left.all();
  now.demand = now.served = 0;
  double revenue = 0;
  for (std::size_t c = 0; c < context.spec.classes.size(); ++c) {
    const GrowthClass& of = context.spec.classes[c];
    const double demand = context.demand.level(future.demand, c);
    const double served = take(of, demand, left);
    now.demand += demand;
    now.served += served;
    totals.class_demand[c] += demand * step_s;
    totals.class_unserved[c] += (demand - served) * step_s;
    revenue += served * step_s / kSecondsOfHour * of.price_usd_per_h *
               math::pow(of.price.factor, context.spec.step_years() * step);
  }
  const double unserved = now.demand - now.served;
  book(context, future, CashKind::revenue, step, cents_of(revenue));
  book_running(context, future, step);
  lease(context, future, step, unserved);
  totals.demand += now.demand * step_s;
  totals.served += now.served * step_s;
  totals.idle += (now.capacity - now.served) * step_s;
  totals.waiting += now.waiting * step_s;
  totals.year_demand[context.year_of(step)] += now.demand * step_s;
  totals.year_unserved[context.year_of(step)] += unserved * step_s;
  totals.present_hours += now.served * step_s / kSecondsOfHour * context.worth[step];
  // Nothing on order: it was not wanted in time, or another limit cut the order.
  if (unserved > 1e-9 * now.demand && now.waiting <= 0 && !future.orders.empty() &&
      !context.spec.classes[0].reservation) {
    note_limit(future, GrowthLimit::chips, step);
  }
  now.grid_w = now.racks_w = 0;
  for (std::uint32_t s = 0; s < future.sites.size(); ++s) {
    now.grid_w += racks_limit_w(context, future, s, step, false) * context.spec.sites[s].pue;
    now.racks_w += future.sites[s].rows.used_w();
  }
}

void strand_power(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  if (!future.wanted) return;
  StrandedPower stranded{};
  std::uint64_t open = 0;
  const RowResources& needs = context.generations[*future.wanted].needs;
  for (std::uint32_t s = 0; s < future.sites.size(); ++s) {
    const SiteRows& rows = future.sites[s].rows;
    const double free_w =
        std::max(0.0, racks_limit_w(context, future, s, step, false) - rows.used_w());
    open += rows.strand(needs, free_w, stranded);
  }
  const double rack_w = context.spec.generations[*future.wanted].rack.power_w;
  const auto staffed = static_cast<double>(whole_racks(unstaffed_w(context, future), rack_w));
  stranded[index_of(GrowthLimit::staff)] +=
      std::max(0.0, static_cast<double>(open) - staffed) * rack_w;
  for (std::size_t l = 0; l < stranded.size(); ++l) {
    future.totals.stranded[l] += stranded[l] * to_seconds(context.spec.step);
  }
}

}  // namespace hyperdc
