// Repairs of storage systems: which groups begin, with which drives, and what comes of them. For
// storage.cpp, which says what is lost.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

/// Changes a group and keeps the counts and levels of the system: one at a time, at one moment.
class GroupChange {
 public:
  GroupChange(World& world, StorageState& state, std::uint32_t group, SimTime now);
  ~GroupChange();
  GroupChange(const GroupChange&) = delete;
  GroupChange& operator=(const GroupChange&) = delete;
  StorageGroup* operator->() const { return &group_; }

 private:
  World& world_;
  StorageState& state_;
  StorageGroup& group_;
  SimTime now_;
};

/// What a group adds to the counts.
void add_counts(const StorageState& state, const StorageGroup& group, std::int64_t times,
                StorageCounts& counts);

/// Begins the repair of a group if it has anything to rebuild and nothing is in the way; else it
/// waits for what is.
void try_repair(World& world, StorageState& state, std::uint32_t group, Engine& engine);
/// The same of several, each once, those with most fragments missing first.
void try_repairs(World& world, StorageState& state, std::vector<std::uint32_t>& groups,
                 Engine& engine);
/// The group waits for nothing any more, and gives its turn back.
void stop_waiting(World& world, StorageState& state, std::uint32_t group, SimTime now);

/// May the drive take a fragment beside these: is it there, with room, and is the spread kept?
bool may_take(const StorageState& state, std::span<const std::uint32_t> members,
              std::uint32_t drive);
/// All drives that may take one more fragment, the idle ones alone if there are any: rack by rack,
/// as most are ruled out where few drives are allowed.
std::vector<std::uint32_t> drives_that_may_take(const StorageState& state,
                                                std::span<const std::uint32_t> members);

/// Frees the drives of a repair and its slot.
void end_repair(World& world, StorageState& state, std::uint32_t repair, SimTime now);
/// The same of one that has not moved all; its group has to begin anew.
void break_off(World& world, StorageState& state, std::uint32_t repair, Engine& engine);
/// Groups that wait for StorageState::freed go on: when repairs have ended, or a moment settles.
void drives_free(World& world, StorageState& state, Engine& engine);
/// Adds the groups without a place for which StorageState::back has one now.
void find_places(StorageState& state, std::vector<std::uint32_t>& groups);

}  // namespace hyperdc
