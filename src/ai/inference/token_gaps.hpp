// TokenGaps: the times between one token of a sequence and its next (inter-token latency).
//
// Computes: in a step each member of the decoding group gets a token, or several with speculation,
// which count as one: the gap is the time since its last. For all who were in the step before that
// is the same; who has joined since had its last token then; who comes back to be computed anew, or
// brings its cache, is told alone. Steps of one stretch grow by little: as many as are within 1/256
// of each other are one group with their mean.
// Units: ns. Source: vLLM's benchmark, "inter-token latency". Leaves out: the way to the caller.
// Cost: O(1) a stretch of which the steps are within 1/256, O(log) times that else.
#pragma once

#include <cstdint>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct TokenGap {
  double ns = 0;  // mean of those
  std::uint64_t times = 0;
};

class TokenGaps {
 public:
  /// A sequence has a token now and is in the next step.
  void join(SimTime now);
  /// It leaves before that; it had its last token then.
  void leave_fresh(SimTime joined);
  /// When all who were in the last step had their token.
  SimTime last_step() const { return last_step_; }

  /// So many members have made `steps` steps; ends(i) is when i of them had ended.
  template <typename Ends>
  void add_steps(std::uint64_t members, std::uint64_t steps, const Ends& ends) {
    const SimTime first = ends(1);
    std::uint64_t there_before = members;
    for (const Joined& joined : fresh_) {
      there_before -= joined.times;
      gaps_.push_back({static_cast<double>((first - joined.at).ns), joined.times});
    }
    fresh_.clear();
    if (there_before > 0) {
      gaps_.push_back({static_cast<double>((first - last_step_).ns), there_before});
    }
    last_step_ = ends(steps);
    if (steps > 1) add_run(members, 1, first, steps, last_step_, ends);
  }
  /// One sequence has a token now that had its last one then.
  void add(SimTime since, SimTime now) {
    gaps_.push_back({static_cast<double>((now - since).ns), 1});
  }

  const std::vector<TokenGap>& gaps() const { return gaps_; }
  void clear() { gaps_.clear(); }

 private:
  struct Joined {
    SimTime at;
    std::uint64_t times = 0;
  };

  /// Steps from + 1 to `to`; they take longer and longer.
  template <typename Ends>
  void add_run(std::uint64_t members, std::uint64_t from, SimTime from_at, std::uint64_t to,
               SimTime to_at, const Ends& ends) {
    const double steps = static_cast<double>(to - from);
    const double mean = static_cast<double>((to_at - from_at).ns) / steps;
    if (to - from > 1) {
      const double first = static_cast<double>((ends(from + 1) - from_at).ns);
      if (mean - first > first / 512) {
        const std::uint64_t middle = from + (to - from) / 2;
        const SimTime middle_at = ends(middle);
        add_run(members, from, from_at, middle, middle_at, ends);
        add_run(members, middle, middle_at, to, to_at, ends);
        return;
      }
    }
    gaps_.push_back({mean, members * (to - from)});
  }

  SimTime last_step_;
  std::vector<Joined> fresh_;  // since the last step
  std::vector<TokenGap> gaps_;
};

}  // namespace hyperdc
