// Rental markets and buyers: what docs/models/rental-market.md computes with. Prices are in USD per
// second and accelerator.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "scenario/growth_spec.hpp"
#include "workload/demand/demand_spec.hpp"

namespace hyperdc {

struct MarketZone {
  std::string name;
  std::uint64_t accelerators = 0;
  std::uint64_t blocks = 0;  // of them, for capacity blocks
  double oversell = 1;       // reserved ones that are sold over those set aside for them
  bool lend = true;          // spot may have what is set aside and not in use
};

enum class RentalKind : std::uint8_t { on_demand, reserved, block, spot };

struct RentalProduct {
  std::string name;
  RentalKind kind = RentalKind::on_demand;
  PolicyChoice pricing;  // of on-demand and spot
  double usd_per_s = 0;  // of the others
  Duration term = {};    // of reservations
  double upfront = 0, breakage = 0;
  Duration notice = {};  // of spot
};

struct CheckpointTerms {
  Duration every, cost, restart;
};

struct RentalTenant {
  std::string name;
  DemandSpec demand;
  double elasticity = 0;
  double reference_usd_per_s = 0;
  DistributionSpec accelerators = Constant{1};
  DistributionSpec duration_s = Constant{1};
  std::vector<std::uint32_t> products;  // in order of preference
  std::vector<std::uint32_t> zones;
  std::optional<DistributionSpec> bid_usd_per_s = {};
  std::optional<CheckpointTerms> checkpoint = {};
  std::optional<DistributionSpec> busy_s = {}, idle_s = {};  // of what it has reserved
  DistributionSpec ahead_s = Constant{0};                    // of blocks
  Duration retry_every = {}, retry_for = {};                 // 0: a request that is refused is lost
};

struct MarketSpec {
  std::string name;
  Duration reprice;
  std::vector<MarketZone> zones;
  std::vector<RentalProduct> products;
  std::vector<RentalTenant> tenants;
};

struct BuyerTerm {
  std::string name;
  Duration term;
  std::uint32_t steps = 1;
  double usd_per_s = 0;  // at the beginning; it moves with on-demand
  double upfront = 0, breakage = 0;
};

struct BuyerSpotZone {
  std::string name;
  double ratio = 1;      // mean price over that of on-demand
  double available = 1;  // share of the time in which it has spot
  double most = std::numeric_limits<double>::infinity();
};

struct BuyerSpot {
  Duration notice;
  double interruptions_per_s = 0;  // of one accelerator, while its zone has spot
  double price_volatility = 0;
  double correlation = 0;
  Duration persistence;
  CheckpointTerms checkpoint;
  std::vector<BuyerSpotZone> zones;
};

struct BuyerSpec {
  std::string name;
  std::uint32_t years = 0, steps_per_year = 0, futures = 0, review_steps = 1;
  Duration step = {};
  double discount = 0;
  double risk_weight = 0;
  double penalty_usd_per_s = 0;
  GrowthPlanSpec demand;  // its one class, and nothing else
  double spread = 0;      // of demand from step to step
  double on_demand_usd_per_s = 0;
  TrendSpec price;
  double stock = 1;  // share of the time in which on-demand has accelerators in a zone
  std::vector<BuyerTerm> terms;
  double owned = 0, owned_usd_per_s = 0;
  std::optional<BuyerSpot> spot = {};
  PolicyChoice purchasing;

  std::uint32_t steps() const { return years * steps_per_year; }
};

}  // namespace hyperdc
