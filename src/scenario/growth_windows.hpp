// Windows of growth plans: what they name, and the fleet that stands in them alone.
#pragma once

#include "scenario/growth_spec.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

/// Does any plan of the file have windows? Then duration, warm-up and fleet are those of windows.
bool has_windows(const Resolution& r);
/// After the services and the generations of the plan.
void resolve_windows(Resolution& r, const View& windows, GrowthPlanSpec& plan);
/// What cannot be in a file with windows.
void check_windows_alone(Resolution& r);
/// Last of all: moves what stands and runs into GrowthPlanSpec::fleet of plans with windows.
void set_windows_apart(Scenario& scenario);

}  // namespace hyperdc
