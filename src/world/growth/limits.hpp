// What may keep capacity from growing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hyperdc {

enum class GrowthLimit : std::uint8_t {
  chips,      // not delivered yet, or more than the vendor takes
  budget,     // of the year
  grid,       // power of the site
  halls,      // no row is ready
  ups,        // of the hall
  staff,      // who looks after racks
  positions,  // the others: of rows
  power,
  air,
  liquid,
  ports,
  weight
};

inline constexpr std::array<std::string_view, 12> kGrowthLimits = {
    "chips",     "budget", "grid", "halls",  "ups",   "staff",
    "positions", "power",  "air",  "liquid", "ports", "weight"};
inline constexpr std::size_t kFirstStranding = 2;  // chips and budget strand no power

inline constexpr std::size_t index_of(GrowthLimit limit) {
  return static_cast<std::size_t>(limit);
}

}  // namespace hyperdc
