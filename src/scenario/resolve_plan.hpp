// How a training run is spread: what of it is stated, and whether it goes together.
#pragma once

#include "ai/training/plan_search.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

/// The parts that are stated.
FixedPlan fixed_of(const View& workload);

/// What is not stated is one.
TrainingPlan plan_of(const View& workload, const FixedPlan& fixed);

/// What of the plan does not go into each other. True if all does.
bool check_plan(Resolution& r, const View& workload, const TrainingPlan& plan,
                const ModelCard* model);

/// What of experts is stated beside the plan of a model without; and is refused there.
void check_experts(Resolution& r, const View& workload, const ModelCard& model);

}  // namespace hyperdc
