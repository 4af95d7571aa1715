#include "ai/inference/host_blocks.hpp"

#include <algorithm>

namespace hyperdc {

void HostBlocks::put(const BlockKeys& keys, std::uint64_t full, SimTime now) {
  const std::uint64_t blocks = std::min(full, capacity_);
  // Those that nobody would find any more are there still, and are put there anew.
  const SimTime always{};
  const std::uint64_t there = blocks_.find(keys, blocks, always).blocks;
  blocks_.share(keys, there, always, putting_);
  blocks_.take(blocks - there);
  blocks_.extend(keys, blocks, blocks, putting_);
  blocks_.release(now, putting_);
}

}  // namespace hyperdc
