// Blocks of a cache as vLLM V1 keeps them, with plain lists and maps: what
// src/ai/inference/prefix_cache.hpp must agree with.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "ai/inference/prefix_cache.hpp"

namespace hyperdc::test {

class SlowPrefixCache {
 public:
  SlowPrefixCache(std::uint64_t capacity, std::optional<Duration> time_to_live)
      : blocks_(capacity), time_to_live_(time_to_live) {
    for (std::size_t i = 0; i < capacity; ++i) free_.push_back(i);
  }

  /// The blocks of the hit.
  std::vector<std::size_t> find(const BlockKeys& keys, std::uint64_t most, SimTime now) const {
    std::vector<std::size_t> hit;
    for (std::uint64_t i = 0; i < most; ++i) {
      const auto same = by_key_.find(keys(i));
      if (same == by_key_.end()) break;
      const auto at = std::ranges::find_if(same->second, [&](std::size_t b) {
        return blocks_[b].references > 0 || !time_to_live_ ||
               now.ns < blocks_[b].released.ns + time_to_live_->ns;
      });
      if (at == same->second.end()) break;
      hit.push_back(*at);
    }
    return hit;
  }
  std::uint64_t idle(const std::vector<std::size_t>& hit) const {
    return static_cast<std::uint64_t>(std::ranges::count_if(
        hit, [&](std::size_t block) { return blocks_[block].references == 0; }));
  }
  void share(const std::vector<std::size_t>& hit) {
    for (const std::size_t block : hit) {
      if (blocks_[block].references++ == 0) free_.remove(block);
    }
  }
  /// One free block for a sequence; what it held is forgotten.
  std::size_t take() {
    const std::size_t block = free_.front();
    free_.pop_front();
    if (blocks_[block].key) {
      std::erase(by_key_[*blocks_[block].key], block);
      blocks_[block].key.reset();
    }
    blocks_[block].references = 1;
    return block;
  }
  void name(std::size_t block, std::uint64_t key) {
    if (blocks_[block].key) return;  // shared, or named before
    blocks_[block].key = key;
    by_key_[key].push_back(block);
  }
  void release(const std::vector<std::size_t>& held, SimTime now) {
    for (auto block = held.rbegin(); block != held.rend(); ++block) {
      if (--blocks_[*block].references > 0) continue;
      blocks_[*block].released = now;
      free_.push_back(*block);
    }
  }
  std::uint64_t free() const { return free_.size(); }

 private:
  struct Block {
    std::optional<std::uint64_t> key;
    std::uint32_t references = 0;
    SimTime released;
  };
  std::vector<Block> blocks_;
  std::list<std::size_t> free_;
  std::map<std::uint64_t, std::vector<std::size_t>> by_key_;
  std::optional<Duration> time_to_live_;
};

}  // namespace hyperdc::test
