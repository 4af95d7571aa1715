// The place of an event in the one order, as a single 128-bit number:
//
//   bits 127..64  time in nanoseconds, >= 0
//   bits  63..61  phase
//   bits  60..25  seq: 1, 2, 3, … in the order of scheduling
//   bits  24..0   slot of the payload
//
// One comparison of two keys is the comparison of (at, phase, seq); seq is unique, so the slot
// below it never decides. The lower word is the EventId. See docs/adr/0003-event-representation.md.
#pragma once

#include <cstdint>

#include "engine/engine.hpp"

namespace hyperdc {

__extension__ using EventKey = unsigned __int128;

inline constexpr int kPhaseBits = 3;
inline constexpr int kSeqBits = 36;
inline constexpr int kSlotBits = 25;
static_assert(kPhaseBits + kSeqBits + kSlotBits == 64);
static_assert(static_cast<int>(Phase::observe) < (1 << kPhaseBits));

inline constexpr std::uint64_t kMaxSeq = (std::uint64_t{1} << kSeqBits) - 1;
inline constexpr std::uint32_t kMaxSlots = std::uint32_t{1} << kSlotBits;
inline constexpr EventKey kEndOfTime = ~EventKey{0};  // above the key of every event

constexpr EventId make_event_id(Phase phase, std::uint64_t seq, std::uint32_t slot) {
  return (std::uint64_t{static_cast<std::uint8_t>(phase)} << (kSeqBits + kSlotBits)) |
         (seq << kSlotBits) | slot;
}
constexpr EventKey make_key(SimTime at, EventId id) {
  return (static_cast<EventKey>(static_cast<std::uint64_t>(at.ns)) << 64) | id;
}

constexpr std::uint64_t high_word(EventKey key) {
  return static_cast<std::uint64_t>(key >> 64);
}
constexpr std::uint64_t low_word(EventKey key) {
  return static_cast<std::uint64_t>(key);
}

constexpr SimTime time_of(EventKey key) {
  return {static_cast<std::int64_t>(high_word(key))};
}
constexpr Phase phase_of(EventId id) {
  return static_cast<Phase>(id >> (kSeqBits + kSlotBits));
}
constexpr std::uint64_t seq_of(EventId id) {
  return (id >> kSlotBits) & kMaxSeq;
}
constexpr std::uint32_t slot_of(EventId id) {
  return static_cast<std::uint32_t>(id & (kMaxSlots - 1));
}

}  // namespace hyperdc
