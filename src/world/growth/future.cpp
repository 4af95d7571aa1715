#include "world/growth/future.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "scenario/policy_entry.hpp"

namespace hyperdc {
namespace {

double mean_slip_s(const SlipSpec& slip) {
  return slip.probability > 0 ? slip.probability * Distribution(slip.time_s).mean() : 0;
}

void add_deliveries(GrowthContext& context, std::uint64_t seed) {
  for (std::uint32_t s = 0; s < context.spec.sites.size(); ++s) {
    const GrowthSite& site = context.spec.sites[s];
    const auto add = [&](const std::string& kind, const std::string& name, std::uint32_t part,
                         const SlipSpec& slip) {
      context.deliveries.push_back(
          {s, part, kind == "halls",
           slip.probability > 0 ? std::optional<Distribution>(slip.time_s) : std::nullopt,
           RandomStream(seed, "growth.sites." + site.name + "." + kind + "." + name)});
    };
    for (std::uint32_t i = 0; i < site.grid.size(); ++i) {
      add("grid", site.grid[i].name, i, site.grid[i].slip);
    }
    for (std::uint32_t i = 0; i < site.halls.size(); ++i) {
      add("halls", site.halls[i].name, i, site.halls[i].slip);
    }
  }
}

/// What software makes of the hardware: lognormal of mean 1.
double efficiency_of(const GrowthContext& context, std::uint32_t generation, std::uint32_t future) {
  const double cv = context.spec.generations[generation].efficiency_cv;
  if (cv <= 0) return 1;
  const double variance = math::log(1 + cv * cv);
  const double z =
      math::normal_quantile(context.generations[generation].efficiency.uniform(future, 0));
  return math::exp(std::sqrt(variance) * z - variance / 2);
}

}  // namespace

std::uint32_t GrowthContext::steps_of(Duration time) const {
  return static_cast<std::uint32_t>((time.ns + spec.step.ns - 1) / spec.step.ns);
}

Duration GrowthContext::within_plan(double time_s) const {
  const Duration most{spec.step.ns * (spec.steps() + std::int64_t{1})};
  return time_s < to_seconds(most) ? seconds(time_s) : most;
}

bool GrowthContext::is_late(const RandomStream& slips, double probability, std::uint32_t future,
                            std::uint32_t year, std::uint64_t attribute) const {
  if (probability <= 0) return false;
  if (probability >= 1) return true;
  const double common = math::normal_quantile(common_slips.uniform(future, year));
  const double own = math::normal_quantile(slips.uniform(future, attribute));
  const double z =
      std::sqrt(spec.slip_correlation) * common + std::sqrt(1 - spec.slip_correlation) * own;
  return z < math::normal_quantile(probability);
}

GrowthContext::GrowthContext(const GrowthPlanSpec& plan, std::uint64_t seed)
    : spec(plan), demand(plan, seed), common_slips(seed, "growth.slips") {
  for (const HardwareGeneration& one : plan.generations) {
    const std::string stream = "growth.generations." + one.name + ".";
    Generation& out = generations.emplace_back(Generation{
        resources_of(one.rack), steps_of(one.from), plan.steps(), steps_of(one.life),
        steps_of(one.life) + 1, 1, one.performance * one.accelerators, Distribution(one.lead_s),
        Distribution(one.slip.time_s), RandomStream(seed, stream + "lead_times"),
        RandomStream(seed, stream + "slips"), RandomStream(seed, stream + "prices"),
        RandomStream(seed, stream + "failures"), RandomStream(seed, stream + "efficiency")});
    if (one.until) out.until = static_cast<std::uint32_t>(one.until->ns / plan.step.ns);
    if (one.repurpose) out.repurpose = steps_of(*one.repurpose);
    const double lead_s = Distribution(one.lead_s).mean() + mean_slip_s(one.slip);
    out.lead = std::max(1U, steps_of(within_plan(lead_s)));
  }
  add_deliveries(*this, seed);
  for (std::uint32_t k = 0; k <= plan.steps(); ++k) {
    worth.push_back(math::pow(1 + plan.discount, -plan.step_years() * k));
  }
  policy = entry_of(procurements(), plan.procurement).make(plan.procurement.params, {});
  all_take_repurposed = std::all_of(plan.classes.begin(), plan.classes.end(),
                                    [](const GrowthClass& of) { return of.takes_repurposed; });
}

void check_racks(const HardwareGeneration& generation, std::uint64_t racks) {
  constexpr double kMostAccelerators = 1e15;  // as many in each step still fit into 64 bits
  HYPERDC_CHECK(static_cast<double>(racks) * generation.accelerators <= kMostAccelerators,
                "more than 1e15 accelerators of " + generation.name);
}

GrowthFuture::GrowthFuture(const GrowthContext& context, std::uint32_t number)
    : index(number),
      demand(context.demand.begin(number)),
      log_price(context.generations.size(), 0),
      sites(context.spec.sites.size()),
      cash(context.spec.years),
      books(context.spec.years, context.spec.steps_per_year),
      ordered_in_year(context.generations.size(), 0) {
  for (const GrowthContext::Delivery& delivery : context.deliveries) {
    const GrowthSite& site = context.spec.sites[delivery.site];
    const Duration at =
        delivery.is_hall ? site.halls[delivery.part].at : site.grid[delivery.part].at;
    const SlipSpec& slip =
        delivery.is_hall ? site.halls[delivery.part].slip : site.grid[delivery.part].slip;
    Duration late{};
    const std::uint32_t year = context.year_of(context.steps_of(at));
    if (delivery.slip_s && context.is_late(delivery.slips, slip.probability, number, year, 0)) {
      late = context.within_plan(delivery.slip_s->draw(delivery.slips, number, 1));
    }
    FutureSite& out = sites[delivery.site];
    (delivery.is_hall ? out.hall_at : out.grid_at).push_back(context.steps_of(at + late));
    if (delivery.is_hall) continue;
    out.grid_until.push_back(std::numeric_limits<std::uint32_t>::max());
    out.spare.push_back(0);
  }
  if (context.spec.staff) staff = context.spec.staff->start;
  for (std::uint32_t g = 0; g < context.generations.size(); ++g) {
    const HardwareGeneration& spec = context.spec.generations[g];
    efficiency.push_back(efficiency_of(context, g, number));
    known.push_back(spec.installed > 0);
    if (spec.installed == 0) continue;
    check_racks(spec, spec.installed);
    cohorts.push_back({g, 0U - context.steps_of(spec.installed_age), spec.installed, spec.installed,
                       0, spec.price_usd, 0, arrivals++});
    ordered += spec.installed * spec.accelerators;
  }
  totals.class_demand.resize(context.spec.classes.size());
  totals.class_unserved.resize(context.spec.classes.size());
  totals.year_unserved.resize(context.spec.years);
  totals.year_demand.resize(context.spec.years);
  totals.first.resize(kGrowthLimits.size());
  if (context.spec.by_quarters()) {
    totals.delivered.resize(context.spec.steps() * context.generations.size());
  }
}

void book(const GrowthContext& context, GrowthFuture& future, CashKind kind, std::uint32_t step,
          std::int64_t cents) {
  const std::uint32_t year = std::min(context.year_of(step), context.spec.years - 1);
  future.cash.add(kind, year, cents, context.worth[step]);
}

void note_limit(GrowthFuture& future, GrowthLimit limit, std::uint32_t step) {
  std::optional<std::uint32_t>& first = future.totals.first[index_of(limit)];
  if (!first) first = step;
}

std::uint64_t accelerators_there(const GrowthContext& context, const GrowthFuture& future) {
  std::uint64_t sum = 0;
  for (const Cohort& cohort : future.cohorts) {
    sum += cohort.alive + cohort.waiting * context.spec.generations[cohort.generation].accelerators;
  }
  for (const RackOrder& one : future.orders) {
    sum += one.racks * context.spec.generations[one.generation].accelerators;
  }
  return sum;
}

void step_future(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  if (step > 0) context.demand.advance(future.demand, future.index, step);
  if (step % context.spec.steps_per_year == 0) {
    if (step > 0) settle_tax(context, future, context.year_of(step) - 1);
    future.committed_usd = 0;
    std::fill(future.ordered_in_year.begin(), future.ordered_in_year.end(), 0);
  }
  deliver(context, future, step);
  place_waiting(context, future, step);
  serve(context, future, step);
  order(context, future, step);
  hire(context, future, step);
  give_up_power(context, future, step);
  strand_power(context, future, step);
}

namespace {

/// Sells a hall or power of the grid that came at a step, has a life and was not given up: what is
/// left of its capex by a straight line.
double sold_usd(const GrowthContext& context, GrowthFuture& future, double capex_usd,
                const std::optional<Duration>& life, std::uint32_t at,
                const std::optional<Duration>& in_books) {
  const std::uint32_t end = context.spec.steps();
  if (!life || at >= end) return 0;
  if (in_books) {
    future.books.write_off(cents_of(capex_usd), at, context.steps_of(*in_books), end);
  }
  const double age = static_cast<double>(context.spec.step.ns) * (end - at);
  return capex_usd * std::max(0.0, 1 - age / static_cast<double>(life->ns));
}

void sell_parts(const GrowthContext& context, GrowthFuture& future) {
  const std::uint32_t end = context.spec.steps();
  std::optional<Duration> halls, grids;
  if (context.spec.tax) {
    halls = context.spec.tax->halls;
    grids = context.spec.tax->grid;
  }
  for (std::size_t s = 0; s < future.sites.size(); ++s) {
    const GrowthSite& spec = context.spec.sites[s];
    const FutureSite& site = future.sites[s];
    double usd = 0;
    for (std::size_t h = 0; h < spec.halls.size(); ++h) {
      const HallSpec& hall = spec.halls[h];
      usd += sold_usd(context, future, hall.capex_usd, hall.life, site.hall_at[h], halls);
    }
    for (std::size_t g = 0; g < spec.grid.size(); ++g) {
      const GridDelivery& grid = spec.grid[g];
      if (site.grid_until[g] <= end) continue;  // given up
      usd += sold_usd(context, future, grid.capex_usd, grid.life, site.grid_at[g], grids);
    }
    book(context, future, CashKind::resale, end, cents_of(usd));
  }
}

}  // namespace

void close_future(const GrowthContext& context, GrowthFuture& future) {
  const std::uint32_t end = context.spec.steps();
  sell_parts(context, future);
  for (const Cohort& cohort : future.cohorts) {
    const HardwareGeneration& spec = context.spec.generations[cohort.generation];
    const double age = context.spec.step_years() * (end - cohort.arrived);
    const double whole =
        static_cast<double>(cohort.alive) / spec.accelerators + static_cast<double>(cohort.waiting);
    const double usd =
        spec.residual > 0 ? whole * cohort.price_usd * math::pow(spec.residual, age) : 0;
    book(context, future, CashKind::resale, end, cents_of(usd));
    if (context.spec.tax) {
      future.books.write_off(cohort.paid_cents, cohort.arrived,
                             context.steps_of(context.spec.tax->racks), end);
    }
  }
  for (RackOrder& one : future.orders) {
    book(context, future, CashKind::racks, end, -std::exchange(one.paid_cents, 0));
  }
  settle_tax(context, future, context.spec.years - 1);
}

}  // namespace hyperdc
