#include "world/ownership_holdings.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "economics/concentration.hpp"

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

void count_runs(std::span<const Holding> holdings, const FrontierRun& run, double flop,
                Concentration& out) {
  double priced = 0;
  double sum_usd_per_s = 0;
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
    priced += holding.priced;
    sum_usd_per_s += holding.usd_per_s;
  }
  if (priced > 0) out.usd_per_pflop_hour = usd_per_pflop_hour(run, sum_usd_per_s / priced);
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

Concentration concentration_of(std::span<const Holding> holdings, double others,
                               const FrontierRun* run, const OwnershipTerms& terms) {
  std::vector<double> owned;
  std::vector<double> rented;
  Concentration out;
  double for_rent = 0;
  out.accelerators = others;
  for (const Holding& holding : holdings) {
    owned.push_back(holding.accelerators);
    rented.push_back(holding.rented_out);
    out.accelerators += holding.accelerators;
    for_rent += holding.rented_out;
  }
  HYPERDC_CHECK(out.accelerators > 0, "nobody owns anything");
  out.hhi = hhi(owned, others, false);
  out.hhi_single = hhi(owned, others, true);
  out.top_1 = top_share(owned, others, 1);
  out.top_4 = top_share(owned, others, 4);
  out.rentable = for_rent / out.accelerators;
  if (for_rent > 0) out.rentable_hhi = hhi(rented, 0, false);
  if (run != nullptr) count_runs(holdings, *run, run->flop * terms.flop_factor, out);
  return out;
}

}  // namespace hyperdc
