#include "ai/inference/decode_group.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t at_most(Wide value, std::uint64_t most) {
  return value < most ? static_cast<std::uint64_t>(value) : most;
}

}  // namespace

DecodeGroup::DecodeGroup(std::uint32_t block_tokens, std::uint64_t growth, std::uint64_t lookahead)
    : block_tokens_(block_tokens), growth_(growth), lookahead_(lookahead) {
  HYPERDC_CHECK(growth >= kTokenParts, "a step gives a token");
  phases_.resize(block_tokens);
  fresh_phases_.resize(block_tokens);
}

/// The remainder of the clock at which a member needs a block for its next token.
std::uint64_t DecodeGroup::phase(const Member& member) const {
  const std::uint64_t kept = (member.tokens + lookahead_) % block_tokens_;
  return (member.clock % block_tokens_ + block_tokens_ - kept) % block_tokens_;
}

void DecodeGroup::join(Slot slot, std::uint64_t admission, std::uint64_t tokens,
                       std::uint64_t left) {
  if (members_.size() <= slot) members_.resize(slot + std::size_t{1});
  Member& member = members_[slot];
  HYPERDC_CHECK(member.admission == 0 && admission > 0 && left > 0, "it joins once");
  member = {admission, steps_, clock_, tokens, left};
  const std::uint64_t remainder = phase(member);
  ++phases_[remainder];
  ++fresh_phases_[remainder];
  fresh_remainders_.push_back(remainder);
  ++size_;
  tokens_ += tokens;
  endings_.push({clock_ + left, admission, slot});
}

std::uint64_t DecodeGroup::leave(Slot slot) {
  Member& member = members_[slot];
  const std::uint64_t remainder = phase(member), gained = clock_ - member.clock;
  --phases_[remainder];
  if (fresh(slot)) {
    --fresh_phases_[remainder];
    fresh_remainders_.erase(std::ranges::find(fresh_remainders_, remainder));
  }
  --size_;
  tokens_ -= member.tokens + gained;
  member.admission = 0;
  drop_stale();
  return std::min(gained, member.left);
}

std::uint64_t DecodeGroup::tokens_in_blocks(Slot slot) const {
  const Member& member = members_[slot];
  if (fresh(slot)) return member.tokens;
  // For one token more than it had when the last step began.
  return member.tokens + (clock_ - member.clock) - last_gain_ + 1;
}

std::uint64_t DecodeGroup::gained_in(std::uint64_t steps) const {
  return at_most((Wide{steps} * growth_ + fraction_) / kTokenParts, ~std::uint64_t{0});
}

std::uint64_t DecodeGroup::blocks_needed() const {
  // Since the last step the clock went on by what that gave. For all but the newest value of it
  // who joined after it had blocks already.
  std::uint64_t blocks = phases_[clock_ % block_tokens_];
  for (std::uint64_t back = 1; back < last_gain_ && back <= clock_; ++back) {
    const std::uint64_t remainder = (clock_ - back) % block_tokens_;
    blocks += phases_[remainder] - fresh_phases_[remainder];
  }
  return blocks;
}

/// While the clock goes on by so much.
std::uint64_t DecodeGroup::blocks_in(std::uint64_t ticks) const {
  // In as many ticks as a block has tokens each needs one.
  std::uint64_t blocks = ticks / block_tokens_ * size_;
  for (std::uint64_t i = ticks % block_tokens_; i > 0; --i) {
    blocks += phases_[(clock_ + i) % block_tokens_];
  }
  return blocks;
}

std::uint64_t DecodeGroup::blocks_after_first(std::uint64_t steps) const {
  return steps > 1 ? blocks_in(gained_in(steps - 1)) : 0;
}

std::uint64_t DecodeGroup::steps_without_change(std::uint64_t free_blocks,
                                                std::uint64_t most) const {
  HYPERDC_CHECK(!endings_.empty(), "nobody decodes");
  const Wide to_end = Wide{endings_.top().clock - clock_} * kTokenParts - fraction_;
  most = at_most((to_end + growth_ - 1) / growth_, most);
  const std::uint64_t rounds = free_blocks / size_;
  std::uint64_t left = free_blocks - rounds * size_;
  Wide ticks = Wide{rounds} * block_tokens_;
  for (std::uint64_t i = 1; i < block_tokens_; ++i, ++ticks) {
    const std::uint64_t blocks = phases_[(clock_ + i) % block_tokens_];
    if (blocks > left) break;
    left -= blocks;
  }
  const Wide later = ((ticks + 1) * kTokenParts - 1 - fraction_) / growth_;
  return at_most(later + 1, most);
}

void DecodeGroup::advance(std::uint64_t steps) {
  if (steps == 0) return;
  const std::uint64_t before = gained_in(steps - 1), gained = gained_in(steps);
  last_gain_ = gained - before;
  const Wide parts = Wide{steps} * growth_ + fraction_;
  fraction_ = static_cast<std::uint64_t>(parts % kTokenParts);
  clock_ += gained;
  tokens_ += size_ * gained;
  steps_ += steps;
  for (const std::uint64_t remainder : fresh_remainders_) fresh_phases_[remainder] = 0;
  fresh_remainders_.clear();
}

void DecodeGroup::ended(std::vector<Slot>& slots) {
  slots.clear();
  while (!endings_.empty() && endings_.top().clock <= clock_) {
    const Ending& next = endings_.top();
    if (members_[next.slot].admission == next.admission) slots.push_back(next.slot);
    endings_.pop();
  }
  std::ranges::sort(slots, {}, [&](Slot slot) { return members_[slot].admission; });
}

void DecodeGroup::drop_stale() {
  while (!endings_.empty()) {
    const Ending& next = endings_.top();
    if (members_[next.slot].admission == next.admission) return;
    endings_.pop();
  }
}

}  // namespace hyperdc
