// What domains, reservations and migrations of a pool came to, at the end of a run.
#pragma once

#include <vector>

#include "metrics/recorder.hpp"
#include "world/world.hpp"

namespace hyperdc {

void read_orchestration(const PoolState& pool, SimTime end, std::vector<MetricValue>& values);

}  // namespace hyperdc
