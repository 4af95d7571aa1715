// The metrics of what serves clients of storage systems: a part of the table of metric_table.cpp.
#pragma once

#include <array>

#include "report/metric_info.hpp"

namespace hyperdc {

inline constexpr auto kStorageClientMetrics = std::to_array<MetricInfoRow>({
    {"storage", "cache.hit_rate", "", "1", Better::higher, Show::share, "cache hits",
     "Share of reads that came after the warm-up that the cache answered."},
    {"storage", "cache.byte_hit_rate", "", "1", Better::higher, Show::share, "bytes from the cache",
     "Share of their bytes."},
    {"storage", "cache.utilization", "", "1", Better::neither, Show::share, "cache busy",
     "Share of the time after the warm-up that the cache takes for them."},
    {"storage", "cache.used", "", "B", Better::neither, Show::bytes, "in the cache",
     "Bytes of the objects in the cache at the end."},
    {"storage", "metadata.utilization", "", "1", Better::neither, Show::share, "metadata busy",
     "Share of the time of the servers of metadata that operations take that were asked for after "
     "the warm-up."},
    {"storage", "metadata.wait", "mean p50 p90 p95 p99 max count", "s", Better::lower, Show::time,
     "wait for metadata", "Of an access of an object until its operation begins."},
    {"workloads", "read_time.p999", "", "s", Better::lower, Show::time, "read time, p99.9",
     "One in a thousand reads that completed after the warm-up took longer."},
    {"workloads", "reads_hedged", "", "1", Better::neither, Show::share, "hedged reads",
     "Share of reads that came after the warm-up that read other fragments as well."},
    {"workloads", "reads_cold", "", "1", Better::neither, Show::share, "cold reads",
     "Share of these that were of data so old that the next tier has it."},
    {"workloads", "egress", "", "B", Better::lower, Show::bytes, "egress",
     "Bytes that left their region after the warm-up: of reads that completed, of requests and "
     "answers, of transfers."},
    {"workloads", "tier.hot_bytes", "mean max", "B", Better::neither, Show::bytes,
     "in the first tier",
     "Bytes that the workload wrote, before the run too, and that are not moved on yet."},
    {"workloads", "tier.moved", "", "B", Better::neither, Show::bytes, "moved to the next tier",
     "Bytes that were moved on after the warm-up."},
    {"workloads", "tier.move_time", "mean p50 p90 p95 p99 max count", "s", Better::lower,
     Show::time, "time to move", "From when an object is old enough until it is in the next tier."},
    {"workloads", "tier.moves_failed", "", "objects", Better::lower, Show::count, "moves failed",
     "Objects that could not be read, or written, and stay."},
});

}  // namespace hyperdc
