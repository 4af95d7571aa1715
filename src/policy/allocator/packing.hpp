// Where a job goes whose number of accelerators is known.
#pragma once

#include <algorithm>
#include <span>

#include <hyperdc/policy/allocator.hpp>

namespace hyperdc {

/// Of an allocation, or of the servers.
inline std::uint32_t accelerators_in(std::span<const std::uint32_t> allocation) {
  std::uint32_t sum = 0;
  for (const std::uint32_t here : allocation) sum += here;
  return sum;
}

/// Takes `wanted` accelerators from the servers that have most free, the first among equals; they
/// are there. Few servers for each job, and whole ones for large jobs.
inline Allocation pack(std::uint32_t wanted, std::vector<std::uint32_t>& free) {
  Allocation out(free.size(), 0);
  while (wanted > 0) {
    const auto best = std::max_element(free.begin(), free.end());
    const std::uint32_t taken = std::min(*best, wanted);
    out[static_cast<std::size_t>(best - free.begin())] += taken;
    *best -= taken;
    wanted -= taken;
  }
  return out;
}

/// Leaves of an allocation the kind of accelerators of which it has most, the last of such; of one
/// kind all.
inline void keep_one_kind(Allocation& allocation, std::span<const std::uint32_t> kinds) {
  std::vector<std::uint32_t> has;
  for (std::size_t s = 0; s < kinds.size(); ++s) {
    if (kinds[s] >= has.size()) has.resize(kinds[s] + 1, 0);
    has[kinds[s]] += allocation[s];
  }
  std::size_t most = 0;
  for (std::size_t k = 0; k < has.size(); ++k) most = has[k] >= has[most] ? k : most;
  for (std::size_t s = 0; s < kinds.size(); ++s) {
    if (kinds[s] != most) allocation[s] = 0;
  }
}

/// What is free beside these.
inline std::vector<std::uint32_t> free_beside(const AllocatorView& view,
                                              const std::vector<Allocation>& held) {
  std::vector<std::uint32_t> free(view.capacity.begin(), view.capacity.end());
  for (const Allocation& allocation : held) {
    for (std::size_t s = 0; s < free.size(); ++s) free[s] -= allocation[s];
  }
  return free;
}

}  // namespace hyperdc
