// What a prompt may have in common with others, as names of its blocks.
#pragma once

#include <cstdint>
#include <span>

namespace hyperdc {

/// ids[k] names the first (k + 1) * tokens_each tokens, the last id the first `tokens`: equal ids
/// are equal tokens from the beginning. What follows is of one prompt only.
struct PrefixIds {
  std::span<const std::uint64_t> ids;  // of somebody who outlives this
  std::uint64_t tokens_each = 1;
  std::uint64_t tokens = 0;  // at most ids.size() * tokens_each
};

}  // namespace hyperdc
