#include "world/ownership_holdings.hpp"

#include <algorithm>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "economics/concentration.hpp"
#include "world/metric_values.hpp"

namespace hyperdc {

namespace {

constexpr double kRunDaySeconds = 86'400;
constexpr double kPflopHourFlop = 1e15 * 3600;

void add_fleet(Holding& holding, const OwnedFleet& fleet, const OwnershipTerms& terms) {
  const OwnerSpec& owner = *fleet.owner;
  if (holding.name.empty()) holding.name = owner.name;
  const double rented = fleet.accelerators * owner.rented_out;
  holding.accelerators += fleet.accelerators;
  holding.rented_out += rented;
  Holding site;
  site.site_by_chips = fleet.accelerators * owner.largest_site;
  if (owner.site_w && terms.accelerator_w > 0) {
    site.site_by_power =
        *owner.site_w * terms.site_power_factor / (terms.accelerator_w * owner.pue);
  }
  if (site.site() > holding.site()) {
    holding.site_by_chips = site.site_by_chips;
    holding.site_by_power = site.site_by_power;
  }
  const auto rent = fleet.rent_usd_per_s;
  if (site.site() * owner.rented_out > holding.rentable_site) {
    holding.rentable_site = site.site() * owner.rented_out;
    holding.site_rent_usd_per_s.reset();
    if (rent) holding.site_rent_usd_per_s = *rent * terms.rent_factor;
  }
  if (rent) {
    holding.priced += rented;
    holding.usd_per_s += rented * *rent * terms.rent_factor;
  }
}

/// By what is rented out at a known price.
std::optional<double> mean_price(std::span<const Holding> holdings, const OthersHeld& others,
                                 const FrontierRun& run, const OwnershipTerms& terms) {
  double priced = 0;
  double usd_per_s = 0;
  if (others.rent_usd_per_s) {
    priced = others.accelerators * others.rented_out;
    usd_per_s = priced * *others.rent_usd_per_s * terms.rent_factor;
  }
  for (const Holding& holding : holdings) {
    priced += holding.priced;
    usd_per_s += holding.usd_per_s;
  }
  if (priced <= 0) return std::nullopt;
  return usd_per_pflop_hour(run, usd_per_s / priced);
}

void count_runs(std::span<const Holding> holdings, double flop, const FrontierRun& run,
                Concentration& out) {
  for (const Holding& holding : holdings) {
    const double largest = holding.site() * flop_each(run);
    const double rentable = holding.rentable_site * flop_each(run);
    out.largest_run = std::max(out.largest_run, largest);
    out.rentable_run = std::max(out.rentable_run, rentable);
    if (largest >= flop) ++out.able;
    if (rentable >= flop) {
      ++out.able_to_rent;
      if (const auto& price = holding.site_rent_usd_per_s) {
        const double usd = run_usd(run, flop, *price);
        out.run_usd = out.run_usd ? std::min(*out.run_usd, usd) : usd;
      }
    }
  }
}

}  // namespace

std::vector<Holding> holdings_of(std::span<const OwnedFleet> fleets, const OwnershipTerms& terms) {
  std::uint32_t groups = 0;
  for (const OwnedFleet& fleet : fleets) groups = std::max(groups, fleet.group + 1);
  std::vector<Holding> all(groups);
  for (const OwnedFleet& fleet : fleets) add_fleet(all[fleet.group], fleet, terms);
  std::erase_if(all, [](const Holding& holding) { return holding.name.empty(); });
  return all;
}

double flop_each(const FrontierRun& run) {
  return run.peak_flops * run.mfu * run.days * kRunDaySeconds;
}

double usd_per_pflop_hour(const FrontierRun& run, double usd_per_s) {
  return run_usd(run, kPflopHourFlop, usd_per_s);
}

double run_usd(const FrontierRun& run, double flop, double usd_per_s) {
  return flop / (run.peak_flops * run.mfu) * usd_per_s;
}

Concentration concentration_of(std::span<const Holding> holdings, const OthersHeld& others,
                               const FrontierRun* run, const OwnershipTerms& terms) {
  std::vector<double> owned;
  std::vector<double> rented;
  Concentration out;
  const double others_rented = others.accelerators * others.rented_out;
  double for_rent = others_rented;
  out.accelerators = others.accelerators;
  for (const Holding& holding : holdings) {
    owned.push_back(holding.accelerators);
    rented.push_back(holding.rented_out);
    out.accelerators += holding.accelerators;
    for_rent += holding.rented_out;
  }
  HYPERDC_CHECK(out.accelerators > 0, "nobody owns anything");
  out.hhi = hhi(owned, others.accelerators, false);
  out.hhi_single = hhi(owned, others.accelerators, true);
  out.top_1 = top_share(owned, others.accelerators, 1);
  out.top_4 = top_share(owned, others.accelerators, 4);
  out.rentable = for_rent / out.accelerators;
  if (for_rent > 0) {
    out.rentable_hhi = hhi(rented, others_rented, false);
    out.rentable_top_4 = top_share(rented, others_rented, 4);
  }
  if (run == nullptr) return out;
  count_runs(holdings, run->flop * terms.flop_factor, *run, out);
  out.usd_per_pflop_hour = mean_price(holdings, others, *run, terms);
  return out;
}

void put_or_say(std::vector<MetricValue>& values, std::string name, std::string unit,
                const std::optional<double>& value, std::string reason) {
  if (value) {
    put(values, std::move(name), std::move(unit), *value);
  } else {
    put_missing(values, std::move(name), std::move(unit), std::move(reason));
  }
}

}  // namespace hyperdc
