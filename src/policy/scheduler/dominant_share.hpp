// The dominant share of an amount: the largest of its shares of cores, memory and accelerators.
// Source: Ghodsi et al. (NSDI'11). Resources without capacity are left out.
#pragma once

#include <algorithm>
#include <cstdint>

#include <hyperdc/core/request.hpp>

namespace hyperdc {

inline double dominant_share(const Resources& amount, const Resources& capacity) {
  const auto share = [](std::int64_t part, std::int64_t all) {
    return all > 0 ? static_cast<double>(part) / static_cast<double>(all) : 0.0;
  };
  return std::max({share(amount.cores_milli, capacity.cores_milli),
                   share(amount.memory_bytes, capacity.memory_bytes),
                   share(amount.accelerator_milli, capacity.accelerator_milli)});
}

}  // namespace hyperdc
