// Storage systems that grow: what is written new, drives that join, and fragments that move.
#pragma once

#include <cstdint>
#include <vector>

#include "scenario/resolve.hpp"
#include "scenario/storage_spec.hpp"

namespace hyperdc {

inline constexpr double kSecondsOfYear = 365 * 86'400.0;
inline constexpr double kLongestRepair_s = 30 * kSecondsOfYear;  // or the writing of a group
inline constexpr double kMostFragments = 2e8;
inline constexpr double kMostDrives = 2e6;

struct JoiningRacks {
  Duration at;
  std::vector<std::uint32_t> racks;
};

/// Racks that join later, by time; where the system names none they are not among its first ones.
std::vector<JoiningRacks> read_expansion(Resolution& r, const View& system, StorageSpec& spec);
/// Gives the system the drives of these racks, after its own.
void add_joins(Resolution& r, const View& system, const std::vector<JoiningRacks>& joining,
               StorageSpec& spec);
/// After the drives and groups are known.
void read_growth(Resolution& r, const View& system, StorageSpec& spec);
/// After the lives of drives.
/// After repairs and sizes are known.
void check_durability(Resolution& r, const View& system, const StorageSpec& spec);
void read_durability(Resolution& r, const View& system, StorageSpec& spec);
/// After the repairs.
void read_rebalance(Resolution& r, const View& system, StorageSpec& spec);

}  // namespace hyperdc
