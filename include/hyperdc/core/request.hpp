// What a job asks for and what a server has, in integer units: the vocabulary that policies,
// traces and the world share.
#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hyperdc {

/// Set of accelerator models, one bit for each name in the scenario's list of models.
/// 0 in a Request means "any model".
using ModelSet = std::uint64_t;

/// Set of zones of one pool, one bit each. 0 in a Request means "any zone".
using ZoneSet = std::uint32_t;
inline constexpr std::size_t kMaxZonesOfPool = 32;

inline constexpr std::int32_t kWholeAccelerator = 1000;  // an accelerator is divisible to 1/1000
inline constexpr std::uint32_t kMaxAcceleratorsPerServer = 32;  // devices fit a 32-bit mask

/// What one member of a job needs on one server.
/// Invariants: accelerator_milli is 1000 when accelerators > 1, 1..1000 when accelerators == 1,
/// and 0 when accelerators == 0.
struct Request {
  std::int64_t cores_milli = 0;  // 1/1000 core
  std::int64_t memory_bytes = 0;
  std::int32_t accelerators = 0;       // devices
  std::int32_t accelerator_milli = 0;  // of each device
  ModelSet models = 0;
  ZoneSet zones = 0;
  auto operator<=>(const Request&) const = default;  // no meaning but that of a key

  bool shares_device() const { return accelerators == 1 && accelerator_milli < kWholeAccelerator; }
  std::int64_t total_accelerator_milli() const {
    return std::int64_t{accelerators} * accelerator_milli;
  }
};

/// A kind of job and its share of the mix: what fragmentation is measured against.
struct JobMixEntry {
  Request request;
  double share = 0;  // sums to 1 over the mix
};

/// Amounts over many servers.
struct Resources {
  std::int64_t cores_milli = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t accelerator_milli = 0;
  bool operator==(const Resources&) const = default;

  Resources& operator+=(const Resources& o) {
    cores_milli += o.cores_milli;
    memory_bytes += o.memory_bytes;
    accelerator_milli += o.accelerator_milli;
    return *this;
  }
  Resources& operator-=(const Resources& o) {
    cores_milli -= o.cores_milli;
    memory_bytes -= o.memory_bytes;
    accelerator_milli -= o.accelerator_milli;
    return *this;
  }
  /// True when `need` fits into these amounts in every dimension.
  bool covers(const Resources& need) const {
    return cores_milli >= need.cores_milli && memory_bytes >= need.memory_bytes &&
           accelerator_milli >= need.accelerator_milli;
  }
};

inline Resources total_of(const Request& each, std::int64_t members) {
  return {each.cores_milli * members, each.memory_bytes * members,
          each.total_accelerator_milli() * members};
}

/// Capacity of a server type.
struct ServerShape {
  std::int64_t cores_milli = 0;
  std::int64_t memory_bytes = 0;
  std::uint32_t accelerators = 0;
  ModelSet model = 0;  // the one bit of its accelerator model; 0 without accelerators
  ZoneSet zone = 0;    // the one bit of its zone; 0 where nobody asks for zones
  bool operator==(const ServerShape&) const = default;
};

}  // namespace hyperdc
