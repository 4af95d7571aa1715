// Who owns AI compute, and who can still train a model of a given size.
//
// Computes: of each owner its accelerators (one of its estimates, drawn once a run) times `factor`;
//   shares, HHI and the largest few by economics/concentration.hpp, once with the others as nobody
//   and once as one, and their bounds over all that the sources allow; of what may be rented the
//   same;  largest runs and their prices by world/ownership_holdings.hpp;  able: owners whose
//   largest run is at least what is asked for.
// Units: reference accelerators, FLOP, USD. Source: definitions; docs/models/ownership.md.
// Valid range: as the data. Leaves out: contracts between owners; anything that changes over time:
// that is an outlook (world/ownership_outlook.hpp).
#pragma once

#include <cstdint>
#include <vector>

#include "metrics/recorder.hpp"
#include "scenario/scenario.hpp"

namespace hyperdc {

/// Appends what the scenario's ownership says; nothing without one.
void read_ownership(const Scenario& scenario, std::uint64_t seed, std::vector<MetricValue>& values);

}  // namespace hyperdc
