// What sequences of a batcher have of the cache, and of the host.
#include "ai/inference/batcher.hpp"

namespace hyperdc {

/// What the cache has of a sequence, which computes its last token at least.
Batcher::Hit Batcher::prefix_of(Slot slot) const {
  if (!cache_) return {};
  const std::uint64_t most = (known(sequences_[slot]) - 1) / rules_.block_tokens;
  const BlockKeys& keys = cached_blocks_[slot].keys;
  Hit hit{cache_->find(keys, most, now_)};
  if (host_ && !sequences_[slot].brings_cache) {
    hit.on_host = host_->count(keys, hit.run.blocks, most, now_);
  }
  return hit;
}

std::uint64_t Batcher::tokens_in_cache(const PrefixIds& prefix, std::uint64_t prompt, SimTime now,
                                       std::uint32_t variant) const {
  if (!cache_) return 0;
  const BlockKeys keys(prefix, 0, rules_.block_tokens, variant);  // of no sequence that is here
  const std::uint64_t most = (prompt - 1) / rules_.block_tokens;
  std::uint64_t blocks = cache_->count(keys, most, now);
  if (host_) blocks += host_->count(keys, blocks, most, now);
  return blocks * rules_.block_tokens;
}

/// What it need not compute.
std::uint64_t Batcher::computed_of(Slot slot, const Hit& hit) const {
  const Sequence& s = sequences_[slot];
  if (s.on_host > 0) return s.on_host;
  return s.brings_cache ? s.prompt : (hit.run.blocks + hit.on_host) * rules_.block_tokens;
}

/// What it has, and so many blocks of its prefix, comes from the host before it computes.
void Batcher::fetch(Sequence& s, std::uint64_t blocks) {
  moved_ += blocks + blocks_of(s.on_host);
  host_tokens_ += blocks * rules_.block_tokens + s.on_host;
  host_free_ += blocks_of(s.on_host);
  s.on_host = 0;
}

/// Who gives way need not be computed anew, where its cache fits.
void Batcher::keep_on_host(Sequence& s) {
  const std::uint64_t blocks = blocks_of(s.computed);
  if (blocks > host_free_) return;
  host_free_ -= blocks;
  moved_ += blocks;
  s.on_host = s.computed;
}

void Batcher::take_blocks(std::uint64_t blocks) {
  free_ -= blocks;
  if (cache_) cache_->take(blocks);
}

/// Its tokens are in blocks that were taken.
void Batcher::hold_blocks(Slot slot, std::uint64_t tokens) {
  Cached& its = cached_blocks_[slot];
  cache_->extend(its.keys, blocks_of(sequences_[slot].room), tokens / rules_.block_tokens,
                 its.held);
}

/// How many are free now that were not.
std::uint64_t Batcher::give_blocks_back(Slot slot) {
  const std::uint64_t computed = sequences_[slot].computed;
  std::uint64_t blocks = blocks_of(sequences_[slot].room);
  if (cache_) {
    hold_blocks(slot, computed);
    if (host_) {
      host_->put(cached_blocks_[slot].keys, computed / rules_.block_tokens, now_);
    }
    blocks = cache_->release(now_, cached_blocks_[slot].held);
  }
  free_ += blocks;
  return blocks;
}

}  // namespace hyperdc
