// DecodeGroup: the sequences of an engine that decode, which advance together.
//
// Computes: a step gives each member `growth` parts of a token (kTokenParts of them are one), in
// whole tokens: after s steps all have floor(s growth / parts) more, counted by one clock since the
// engine began. A member with c tokens needs blocks for c + 1 + lookahead of them in a step. So
// members need another block at those values of the clock that have a remainder, by the tokens of
// a block, which never changes: how many have which remainder is all that the blocks of any number
// of steps depend on. A member leaves when the clock reaches what it asked for, or earlier.
// Units: tokens, blocks. Source: docs/models/batching.md. Valid: growth of a token or more.
// Leaves out: steps that give members different numbers of tokens.
// Cost: O(log n) to join or leave with n members; O(block) for the blocks of any number of steps.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "ai/inference/iteration_time.hpp"

namespace hyperdc {

class DecodeGroup {
 public:
  using Slot = std::uint32_t;

  explicit DecodeGroup(std::uint32_t block_tokens, std::uint64_t growth = kTokenParts,
                       std::uint64_t lookahead = 0);

  std::uint64_t size() const { return size_; }
  /// Of all members, in their blocks.
  std::uint64_t tokens() const { return tokens_; }
  /// Parts of a token that each has beside them, less than kTokenParts.
  std::uint64_t fraction() const { return fraction_; }

  /// Has `tokens` in blocks that suffice for them and the lookahead, and ends after `left` more.
  void join(Slot slot, std::uint64_t admission, std::uint64_t tokens, std::uint64_t left);
  /// Tokens that it got, at most those that it asked for.
  std::uint64_t leave(Slot slot);
  /// Tokens that the blocks of a member are for, without the lookahead.
  std::uint64_t tokens_in_blocks(Slot slot) const;
  /// It has joined since the last step.
  bool fresh(Slot slot) const { return members_[slot].step == steps_; }

  /// Blocks that all members need, beside those that they have, for the next step.
  std::uint64_t blocks_needed() const;
  /// And for those after it, of `steps` in all.
  std::uint64_t blocks_after_first(std::uint64_t steps) const;
  /// Steps until somebody ends or, after the next one, a block is missing; at most `most`.
  /// Somebody is there.
  std::uint64_t steps_without_change(std::uint64_t free_blocks, std::uint64_t most) const;
  void advance(std::uint64_t steps);
  /// Who has all tokens, in order of admission: each is to leave.
  void ended(std::vector<Slot>& slots);

 private:
  struct Member {
    std::uint64_t admission = 0;                    // 0: not here
    std::uint64_t step = 0, clock = 0, tokens = 0;  // when it joined
    std::uint64_t left = 0;
  };
  /// When the clock is there, unless the member has left since.
  struct Ending {
    std::uint64_t clock = 0, admission = 0;
    Slot slot = 0;
    bool operator>(const Ending& other) const {
      return clock != other.clock ? clock > other.clock : admission > other.admission;
    }
  };

  std::uint64_t phase(const Member& member) const;
  std::uint64_t gained_in(std::uint64_t steps) const;
  std::uint64_t blocks_in(std::uint64_t ticks) const;
  void drop_stale();

  const std::uint64_t block_tokens_, growth_, lookahead_;
  std::vector<Member> members_;  // by slot
  std::uint64_t size_ = 0, tokens_ = 0;
  std::uint64_t steps_ = 0, clock_ = 0, fraction_ = 0;
  std::uint64_t last_gain_ = 1;              // tokens, of the step before
  std::vector<std::uint64_t> phases_;        // members, by the remainder of the clock
  std::vector<std::uint64_t> fresh_phases_;  // of those who have joined since the last step
  std::vector<std::uint64_t> fresh_remainders_;
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings_;
};

}  // namespace hyperdc
