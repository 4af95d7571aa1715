// Who owns AI compute, and who can still train a model of a given size.
//
// Computes: of each owner its accelerators (drawn once a run where sources differ) times `factor`;
//   shares, HHI and the largest few by economics/concentration.hpp, once with the others as nobody
//   and once as one; of what may be rented the same;
//   largest run = accelerators * largest_site * peak * mfu * time, FLOP;  able: owners whose
//   largest run is at least what is asked for. Merged owners are one, at the largest of their
//   sites.
// Units: reference accelerators, FLOP. Source: definitions; docs/models/ownership.md.
// Valid range: as the data. Leaves out: power and people at a site, contracts between owners,
// anything that changes over time: a forecast is a scenario with other numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "metrics/recorder.hpp"
#include "scenario/scenario.hpp"

namespace hyperdc {

/// Appends what the scenario's ownership says; nothing without one.
void read_ownership(const Scenario& scenario, std::uint64_t seed, std::vector<MetricValue>& values);

}  // namespace hyperdc
