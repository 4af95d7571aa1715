// GroupBackoff: groups of servers that failed to deliver are left alone for a while.
//
// Computes: a failure while the group is not backed off doubles its pause, from `initial` up to
// `longest`; one while it is keeps the length and starts the pause anew; after `reset` without a
// failure, or when servers that were asked for have come, all is forgotten. Units: ns.
// Source: Kubernetes cluster-autoscaler, utils/backoff/exponential_backoff.go. Valid always.
// Leaves out: pauses by kind of error.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

class GroupBackoff {
 public:
  GroupBackoff(Duration initial, Duration longest, Duration reset)
      : initial_(initial), longest_(std::max(initial, longest)), reset_(reset) {}

  void failed(std::uint32_t group, SimTime now) {
    forget_old(now);
    const auto [at, fresh] = pauses_.try_emplace(group, Pause{initial_, now, now});
    if (!fresh && at->second.until < now) {
      at->second.length = std::min(longest_, at->second.length + at->second.length);
    }
    at->second.until = now + at->second.length;
    at->second.last = now;
  }
  void delivered(std::uint32_t group) { pauses_.erase(group); }
  bool paused(std::uint32_t group, SimTime now) const {
    const auto at = pauses_.find(group);
    return at != pauses_.end() && at->second.until > now;
  }

 private:
  struct Pause {
    Duration length;
    SimTime until, last;
  };
  void forget_old(SimTime now) {
    std::erase_if(pauses_, [&](const auto& entry) { return entry.second.last + reset_ < now; });
  }

  Duration initial_, longest_, reset_;
  std::map<std::uint32_t, Pause> pauses_;
};

}  // namespace hyperdc
