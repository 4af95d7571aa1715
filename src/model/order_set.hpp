// OrderSet: servers by their place in the tie order, each with the memory it has left.
//
// Computes: the lowest place, and the lowest place with at least some memory left.
// Exact. Leaves out: everything but these two questions.
// Cost for n members: first() one look; insert, erase and first_with() one chunk of at most
// kChunk entries after a binary search (or a scan of the bounds) over n / kChunk entries.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace hyperdc {

class OrderSet {
 public:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// The lowest place; kNone when empty.
  std::uint32_t first() const { return size_ == 0 ? kNone : lows_.back(); }
  /// The lowest place with at least `memory` left; kNone when there is none.
  std::uint32_t first_with(std::int64_t memory) const;
  /// `order` must not be in the set.
  void insert(std::uint32_t order, std::int64_t memory);
  /// `order` must be in the set (InvariantError).
  void erase(std::uint32_t order);
  /// Places in falling order.
  template <class F>
  void for_each(F&& f) const {
    for (const Chunk& chunk : chunks_) {
      for (std::size_t i = 0; i < chunk.orders.size(); ++i) f(chunk.orders[i], chunk.memory[i]);
    }
  }
  std::size_t memory_used() const;

 private:
  static constexpr std::size_t kChunk = 128;

  // Falling order, in a chunk and from chunk to chunk: a placement takes the lowest place, which
  // then is the last entry of the last chunk.
  struct Chunk {
    std::vector<std::uint32_t> orders;
    std::vector<std::int64_t> memory;
  };

  std::size_t chunk_of(std::uint32_t order) const;
  void add_chunk(std::size_t at, std::uint32_t order, std::int64_t memory);
  void split(std::size_t at);
  void join_next(std::size_t at);
  void drop_chunk(std::size_t at);

  std::vector<std::uint32_t> lows_;   // lowest place of each chunk
  std::vector<std::int64_t> bounds_;  // most memory in each chunk
  std::vector<Chunk> chunks_;
  std::size_t size_ = 0;
};

}  // namespace hyperdc
