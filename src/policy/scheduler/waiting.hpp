// Waiting jobs, kept by the schedulers themselves so that no decision scans all of them.
//
// Both containers know a job by its slot and its number. A slot is reused after its job has left,
// so an entry whose number is not the one of its slot is dead and skipped when it is met.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/policy/scheduler.hpp>

namespace hyperdc {

/// The record of a job's slot in `slots`, which grows as slots come into use.
template <class T>
T& slot_of(std::vector<T>& slots, JobId job) {
  if (job.value >= slots.size()) slots.resize(std::size_t{job.value} + 1);
  return slots[job.value];
}

/// Which number waits in each slot, if any.
class WaitingSlots {
 public:
  void put(JobId job, std::uint64_t number) {
    if (job.value >= numbers_.size()) numbers_.resize(std::size_t{job.value} + 1, kNone);
    HYPERDC_CHECK(numbers_[job.value] == kNone, "a job joined the waiting twice");
    numbers_[job.value] = number;
    ++live_;
  }
  /// False when the job does not wait.
  bool take(JobId job) {
    if (job.value >= numbers_.size() || numbers_[job.value] == kNone) return false;
    numbers_[job.value] = kNone;
    --live_;
    return true;
  }
  bool waits(JobId job, std::uint64_t number) const { return numbers_[job.value] == number; }
  std::size_t live() const { return live_; }

 private:
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
  std::vector<std::uint64_t> numbers_;
  std::size_t live_ = 0;
};

/// Jobs in the order of their numbers, which is the order of submission. A new job is appended in
/// O(1) without allocation; one that comes back is inserted at O(distance to the front). Places
/// count dead entries too and stay valid until the next push() or front().
class WaitingQueue {
 public:
  bool empty() const { return slots_.live() == 0; }
  std::size_t size() const { return slots_.live(); }

  void push(JobId job, std::uint64_t number);
  bool erase(JobId job) { return slots_.take(job); }
  /// The first job; the queue must not be empty.
  JobId front();

  std::size_t places() const { return count_; }
  bool alive(std::size_t place) const {
    const Entry& entry = at(place);
    return slots_.waits(entry.job, entry.number);
  }
  JobId job(std::size_t place) const { return at(place).job; }
  std::uint64_t number(std::size_t place) const { return at(place).number; }
  /// The first place whose number is greater than `number`.
  std::size_t after(std::uint64_t number) const;

  /// Places in blocks of 64, by where they are in memory: the block of a place stays the same
  /// until layout() changes.
  static constexpr std::size_t kBlock = 64;
  std::size_t block(std::size_t place) const { return index(place) / kBlock; }
  /// The place after the last one of this place's block.
  std::size_t block_end(std::size_t place) const { return place + kBlock - index(place) % kBlock; }
  /// The queue begins and ends in this place's block, with other blocks or nothing between.
  bool block_wraps(std::size_t place) const {
    return index(count_ - 1) < index(0) && block(0) == block(count_ - 1) &&
           block(place) == block(0);
  }
  std::size_t blocks() const { return ring_.size() / kBlock; }
  std::uint64_t layout() const { return layout_; }

 private:
  struct Entry {
    std::uint64_t number = 0;
    JobId job;
  };
  std::size_t index(std::size_t place) const { return (head_ + place) & (ring_.size() - 1); }
  Entry& at(std::size_t place) { return ring_[index(place)]; }
  const Entry& at(std::size_t place) const { return ring_[index(place)]; }
  void grow();
  void compact();

  std::vector<Entry> ring_;  // size is a power of two, at least kBlock
  std::uint64_t layout_ = 0;
  std::size_t head_ = 0;
  std::size_t count_ = 0;  // entries, dead ones included
  WaitingSlots slots_;
};

/// Jobs by a key, smallest first: O(log n) to add and to take the first. Key has the members
/// `number` and `job`, and `<` that is a strict order of all keys.
template <class Key>
class WaitingHeap {
 public:
  bool empty() const { return slots_.live() == 0; }
  std::size_t size() const { return slots_.live(); }

  void push(const Key& key) {
    if (heap_.size() > 2 * slots_.live() + 64) drop_dead();
    slots_.put(key.job, key.number);
    heap_.push_back(key);
    std::push_heap(heap_.begin(), heap_.end(), Later{});
  }
  bool erase(JobId job) { return slots_.take(job); }
  /// The smallest key; the heap must not be empty.
  const Key& front() {
    while (!slots_.waits(heap_.front().job, heap_.front().number)) pop();
    return heap_.front();
  }

 private:
  struct Later {
    bool operator()(const Key& a, const Key& b) const { return b < a; }
  };
  void pop() {
    std::pop_heap(heap_.begin(), heap_.end(), Later{});
    heap_.pop_back();
  }
  void drop_dead() {
    std::erase_if(heap_, [&](const Key& key) { return !slots_.waits(key.job, key.number); });
    std::make_heap(heap_.begin(), heap_.end(), Later{});
  }

  std::vector<Key> heap_;
  WaitingSlots slots_;
};

/// Lower bounds of what some waiting jobs ask for; of no job at all until the first notice().
struct NeedBound {
  static constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
  Resources least{kAll, kAll, kAll};
  Duration shortest{kAll};

  void notice(const Resources& need, Duration span = {}) {
    least.cores_milli = std::min(least.cores_milli, need.cores_milli);
    least.memory_bytes = std::min(least.memory_bytes, need.memory_bytes);
    least.accelerator_milli = std::min(least.accelerator_milli, need.accelerator_milli);
    shortest = std::min(shortest, span);
  }
  /// When not even the bound fits, no job does.
  bool may_fit(const Resources& free) const { return free.covers(least); }
};

/// A bound for each block of a queue, so that a scan passes over blocks in which nobody fits.
class BlockBounds {
 public:
  /// A job was pushed.
  void pushed(const WaitingQueue& queue, const Resources& need, Duration span) {
    bound(queue, queue.places() - 1).notice(need, span);
  }
  /// Blocks that have not been scanned since the layout changed may hold anything.
  NeedBound& bound(const WaitingQueue& queue, std::size_t place) {
    if (layout_ != queue.layout()) {
      layout_ = queue.layout();
      bounds_.assign(queue.blocks(), NeedBound{Resources{}, Duration{}});
    }
    return bounds_[queue.block(place)];
  }

 private:
  std::vector<NeedBound> bounds_;
  std::uint64_t layout_ = 0;
};

/// What was refused in the present pass: the same request is refused again, since free servers
/// only become fewer.
class Refusals {
 public:
  void clear() { refused_.clear(); }
  void add(const JobView& job) {
    if (refused_.size() < kMost) refused_.push_back({job.each, job.members});
  }
  bool contain(const JobView& job) const {
    return std::any_of(refused_.begin(), refused_.end(), [&](const Refused& r) {
      return r.members == job.members && r.each == job.each;
    });
  }

 private:
  static constexpr std::size_t kMost = 32;  // comparing with more costs more than it saves
  struct Refused {
    Request each;
    std::uint32_t members = 0;
  };
  std::vector<Refused> refused_;
};

}  // namespace hyperdc
