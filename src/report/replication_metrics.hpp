// The metrics of copies in other regions and of what is emptied: a part of the table of
// metric_table.cpp.
#pragma once

#include <array>
#include <string_view>

#include "report/metric_info.hpp"

namespace hyperdc {

inline constexpr std::string_view kTimesOfCopies = "mean p50 p90 p95 p99 max count";

inline constexpr auto kReplicationMetrics = std::to_array<MetricInfoRow>({
    {"workloads", "replication.lag", kTimesOfCopies, "s", Better::lower, Show::time,
     "lag of copies",
     "Of asynchronous copies: from the first write of a batch until all of it is in the other "
     "region, of batches that arrived after the warm-up."},
    {"workloads", "replication.wait", kTimesOfCopies, "s", Better::lower, Show::time,
     "wait for copies",
     "Of synchronous copies: from the end of the work of a request until all copies of its write "
     "are acknowledged, of requests that arrived after the warm-up."},
    {"workloads", "replication.copied", "", "B", Better::neither, Show::bytes, "copied",
     "Bytes of copies that arrived after the warm-up, of each region that has one."},
    {"workloads", "replication.uncopied", "mean max", "B", Better::lower, Show::bytes, "not copied",
     "Bytes that are written and not yet in another region, of each region that is to have them."},
    {"workloads", "replication.lost", "", "B", Better::lower, Show::bytes, "lost copies",
     "Bytes that were lost with their region before they were copied, after the warm-up."},
    {"workloads", "replication.recovery_point", kTimesOfCopies, "s", Better::lower, Show::time,
     "recovery point",
     "When a region lost its last replica to a failure: how long before that the first write was "
     "made that another region does not have; 0 where it has all (RPO)."},
    {"workloads", "replication.recovery_time", kTimesOfCopies, "s", Better::lower, Show::time,
     "recovery time",
     "From such a loss until the first answer to people of that region sets out whose attempt "
     "began later "
     "(RTO)."},
    {"failures", "emptied", kTimesOfCopies, "s", Better::lower, Show::time, "until empty",
     "Of maintenance: from the begin of a wave until all of its servers are empty, by the end of "
     "the drain at the latest."},
    {"failures", "moved", "", "jobs", Better::neither, Show::count, "moved",
     "Of maintenance with jobs that move: jobs that it stopped to start elsewhere."},
    {"failures", "stopped", "", "jobs", Better::lower, Show::count, "stopped",
     "Of maintenance: jobs that still ran at the end of the drain, and were stopped."},
});

}  // namespace hyperdc
