// The event queue and what it is measured against, behind one interface:
//   push(t, entity)        schedules the one event of `entity`
//   reschedule(entity, t)  moves that event; offered if the queue was made with `moves`
//   pop(t, entity)         takes the first event, in the order (time, order of scheduling)
// Queues that cannot take an event out leave a tombstone: `latest_` holds the number of the event
// of each entity that counts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <queue>
#include <vector>

#include "engine/event_queue.hpp"

namespace hyperdc::bench {

/// Twenty lines that many simulators begin with: a binary heap of closures.
class FunctionHeap {
 public:
  static constexpr const char* kName = "pq<function>";
  FunctionHeap(std::uint32_t entities, bool moves) : latest_(moves ? entities : 0) {}

  void push(std::int64_t t, std::uint32_t entity) {
    const std::uint64_t seq = ++seq_;
    if (!latest_.empty()) latest_[entity] = seq;
    heap_.push({t, seq, [this, seq, entity] {  // 24 bytes: more than std::function holds itself
                  sum_ += seq;
                  return entity;
                }});
  }
  void reschedule(std::uint32_t entity, std::int64_t t) { push(t, entity); }
  bool pop(std::int64_t& t, std::uint32_t& entity) {
    while (!heap_.empty()) {
      Entry entry = std::move(const_cast<Entry&>(heap_.top()));
      heap_.pop();
      t = entry.t;
      entity = entry.call();
      if (latest_.empty() || latest_[entity] == entry.seq) return true;
    }
    return false;
  }

 private:
  struct Entry {
    std::int64_t t;
    std::uint64_t seq;
    std::function<std::uint32_t()> call;
    bool operator>(const Entry& o) const { return t != o.t ? t > o.t : seq > o.seq; }
  };
  std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> heap_;
  std::vector<std::uint64_t> latest_;
  std::uint64_t seq_ = 0;
  std::uint64_t sum_ = 0;
};

struct PlainEntry {
  std::int64_t t;
  std::uint64_t seq;
  std::uint64_t entity;
  bool operator>(const PlainEntry& o) const { return t != o.t ? t > o.t : seq > o.seq; }
};

/// d-ary heap in a vector.
template <std::size_t kArity>
class DaryHeap {
 public:
  bool empty() const { return entries_.empty(); }
  const PlainEntry& top() const { return entries_.front(); }
  void push(const PlainEntry& entry) {
    std::size_t i = entries_.size();
    entries_.push_back(entry);
    for (; i > 0; i = (i - 1) / kArity) {
      const std::size_t parent = (i - 1) / kArity;
      if (!(entries_[parent] > entry)) break;
      entries_[i] = entries_[parent];
    }
    entries_[i] = entry;
  }
  void pop() {
    const PlainEntry entry = entries_.back();
    entries_.pop_back();
    const std::size_t n = entries_.size();
    if (n == 0) return;
    std::size_t i = 0;
    for (;;) {
      const std::size_t first = kArity * i + 1;
      if (first >= n) break;
      std::size_t least = first;
      for (std::size_t c = first + 1; c < std::min(first + kArity, n); ++c) {
        if (entries_[least] > entries_[c]) least = c;
      }
      if (!(entry > entries_[least])) break;
      entries_[i] = entries_[least];
      i = least;
    }
    entries_[i] = entry;
  }

 private:
  std::vector<PlainEntry> entries_;
};

using PlainPriorityQueue =
    std::priority_queue<PlainEntry, std::vector<PlainEntry>, std::greater<PlainEntry>>;

template <class Heap>
class PlainHeap {
 public:
  PlainHeap(std::uint32_t entities, bool moves) : latest_(moves ? entities : 0) {}
  void push(std::int64_t t, std::uint32_t entity) {
    const std::uint64_t seq = ++seq_;
    if (!latest_.empty()) latest_[entity] = seq;
    heap_.push({t, seq, entity});
  }
  void reschedule(std::uint32_t entity, std::int64_t t) { push(t, entity); }
  bool pop(std::int64_t& t, std::uint32_t& entity) {
    while (!heap_.empty()) {
      const PlainEntry entry = heap_.top();
      heap_.pop();
      t = entry.t;
      entity = static_cast<std::uint32_t>(entry.entity);
      if (latest_.empty() || latest_[entity] == entry.seq) return true;
    }
    return false;
  }

 private:
  Heap heap_;
  std::vector<std::uint64_t> latest_;
  std::uint64_t seq_ = 0;
};

struct PlainPq : PlainHeap<PlainPriorityQueue> {
  static constexpr const char* kName = "pq<24 B>";
  using PlainHeap::PlainHeap;
};
struct FourAry : PlainHeap<DaryHeap<4>> {
  static constexpr const char* kName = "4-ary<24 B>";
  using PlainHeap::PlainHeap;
};

class Ladder {
 public:
  static constexpr const char* kName = "EventQueue";
  Ladder(std::uint32_t entities, bool moves) : ids_(moves ? entities : 0) {}
  void push(std::int64_t t, std::uint32_t entity) {
    const EventId id = queue_.push({t}, Phase::physics, 0, entity);
    if (!ids_.empty()) ids_[entity] = id;
  }
  void reschedule(std::uint32_t entity, std::int64_t t) {
    ids_[entity] = queue_.reschedule(ids_[entity], {t});
  }
  bool pop(std::int64_t& t, std::uint32_t& entity) {
    EventQueue::Item item;
    if (!queue_.pop({std::numeric_limits<std::int64_t>::max()}, item)) return false;
    t = time_of(item.key).ns;
    entity = static_cast<std::uint32_t>(item.arg);
    return true;
  }

  std::uint64_t bytes() const { return queue_.bytes(); }

 private:
  EventQueue queue_;
  std::vector<EventId> ids_;
};

}  // namespace hyperdc::bench
