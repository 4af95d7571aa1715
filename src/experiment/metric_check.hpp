// What only a built world can tell of a scenario, told before anything runs.
#pragma once

#include <hyperdc/core/issue.hpp>

#include "scenario/scenario.hpp"

namespace hyperdc {

/// One issue for each objective whose metric the scenario does not produce, with the nearest name;
/// and for each pool that FGD cannot serve, because its jobs have no usual mix.
Issues check_before_run(const Scenario& scenario);

}  // namespace hyperdc
