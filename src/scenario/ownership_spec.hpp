// OwnershipSpec: who owns how much AI compute, and labelled outlooks of it, resolved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/distribution.hpp"

namespace hyperdc {

/// Amounts of years that follow each other, the first of `first`; `factor` a year after the last.
struct YearlyAmounts {
  int first = 0;
  std::vector<double> amounts;
};

struct OwnerSpec {
  std::string name;
  std::vector<DistributionSpec> estimates;  // of its reference accelerators; one a run
  double factor = 1;                        // of them that it keeps: below 1 under an export limit
  double rented_out = 0;                    // share that others may rent
  double largest_site = 1;                  // share that can work together
  std::optional<double> site_w;             // of the facility of that site
  double pue = 1;
  std::optional<DistributionSpec> rent_usd_per_s;  // of a reference accelerator
  YearlyAmounts capex_usd;                         // empty: not known
  double datacenters = 1;                          // share of it
  std::uint32_t group = 0;                         // owners of one group are one owner
};

/// A training run that is asked for.
struct FrontierRun {
  double flop = 0, days = 0, mfu = 0, peak_flops = 0;  // FLOP/s of a reference accelerator
  std::optional<DistributionSpec> accelerator_w;       // of IT, its part of servers and network
};

enum class SupplySplit : std::uint8_t { pro_rata, largest_first };

struct EntrantSpec {
  OwnerSpec owner;  // with nothing at first
  int from = 0;
};

/// From the year on: merged owners, or the factor on the orders of one.
struct MergerSpec {
  int from = 0;
  std::vector<std::uint32_t> owners;  // entrants after the owners
};
struct OrderLimit {
  int from = 0;
  std::uint32_t owner = 0;
  double factor = 1;
};

struct OutlookSpec {
  std::string label;
  int until = 0;
  std::optional<int> from_capex_of;  // from nothing, and not from what is owned
  DistributionSpec chip_share;       // of capex for datacenters that buys accelerators
  DistributionSpec price_usd;        // of a reference accelerator, in the year of the stock
  double price_factor = 1;
  DistributionSpec capex_factor;  // one an owner and run
  YearlyAmounts supply;           // empty: as many as are ordered
  double supply_factor = 1;
  SupplySplit split = SupplySplit::pro_rata;
  int life = 0;  // years
  std::vector<EntrantSpec> entrants;
  std::vector<MergerSpec> mergers;
  std::vector<OrderLimit> limits;
  double site_power_factor = 1, power_factor = 1, flop_factor = 1, rent_factor = 1;
};

struct OwnershipSpec {
  std::vector<OwnerSpec> owners;
  std::uint32_t groups = 0;
  DistributionSpec others;  // held by many that nobody counted
  double others_rented_out = 0;
  std::optional<DistributionSpec> others_rent_usd_per_s;
  YearlyAmounts others_capex_usd;
  std::optional<FrontierRun> run;
  int year = 0;  // at whose end this is owned; 0: not said, without outlooks
  std::vector<OutlookSpec> outlooks;
};

}  // namespace hyperdc
