// What a training run reports (docs/models/training.md, docs/models/training-runs.md).
#pragma once

#include <string>
#include <vector>

#include "metrics/recorder.hpp"
#include "world/world.hpp"

namespace hyperdc {

/// Of a step: its time, parts and shares of the peak. Of the run up to `end`: what counts, and what
/// every accelerator-second went into.
void read_training(const World& world, const TrainingState& training, const std::string& prefix,
                   SimTime end, std::vector<MetricValue>& values);

}  // namespace hyperdc
