// Payloads of pending events, 16 bytes each, in a table with a free list.
//
// A slot holds the argument, the handler (an index into the engine's table of process and kind) and
// the seq of the event that owns it. A key whose seq differs is a tombstone: its event was
// cancelled or moved. A free slot has seq 0, which no event has.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <type_traits>

#include <hyperdc/core/assert.hpp>

#include "core/large_pages.hpp"
#include "engine/event_key.hpp"

namespace hyperdc {

inline constexpr int kHandlerBits = 64 - kSeqBits;
inline constexpr std::uint32_t kMaxHandlers = (std::uint32_t{1} << kHandlerBits) - 1;

class SlotTable {
 public:
  explicit SlotTable(std::uint32_t limit) : limit_(limit) {}

  /// The slot that the next occupy() will fill. InvariantError when `limit` slots are taken.
  std::uint32_t next_free() {
    if (free_ == kNone) [[unlikely]]
      add_slot();
    return free_;
  }
  void occupy(std::uint32_t slot, std::uint64_t seq, std::uint32_t handler, std::uint64_t arg) {
    Slot& s = slots_.get()[slot];
    free_ = low(s);
    s.arg = arg;
    s.seq_and_low = (seq << kHandlerBits) | handler;
  }
  void release(std::uint32_t slot) {
    slots_.get()[slot].seq_and_low = free_;
    free_ = slot;
  }
  /// Gives the slot to the event `seq`; the payload stays.
  void renew(std::uint32_t slot, std::uint64_t seq) {
    Slot& s = slots_.get()[slot];
    s.seq_and_low = (seq << kHandlerBits) | low(s);
  }

  bool owns(std::uint32_t slot, std::uint64_t seq) const {
    return slots_.get()[slot].seq_and_low >> kHandlerBits == seq;
  }
  /// As owns(), for ids that come from outside and may name a slot that was given back.
  bool checked_owns(std::uint32_t slot, std::uint64_t seq) const {
    return slot < used_ && seq != 0 && owns(slot, seq);
  }
  std::uint64_t arg(std::uint32_t slot) const { return slots_.get()[slot].arg; }
  std::uint32_t handler(std::uint32_t slot) const { return low(slots_.get()[slot]); }
  void prefetch(std::uint32_t slot) const { __builtin_prefetch(slots_.get() + slot, 1); }

  std::uint64_t bytes() const { return std::uint64_t{capacity_} * sizeof(Slot); }
  /// Forgets every slot and gives the memory back. Only when no slot is taken.
  void clear() {
    slots_.reset();
    used_ = capacity_ = 0;
    free_ = kNone;
  }

 private:
  struct Slot {
    std::uint64_t arg;
    std::uint64_t seq_and_low;  // seq 36 | handler 28, or 0 | next free slot
  };
  static_assert(sizeof(Slot) == 16 && std::is_trivially_copyable_v<Slot>);
  struct Free {
    void operator()(Slot* p) const { std::free(p); }
  };
  static constexpr std::size_t kFirstSize = 1024;       // bytes
  static constexpr std::uint32_t kNone = kMaxHandlers;  // fits the low bits, above every slot
  static_assert(kNone >= kMaxSlots);

  static std::uint32_t low(const Slot& s) {
    return static_cast<std::uint32_t>(s.seq_and_low & kMaxHandlers);
  }

  void add_slot() {
    HYPERDC_CHECK(used_ < limit_, "too many pending events: at most " + std::to_string(limit_) +
                                      " can wait at the same time");
    if (used_ == capacity_) grow();
    slots_.get()[used_] = {0, kNone};
    free_ = used_++;
  }
  void grow() {
    // Doubles while small, then grows by a quarter; in whole large pages when it has some. Not
    // realloc(): it moves a large block by its page tables, which takes large pages apart.
    const std::size_t size = capacity_ * sizeof(Slot);
    const std::size_t unit = size < kLargePage ? kFirstSize : kLargePage;
    const std::size_t step = size < kLargePage / 2 ? size : size / 4;
    const std::size_t least = size + std::max(step, std::size_t{1});
    const std::size_t whole = (least + unit - 1) / unit * unit;
    auto* grown = static_cast<Slot*>(allocate_block(unit, whole));
    std::copy_n(slots_.get(), used_, grown);
    slots_.reset(grown);
    capacity_ = static_cast<std::uint32_t>(whole / sizeof(Slot));
  }

  std::unique_ptr<Slot, Free> slots_;
  std::uint32_t used_ = 0;
  std::uint32_t capacity_ = 0;
  std::uint32_t free_ = kNone;
  std::uint32_t limit_;
};

}  // namespace hyperdc
