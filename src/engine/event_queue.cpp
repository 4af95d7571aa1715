#include "engine/event_queue.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <string>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

int bit_width(EventKey key) {
  const std::uint64_t high = high_word(key);
  return static_cast<int>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(low_word(key)));
}

/// First and last key of a list that is not empty.
std::pair<EventKey, EventKey> range_of(const KeyList& list) {
  EventKey first = kEndOfTime;
  EventKey last = 0;
  ChunkPool::each_chunk(list, [&](const EventKey* keys, std::uint32_t n) {
    for (std::uint32_t i = 0; i < n; ++i) {
      first = std::min(first, keys[i]);
      last = std::max(last, keys[i]);
    }
  });
  return {first, last};
}

void sort_descending(EventKey* keys, std::size_t n) {
  if (n > 48) {
    std::sort(keys, keys + n, std::greater<EventKey>());
    return;
  }
  for (std::size_t i = 1; i < n; ++i) {
    const EventKey key = keys[i];
    std::size_t j = i;
    for (; j > 0 && keys[j - 1] < key; --j) keys[j] = keys[j - 1];
    keys[j] = key;
  }
}

}  // namespace

EventQueue::EventQueue(Limits limits)
    : slots_(limits.max_pending), next_seq_(limits.first_seq), bottom_(kMaxBottom) {}

void EventQueue::seq_exhausted() {
  invariant_failed("next_seq_ <= kMaxSeq", __FILE__, __LINE__,
                   "the run has scheduled " + std::to_string(kMaxSeq) +
                       " events, the most that one run can number");
}

bool EventQueue::cancel(EventId id) {
  if (!is_pending(id)) return false;
  slots_.release(slot_of(id));
  --live_;
  count_dead();
  return true;
}

EventId EventQueue::reschedule(EventId id, SimTime at) {
  if (!is_pending(id)) return kNoEvent;
  const std::uint64_t seq = take_seq();
  slots_.renew(slot_of(id), seq);
  const EventId moved = make_event_id(phase_of(id), seq, slot_of(id));
  insert(make_key(at, moved));
  count_dead();
  return moved;
}

void EventQueue::count_dead() {
  ++dead_;
  if (dead_ > live_ + kDeadFloor) rebuild();
}

void EventQueue::drop_dead() {
  HYPERDC_CHECK(dead_ > 0, "a tombstone that was not counted");
  --bottom_count_;
  --dead_;
}

bool EventQueue::refill() {
  for (;;) {
    while (depth_ > 0 && rungs_[depth_ - 1].count == 0) --depth_;
    if (depth_ == 0 && top_.count == 0) return on_empty();
    if (pool_.mostly_idle()) rebuild();
    KeyList list = depth_ == 0 ? take_top() : take_bucket();
    if (list.count == 0) continue;  // nothing but tombstones, just swept out
    if (list.count <= kSortAtOnce || depth_ == kMaxDepth) {
      sort_into_bottom(list);
      return true;
    }
    add_rung(list);
  }
}

bool EventQueue::on_empty() {
  if (bytes() > kKeepBytes) {
    slots_.clear();
    pool_ = ChunkPool();
  }
  return false;
}

/// Leaves top empty and without a limit: bottom takes every event until it spills, so that a
/// small queue never has a rung.
KeyList EventQueue::take_top() {
  top_from_ = kEndOfTime;
  return std::exchange(top_, {});
}

KeyList EventQueue::take_bucket() {
  Rung& rung = rungs_[depth_ - 1];
  if (rung.count == 0) return {};
  while (rung.bucket[rung.next].count == 0) ++rung.next;
  KeyList list = std::exchange(rung.bucket[rung.next++], {});
  rung.count -= list.count;
  const bool more = rung.next < rung.buckets;
  from_[depth_ - 1] =
      more ? rung.start + (static_cast<EventKey>(rung.next) << rung.shift) : kEndOfTime;
  return list;
}

void EventQueue::add_rung(KeyList& list) {
  Rung& rung = rungs_[depth_];
  const auto [first, last] = range_of(list);
  // The outermost rung of a small queue also takes what is scheduled later, so it gets more buckets
  // than its keys need now.
  const std::uint32_t least = depth_ == 0 ? kMinOuterBuckets : kMinInnerBuckets;
  rung.buckets = std::clamp(std::bit_ceil(list.count / kKeysPerBucket), least, kMaxBuckets);
  const int log2_buckets = std::bit_width(rung.buckets) - 1;
  rung.start = first;
  rung.shift = std::max(0, bit_width(last - first) - log2_buckets);
  if (rung.shift >= 64) {  // buckets of whole nanoseconds: index() need not look at the lower word
    rung.start = static_cast<EventKey>(high_word(first)) << 64;
    rung.shift = bit_width(last - rung.start) - log2_buckets;
  }
  rung.next = 0;
  rung.count = list.count;
  if (rung.bucket.size() < rung.buckets) rung.bucket.resize(rung.buckets);
  // What lies beyond the last bucket may go to top, which has no order, but not to another rung.
  if (depth_ == 0) {
    const EventKey end = rung.start + (static_cast<EventKey>(rung.buckets) << rung.shift);
    top_from_ = std::min(top_from_, end);
  }
  from_[depth_] = rung.start;
  ++depth_;
  pool_.drain(list, [&](const EventKey* keys, std::uint32_t n) {
    for (std::uint32_t i = 0; i < n; ++i) pool_.add(rung.bucket[rung.index(keys[i])], keys[i]);
  });
}

void EventQueue::sort_into_bottom(KeyList& list) {
  if (bottom_.size() < list.count) bottom_.resize(list.count);
  std::size_t n = 0;
  pool_.drain(list, [&](const EventKey* keys, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      slots_.prefetch(slot_of(low_word(keys[i])));
      bottom_[n++] = keys[i];
    }
  });
  sort_descending(bottom_.data(), n);
  bottom_count_ = n;
}

/// Moves bottom to a rung of its own, so that inserting into it stays cheap.
void EventQueue::spill() {
  KeyList list;
  while (depth_ > 0 && rungs_[depth_ - 1].count == 0) --depth_;
  if (depth_ == kMaxDepth) merge_rungs(list);
  for (std::size_t i = 0; i < bottom_count_; ++i) pool_.add(list, bottom_[i]);
  bottom_count_ = 0;
  add_rung(list);
}

/// Empties the innermost rung into `into`, and the next ones as long as they are no longer than
/// what was gathered: each key is then moved a number of times that grows with the logarithm of
/// the queue only, however the rungs came to be nested.
void EventQueue::merge_rungs(KeyList& into) {
  std::uint64_t gathered = bottom_count_;
  do {
    Rung& rung = rungs_[--depth_];
    gathered += rung.count;
    for (; rung.next < rung.buckets; ++rung.next) {
      pool_.drain(rung.bucket[rung.next], [&](const EventKey* keys, std::uint32_t n) {
        for (std::uint32_t i = 0; i < n; ++i) pool_.add(into, keys[i]);
      });
    }
    rung.count = 0;
  } while (depth_ > 0 && rungs_[depth_ - 1].count <= gathered);
}

/// Sweeps out the tombstones and gives back the chunks that are no longer needed.
void EventQueue::rebuild() {
  const auto lives = [this](EventKey key) {
    return slots_.checked_owns(slot_of(low_word(key)), seq_of(low_word(key)));
  };
  ChunkPool pool;
  const auto sweep = [&](KeyList& list) {
    KeyList kept;
    ChunkPool::each_chunk(list, [&](const EventKey* keys, std::uint32_t n) {
      for (std::uint32_t i = 0; i < n; ++i) {
        if (lives(keys[i])) pool.add(kept, keys[i]);
      }
    });
    list = kept;
  };
  sweep(top_);
  for (int r = 0; r < depth_; ++r) {
    Rung& rung = rungs_[r];
    rung.count = 0;
    for (std::uint32_t b = rung.next; b < rung.buckets; ++b) {
      sweep(rung.bucket[b]);
      rung.count += rung.bucket[b].count;
    }
  }
  const auto end =
      std::remove_if(bottom_.begin(), bottom_.begin() + static_cast<long>(bottom_count_),
                     [&](EventKey key) { return !lives(key); });
  bottom_count_ = static_cast<std::size_t>(end - bottom_.begin());
  if (bottom_.size() > kMaxBottom) {
    bottom_.resize(std::max<std::size_t>(bottom_count_, kMaxBottom));
    bottom_.shrink_to_fit();
  }
  pool_ = std::move(pool);
  dead_ = 0;
}

std::uint64_t EventQueue::bytes() const {
  std::uint64_t total = slots_.bytes() + pool_.bytes() + bottom_.capacity() * sizeof(EventKey);
  for (const Rung& rung : rungs_) total += rung.bucket.capacity() * sizeof(KeyList);
  return total;
}

}  // namespace hyperdc
