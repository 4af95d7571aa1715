// FacilityCosts: what a region costs beside its servers and its energy, resolved. Units: SI, USD.
#pragma once

#include <optional>
#include <string>

#include <hyperdc/policy/scheduler.hpp>

#include "economics/energy_books.hpp"
#include "economics/price.hpp"

namespace hyperdc {

struct FacilityCosts {
  std::optional<Price> building, network, staff;
  std::optional<double> carbon_usd_per_kg;
  CarbonMethod carbon_method = CarbonMethod::average;  // what that price is paid for
  std::optional<double> water_usd_per_m3;
};

/// Where a price comes from, for the bill: "SOURCE, DATE"; empty if it is not said.
struct CostSources {
  std::string electricity, demand, carbon, water, building, network, staff;
};

/// The rate of a signal in a region; null where it is not stated.
inline const PeriodicRate* rate_of(const EnergyTerms& terms, EnergySignal signal) {
  const auto& rate =
      signal == EnergySignal::price
          ? terms.price
          : terms.carbon[static_cast<std::size_t>(
                signal == EnergySignal::average ? CarbonMethod::average : CarbonMethod::marginal)];
  return rate ? &*rate : nullptr;
}

}  // namespace hyperdc
