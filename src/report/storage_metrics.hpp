// Metrics of storage systems.
#pragma once

#include <array>

#include "report/metric_info.hpp"

namespace hyperdc {

inline constexpr auto kStorageMetrics = std::to_array<MetricInfoRow>({
    {"storage", "overhead", "", "1", Better::lower, Show::number, "overhead",
     "Stored bytes over bytes of data, by the code of storage system S of region R."},
    {"storage", "capacity", "", "B", Better::higher, Show::bytes, "capacity",
     "Data that the drives of the system can hold."},
    {"storage", "data", "", "B", Better::neither, Show::bytes, "data",
     "Data that it holds at the end."},
    {"storage", "raw", "", "B", Better::lower, Show::bytes, "raw bytes",
     "Bytes of all fragments of it at the end."},
    {"storage", "fill", "mean max", "1", Better::neither, Show::share, "fill",
     "Share of its drives that fragments take, those of groups that are still written whole."},
    {"storage", "fullest", "mean max", "1", Better::lower, Show::share, "fullest drive",
     "The same of the fullest drive."},
    {"storage", "growth.written", "", "B", Better::higher, Show::bytes, "new data",
     "Data that was written new after the warm-up."},
    {"storage", "growth.refused", "", "B", Better::lower, Show::bytes, "refused",
     "New data that was refused after the warm-up, as no drives had room for its groups."},
    {"storage", "growth.full_after", "", "s", Better::higher, Show::time, "full after",
     "When there was no room for a new group for the first time."},
    {"storage", "rebalance.moved", "", "B", Better::lower, Show::bytes, "moved",
     "Bytes of fragments that moved to emptier drives after the warm-up: so much was read, and "
     "written."},
    {"storage", "rebalance.least", "", "B", Better::neither, Show::bytes, "had to move",
     "The least that had to move for drives that joined to get their share of what there was "
     "(docs/models/storage.md)."},
    {"storage", "rebalance.time", "mean p50 p90 p95 p99 max count", "s", Better::lower, Show::time,
     "time to share",
     "From the moment when drives join until each has its share of the data, or has failed."},
    {"storage", "rebalance.active", "mean max", "moves", Better::neither, Show::number, "moves",
     "Moves that go on."},
    {"storage", "rebalance.aborted", "", "moves", Better::lower, Show::count, "moves broken off",
     "Moves that gave way to repairs, or whose drives failed, after the warm-up."},
    {"storage", "cost", "", "USD", Better::lower, Show::money, "cost of drives",
     "What its drives cost after the warm-up, where they have a price: rent, or what is written "
     "off and upkeep."},
    {"storage", "cost_per_pb_month", "", "USD", Better::lower, Show::money, "a PB and month",
     "The same for each 10^15 B of data and month of 730 h."},
    {"storage", "mttdl", "", "s", Better::higher, Show::time, "MTTDL",
     "Mean time to the first data loss of the system by a Markov chain: failures of single drives "
     "alone, each lost fragment back after detect and fragment over rate; that of a group over the "
     "number of distinct sets of drives (docs/models/storage.md)."},
    {"storage", "durability.mttdl", "", "s", Better::higher, Show::time, "MTTDL, simulated",
     "The same by importance splitting, with lives and repairs as they are in the run."},
    {"storage", "durability.mttdl_low", "", "s", Better::higher, Show::time, "at least",
     "Low end of its 95 % interval."},
    {"storage", "durability.mttdl_high", "", "s", Better::higher, Show::time, "at most",
     "High end of it."},
    {"storage", "durability.loss", "", "1", Better::lower, Show::share, "loss a year",
     "Probability that any data is lost in a year, where single drives fail."},
    {"storage", "durability.bytes_lost", "", "B", Better::lower, Show::bytes, "lost a year",
     "Data that is lost in a year so, in the mean."},
    {"storage", "durability.burst.servers", "", "servers", Better::neither, Show::count,
     "servers of a burst", "Servers that fail for good at once."},
    {"storage", "durability.burst.loss", "", "1", Better::lower, Show::share, "loss in a burst",
     "Probability that any data is lost then, as groups are placed at the end."},
    {"storage", "durability.burst.loss_error", "", "1", Better::lower, Show::share,
     "standard error", "Of that, by the trials."},
    {"storage", "durability.burst.bytes_lost", "", "B", Better::lower, Show::bytes,
     "lost in a burst", "Data that is lost then, in the mean: exact."},
    {"storage", "drives.failed", "", "drives", Better::neither, Show::count, "failed drives",
     "Drives that failed after the warm-up."},
    {"storage", "degraded", "mean max", "1", Better::lower, Show::share, "degraded",
     "Share of groups of which a fragment is missing."},
    {"storage", "unreadable", "mean max", "1", Better::lower, Show::share, "unreadable",
     "Share of groups of which so much is missing that not all of it can be read now."},
    {"storage", "groups.lost", "", "groups", Better::lower, Show::count, "lost groups",
     "Placement groups whose data was lost after the warm-up."},
    {"storage", "repair.read", "", "B", Better::lower, Show::bytes, "read by repairs",
     "What repairs that ended after the warm-up read."},
    {"storage", "repair.written", "", "B", Better::neither, Show::bytes, "written by repairs",
     "What they wrote."},
    {"storage", "repair.reads", "", "1", Better::lower, Show::number, "reads a fragment",
     "The first over the second: fragments read for each that is rebuilt."},
    {"storage", "repair.time", "mean p50 p90 p95 p99 max count", "s", Better::lower, Show::time,
     "time to repair",
     "From the first loss that a repair makes good until its fragments are there again."},
    {"storage", "repair.active", "mean max", "repairs", Better::neither, Show::number, "repairs",
     "Repairs that go on."},
    {"storage", "repair.waiting", "mean max", "groups", Better::lower, Show::number,
     "waiting for repair", "Groups whose repair cannot begin yet."},
    {"storage", "repair.aborted", "", "repairs", Better::lower, Show::count, "broken off",
     "Repairs that a further failure broke off after the warm-up."},
});

}  // namespace hyperdc
