// HostBlocks: blocks of prefixes that are kept in host memory, beside those of the accelerators.
//
// Computes: which keys are there. A sequence that gives its blocks back leaves copies of the full
// ones here, the last first, so that of those that are lost for want of room the end of a prefix
// goes first; where a block is there, those before it are. With a time to live a block that nobody
// gave back for that long is not found.
// Units: blocks, ns. Source: vLLM, its offloading connector (written through, least recently used).
// Leaves out: the time that writing takes; blocks that several replicas share.
// Cost: O(1) a block; memory 48 B a block that was ever used.
#pragma once

#include <cstdint>
#include <optional>

#include <hyperdc/core/time.hpp>

#include "ai/inference/prefix_cache.hpp"

namespace hyperdc {

class HostBlocks {
 public:
  HostBlocks(std::uint64_t capacity, std::optional<Duration> time_to_live)
      : capacity_(capacity), blocks_(capacity, time_to_live) {}

  /// How many of the blocks from `begin` to `end` are there, without a gap.
  std::uint64_t count(const BlockKeys& keys, std::uint64_t begin, std::uint64_t end,
                      SimTime now) const {
    const std::uint64_t there = blocks_.count(keys, end, now);
    return there > begin ? there - begin : 0;
  }
  /// A sequence gives back blocks of which so many are full.
  void put(const BlockKeys& keys, std::uint64_t full, SimTime now);

 private:
  std::uint64_t capacity_;
  PrefixCache blocks_;         // that nobody uses, but while they are put there
  PrefixCache::Held putting_;  // empty in between
};

}  // namespace hyperdc
