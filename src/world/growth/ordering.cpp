// What a procurement policy sees, and what becomes of its decision: the last part of a step.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/math.hpp"
#include "world/growth/future.hpp"

namespace hyperdc {
namespace {

constexpr double kOfferHour = 3600;
constexpr double kMostRoom = 1e12;
constexpr std::uint64_t kAttributes = 2048;  // that one draw of a distribution may take

class Outlook final : public ProcurementOutlook {
 public:
  Outlook(const GrowthContext& context, const GrowthFuture& future, std::uint32_t step)
      : context_(context), future_(future), step_(step) {}

  double demand_mean(Duration ahead) const override {
    return context_.demand.mean(future_.demand, years(ahead));
  }
  double demand_quantile(Duration ahead, double p) const override {
    return context_.demand.quantile(future_.demand, years(ahead), p);
  }
  double supply(Duration ahead) const override {
    const std::uint32_t then = step_ + context_.steps_of(ahead);
    double sum = 0;
    double repurposed = 0;
    for (const Cohort& cohort : future_.cohorts) {
      const GrowthContext::Generation& generation = context_.generations[cohort.generation];
      const std::uint32_t age = then - cohort.arrived;
      if (age >= generation.life) continue;
      (age >= generation.repurpose ? repurposed : sum) +=
          static_cast<double>(cohort.alive) *
              context_.spec.generations[cohort.generation].performance *
              future_.efficiency[cohort.generation] +
          static_cast<double>(cohort.waiting) * units_of_rack(context_, future_, cohort.generation);
    }
    if (repurposed > 0 && !context_.all_take_repurposed) {
      repurposed =
          std::min(repurposed, context_.demand.mean_of_repurposed(future_.demand, years(ahead)));
    }
    for (const RackOrder& one : future_.orders) {
      sum += static_cast<double>(one.racks) * units_of_rack(context_, future_, one.generation);
    }
    return sum + repurposed;
  }

 private:
  double years(Duration ahead) const {
    return context_.steps_of(ahead) * context_.spec.step_years();
  }

  const GrowthContext& context_;
  const GrowthFuture& future_;
  const std::uint32_t step_;
};

double price_of(const GrowthContext& context, const GrowthFuture& future, std::uint32_t g,
                std::uint32_t step) {
  const HardwareGeneration& spec = context.spec.generations[g];
  const double years = context.spec.step_years() * (step - context.generations[g].from);
  return spec.price_usd * math::pow(spec.price.factor, years) * math::exp(future.log_price[g]);
}

/// Price over the life without failures, and energy at the first site, of a unit-hour.
double cost_per_hour(const GrowthContext& context, const GrowthFuture& future, std::uint32_t g,
                     double price_usd, std::uint32_t step) {
  const HardwareGeneration& spec = context.spec.generations[g];
  const GrowthSite& site = context.spec.sites[0];
  const double hours = to_seconds(spec.life) / kOfferHour;
  const double life_years =
      to_seconds(spec.life) / to_seconds(context.spec.step) * context.spec.step_years();
  const double sold_on = spec.residual > 0 ? math::pow(spec.residual, life_years) : 0;
  const double energy = spec.rack.power_w * site.pue * kOfferHour * site.usd_per_j *
                        math::pow(site.electricity.factor, context.spec.step_years() * step);
  return (price_usd * (1 - sold_on) / hours + energy) / units_of_rack(context, future, g);
}

struct Market {
  std::vector<std::uint32_t> generations;  // of offers
  std::vector<OfferView> offers;
};

Market market_of(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  Market out;
  for (std::uint32_t g = 0; g < context.generations.size(); ++g) {
    const GrowthContext::Generation& generation = context.generations[g];
    const HardwareGeneration& spec = context.spec.generations[g];
    if (step < generation.from || step > generation.until) continue;
    if (spec.price.volatility > 0 && step > generation.from) {
      const double dt = context.spec.step_years();
      const double z = math::normal_quantile(generation.prices.uniform(future.index, step));
      const double sigma = spec.price.volatility;
      future.log_price[g] += sigma * std::sqrt(dt) * z - sigma * sigma * dt / 2;
    }
    const double price = price_of(context, future, g, step);
    const Duration lead{context.spec.step.ns * generation.lead};
    const auto most = spec.most.value_or(std::numeric_limits<std::uint64_t>::max());
    out.generations.push_back(g);
    out.offers.push_back({spec.name, spec.vendor, spec.from, units_of_rack(context, future, g),
                          price, cost_per_hour(context, future, g, price, step), lead, most,
                          spec.share});
  }
  return out;
}

/// Racks that the promised power and rows still carry when they come; notes at each site what ends
/// first there.
std::uint64_t promised_room(const GrowthContext& context, GrowthFuture& future, std::uint32_t g,
                            std::uint32_t step) {
  const std::uint32_t then = step + context.generations[g].lead;
  const RowResources& needs = context.generations[g].needs;
  const double rack_w = context.spec.generations[g].rack.power_w;
  double spoken_for = coming_w(context, future);  // less racks that are retired by then
  for (const Cohort& cohort : future.cohorts) {
    if (then - cohort.arrived < context.generations[cohort.generation].life) continue;
    spoken_for -= static_cast<double>(cohort.racks) *
                  context.spec.generations[cohort.generation].rack.power_w;
  }
  double racks = -spoken_for / rack_w;
  for (std::uint32_t s = 0; s < future.sites.size(); ++s) {
    FutureSite& site = future.sites[s];
    const RowFit open = site.rows.open(needs);
    double rows = static_cast<double>(open.racks);
    site.room_ends = open.cause;
    for (std::size_t h = 0; h < site.hall_at.size(); ++h) {
      const HallSpec& hall = context.spec.sites[s].halls[h];
      if (site.hall_at[h] <= step || context.steps_of(hall.at) > then) continue;
      const RowFit fit = fit_of(resources_of(hall.row), needs);
      const double of_rows = static_cast<double>(fit.racks) * hall.rows;
      const auto of_ups = static_cast<double>(whole_racks(hall.ups_w, rack_w));
      rows += std::min(of_rows, of_ups);
      if (site.rows.empty()) site.room_ends = of_ups < of_rows ? GrowthLimit::ups : fit.cause;
    }
    const double grid =
        std::max(0.0, racks_limit_w(context, future, s, then, true) - site.rows.used_w()) / rack_w;
    if (grid < rows) site.room_ends = GrowthLimit::grid;
    racks += std::min(rows, grid);
  }
  return static_cast<std::uint64_t>(std::clamp(std::floor(racks * (1 + 1e-9)), 0.0, kMostRoom));
}

/// What of the wish for one offer can be ordered; notes what cuts it down.
std::uint64_t affordable(const GrowthContext& context, GrowthFuture& future, const OfferView& offer,
                         std::uint32_t g, std::uint64_t racks, std::uint32_t step) {
  if (racks > offer.most) {
    note_limit(future, GrowthLimit::chips, step);
    racks = offer.most;
  }
  if (context.spec.heed_power) {
    const std::uint64_t room = promised_room(context, future, g, step);
    if (racks > room) {
      for (FutureSite& site : future.sites) {
        note_limit(future, site.room_ends, step);
        if (site.room_ends == GrowthLimit::grid) {
          const std::uint32_t then = step + 1 + context.generations[g].lead;
          site.grid_cuts_at = std::min(site.grid_cuts_at.value_or(then), then);
        }
      }
      racks = room;
    }
  }
  if (context.spec.budget_usd && offer.price_usd > 0) {
    const double budget =
        *context.spec.budget_usd * math::pow(context.spec.budget_factor, context.year_of(step));
    const double left = std::max(0.0, budget - future.committed_usd) / offer.price_usd;
    if (static_cast<double>(racks) > left) {
      note_limit(future, GrowthLimit::budget, step);
      racks = static_cast<std::uint64_t>(left);
    }
  }
  return racks;
}

void buy(const GrowthContext& context, GrowthFuture& future, const OfferView& offer,
         std::uint32_t g, std::uint64_t racks, std::uint32_t step) {
  future.wanted = g;
  racks = affordable(context, future, offer, g, racks, step);
  if (racks == 0) return;
  const HardwareGeneration& spec = context.spec.generations[g];
  check_racks(spec, racks);
  const GrowthContext::Generation& generation = context.generations[g];
  double time_s = generation.lead_s.draw(generation.leads, future.index, step * kAttributes);
  if (context.is_late(generation.slips, spec.slip.probability, future.index, context.year_of(step),
                      step * kAttributes)) {
    time_s += generation.slip_s.draw(generation.slips, future.index, step * kAttributes + 1);
  }
  const std::uint32_t due = step + std::max(1U, context.steps_of(context.within_plan(time_s)));
  const double usd = offer.price_usd * static_cast<double>(racks);
  const std::int64_t deposit = cents_of(usd * spec.deposit);
  book(context, future, CashKind::racks, step, deposit);
  future.committed_usd += usd;
  future.ordered += racks * spec.accelerators;
  future.ordered_in_year[g] += racks;
  ++future.totals.orders;
  future.orders.push_back({g, due, racks, offer.price_usd, deposit, step});
}

/// Gives up whole racks of at most so many units; what is due last goes first.
void cancel(const GrowthContext& context, GrowthFuture& future, double units, std::uint32_t step) {
  while (units > 0 && !future.orders.empty()) {
    const auto last =
        std::max_element(future.orders.begin(), future.orders.end(),
                         [](const RackOrder& a, const RackOrder& b) { return a.due < b.due; });
    const HardwareGeneration& spec = context.spec.generations[last->generation];
    const double each = units_of_rack(context, future, last->generation);
    const auto racks = std::min(last->racks, static_cast<std::uint64_t>(units / each));
    if (racks == 0) return;
    const std::int64_t deposit =
        racks == last->racks
            ? last->paid_cents
            : cents_of(last->price_usd * static_cast<double>(racks) * spec.deposit);
    book(context, future, CashKind::racks, step, -deposit);
    book(context, future, CashKind::breakage, step,
         cents_of(last->price_usd * static_cast<double>(racks) * spec.breakage));
    if (context.year_of(last->ordered) == context.year_of(step)) {
      future.committed_usd -= last->price_usd * static_cast<double>(racks);
      future.ordered_in_year[last->generation] -= racks;
    }
    last->paid_cents -= deposit;
    last->racks -= racks;
    future.cancelled += racks * spec.accelerators;
    units -= static_cast<double>(racks) * each;
    if (last->racks == 0) future.orders.erase(last);
  }
}

/// At the end of a year: racks that the contract wants taken and that were not ordered.
void settle_minimum(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  if ((step + 1) % context.spec.steps_per_year != 0) return;
  const std::uint32_t begin = step + 1 - context.spec.steps_per_year;
  for (std::uint32_t g = 0; g < context.generations.size(); ++g) {
    const HardwareGeneration& spec = context.spec.generations[g];
    const GrowthContext::Generation& generation = context.generations[g];
    if (generation.from > begin || generation.until < step) continue;
    if (future.ordered_in_year[g] >= spec.minimum_take) continue;
    const auto missing = static_cast<double>(spec.minimum_take - future.ordered_in_year[g]);
    book(context, future, CashKind::breakage, step,
         cents_of(missing * price_of(context, future, g, step) * spec.breakage));
  }
}

}  // namespace

void order(const GrowthContext& context, GrowthFuture& future, std::uint32_t step) {
  const Market market = market_of(context, future, step);
  const Outlook outlook(context, future, step);
  const SimTime now = SimTime{} + Duration{context.spec.step.ns * step};
  std::optional<double> lease_usd_per_h;
  if (context.spec.lease) {
    lease_usd_per_h = context.spec.lease->usd_per_h *
                      math::pow(context.spec.lease->price.factor, context.spec.step_years() * step);
  }
  const ProcurementDecision decision =
      context.policy->decide({now, market.offers, &outlook, lease_usd_per_h});
  if (decision.cancel > 0) cancel(context, future, decision.cancel, step);
  for (const Purchase& one : decision.buy) {
    buy(context, future, market.offers[one.offer], market.generations[one.offer], one.racks, step);
  }
  settle_minimum(context, future, step);
  future.now.on_order = 0;
  for (const RackOrder& one : future.orders) {
    future.now.on_order +=
        static_cast<double>(one.racks) * units_of_rack(context, future, one.generation);
  }
}

}  // namespace hyperdc
