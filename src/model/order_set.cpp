#include "model/order_set.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

std::ptrdiff_t diff(std::size_t i) {
  return static_cast<std::ptrdiff_t>(i);
}

std::int64_t most(const std::vector<std::int64_t>& memory) {
  return *std::max_element(memory.begin(), memory.end());
}

/// Most members of a chunk often have the same memory left: the search then ends at once.
bool contains(const std::vector<std::int64_t>& memory, std::int64_t value) {
  return std::find(memory.begin(), memory.end(), value) != memory.end();
}

}  // namespace

/// The first chunk whose lowest place is at most `order`: the only one that may hold it. The last
/// chunk when `order` is below all.
std::size_t OrderSet::chunk_of(std::uint32_t order) const {
  const auto it = std::lower_bound(lows_.begin(), lows_.end(), order, std::greater<>());
  const auto at = static_cast<std::size_t>(it - lows_.begin());
  return std::min(at, lows_.size() - 1);
}

std::uint32_t OrderSet::first_with(std::int64_t memory) const {
  for (std::size_t at = chunks_.size(); at-- > 0;) {
    if (bounds_[at] < memory) continue;
    const Chunk& chunk = chunks_[at];
    for (std::size_t i = chunk.orders.size(); i-- > 0;) {
      if (chunk.memory[i] >= memory) return chunk.orders[i];
    }
  }
  return kNone;
}

void OrderSet::add_chunk(std::size_t at, std::uint32_t order, std::int64_t memory) {
  Chunk chunk;
  chunk.orders.push_back(order);
  chunk.memory.push_back(memory);
  chunks_.insert(chunks_.begin() + diff(at), std::move(chunk));
  lows_.insert(lows_.begin() + diff(at), order);
  bounds_.insert(bounds_.begin() + diff(at), memory);
}

void OrderSet::insert(std::uint32_t order, std::int64_t memory) {
  ++size_;
  if (chunks_.empty()) return add_chunk(0, order, memory);
  std::size_t at = chunk_of(order);
  if (chunks_[at].orders.size() == kChunk) {
    // Below everything: a new chunk, so that a set that is filled in falling order has full ones.
    if (order < lows_.back()) return add_chunk(chunks_.size(), order, memory);
    split(at);
    at = chunk_of(order);
  }
  Chunk& chunk = chunks_[at];
  const auto it =
      std::lower_bound(chunk.orders.begin(), chunk.orders.end(), order, std::greater<>());
  const auto i = it - chunk.orders.begin();
  chunk.orders.insert(it, order);
  chunk.memory.insert(chunk.memory.begin() + i, memory);
  lows_[at] = chunk.orders.back();
  bounds_[at] = std::max(bounds_[at], memory);
}

void OrderSet::erase(std::uint32_t order) {
  HYPERDC_CHECK(size_ > 0, "a member leaves an empty set");
  const std::size_t at = chunk_of(order);
  Chunk& chunk = chunks_[at];
  const auto it =
      std::lower_bound(chunk.orders.begin(), chunk.orders.end(), order, std::greater<>());
  HYPERDC_CHECK(it != chunk.orders.end() && *it == order, "not a member");
  const auto i = it - chunk.orders.begin();
  const std::int64_t memory = chunk.memory[static_cast<std::size_t>(i)];
  chunk.orders.erase(it);
  chunk.memory.erase(chunk.memory.begin() + i);
  --size_;
  if (chunk.orders.empty()) return drop_chunk(at);
  lows_[at] = chunk.orders.back();
  if (memory == bounds_[at] && !contains(chunk.memory, memory)) bounds_[at] = most(chunk.memory);
  if (chunk.orders.size() < kChunk / 8) {
    if (at + 1 < chunks_.size()) join_next(at);
    if (at > 0 && at < chunks_.size()) join_next(at - 1);
  }
}

/// The lower half of a chunk becomes the next one.
void OrderSet::split(std::size_t at) {
  Chunk& chunk = chunks_[at];
  const auto half = diff(chunk.orders.size() / 2);
  Chunk lower;
  lower.orders.assign(chunk.orders.begin() + half, chunk.orders.end());
  lower.memory.assign(chunk.memory.begin() + half, chunk.memory.end());
  chunk.orders.resize(static_cast<std::size_t>(half));
  chunk.memory.resize(static_cast<std::size_t>(half));
  lows_.insert(lows_.begin() + diff(at) + 1, lower.orders.back());
  bounds_.insert(bounds_.begin() + diff(at) + 1, most(lower.memory));
  lows_[at] = chunk.orders.back();
  bounds_[at] = most(chunk.memory);
  chunks_.insert(chunks_.begin() + diff(at) + 1, std::move(lower));
}

/// Joins a chunk with the next when together they stay half full, so that they do not split again
/// at the next insertion.
void OrderSet::join_next(std::size_t at) {
  Chunk& chunk = chunks_[at];
  const Chunk& next = chunks_[at + 1];
  if (chunk.orders.size() + next.orders.size() > kChunk / 2) return;
  chunk.orders.insert(chunk.orders.end(), next.orders.begin(), next.orders.end());
  chunk.memory.insert(chunk.memory.end(), next.memory.begin(), next.memory.end());
  lows_[at] = lows_[at + 1];
  bounds_[at] = std::max(bounds_[at], bounds_[at + 1]);
  drop_chunk(at + 1);
}

void OrderSet::drop_chunk(std::size_t at) {
  chunks_.erase(chunks_.begin() + diff(at));
  lows_.erase(lows_.begin() + diff(at));
  bounds_.erase(bounds_.begin() + diff(at));
}

std::size_t OrderSet::memory_used() const {
  std::size_t bytes = lows_.capacity() * sizeof(lows_[0]) +
                      bounds_.capacity() * sizeof(bounds_[0]) +
                      chunks_.capacity() * sizeof(chunks_[0]);
  for (const Chunk& chunk : chunks_) {
    bytes += chunk.orders.capacity() * sizeof(chunk.orders[0]) +
             chunk.memory.capacity() * sizeof(chunk.memory[0]);
  }
  return bytes;
}

}  // namespace hyperdc
