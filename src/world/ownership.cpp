#include "world/ownership.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <variant>

#include "core/rng.hpp"
#include "economics/concentration.hpp"
#include "scenario/ownership_spec.hpp"
#include "world/metric_values.hpp"
#include "world/ownership_holdings.hpp"
#include "world/ownership_outlook.hpp"

namespace hyperdc {

namespace {

/// The least and the most that it can be; nothing where it is not bounded.
std::optional<AmountBounds> ends_of(const DistributionSpec& of) {
  if (const auto* fixed = std::get_if<Constant>(&of))
    return AmountBounds{fixed->value, fixed->value};
  if (const auto* even = std::get_if<Uniform>(&of)) return AmountBounds{even->low, even->high};
  if (const auto* line = std::get_if<Interpolated>(&of)) {
    return AmountBounds{line->values.front(), line->values.back()};
  }
  const auto* listed = std::get_if<Empirical>(&of);
  if (listed == nullptr) return std::nullopt;
  std::optional<AmountBounds> out;
  for (std::size_t i = 0; i < listed->values.size(); ++i) {
    if (listed->weights[i] <= 0) continue;
    const double value = listed->values[i];
    if (!out) out = AmountBounds{value, value};
    out = AmountBounds{std::min(out->low, value), std::max(out->high, value)};
  }
  return out;
}

/// Of each group of owners that are one.
struct GroupBounds {
  std::vector<AmountBounds> owned, rented;
};

std::optional<GroupBounds> group_bounds(const OwnershipSpec& spec) {
  GroupBounds out;
  out.owned.resize(spec.groups);
  out.rented.resize(spec.groups);
  for (const OwnerSpec& owner : spec.owners) {
    std::optional<AmountBounds> all;
    for (const DistributionSpec& estimate : owner.estimates) {
      const auto one = ends_of(estimate);
      if (!one) return std::nullopt;
      if (!all) all = one;
      all = AmountBounds{std::min(all->low, one->low), std::max(all->high, one->high)};
    }
    const double low = std::max(0.0, all->low) * owner.factor;
    const double high = std::max(0.0, all->high) * owner.factor;
    AmountBounds& owned = out.owned[owner.group];
    AmountBounds& rented = out.rented[owner.group];
    owned = {owned.low + low, owned.high + high};
    rented = {rented.low + low * owner.rented_out, rented.high + high * owner.rented_out};
  }
  return out;
}

void put_bounds(std::vector<MetricValue>& values, const std::string& name, const std::string& unit,
                const AmountBounds* bounds, const std::string& reason) {
  for (const bool most : {false, true}) {
    const std::string whole = "concentration." + name + (most ? "_most" : "_least");
    if (bounds == nullptr) {
      put_missing(values, whole, unit, reason);
    } else {
      put(values, whole, unit, most ? bounds->high : bounds->low);
    }
  }
}

void read_bounds(const OwnershipSpec& spec, std::vector<MetricValue>& values) {
  const std::optional<GroupBounds> groups = group_bounds(spec);
  const auto others = ends_of(spec.others);
  std::string reason;
  if (!groups || !others) reason = "a distribution has no bounds";
  if (groups && unsure(groups->owned) > kMostUnsure) reason = "too many owners are not sure";
  const bool some = groups && std::any_of(groups->rented.begin(), groups->rented.end(),
                                          [](const AmountBounds& a) { return a.high > 0; });
  const bool of_others = spec.others_rented_out > 0 && others && others->high > 0;
  const std::string no_rent =
      reason.empty() && !some && !of_others ? "nothing is rented out" : reason;
  ConcentrationBounds owned;
  ConcentrationBounds rented;
  if (reason.empty()) owned = concentration_bounds(groups->owned, *others);
  if (no_rent.empty()) {
    const double share = spec.others_rented_out;
    rented = concentration_bounds(groups->rented, {others->low * share, others->high * share});
  }
  put_bounds(values, "hhi", "points", reason.empty() ? &owned.hhi : nullptr, reason);
  put_bounds(values, "top_4", "1", reason.empty() ? &owned.top_4 : nullptr, reason);
  put_bounds(values, "rentable_hhi", "points", no_rent.empty() ? &rented.hhi : nullptr, no_rent);
  put_bounds(values, "rentable_top_4", "1", no_rent.empty() ? &rented.top_4 : nullptr, no_rent);
}

void put_runs(const FrontierRun& run, const std::vector<Holding>& all, const Concentration& whole,
              std::vector<MetricValue>& values) {
  const double each = flop_each(run);
  for (const Holding& holding : all) {
    const std::string prefix = "owners." + holding.name + ".";
    put(values, prefix + "largest_run", "FLOP", holding.site() * each);
    put(values, prefix + "run_by_chips", "FLOP", holding.site_by_chips * each);
    if (holding.site_by_power < std::numeric_limits<double>::infinity()) {
      put(values, prefix + "run_by_power", "FLOP", holding.site_by_power * each);
      put(values, prefix + "power_binds", "1",
          holding.site_by_power < holding.site_by_chips ? 1 : 0);
    }
    put(values, prefix + "rentable_run", "FLOP", holding.rentable_site * each);
    const auto& price = holding.site_rent_usd_per_s;
    if (!price) continue;
    put(values, prefix + "price_per_pflop_hour", "USD", usd_per_pflop_hour(run, *price));
    std::optional<double> usd;
    if (holding.rentable_site * each >= run.flop) usd = run_usd(run, run.flop, *price);
    put_or_say(values, prefix + "run_price", "USD", usd,
               "what it rents out at one site is too little");
  }
  put(values, "concentration.able", "owners", whole.able);
  put(values, "concentration.able_to_rent", "owners", whole.able_to_rent);
  put(values, "concentration.rentable_run", "FLOP", whole.rentable_run);
  put_or_say(values, "concentration.price_per_pflop_hour", "USD", whole.usd_per_pflop_hour,
             "nothing is rented out at a known price");
  put_or_say(values, "concentration.run_price", "USD", whole.run_usd,
             "it cannot be rented at one site at a known price");
}

}  // namespace

void read_ownership(const Scenario& scenario, std::uint64_t seed,
                    std::vector<MetricValue>& values) {
  if (scenario.ownership == nullptr) return;
  const OwnershipSpec& spec = *scenario.ownership;
  const OwnershipDraw draw = draw_ownership(spec, seed);
  const FrontierRun* run = spec.run ? &*spec.run : nullptr;
  const std::vector<Holding> all = holdings_of(draw.fleets, draw.terms);
  const Concentration whole = concentration_of(all, draw.others, run, draw.terms);
  put(values, "concentration.accelerators", "accelerators", whole.accelerators);
  put(values, "concentration.hhi", "points", whole.hhi);
  put(values, "concentration.hhi_single", "points", whole.hhi_single);
  put(values, "concentration.top_1", "1", whole.top_1);
  put(values, "concentration.top_4", "1", whole.top_4);
  put(values, "concentration.rentable", "1", whole.rentable);
  put_or_say(values, "concentration.rentable_top_4", "1", whole.rentable_top_4,
             "nothing is rented out");
  put_or_say(values, "concentration.rentable_hhi", "points", whole.rentable_hhi,
             "nothing is rented out");
  read_bounds(spec, values);
  for (const Holding& holding : all) {
    put(values, "owners." + holding.name + ".share", "1",
        holding.accelerators / whole.accelerators);
  }
  if (run != nullptr) put_runs(*run, all, whole, values);
  for (const OutlookSpec& outlook : spec.outlooks) {
    read_outlook(spec, outlook, draw, seed, values);
  }
}

}  // namespace hyperdc
