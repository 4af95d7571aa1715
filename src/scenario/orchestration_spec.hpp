// What a pool says of its gangs: which domains they are placed in, what capacity is reserved ahead,
// and when running jobs are moved to make room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <hyperdc/core/request.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// Which of the domains that hold a gang it goes to; none: servers are chosen one by one.
enum class DomainRank { best_fit, worst_fit, first_fit, none };
/// The largest domain in which a gang is placed.
enum class DomainNeed { any, rack, pod };

struct TopologySpec {
  DomainRank rank = DomainRank::best_fit;
  DomainNeed required = DomainNeed::any;
  std::uint32_t racks_per_pod = 0;             // 0: as the fabric of the region has them
  std::optional<std::uint32_t> largest_slice;  // cubes; nothing: racks are no cubes
};

/// Capacity that is kept for a tenant or a workload from `from` on, again and again.
struct ReservationSpec {
  std::string tenant;                     // or
  std::optional<std::uint32_t> workload;  // of Scenario::workloads
  Resources amount;
  Duration from, lasts;
  Duration every;  // 0: once
  bool preempts = false;

  /// Is one of its windows open so long after the begin?
  bool open_at(Duration at) const {
    if (at < from) return false;
    const std::int64_t into = (at - from).ns;
    return (every.ns > 0 ? into % every.ns : into) < lasts.ns;
  }
};

struct DefragmentSpec {
  Duration every;               // no sooner after one
  Duration wait;                // of the job that is blocked
  std::int64_t most_milli = 0;  // accelerators moved at a time
  Duration overhead;            // added to the run time of a job that is moved
};

}  // namespace hyperdc
