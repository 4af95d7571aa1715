// How many racks devices and redundancy groups with a plan may take, and how often what stands
// there trips them (model/power/capped_trips.hpp).
#pragma once

#include <vector>

#include "metrics/recorder.hpp"
#include "world/world.hpp"

namespace hyperdc {

void read_rack_plans(const World& world, std::vector<MetricValue>& values);

}  // namespace hyperdc
