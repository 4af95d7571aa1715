// What owners hold and can do with it, at one time: the part that the present and outlooks share.
//
// Computes: an owner with a accelerators of which a share s is at its largest site,
//   site = min(a s, P / (w PUE));  P: power of the facility of that site, w: IT power of a
//   reference accelerator with its part of servers and network; without P chips alone bind
//   largest run = site * peak * mfu * time, FLOP;  what can be rented of it: times the share that
//   others may rent
//   USD a PFLOP-h = price an hour / (peak * mfu / 1e15), of useful operations
//   run price = operations / (peak * mfu) * price
//   Merged owners are one, with the sum of their accelerators and the best of their sites: runs do
//   not span sites.
// Units: reference accelerators, W, FLOP, USD. Source: definitions; docs/models/ownership.md.
// Valid range: as the data. Leaves out: what else runs at the site; memory and network of it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metrics/recorder.hpp"
#include "scenario/ownership_spec.hpp"

namespace hyperdc {

/// One owner in one year.
struct OwnedFleet {
  const OwnerSpec* owner = nullptr;
  double accelerators = 0;
  std::optional<double> rent_usd_per_s;
  std::uint32_t group = 0;
};

/// What holds for all of them in one year.
struct OwnershipTerms {
  double accelerator_w = 0;  // 0: not said
  double site_power_factor = 1, rent_factor = 1, flop_factor = 1;
};

/// Of a group of owners that are one.
struct Holding {
  std::string name;  // of the first
  double accelerators = 0, rented_out = 0;
  double site_by_chips = 0, site_by_power = std::numeric_limits<double>::infinity();
  double rentable_site = 0;
  std::optional<double> site_rent_usd_per_s;  // there
  double priced = 0, usd_per_s = 0;           // rented out at a known price, and its sum

  double site() const { return site_by_chips < site_by_power ? site_by_chips : site_by_power; }
};

std::vector<Holding> holdings_of(std::span<const OwnedFleet> fleets, const OwnershipTerms& terms);

/// Of the many that nobody counted.
struct OthersHeld {
  double accelerators = 0, rented_out = 0;  // the share of them
  std::optional<double> rent_usd_per_s;
};

struct Concentration {
  double accelerators = 0, hhi = 0, hhi_single = 0, top_1 = 0, top_4 = 0, rentable = 0;
  std::optional<double> rentable_hhi, rentable_top_4;  // nothing: nothing is rented out
  // Of a run, where one is asked for:
  double able = 0, able_to_rent = 0, largest_run = 0, rentable_run = 0;  // owners, FLOP
  std::optional<double> usd_per_pflop_hour;  // of what is rented out at a known price
  std::optional<double> run_usd;             // of the cheapest that can be rented
};

/// Operations of a reference accelerator in the time of the run.
double flop_each(const FrontierRun& run);
/// Price of a useful PFLOP-hour.
double usd_per_pflop_hour(const FrontierRun& run, double usd_per_s);
double run_usd(const FrontierRun& run, double flop, double usd_per_s);
Concentration concentration_of(std::span<const Holding> holdings, const OthersHeld& others,
                               const FrontierRun* run, const OwnershipTerms& terms);

/// A metric with its value, or why it has none.
void put_or_say(std::vector<MetricValue>& values, std::string name, std::string unit,
                const std::optional<double>& value, std::string reason);

}  // namespace hyperdc
