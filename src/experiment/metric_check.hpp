// Objectives name metrics; whether the scenario has them is known before anything runs.
#pragma once

#include <hyperdc/core/issue.hpp>

#include "scenario/scenario.hpp"

namespace hyperdc {

/// One issue for each objective whose metric the scenario does not produce, with the nearest name.
Issues check_objectives(const Scenario& scenario);

}  // namespace hyperdc
