// TrainingSpec: what makes a workload of jobs a training run (docs/models/training.md).
#pragma once

#include "ai/training/training_step.hpp"

namespace hyperdc {

struct TrainingSpec {
  TrainingPlan plan;
  TrainingTime time;
  TrainingFlops flops;  // of a step
  TrainingMemory memory;
  double peak_flops = 0;  // of one accelerator
  std::uint64_t steps = 0;
};

}  // namespace hyperdc
