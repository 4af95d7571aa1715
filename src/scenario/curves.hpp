// The demand curves of a scenario, for screens that show them before anything runs.
#pragma once

#include <vector>

#include "scenario/scenario.hpp"
#include "workload/demand/demand_spec.hpp"

namespace hyperdc {

/// One a workload that has a curve, in the order of the scenario.
std::vector<NamedDemand> curves_of(const Scenario& scenario);

}  // namespace hyperdc
