// Typed indices: an Id<ServerTag> cannot be used where an Id<JobTag> is meant.
//
// Objects refer to each other by id, never by pointer: ids survive a copy of the world, print
// the same on every run and are half the size.
#pragma once

#include <compare>
#include <cstdint>

namespace hyperdc {

template <class Tag>
struct Id {
  std::uint32_t value = 0;
  auto operator<=>(const Id&) const = default;
};

using ProcessId = Id<struct ProcessTag>;
using ServerId = Id<struct ServerTag>;
using JobId = Id<struct JobTag>;  // a slot: reused after the job has left
using PoolId = Id<struct PoolTag>;
using MetricId = Id<struct MetricTag>;

}  // namespace hyperdc
