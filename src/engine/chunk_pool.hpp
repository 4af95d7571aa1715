// Unordered lists of event keys in fixed chunks: adding a key is one sequential store, and a list
// of any length costs one 16-byte head. Chunks come from a pool and return to it when read.
//
// A chunk is aligned to its size and holds a link and kKeysPerChunk keys; the fill pointer of a
// list alone tells by its alignment that its chunk is full (or that there is none yet).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "core/large_pages.hpp"
#include "engine/event_key.hpp"

namespace hyperdc {

inline constexpr std::size_t kChunkBytes = 1024;
inline constexpr std::uint32_t kKeysPerChunk = kChunkBytes / sizeof(EventKey) - 1;

struct Chunk {
  Chunk* next;
  std::uint64_t unused;  // pads the link to the size of a key
  EventKey keys[kKeysPerChunk];
};
static_assert(sizeof(Chunk) == kChunkBytes);

/// A list: the newest chunk is partly filled, the others are full. Owned by whoever holds it; its
/// chunks belong to the pool.
struct KeyList {
  EventKey* fill = nullptr;  // where the next key goes
  std::uint32_t count = 0;
};

class ChunkPool {
 public:
  void add(KeyList& list, EventKey key) {
    if ((reinterpret_cast<std::uintptr_t>(list.fill) & (kChunkBytes - 1)) == 0) [[unlikely]] {
      Chunk* chunk = take();
      chunk->next = list.fill == nullptr ? nullptr : newest(list);
      list.fill = chunk->keys;
    }
    *list.fill++ = key;
    ++list.count;
  }

  /// Calls visit(const EventKey* keys, n) for each chunk of `list`.
  template <class Visit>
  static void each_chunk(const KeyList& list, Visit visit) {
    if (list.count == 0) return;
    Chunk* chunk = newest(list);
    std::uint32_t n = static_cast<std::uint32_t>(list.fill - chunk->keys);
    for (; chunk != nullptr; chunk = chunk->next, n = kKeysPerChunk) {
      if (chunk->next != nullptr) __builtin_prefetch(chunk->next);
      visit(static_cast<const EventKey*>(chunk->keys), n);
    }
  }
  /// The same, and returns each chunk to the pool after its visit. `list` is empty afterwards.
  template <class Visit>
  void drain(KeyList& list, Visit visit) {
    if (list.count == 0) return;
    Chunk* chunk = newest(list);
    std::uint32_t n = static_cast<std::uint32_t>(list.fill - chunk->keys);
    list = {};
    while (chunk != nullptr) {
      Chunk* next = chunk->next;
      if (next != nullptr) __builtin_prefetch(next);
      visit(static_cast<const EventKey*>(chunk->keys), n);
      give_back(chunk);
      chunk = next;
      n = kKeysPerChunk;
    }
  }

  std::uint64_t bytes() const { return total_ * kChunkBytes; }
  /// True when most of a pool worth mentioning lies idle.
  bool mostly_idle() const { return total_ > kIdleFloor && taken_ < total_ / 4; }

 private:
  static constexpr std::size_t kFirstSlab = 8 * kChunkBytes;
  static constexpr std::uint64_t kIdleFloor = (std::size_t{4} << 20) / kChunkBytes;
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };

  static Chunk* newest(const KeyList& list) {
    const auto last = reinterpret_cast<std::uintptr_t>(list.fill - 1);
    return reinterpret_cast<Chunk*>(last & ~static_cast<std::uintptr_t>(kChunkBytes - 1));
  }
  Chunk* take() {
    ++taken_;
    if (free_ != nullptr) return std::exchange(free_, free_->next);
    if (fresh_ == fresh_end_) add_slab();
    return fresh_++;
  }
  void give_back(Chunk* chunk) {
    --taken_;
    chunk->next = std::exchange(free_, chunk);
  }
  void add_slab() {
    // Growing by a quarter up to a large page: a run with ten events takes kilobytes.
    const std::size_t quarter = bytes() / 4 & ~(kChunkBytes - 1);
    const std::size_t size = std::clamp(quarter, kFirstSlab, kLargePage);
    slabs_.emplace_back(allocate_block(size == kLargePage ? kLargePage : kChunkBytes, size));
    fresh_ = static_cast<Chunk*>(slabs_.back().get());
    fresh_end_ = fresh_ + size / kChunkBytes;
    total_ += size / kChunkBytes;
  }

  std::vector<std::unique_ptr<void, Free>> slabs_;
  Chunk* free_ = nullptr;
  Chunk* fresh_ = nullptr;  // never used so far: up to fresh_end_
  Chunk* fresh_end_ = nullptr;
  std::uint64_t total_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace hyperdc
