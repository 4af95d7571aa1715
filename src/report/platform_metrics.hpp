// The metrics of managed platforms: a part of the table of metric_table.cpp.
#pragma once

#include <array>

#include "report/metric_info.hpp"

namespace hyperdc {

inline constexpr std::string_view kOfStarts = "mean p50 p90 p95 p99 max count";

inline constexpr auto kPlatformMetrics = std::to_array<MetricInfoRow>({
    {"workloads", "platform.provision", kOfStarts, "s", Better::lower, Show::time, "provision",
     "Of each start, that has ended, of a job submitted after the warm-up: until its servers are "
     "up; 0 on servers that were kept."},
    {"workloads", "platform.pull", kOfStarts, "s", Better::lower, Show::time, "pull",
     "The same, until they have the image; 0 on servers that were kept."},
    {"workloads", "platform.stage", kOfStarts, "s", Better::lower, Show::time, "stage",
     "The same, until they have the data."},
    {"workloads", "platform.run", kOfStarts, "s", Better::neither, Show::time, "run",
     "The same, while the job runs."},
    {"workloads", "platform.upload", kOfStarts, "s", Better::lower, Show::time, "upload",
     "The same, until its results are uploaded; 0 where it was interrupted."},
    {"workloads", "platform.billed", kOfStarts, "s", Better::lower, Show::time, "billed",
     "Time of the same that is billed for each server."},
    {"workloads", "platform.quota_wait", kOfStarts, "s", Better::lower, Show::time,
     "wait for quota",
     "Of each job under a quota that came into its pool and was due after the warm-up: from due "
     "until the quota let it come; wait and completion begin then."},
    {"workloads", "platform.quota_waiting", "", "jobs", Better::lower, Show::count,
     "still wait for quota",
     "Jobs that are due and wait for the quota at the end of the run; not in the pool, they count "
     "as "
     "not submitted."},
    {"workloads", "platform.critical", kOfStarts, "s", Better::lower, Show::time,
     "on critical path",
     "Of a step, in each pipeline that has finished and began after the warm-up: from due to "
     "finish of its job if it is on the critical path, else 0."},
    {"workloads", "platform.critical_wait", kOfStarts, "s", Better::lower, Show::time,
     "waiting on critical path",
     "The same, from due to its first start: for the quota and for servers."},
    {"workloads", "platform.pipeline", kOfStarts, "s", Better::lower, Show::time, "pipeline",
     "Of the last step, in the same: from when the first step on the critical path was due to its "
     "finish."},
    {"workloads", "platform.warm_starts", "", "times", Better::higher, Show::count, "warm starts",
     "Starts on servers that were kept for the job, over the whole run."},
    {"workloads", "platform.cold_starts", "", "times", Better::lower, Show::count, "cold starts",
     "Other starts, over the whole run."},
    {"workloads", "platform.idle", "", "server s", Better::lower, Show::server_time, "kept",
     "Server-time of servers that were kept without a job, over the whole run."},
    {"workloads", "platform.interruptions", "", "times", Better::lower, Show::count,
     "spot interruptions",
     "Starts that ended because a spot server was taken back, over the whole "
     "run."},
    {"workloads", "platform.expired", "", "jobs", Better::lower, Show::count, "waited too long",
     "Jobs on spot servers that were stopped, not done within their longest wait, over the whole "
     "run; they count as failed, too."},
    {"workloads", "platform.saved", "", "s", Better::higher, Show::time, "saved by checkpoints",
     "Work of starts that were interrupted which their checkpoints kept, over the whole run."},
    {"workloads", "platform.lost", "", "s", Better::lower, Show::time, "work lost",
     "Work of jobs with checkpoints or on spot servers that interruptions, failures or the end of "
     "their longest wait took, over the whole run."},
    {"workloads", "platform.cost", "", "USD", Better::lower, Show::money, "billed by the platform",
     "Price of the servers, less the discount of spot servers, times billed time, of jobs "
     "submitted "
     "and servers kept after the warm-up."},
});

}  // namespace hyperdc
