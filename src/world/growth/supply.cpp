// What comes, ages, fails and stands somewhere: the first half of a step of a future.
#include <algorithm>
#include <cmath>

#include "core/math.hpp"
#include "world/growth/future.hpp"

namespace hyperdc {
namespace {

constexpr double kNormalFrom = 30;  // failures expected in a step

/// Poisson of mean `mean`; exact below kNormalFrom (by inversion).
double poisson(double mean, double u) {
  if (mean < kNormalFrom) {
    double p = math::exp(-mean);
    double below = p;
    double n = 0;
    while (u > below && p > 0) {
      ++n;
      p *= mean / n;
      below += p;
    }
    return n;
  }
  const double z = math::normal_quantile(u);
  return std::max(0.0, std::floor(mean + std::sqrt(mean) * z + (z * z - 1) / 6 + 0.5));
}

void book_capex(const GrowthContext& context, GrowthFuture& future, CashKind kind,
                std::uint32_t step, double usd) {
  book(context, future, kind, step, cents_of(usd));
  future.committed_usd += usd;
  if (!context.spec.tax) return;
  const Duration life = kind == CashKind::halls ? context.spec.tax->halls : context.spec.tax->grid;
  future.books.add(cents_of(usd), step, context.steps_of(life));
}

void come_parts(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  for (std::uint32_t s = 0; s < future.sites.size(); ++s) {
    const GrowthSite& spec = context.spec.sites[s];
    FutureSite& site = future.sites[s];
    for (std::size_t g = 0; g < spec.grid.size(); ++g) {
      if (site.grid_at[g] != step) continue;
      book_capex(context, future, CashKind::grid, step, spec.grid[g].capex_usd);
    }
    for (std::size_t h = 0; h < spec.halls.size(); ++h) {
      if (site.hall_at[h] != step) continue;
      site.rows.add(resources_of(spec.halls[h].row), spec.halls[h].rows, spec.halls[h].ups_w);
      book_capex(context, future, CashKind::halls, step, spec.halls[h].capex_usd);
    }
  }
}

void come_staff(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  if (!context.spec.staff || step == 0) return;
  future.staff *= math::pow(1 - context.spec.staff->attrition, context.spec.step_years());
  std::erase_if(future.hires, [&](const Hires& some) {
    if (some.at != step) return false;
    future.staff += some.persons;
    return true;
  });
}

void come_racks(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  std::erase_if(future.orders, [&](const RackOrder& one) {
    if (one.due != step) return false;
    const std::int64_t all = cents_of(one.price_usd * static_cast<double>(one.racks));
    book(context, future, CashKind::racks, step, all - one.paid_cents);
    if (!future.known[one.generation]) {
      book(context, future, CashKind::porting, step,
           cents_of(context.spec.generations[one.generation].porting_usd));
      future.known[one.generation] = true;
    }
    if (context.spec.by_quarters()) {
      future.totals.delivered[step * context.generations.size() + one.generation] += one.racks;
    }
    if (context.spec.tax) {
      future.books.add(all, step, context.steps_of(context.spec.tax->racks));
    }
    future.cohorts.push_back(
        {one.generation, step, one.racks, one.racks, 0, one.price_usd, all, future.arrivals++});
    return true;
  });
}

void retire(const GrowthContext& context, GrowthFuture& future, Cohort& cohort,
            std::uint32_t step) {
  const HardwareGeneration& spec = context.spec.generations[cohort.generation];
  const double age = context.spec.step_years() * (step - cohort.arrived);
  const double whole =
      static_cast<double>(cohort.alive) / spec.accelerators + static_cast<double>(cohort.waiting);
  if (spec.residual > 0) {
    book(context, future, CashKind::resale, step,
         cents_of(whole * cohort.price_usd * math::pow(spec.residual, age)));
  }
  future.retired += cohort.alive + cohort.waiting * spec.accelerators;
  future.paid_and_gone_cents += cohort.paid_cents;
  if (context.spec.tax) {
    future.books.write_off(cohort.paid_cents, cohort.arrived,
                           context.steps_of(context.spec.tax->racks), step);
  }
  for (const PlacedRacks& place : cohort.places) {
    future.sites[place.site].rows.remove(context.generations[cohort.generation].needs, place.row,
                                         place.racks);
  }
}

void fail(const GrowthContext& context, GrowthFuture& future, Cohort& cohort, std::uint32_t step) {
  const HardwareGeneration& spec = context.spec.generations[cohort.generation];
  if (spec.afr <= 0 || cohort.alive == 0) return;
  const double dt = context.spec.step_years();
  const double age = dt * (step - cohort.arrived);
  const double mean = static_cast<double>(cohort.alive) * spec.afr * (1 + spec.wear * age) * dt;
  const std::uint64_t attribute = cohort.number * (context.spec.steps() + 1) + step;
  const double u = context.generations[cohort.generation].failures.uniform(future.index, attribute);
  const auto failed = std::min(cohort.alive, static_cast<std::uint64_t>(poisson(mean, u)));
  cohort.alive -= failed;
  future.failed += failed;
}

/// Share of a delivery that is there, at a step from its first one on.
double ramped(const GrowthContext& context, const GridDelivery& grid, std::uint32_t since) {
  const double ramp = static_cast<double>(grid.ramp.ns) / static_cast<double>(context.spec.step.ns);
  return ramp > 1 ? std::min(1.0, (since + 1) / ramp) : 1;
}

/// What racks may draw from the grid at step `then`, as far as it is known at `step`: what has
/// come, and what is promised for later; what is overdue has no date.
double foreseen_grid_w(const GrowthContext& context, const GrowthFuture& future, std::uint32_t s,
                       std::uint32_t step, std::uint32_t then) {
  const GrowthSite& spec = context.spec.sites[s];
  double sum = 0;
  for (std::size_t g = 0; g < spec.grid.size(); ++g) {
    const GridDelivery& grid = spec.grid[g];
    const std::uint32_t came = future.sites[s].grid_at[g];
    const std::uint32_t promised = context.steps_of(grid.at);
    if (came > step && (promised <= step || promised > then)) continue;
    if (future.sites[s].grid_until[g] <= step) continue;
    sum += (grid.firm_w + grid.interruptible_w) *
           ramped(context, grid, then - (came <= step ? came : promised));
  }
  return sum / spec.pue;
}

/// Orders bridging power where the grid stopped a rack, cut an order down (then for when the
/// rest of it would come) or no longer carries what stands there, and keeps it where what stands
/// there will need it longer.
void bridge(const GrowthContext& context, GrowthFuture& future, std::uint32_t s,
            std::uint32_t step) {
  const GrowthSite& spec = context.spec.sites[s];
  FutureSite& site = future.sites[s];
  if (!spec.bridging) return;
  const std::uint32_t lead = context.steps_of(spec.bridging->lead);
  const std::uint32_t term = std::max(1U, context.steps_of(spec.bridging->term));
  const double now_w = racks_limit_w(context, future, s, step, false);
  const bool missing = site.grid_stopped || site.rows.used_w() > now_w * (1 + 1e-9);
  const std::optional<std::uint32_t> wanted =
      missing ? std::optional(step) : site.grid_cuts_at;  // by when
  const std::uint32_t from = std::max(step + lead, wanted.value_or(0));
  if (site.bridged_until <= step) {
    if (!wanted) return;
    site.bridged_from = from;
    site.bridged_until = from + term;
  } else if (wanted && site.bridged_from > from) {
    site.bridged_from = from;  // it was ordered for later
    site.bridged_until = from + term;
  } else if (site.bridged_until <= step + std::max(1U, lead)) {
    const double grid = foreseen_grid_w(context, future, s, step, site.bridged_until);
    if (site.rows.used_w() > grid) site.bridged_until += term;
  }
}

}  // namespace

namespace {

double bridging_w(const GrowthContext& context, const GrowthFuture& future, std::uint32_t s,
                  std::uint32_t step) {
  const std::optional<BridgingSpec>& spec = context.spec.sites[s].bridging;
  const FutureSite& site = future.sites[s];
  return spec && site.bridged_from <= step && step < site.bridged_until ? spec->power_w : 0;
}

}  // namespace

double there(const GrowthContext& context, const GrowthFuture& future, std::uint32_t s,
             std::size_t delivery, std::uint32_t step) {
  const FutureSite& site = future.sites[s];
  const std::uint32_t at = site.grid_at[delivery];
  if (at > step || site.grid_until[delivery] <= step) return 0;
  return ramped(context, context.spec.sites[s].grid[delivery], step - at);
}

double firm_w(const GrowthContext& context, const GrowthFuture& future, std::uint32_t s,
              std::uint32_t step) {
  const GrowthSite& spec = context.spec.sites[s];
  double sum = bridging_w(context, future, s, step);
  for (std::size_t g = 0; g < spec.grid.size(); ++g) {
    sum += spec.grid[g].firm_w * there(context, future, s, g, step);
  }
  return sum;
}

double racks_limit_w(const GrowthContext& context, const GrowthFuture& future, std::uint32_t s,
                     std::uint32_t step, bool promised) {
  const GrowthSite& spec = context.spec.sites[s];
  double sum = bridging_w(context, future, s, step);
  for (std::size_t g = 0; g < spec.grid.size(); ++g) {
    const GridDelivery& grid = spec.grid[g];
    const std::uint32_t at = promised ? context.steps_of(grid.at) : future.sites[s].grid_at[g];
    if (at > step || future.sites[s].grid_until[g] <= step) continue;
    sum += (grid.firm_w + grid.interruptible_w) * ramped(context, grid, step - at);
  }
  return sum / spec.pue;
}

void deliver(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  come_parts(context, future, step);
  come_racks(context, future, step);
  std::erase_if(future.cohorts, [&](Cohort& cohort) {
    if (step - cohort.arrived < context.generations[cohort.generation].life) return false;
    retire(context, future, cohort, step);
    return true;
  });
  for (Cohort& cohort : future.cohorts) fail(context, future, cohort, step);
}

namespace {

/// Racks of this generation that the grid of a site still carries.
std::uint64_t carried_racks(const GrowthContext& context, const GrowthFuture& future,
                            std::uint32_t s, std::uint32_t generation, std::uint32_t step) {
  const double free_w =
      racks_limit_w(context, future, s, step, false) - future.sites[s].rows.used_w();
  return whole_racks(free_w, context.spec.generations[generation].rack.power_w);
}

/// What keeps racks of this generation out of each site.
void note_stops(const GrowthContext& context, GrowthFuture& future, std::uint32_t generation,
                std::uint32_t step) {
  const double rack_w = context.spec.generations[generation].rack.power_w;
  const bool staffed = whole_racks(unstaffed_w(context, future), rack_w) > 0;
  for (FutureSite& site : future.sites) {
    const RowFit open = site.rows.open(context.generations[generation].needs);
    const auto s = static_cast<std::uint32_t>(&site - future.sites.data());
    const bool carried = open.racks > 0 && carried_racks(context, future, s, generation, step) > 0;
    if (open.racks > 0 && (carried || !staffed)) {  // more power would not help without people
      note_limit(future, GrowthLimit::staff, step);
    } else if (open.racks > 0) {
      site.grid_stopped = true;
      note_limit(future, GrowthLimit::grid, step);
    } else {
      note_limit(future, site.rows.empty() ? GrowthLimit::halls : open.cause, step);
    }
  }
}

}  // namespace

void place_waiting(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  come_staff(context, future, step);
  for (FutureSite& site : future.sites) site.grid_stopped = false;
  for (Cohort& cohort : future.cohorts) {
    if (cohort.waiting == 0) continue;
    const HardwareGeneration& spec = context.spec.generations[cohort.generation];
    for (std::uint32_t s = 0; s < future.sites.size() && cohort.waiting > 0; ++s) {
      SiteRows& rows = future.sites[s].rows;
      const std::uint64_t most =
          std::min({cohort.waiting, whole_racks(unstaffed_w(context, future), spec.rack.power_w),
                    carried_racks(context, future, s, cohort.generation, step)});
      const std::uint64_t placed =
          rows.place(context.generations[cohort.generation].needs, most, s, cohort.places);
      cohort.at_site.resize(future.sites.size());
      cohort.at_site[s] += placed;
      cohort.waiting -= placed;
      cohort.alive += placed * spec.accelerators;
    }
    if (cohort.waiting > 0) note_stops(context, future, cohort.generation, step);
  }
  for (std::uint32_t s = 0; s < future.sites.size(); ++s) {
    bridge(context, future, s, step);
    future.sites[s].grid_cuts_at.reset();
  }
}

}  // namespace hyperdc
