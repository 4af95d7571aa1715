// The runs that a study consists of (docs/adr/0011-studies.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "results/study_store.hpp"
#include "scenario/study.hpp"

namespace hyperdc {

/// sha256 of the sources of this program that its results depend on.
std::string sources_sha256();

struct PlannedStudy {
  StudyPlan plan;
  Issues warnings;
};

/// All runs, `replications` of each variation, with their keys; or what is wrong with any of the
/// variations, all at once; the same for any number of threads. `read` is told how many variations
/// were read, by one thread at a time.
Result<PlannedStudy> plan_study(const Study& study, const LoadOptions& options,
                                unsigned threads = 1,
                                const std::function<void(std::size_t)>& read = {});

/// How many windows of a trace there are, where each seed replays another; of several the fewest.
std::optional<std::uint64_t> trace_windows(const Scenario& scenario);

/// What is wrong with so many seeds where each replays a window of a trace: one that is replayed
/// twice is no new replication. Whoever asks knows where the number stands.
Issues repeated_windows(const Scenario& scenario, std::uint64_t seeds);

}  // namespace hyperdc
