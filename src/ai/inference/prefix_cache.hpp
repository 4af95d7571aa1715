// PrefixCache: the blocks of an engine's key-value cache, and which prefixes they still hold.
//
// Computes: a full block of a sequence is named by a key of all tokens up to its end. The leading
// keys of a new sequence that blocks hold are its hit, whether others use these blocks now or not:
// it shares them. A block that nobody uses any more goes to the end of a list, the last of its
// sequence first, and keeps its key until it is taken for something else, which takes from the
// front. So a prefix is lost from its end, and never a block before one that builds on it. Two
// sequences that compute the same at once make two blocks with one key; a hit is the older one.
// With a time to live, a block that nobody used for that long is no hit.
// Units: tokens, blocks, ns. Source: vLLM V1, block_pool and kv_cache_utils of its v1 core, and its
// design page "Automatic Prefix Caching"; Kwon et al., SOSP'23.
// Valid: up to 2^32 - 2 blocks. Keys are 64-bit hashes: with n keys the chance of a false hit is
// n^2 / 2^65, 3e-6 of ten million. The time to live is of caches behind an API; vLLM has none.
// Leaves out: the null block of vLLM (one block less), caches of several kinds of attention in one
// model, blocks that are kept in host memory.
// Cost: O(1) a block; memory 48 B a block that was ever used.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "workload/prefix_ids.hpp"

namespace hyperdc {

inline constexpr std::uint64_t kMostPrefixBlocks = 0xFFFF'FFFE;

/// The keys of the full blocks of one sequence.
class BlockKeys {
 public:
  BlockKeys() = default;
  /// `own` is a number that no other sequence of the engine has. Only sequences of the same variant
  /// of a model have the same.
  BlockKeys(const PrefixIds& prefix, std::uint64_t own, std::uint32_t block_tokens,
            std::uint32_t variant = 0);

  std::uint64_t operator()(std::uint64_t block) const;

 private:
  PrefixIds prefix_;
  std::uint64_t own_ = 0;
  std::uint64_t block_tokens_ = 1;
  std::uint64_t common_ = 0;  // what keys of tokens begin with that others may have too
};

class PrefixCache {
 public:
  using Block = std::uint32_t;
  /// The blocks that a sequence uses, in order of its tokens; the first `keyed` are full.
  struct Held {
    std::vector<Block> blocks;
    std::uint64_t keyed = 0;
  };
  struct Run {
    std::uint64_t blocks = 0;
    std::uint64_t idle = 0;  // of them, that nobody uses: sharing them takes them from the free
  };

  /// Without a capacity nothing is ever lost but by its time.
  PrefixCache(std::optional<std::uint64_t> capacity, std::optional<Duration> time_to_live);

  /// How many of the first `most` blocks are there.
  Run find(const BlockKeys& keys, std::uint64_t most, SimTime now) const;
  /// find().blocks in O(log most): where a block is there, those before it are.
  std::uint64_t count(const BlockKeys& keys, std::uint64_t most, SimTime now) const;
  /// Gives a sequence that holds nothing the first `blocks` of its run.
  void share(const BlockKeys& keys, std::uint64_t blocks, SimTime now, Held& held);

  /// Takes so many free blocks for sequences that will extend(): whoever was remembered in them is
  /// forgotten now. At most free().
  void take(std::uint64_t blocks);
  /// Gives a sequence as many of the blocks taken as bring it to `blocks`, and names those of its
  /// blocks that are full: others may share these from now on.
  void extend(const BlockKeys& keys, std::uint64_t blocks, std::uint64_t full, Held& held);
  /// The sequence uses none any more. How many nobody uses now.
  std::uint64_t release(SimTime now, Held& held);

  /// Blocks that nobody uses; those without a capacity are without end.
  std::uint64_t free() const;
  std::uint64_t used() const { return nodes_.size() - idle_; }
  bool expires() const { return time_to_live_.has_value(); }

 private:
  static constexpr Block kNone = ~Block{0};
  struct Node {
    std::uint64_t key = 0;
    SimTime released;
    std::uint32_t references = 0;
    bool keyed = false;
    bool first = false;                             // of its key: the one in the table
    Block older = kNone, newer = kNone;             // in the list of those that nobody uses
    Block chained = kNone;                          // in the table
    Block same_before = kNone, same_after = kNone;  // ring of those with this key, by age
  };

  Block time_of_first(std::uint64_t key) const;
  Block alive(std::uint64_t key, SimTime now) const;
  void name(Block block, std::uint64_t key);
  void forget(Block block);
  void chain(Block block);
  void unchain(Block block);
  void leave_idle(Block block);
  void join_idle(Block block);
  Block take_one();

  const std::optional<std::uint64_t> capacity_;
  const std::optional<Duration> time_to_live_;
  std::vector<Node> nodes_;   // every block that was ever used
  std::vector<Block> table_;  // by key; a power of two
  std::uint64_t keys_ = 0;    // different ones
  std::vector<Block> taken_;  // that no sequence has yet
  Block oldest_ = kNone, newest_ = kNone;
  std::uint64_t idle_ = 0;
};

}  // namespace hyperdc
