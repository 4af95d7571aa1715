// Readings: the numbers of a run beyond what the recorder keeps: counts, energy, utilisation over
// the makespan, demand points.
#pragma once

#include <vector>

#include "world/bill.hpp"

namespace hyperdc {

/// All metrics in the order of the reference; call after Recorder::finish.
std::vector<MetricValue> read_metrics(const World& world, SimTime end,
                                      const std::vector<BillItem>& bill);

}  // namespace hyperdc
