// Outlooks: who would own AI compute in later years if a labelled scenario went on.
//
// Computes, of each owner, of entrants from their first year and of the others, a year y at a time:
//   orders(y) = capex(y) * datacenters * chip_share / price(y) * limit(y)
//   price(y) = price * price_factor^(y - year);  capex after its last year grows by capex_factor,
//   drawn once an owner where they differ
//   bought(y) = orders(y) where their sum is at most supply(y); else pro rata of orders, or the
//   largest orders first; what is not filled lapses
//   stock(Y) = sum of bought(y), Y - life < y <= Y. What is owned at the end of `year` was bought
//   in the years of which capex is known, in proportion to what capex could buy (all in `year`
//   where none is known), so that it retires accordingly.
//   With from_capex_of the path begins with nothing: its stock at the end of `year` over what is
//   owned then is how far capex alone explains that; nothing is fitted to it.
//   Concentration, largest runs and prices of rent of each year by world/ownership_holdings.hpp,
//   power of sites, power of an accelerator, the run asked for and rents each by their factor.
// Units: reference accelerators a calendar year, USD. Source: definitions;
// docs/models/ownership.md. Valid range: whole years, 100 at most. Leaves out: orders that wait,
// prices that answer to shortage, sales of used hardware, capex that answers to anything.
#pragma once

#include <cstdint>
#include <vector>

#include "metrics/recorder.hpp"
#include "scenario/ownership_spec.hpp"
#include "world/ownership_holdings.hpp"

namespace hyperdc {

/// What a run takes for true at the end of `year`.
struct OwnershipDraw {
  std::vector<OwnedFleet> fleets;  // by owner
  OthersHeld others;
  OwnershipTerms terms;
};
/// Fleets refer to `spec`.
OwnershipDraw draw_ownership(const OwnershipSpec& spec, std::uint64_t seed);

void read_outlook(const OwnershipSpec& spec, const OutlookSpec& outlook, const OwnershipDraw& draw,
                  std::uint64_t seed, std::vector<MetricValue>& values);

}  // namespace hyperdc
