// Why accelerators are not at work: each accelerator-nanosecond of a pool has one cause.
//
// Computes: after each decision of the scheduler, all idle accelerators of the pool have the cause
//   no_demand  no job that asks for accelerators waits,
//   gang       the smallest that waits asks for more accelerators (cores, memory) than are free,
//   fragments  they would do, and no set of servers holds its members,
//   topology   that only for the models or zones that it asks for, or for the domain (rack, pod,
//              slice) in which the pool wants all its members,
//   quota      servers would hold it: a scheduler that heeds quotas keeps it waiting,
//   held_back  servers would hold it, and another scheduler keeps it waiting: order, reservations,
//              turns,
//   reserved   kept for reservations, beside whichever cause the others have;
// until the next decision. Of the others, preempted is time at restart overheads after preemptions
// and work that they threw away, failed the same of failures, down is out of service, and useful
// the rest of what jobs held. They add up to accelerators * time.
// Units: 1/1000 accelerator * ns. Source: definition.
// Cost: O(log sizes) a job that comes, starts or stops; a decision that leaves jobs waiting one
// question to the placement (two if it says no).
// Leaves out: which of several reasons weighs most (the smallest job speaks for all); accelerators
// that are held and not used; what is lost by jobs that still run at the end.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

enum class IdleCause : std::uint8_t {
  no_demand,
  gang,
  fragments,
  topology,
  quota,
  held_back,
  reserved
};
inline constexpr std::size_t kIdleCauses = 7;

struct PoolLosses {
  struct Waiting {
    std::int64_t milli = 0;
    std::uint64_t number = 0;
    JobId job;
    bool operator<(const Waiting& other) const {
      return std::pair(milli, number) < std::pair(other.milli, other.number);
    }
  };
  std::set<Waiting> waiting;  // jobs with accelerators
  std::array<LevelAccount, kIdleCauses> idle_milli;
  Int128 preempted_milli_ns = 0, failed_milli_ns = 0;
  bool quotas = false;  // the scheduler heeds them
};

void enable_losses(PoolState& pool);
void note_waiting_size(PoolState& pool, JobId job, bool there);
/// After a decision: idle accelerators have this cause until the next.
void note_idle_cause(PoolState& pool, SimTime now);
/// A job ran `executed` of which `useful` was of use; the rest is lost to preemption or failure.
void note_lost_run(PoolState& pool, JobId job, Duration lost, bool by_failure);

/// Name and 1/1000 accelerator * ns of each cause, `useful` and `down` included.
std::vector<std::pair<std::string_view, Int128>> losses_of(const PoolState& pool, SimTime end);

}  // namespace hyperdc
