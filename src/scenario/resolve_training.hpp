// Training runs: from a model and how it is spread to a job.
#pragma once

#include "scenario/resolve.hpp"

namespace hyperdc {

inline constexpr double kLongestRun_s = 90 * 365.0 * 86400;  // that a job may have

/// The one type of accelerator of a pool; nothing, with a problem at `at`, if there are none or
/// several. `of_one` says what needs one.
const AcceleratorType* chip_of(Resolution& r, const View& at, const PoolSpec& pool,
                               std::string_view of_one);

/// Makes the job of a workload of kind training; its pool is known.
void resolve_training(Resolution& r, const View& workload, JobsWorkload& out);

/// Of all runs; after everything that may use a fabric.
void resolve_training_networks(Resolution& r);

}  // namespace hyperdc
