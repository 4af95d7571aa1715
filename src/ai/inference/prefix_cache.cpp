#include "ai/inference/prefix_cache.hpp"

#include <limits>

#include <hyperdc/core/assert.hpp>

#include "core/hash.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kCommon = 1;   // what is hashed: tokens that others may have too,
constexpr std::uint64_t kOwn = 2;      // or those of one sequence
constexpr std::uint64_t kVariant = 3;  // those of another variant than the first
constexpr std::size_t kLeastTable = 64;

}  // namespace

BlockKeys::BlockKeys(const PrefixIds& prefix, std::uint64_t own, std::uint32_t block_tokens,
                     std::uint32_t variant)
    : prefix_(prefix),
      own_(own),
      block_tokens_(block_tokens),
      common_(variant == 0 ? kCommon : hash_combine(kVariant, variant)) {
  HYPERDC_CHECK(prefix.tokens <= prefix.ids.size() * prefix.tokens_each,
                "each token of a prefix has its id");
}

std::uint64_t BlockKeys::operator()(std::uint64_t block) const {
  const std::uint64_t end = (block + 1) * block_tokens_;
  if (end > prefix_.tokens) return hash_combine(hash_combine(kOwn, own_), block);
  const std::uint64_t id = prefix_.ids[(end - 1) / prefix_.tokens_each];
  return hash_combine(hash_combine(common_, id), block);
}

PrefixCache::PrefixCache(std::optional<std::uint64_t> capacity,
                         std::optional<Duration> time_to_live)
    : capacity_(capacity), time_to_live_(time_to_live), table_(kLeastTable, kNone) {
  HYPERDC_CHECK(capacity.value_or(0) <= kMostPrefixBlocks, "more blocks than have numbers");
}

std::uint64_t PrefixCache::free() const {
  if (!capacity_) return std::numeric_limits<std::uint64_t>::max();
  return *capacity_ - used();
}

PrefixCache::Run PrefixCache::find(const BlockKeys& keys, std::uint64_t most, SimTime now) const {
  Run run;
  for (; run.blocks < most; ++run.blocks) {
    const Block block = alive(keys(run.blocks), now);
    if (block == kNone) break;
    if (nodes_[block].references == 0) ++run.idle;
  }
  return run;
}

std::uint64_t PrefixCache::count(const BlockKeys& keys, std::uint64_t most, SimTime now) const {
  std::uint64_t low = 0, high = most;  // the first `low` are there, and not more than `high`
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (alive(keys(middle), now) != kNone) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void PrefixCache::share(const BlockKeys& keys, std::uint64_t blocks, SimTime now, Held& held) {
  HYPERDC_CHECK(held.blocks.empty(), "a hit is where a sequence begins");
  for (std::uint64_t i = 0; i < blocks; ++i) {
    const Block block = alive(keys(i), now);
    HYPERDC_CHECK(block != kNone, "what is shared is there");
    if (nodes_[block].references++ == 0) leave_idle(block);
    held.blocks.push_back(block);
  }
  held.keyed = blocks;
}

void PrefixCache::take(std::uint64_t blocks) {
  for (std::uint64_t i = 0; i < blocks; ++i) taken_.push_back(take_one());
}

PrefixCache::Block PrefixCache::take_one() {
  if (!capacity_ || nodes_.size() < *capacity_) {
    HYPERDC_CHECK(nodes_.size() < kNone, "more blocks than have numbers");
    nodes_.emplace_back();
    return static_cast<Block>(nodes_.size() - 1);
  }
  HYPERDC_CHECK(oldest_ != kNone, "a block is taken that is not there");
  const Block block = oldest_;
  leave_idle(block);
  if (nodes_[block].keyed) forget(block);
  return block;
}

void PrefixCache::extend(const BlockKeys& keys, std::uint64_t blocks, std::uint64_t full,
                         Held& held) {
  while (held.blocks.size() < blocks) {
    HYPERDC_CHECK(!taken_.empty(), "a sequence has more blocks than were taken");
    nodes_[taken_.back()].references = 1;
    held.blocks.push_back(taken_.back());
    taken_.pop_back();
  }
  for (; held.keyed < full; ++held.keyed) name(held.blocks[held.keyed], keys(held.keyed));
}

std::uint64_t PrefixCache::release(SimTime now, Held& held) {
  const std::uint64_t before = idle_;
  for (; !held.blocks.empty(); held.blocks.pop_back()) {
    Node& node = nodes_[held.blocks.back()];
    if (--node.references > 0) continue;
    node.released = now;
    join_idle(held.blocks.back());
  }
  held.keyed = 0;
  return idle_ - before;
}

/// The oldest block with this key.
PrefixCache::Block PrefixCache::time_of_first(std::uint64_t key) const {
  Block block = table_[key & (table_.size() - 1)];
  while (block != kNone && nodes_[block].key != key) block = nodes_[block].chained;
  return block;
}

/// The oldest that is a hit.
PrefixCache::Block PrefixCache::alive(std::uint64_t key, SimTime now) const {
  const Block first = time_of_first(key);
  if (first == kNone || !time_to_live_) return first;
  Block block = first;
  do {
    const Node& node = nodes_[block];
    if (node.references > 0 || now - node.released < *time_to_live_) return block;
    block = node.same_after;
  } while (block != first);
  return kNone;
}

void PrefixCache::name(Block block, std::uint64_t key) {
  Node& node = nodes_[block];
  node.key = key;
  node.keyed = true;
  const Block first = time_of_first(key);
  node.first = first == kNone;
  if (node.first) {
    node.same_before = node.same_after = block;
    chain(block);
    ++keys_;
    if (keys_ <= table_.size()) return;
    std::vector<Block> smaller(table_.size() * 2, kNone);
    smaller.swap(table_);
    for (Block head : smaller) {
      while (head != kNone) {
        const Block next = nodes_[head].chained;
        chain(head);
        head = next;
      }
    }
    return;
  }
  const Block last = nodes_[first].same_before;
  node.same_before = last;
  node.same_after = first;
  nodes_[last].same_after = block;
  nodes_[first].same_before = block;
}

void PrefixCache::forget(Block block) {
  Node& node = nodes_[block];
  const Block next = node.same_after;
  if (node.first) unchain(block);
  if (next == block) {
    --keys_;
  } else {
    nodes_[node.same_before].same_after = next;
    nodes_[next].same_before = node.same_before;
    if (node.first) {
      nodes_[next].first = true;
      chain(next);
    }
  }
  node.keyed = node.first = false;
}

void PrefixCache::chain(Block block) {
  Block& head = table_[nodes_[block].key & (table_.size() - 1)];
  nodes_[block].chained = head;
  head = block;
}

void PrefixCache::unchain(Block block) {
  Block* at = &table_[nodes_[block].key & (table_.size() - 1)];
  while (*at != block) at = &nodes_[*at].chained;
  *at = nodes_[block].chained;
}

void PrefixCache::leave_idle(Block block) {
  const Node& node = nodes_[block];
  (node.older == kNone ? oldest_ : nodes_[node.older].newer) = node.newer;
  (node.newer == kNone ? newest_ : nodes_[node.newer].older) = node.older;
  --idle_;
}

void PrefixCache::join_idle(Block block) {
  Node& node = nodes_[block];
  node.older = newest_;
  node.newer = kNone;
  (newest_ == kNone ? oldest_ : nodes_[newest_].newer) = block;
  newest_ = block;
  ++idle_;
}

}  // namespace hyperdc
