// EnergyBooks: what the energy of one facility costs, emits and evaporates.
//
// Computes, over stretches of constant power P of the facility and I of its servers:
//   energy   integral of P * price dt; demand charge by demand_peaks.hpp
//   carbon   integral of P * intensity dt, for each intensity that is known:
//            average   of all that the grid generates (attributed, location-based)
//            marginal  of what would not be generated without this load (avoided or caused)
//            market    of the contracts of who runs it (attributed, market-based)
//   water    integral of I * (base + slope * max(0, T - from)) dt, T the outside temperature
// Units: W, J, USD, kg, m3, degrees Celsius. Source: definitions; GHG Protocol Scope 2 Guidance
// (2015) for the location and market method; WUE: The Green Grid, white paper 35 (litres on site
// over energy of the IT equipment).
// Valid range: as the rates that are put in. Leaves out: carbon of water, water of the grid.
#pragma once

#include <array>
#include <optional>

#include "economics/demand_peaks.hpp"
#include "economics/periodic_rate.hpp"
#include "economics/rate_walk.hpp"

namespace hyperdc {

enum class CarbonMethod { average, marginal, market };
inline constexpr std::size_t kCarbonMethods = 3;
/// As scenarios and metrics call them.
inline constexpr std::array<const char*, kCarbonMethods> kCarbonNames{"average", "marginal",
                                                                      "market"};

struct DemandCharge {
  double usd_per_w = 0;  // of a whole period
  Duration window, period;
};

struct WaterUse {
  double m3_per_j = 0;  // of the servers
  double m3_per_j_kelvin = 0, from_c = 0;
};

struct EnergyTerms {
  std::optional<PeriodicRate> price;  // USD/J
  std::optional<DemandCharge> demand;
  std::array<std::optional<PeriodicRate>, kCarbonMethods> carbon;  // g/J, by CarbonMethod
  std::optional<WaterUse> water;
};

class EnergyBooks {
 public:
  explicit EnergyBooks(const EnergyTerms& terms);

  /// The power was so in [from, to]; calls follow one another in time.
  void add(SimTime from, SimTime to, double facility_w, double it_w, double outside_c);
  /// No more comes.
  void close();

  double energy_usd() const { return energy_usd_; }
  /// Meaningful after close(), where the terms have a demand charge.
  double demand_usd() const;
  double peak_w() const { return peaks_ ? peaks_->highest_w() : 0; }
  double carbon_kg(CarbonMethod method) const {
    return carbon_g_[static_cast<std::size_t>(method)] * 1e-3;
  }
  double water_m3() const { return water_m3_; }
  /// The second account, in USD and in g; null where the rate never changes or is not known.
  const RateWalk* price_walk() const { return price_walk_ ? &*price_walk_ : nullptr; }
  const RateWalk* carbon_walk(CarbonMethod method) const {
    const auto& walk = carbon_walks_[static_cast<std::size_t>(method)];
    return walk ? &*walk : nullptr;
  }

 private:
  const EnergyTerms* terms_;
  std::optional<DemandPeaks> peaks_;
  double energy_usd_ = 0, water_m3_ = 0;
  std::array<double, kCarbonMethods> carbon_g_{};
  std::optional<RateWalk> price_walk_;
  std::array<std::optional<RateWalk>, kCarbonMethods> carbon_walks_;
};

}  // namespace hyperdc
