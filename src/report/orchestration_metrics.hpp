// The metrics of gangs, reservations and migrations of pools: a part of the table of
// metric_table.cpp.
#pragma once

#include <array>

#include "report/metric_info.hpp"

namespace hyperdc {

inline constexpr auto kOrchestrationMetrics = std::to_array<MetricInfoRow>({
    {"pools", "gangs.started", "", "times", Better::neither, Show::count, "gangs started",
     "Starts of jobs of several members, of a pool with a topology, over the whole run."},
    {"pools", "gangs.racks", "", "racks", Better::lower, Show::number, "racks of a gang",
     "Racks in which the members of a gang lie, mean over starts."},
    {"pools", "gangs.pods", "", "pods", Better::lower, Show::number, "pods of a gang",
     "Pods in which they lie, mean over starts."},
    {"pools", "gangs.in_one_rack", "", "1", Better::higher, Show::share, "gangs in one rack",
     "Share of starts of gangs whose members all lie in one rack."},
    {"pools", "gangs.in_one_pod", "", "1", Better::higher, Show::share, "gangs in one pod",
     "Share of starts of gangs whose members all lie in one pod."},
    {"pools", "time.reserved", "", "accelerator s", Better::lower, Show::accelerator_time,
     "idle, reserved", "Idle because it is kept for who reserved it; of a pool with idle_causes."},
    {"pools", "reservations.begun", "", "times", Better::neither, Show::count, "windows begun",
     "Windows of reservations that began, over the whole run."},
    {"pools", "reservations.late", "", "times", Better::lower, Show::count, "windows late",
     "Of these: whose amount was not there at the begin, free or held by its holder."},
    {"pools", "reservations.lateness", "", "s", Better::lower, Show::time, "lateness",
     "From the begin of a window until its amount is there (its end, if never), mean over windows "
     "that began."},
    {"pools", "reservations.idle", "", "accelerator s", Better::lower, Show::accelerator_time,
     "reserved and idle", "Accelerator-time kept in windows that nobody used, over the whole run."},
    {"pools", "reservations.idle_cores", "", "core s", Better::lower, Show::number,
     "cores reserved and idle", "Core-time of the same."},
    {"pools", "defragment.gangs", "", "jobs", Better::higher, Show::count, "started by moves",
     "Jobs that started on servers of which others were moved, over the whole run."},
    {"pools", "defragment.migrations", "", "times", Better::lower, Show::count, "migrations",
     "How often a running job was moved for one of these."},
    {"pools", "defragment.moved", "", "accelerators", Better::lower, Show::number,
     "accelerators moved", "Accelerators of the jobs that were moved, each time they were."},
    {"pools", "defragment.spent", "", "accelerator s", Better::lower, Show::accelerator_time,
     "spent on moves", "Overheads of the same, times their accelerators."},
});

}  // namespace hyperdc
