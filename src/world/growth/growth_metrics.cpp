// The numbers of growth plans, over their futures.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>

#include "world/growth/growth.hpp"
#include "world/over_futures.hpp"

namespace hyperdc {
namespace {

using Values = std::vector<MetricValue>;

template <class Of>
std::vector<double> sorted_over(const GrowthState& state, const Of& of) {
  std::vector<double> all;
  all.reserve(state.futures.size());
  for (const GrowthFuture& future : state.futures) all.push_back(of(future));
  std::sort(all.begin(), all.end());
  return all;
}

/// Mean and quantiles of a number that each future has.
template <class Of>
void put_over(const GrowthState& state, const std::string& name, const char* unit, Values& values,
              const Of& of) {
  put_over_futures(values, name, unit, sorted_over(state, of));
}

double ratio(double a, double b) {
  return b > 0 ? a / b : 0;
}

double usd(std::int64_t cents) {
  return static_cast<double>(cents) / 100;
}

double capex(const CashBook& cash, std::uint32_t year) {
  return usd(cash.in_year(CashKind::racks, year) + cash.in_year(CashKind::halls, year) +
             cash.in_year(CashKind::grid, year));
}

double opex(const CashBook& cash, std::uint32_t year) {
  return usd(cash.in_year(CashKind::energy, year) + cash.in_year(CashKind::rent, year) +
             cash.in_year(CashKind::bridging, year) + cash.in_year(CashKind::lease, year) +
             cash.in_year(CashKind::minimum_bill, year) + cash.in_year(CashKind::staff, year) +
             cash.in_year(CashKind::porting, year));
}

void read_service(const GrowthState& state, const std::string& prefix, Values& values) {
  using Future = GrowthFuture;
  const auto over = [&](const char* name, const char* of_unit, const auto& of) {
    put_over(state, prefix + name, of_unit, values, of);
  };
  over("unserved", "accelerator s",
       [](const Future& f) { return f.totals.demand - f.totals.served; });
  over("unserved_share", "1",
       [](const Future& f) { return ratio(f.totals.demand - f.totals.served, f.totals.demand); });
  over("idle", "accelerator s", [](const Future& f) { return f.totals.idle; });
  over("stored", "accelerator s", [](const Future& f) { return f.totals.waiting; });
  over("orders", "orders", [](const Future& f) { return static_cast<double>(f.totals.orders); });
  over("failed", "accelerators", [](const Future& f) { return static_cast<double>(f.failed); });
  over("retired", "accelerators", [](const Future& f) { return static_cast<double>(f.retired); });
  over("cancelled", "accelerators",
       [](const Future& f) { return static_cast<double>(f.cancelled); });
  for (std::size_t c = 0; c < state.context.spec.classes.size(); ++c) {
    put_over(state, prefix + "classes." + state.context.spec.classes[c].name + ".unserved_share",
             "1", values, [&](const Future& f) {
               return ratio(f.totals.class_unserved[c], f.totals.class_demand[c]);
             });
  }
}

void read_money(const GrowthState& state, const std::string& prefix, Values& values) {
  using Future = GrowthFuture;
  const auto sum_of = [&](const Future& f, const auto& of) {
    double sum = 0;
    for (std::uint32_t y = 0; y < state.context.spec.years; ++y) sum += of(f.cash, y);
    return sum;
  };
  const auto over = [&](const std::string& name, const auto& of) {
    put_over(state, prefix + name, "USD", values, of);
  };
  over("capex", [&](const Future& f) { return sum_of(f, capex); });
  over("opex", [&](const Future& f) { return sum_of(f, opex); });
  const auto of_kind = [&](const std::string& name, CashKind kind) {
    over(name, [kind](const Future& f) { return usd(f.cash.total(kind)); });
  };
  of_kind("revenue", CashKind::revenue);
  of_kind("resale", CashKind::resale);
  of_kind("breakage", CashKind::breakage);
  of_kind("energy_cost", CashKind::energy);
  of_kind("lease_cost", CashKind::lease);
  of_kind("bridging_cost", CashKind::bridging);
  of_kind("minimum_bill", CashKind::minimum_bill);
  of_kind("exit_fees", CashKind::exit_fee);
  of_kind("staff_cost", CashKind::staff);
  of_kind("porting_cost", CashKind::porting);
  if (state.context.spec.tax) {
    of_kind("tax", CashKind::tax);
    if (state.closed) {
      over("depreciation", [](const Future& f) { return usd(f.books.written_off()); });
    } else {
      put_over_futures_missing(values, prefix + "depreciation", "USD",
                               "the run ended before the plan");
    }
  }
  over("npv", [](const Future& f) { return f.cash.net_present_usd(); });
  put_over(state, prefix + "cost_per_hour", "USD", values, [](const Future& f) {
    const double cost = f.cash.present_usd(CashKind::revenue) - f.cash.net_present_usd();
    return ratio(cost, f.totals.present_hours);
  });
}

void read_years(const GrowthState& state, const std::string& prefix, Values& values) {
  using Future = GrowthFuture;
  for (std::uint32_t y = 0; y < state.context.spec.years; ++y) {
    const std::string year = fmt::format("{}years.{}.", prefix, y + 1);
    if (state.steps <= y * state.context.spec.steps_per_year) {
      const std::string reason = "the run ended before this year";
      put_over_futures_missing(values, year + "capex", "USD", reason);
      put_over_futures_missing(values, year + "opex", "USD", reason);
      put_over_futures_missing(values, year + "unserved_share", "1", reason);
      if (!state.context.spec.tax) continue;
      put_over_futures_missing(values, year + "income", "USD", reason);
      put_over_futures_missing(values, year + "tax", "USD", reason);
      continue;
    }
    put_over(state, year + "capex", "USD", values,
             [&](const Future& f) { return capex(f.cash, y); });
    put_over(state, year + "opex", "USD", values, [&](const Future& f) { return opex(f.cash, y); });
    put_over(state, year + "unserved_share", "1", values, [&](const Future& f) {
      return ratio(f.totals.year_unserved[y], f.totals.year_demand[y]);
    });
    if (!state.context.spec.tax) continue;
    if (!state.closed && state.steps <= (y + 1) * state.context.spec.steps_per_year) {
      const std::string reason = "the run ended within this year";
      put_over_futures_missing(values, year + "income", "USD", reason);
      put_over_futures_missing(values, year + "tax", "USD", reason);
      continue;
    }
    put_over(state, year + "income", "USD", values,
             [&](const Future& f) { return usd(f.books.income(y)); });
    put_over(state, year + "tax", "USD", values,
             [&](const Future& f) { return usd(f.cash.in_year(CashKind::tax, y)); });
  }
}

void read_limit(const GrowthState& state, const std::string& prefix, std::size_t limit,
                Values& values) {
  const double step_s = to_seconds(state.context.spec.step);
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const std::vector<double> all = sorted_over(state, [&](const GrowthFuture& f) {
    return f.totals.first[limit] ? *f.totals.first[limit] * step_s : kNever;
  });
  const auto never = static_cast<double>(std::count(all.begin(), all.end(), kNever));
  const double share = 1 - never / static_cast<double>(all.size());
  const std::string name = fmt::format("{}limits.{}.", prefix, kGrowthLimits[limit]);
  put(values, name + "share", "1", share);
  for (const auto& [suffix, q] : kFutureQuantiles) {
    const double at = nearest_rank(all, q);
    const std::string metric = fmt::format("{}first.{}", name, suffix);
    if (std::isfinite(at)) {
      put(values, metric, "s", at);
    } else {
      put_missing(values, metric, "s",
                  fmt::format("it does not bind in {:.4g} % of the futures", (1 - share) * 100));
    }
  }
}

/// Plans with as many futures, which have the same random draws.
struct PlansOfFutures {
  std::size_t plans = 0;
  std::vector<double> best_usd;  // by future: the highest net present value of them
};
using BestPlans = std::map<std::size_t, PlansOfFutures>;  // by the number of futures

BestPlans best_plans(const World& world) {
  BestPlans out;
  for (const auto& state : world.growth) {
    PlansOfFutures& of = out[state->futures.size()];
    ++of.plans;
    of.best_usd.resize(state->futures.size(), -std::numeric_limits<double>::infinity());
    for (std::size_t f = 0; f < of.best_usd.size(); ++f) {
      of.best_usd[f] = std::max(of.best_usd[f], state->futures[f].cash.net_present_usd());
    }
  }
  return out;
}

/// Regret of Savage (1951): the net present value of the best plan of the run in a future, less
/// that of this one in the same future.
void read_regret(const GrowthState& state, const BestPlans& plans, Values& values) {
  const PlansOfFutures& of = plans.at(state.futures.size());
  if (of.plans < 2) return;
  const std::string prefix = "growth." + state.context.spec.name + ".";
  std::vector<double> regrets;
  double best_in = 0;
  for (std::size_t f = 0; f < state.futures.size(); ++f) {
    const double own = state.futures[f].cash.net_present_usd();
    regrets.push_back(of.best_usd[f] - own);
    if (of.best_usd[f] == own) ++best_in;
  }
  std::sort(regrets.begin(), regrets.end());
  put_over_futures(values, prefix + "regret", "USD", regrets);
  put(values, prefix + "regret.max", "USD", regrets.back());
  put(values, prefix + "best_share", "1", best_in / static_cast<double>(regrets.size()));
}

/// Racks by quarter, mean over futures; of plans whose steps are quarters.
void read_deliveries(const GrowthState& state, const std::string& prefix, Values& values) {
  if (!state.context.spec.by_quarters()) return;
  const std::size_t kinds = state.context.generations.size();
  for (std::size_t q = 0; q < state.context.spec.steps(); ++q) {
    for (std::size_t g = 0; g < kinds; ++g) {
      double racks = 0;
      for (const GrowthFuture& future : state.futures) {
        racks += static_cast<double>(future.totals.delivered[q * kinds + g]);
      }
      const std::string& generation = state.context.spec.generations[g].name;
      put(values, fmt::format("{}deliveries.{}-q{}.racks", prefix, generation, q + 1), "racks",
          racks / static_cast<double>(state.futures.size()));
    }
  }
}

void read_plan(const GrowthState& state, Values& values) {
  const std::string prefix = "growth." + state.context.spec.name + ".";
  read_service(state, prefix, values);
  read_money(state, prefix, values);
  read_years(state, prefix, values);
  read_deliveries(state, prefix, values);
  for (std::size_t l = 0; l < kGrowthLimits.size(); ++l) read_limit(state, prefix, l, values);
  const double time_s = to_seconds(state.context.spec.step) * std::max(1U, state.steps);
  for (std::size_t l = kFirstStranding; l < kGrowthLimits.size(); ++l) {
    put_over(state, fmt::format("{}stranded.{}.power", prefix, kGrowthLimits[l]), "W", values,
             [&](const GrowthFuture& f) { return f.totals.stranded[l] / time_s; });
  }
}

}  // namespace

void read_growth(const World& world, std::vector<MetricValue>& values) {
  const BestPlans best = best_plans(world);
  for (const auto& state : world.growth) {
    read_plan(*state, values);
    read_regret(*state, best, values);
    read_growth_windows(*state, values);
  }
}

}  // namespace hyperdc
