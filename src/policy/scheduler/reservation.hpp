// The reservation of backfilling: when the job that is to start next can start, and what it leaves.
//
// Computes: for a head that does not fit, with F the free resources and R(t) those of the running
// jobs whose expected end is at or before t,
//   shadow time S = the first t at which F + R(t) covers the head,   extra E = F + R(S) - head.
// When the totals cover the head but no set of servers does, S is the first expected end after
// which the running jobs that are left would let it in, and E is nothing. A head that cannot run
// even in an otherwise empty pool (servers are down) has no S.
// Units: ns; cores, memory and accelerators of the whole pool, each on its own.
// Source: Mu'alem and Feitelson (TPDS 12(6), 2001).
// Cost: running ends up to S; by servers O(log running) questions to the placement.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "policy/scheduler/running.hpp"

namespace hyperdc {

struct Reservation {
  SimTime shadow;
  Resources extra;
  bool operator==(const Reservation&) const = default;

  /// A job that needs so much for so long, and fits, does not delay the head.
  bool lets_pass(const Resources& need, Duration span, SimTime now) const {
    return add_saturating(now, span) <= shadow || extra.covers(need);
  }
};

/// The shadow time of a head that no end lets in.
inline constexpr SimTime kNoEnd{std::numeric_limits<std::int64_t>::max()};

class Reserver {
 public:
  /// `changed`: more than arrivals happened since the last call.
  Reservation reserve(JobId head, const RunningByEnd& running, const SchedulerView& view,
                      SchedulerActions& actions, bool changed);

 private:
  SimTime by_placement(JobId head, const RunningByEnd& running, const SchedulerView& view,
                       SchedulerActions& actions);

  std::vector<JobId> ending_;
  std::uint64_t planned_ = std::numeric_limits<std::uint64_t>::max();  // number of a head
  SimTime planned_at_;
};

}  // namespace hyperdc
