// The built-in schedulers, one a file; builtin.cpp lists them.
#pragma once

#include <hyperdc/policy/scheduler.hpp>

namespace hyperdc {

/// The estimate of a job whose run time nobody knows is this or longer (kNeverEstimate of traces).
inline constexpr Duration kUnknownRunTime = {std::int64_t{90} * 365 * 86'400 * kNsPerSecond};

const SchedulerEntry& fifo_scheduler();
const SchedulerEntry& sjf_scheduler();
const SchedulerEntry& qssf_scheduler();
const SchedulerEntry& easy_scheduler();
const SchedulerEntry& conservative_scheduler();
const SchedulerEntry& priority_scheduler();
const SchedulerEntry& drf_scheduler();
const SchedulerEntry& fair_share_scheduler();
const SchedulerEntry& quota_scheduler();
const SchedulerEntry& las_scheduler();
const SchedulerEntry& max_min_scheduler();
const SchedulerEntry& gang_scheduler();
const SchedulerEntry& lowest_carbon_window_scheduler();

}  // namespace hyperdc
