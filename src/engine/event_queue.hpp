// EventQueue: pending events in one strict total order, at a cost that hardly depends on how many
// there are.
//
// A ladder queue (Tang, Goh and Thng, ACM TOMACS 15(3), 2005) on one 128-bit number line. Far
// events lie unsorted in `top`. When their time comes they are spread over the buckets of a rung
// by their leading bits; a bucket that is still too full is spread over a rung of its own, one that
// is small enough is sorted into `bottom`, from where events are popped. So an event is moved
// a few times by sequential stores, and compared only with the few events next to it.
//
// What differs from the paper: the key carries time, phase and sequence, so that a million events
// of one moment are spread like any others; bucket widths are powers of two; the last bucket of a
// rung has no upper end of its own, so the rungs fit themselves to skewed times; a small queue is
// nothing but `bottom`; cancelled events stay as tombstones and are swept out when they outnumber
// the living. See docs/adr/0003-event-representation.md and docs/models/engine.md.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "engine/chunk_pool.hpp"
#include "engine/event_key.hpp"
#include "engine/slot_table.hpp"

namespace hyperdc {

class EventQueue {
 public:
  /// Smaller limits than the key allows are for tests of what happens at them.
  struct Limits {
    std::uint64_t first_seq = 1;
    std::uint32_t max_pending = kMaxSlots;
  };
  struct Item {
    EventKey key = 0;
    std::uint32_t handler = 0;
    std::uint64_t arg = 0;
  };

  EventQueue() : EventQueue(Limits{}) {}
  explicit EventQueue(Limits limits);

  /// at >= 0, handler < kMaxHandlers: checked by the engine. InvariantError when the sequence
  /// numbers (6.9e10 events) or the slots (3.4e7 pending) are used up.
  EventId push(SimTime at, Phase phase, std::uint32_t handler, std::uint64_t arg) {
    const std::uint32_t slot = slots_.next_free();
    const std::uint64_t seq = take_seq();
    slots_.occupy(slot, seq, handler, arg);
    const EventId id = make_event_id(phase, seq, slot);
    insert(make_key(at, id));
    ++live_;
    return id;
  }
  bool is_pending(EventId id) const { return slots_.checked_owns(slot_of(id), seq_of(id)); }
  /// False, and no effect, when `id` is not pending.
  bool cancel(EventId id);
  /// Moves a pending event to a new time and a new place among its equals. kNoEvent when `id` is
  /// not pending.
  EventId reschedule(EventId id, SimTime at);

  /// Takes the first event out if its time is <= until. False when there is none such.
  bool pop(SimTime until, Item& out) {
    for (;;) {
      if (bottom_count_ == 0 && !refill()) return false;
      const EventKey key = bottom_[bottom_count_ - 1];
      const std::uint32_t slot = slot_of(low_word(key));
      if (!slots_.owns(slot, seq_of(low_word(key)))) [[unlikely]] {
        drop_dead();
        continue;
      }
      if (time_of(key) > until) return false;
      --bottom_count_;
      out = {key, slots_.handler(slot), slots_.arg(slot)};
      slots_.release(slot);
      --live_;
      return true;
    }
  }

  std::uint64_t size() const { return live_; }
  /// Memory held, payloads included.
  std::uint64_t bytes() const;

 private:
  struct Rung {
    EventKey start = 0;
    int shift = 0;              // a bucket covers 2^shift keys
    std::uint32_t buckets = 0;  // in use; the last one covers all up to the end of the rung
    std::uint32_t next = 0;     // first bucket that was not taken yet
    std::uint64_t count = 0;    // keys in the buckets that were not taken yet
    std::vector<KeyList> bucket;

    std::uint32_t index(EventKey key) const {
      const EventKey i = shift >= 64 ? (high_word(key) - high_word(start)) >> (shift - 64)
                                     : (key - start) >> shift;
      return i < buckets ? static_cast<std::uint32_t>(i) : buckets - 1;
    }
  };

  static constexpr int kMaxDepth = 16;
  static constexpr std::uint32_t kKeysPerBucket = 24;  // aimed at
  static constexpr std::uint32_t kMinOuterBuckets = 32;
  static constexpr std::uint32_t kMinInnerBuckets = 8;
  static constexpr std::uint32_t kMaxBuckets = 1024;
  static constexpr std::uint32_t kSortAtOnce = 48;  // longest list that goes to bottom unspread
  static constexpr std::uint32_t kMaxBottom = 80;   // a longer bottom is spread again
  static constexpr std::uint64_t kDeadFloor = 256;
  static constexpr std::uint64_t kKeepBytes = std::uint64_t{1} << 20;

  std::uint64_t take_seq() {
    if (next_seq_ > kMaxSeq) [[unlikely]]
      seq_exhausted();
    return next_seq_++;
  }
  void insert(EventKey key) {
    if (key >= top_from_) {
      pool_.add(top_, key);
      return;
    }
    for (int r = 0; r < depth_; ++r) {
      if (key >= from_[r]) {
        Rung& rung = rungs_[r];
        pool_.add(rung.bucket[rung.index(key)], key);
        ++rung.count;
        return;
      }
    }
    if (bottom_count_ >= kMaxBottom) [[unlikely]] {
      spill();
      insert(key);
      return;
    }
    std::size_t i = bottom_count_++;
    for (; i > 0 && bottom_[i - 1] < key; --i) bottom_[i] = bottom_[i - 1];
    bottom_[i] = key;
  }

  [[noreturn]] static void seq_exhausted();
  bool refill();
  bool on_empty();
  KeyList take_top();
  KeyList take_bucket();
  void add_rung(KeyList& list);
  void sort_into_bottom(KeyList& list);
  void spill();
  void merge_rungs(KeyList& into);
  void count_dead();
  void drop_dead();
  void rebuild();

  SlotTable slots_;
  ChunkPool pool_;
  std::uint64_t next_seq_;
  std::uint64_t live_ = 0;
  std::uint64_t dead_ = 0;  // keys whose event was cancelled or moved

  // Ascending: bottom, rungs_[depth_ - 1], …, rungs_[0], top. A key belongs to the outermost part
  // that it is not below: top if >= top_from_, else the first rung r with key >= from_[r].
  std::vector<EventKey> bottom_;  // [0, bottom_count_) descending: the first event is the last
  std::size_t bottom_count_ = 0;
  int depth_ = 0;
  std::array<EventKey, kMaxDepth> from_{};
  std::array<Rung, kMaxDepth> rungs_;
  EventKey top_from_ = 0;
  KeyList top_;
};

}  // namespace hyperdc
