// What only the whole scenario can tell, told before anything runs.
#pragma once

#include <optional>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/time.hpp>

#include "scenario/scenario.hpp"

namespace hyperdc {

/// One issue for each objective whose metric the scenario does not produce, with the nearest name;
/// for each pool that FGD cannot serve, because its jobs have no usual mix; and for a time series
/// that would be too long. `until`: where the run is cut. At most a thousand, then their number.
Issues check_before_run(const Scenario& scenario, std::optional<SimTime> until = std::nullopt);

}  // namespace hyperdc
