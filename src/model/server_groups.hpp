// ServerGroups: servers of a fleet in equal state, as one group each.
//
// Computes: a partition of the servers by (shape, cores left, left on each device, kinds of jobs
// held). Source: definition; exact. Memory left is kept by server and is not part of the state.
// Cost: an update costs the devices of one server and O(log members); it does not grow with the
// number of groups. Groups that become empty are kept for a while, since states recur, and then
// recycled, so that memory is bounded by the number of servers and not by the length of the run.
// Leaves out: the order of devices is part of the state (two servers with the same devices left in
// another order are in two groups).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/large_pages.hpp"
#include "model/fleet.hpp"
#include "model/order_set.hpp"

namespace hyperdc {

using GroupId = Id<struct GroupTag>;

class ServerGroups {
 public:
  explicit ServerGroups(const Fleet& fleet);

  /// Must be called after every change of a server.
  void update(ServerId server);

  struct State {
    const ServerShape* shape = nullptr;
    std::int64_t cores_left_milli = 0;
    std::span<const std::uint16_t> accelerators_left_milli;
    std::uint64_t holds = 0;
  };
  /// Ids of the groups that have servers. Order is not meaningful; callers must not depend on it.
  std::span<const GroupId> live() const { return live_; }
  State state(GroupId group) const;
  GroupId group_of(ServerId server) const { return GroupId{group_of_[server.value]}; }

  /// What identifies a group's present standing. `version` grows whenever the id is given a new
  /// state, so (id, version) means one state for ever; `first` is the lowest place in the tie
  /// order among its servers, OrderSet::kNone when it has none.
  struct Standing {
    std::uint32_t version = 0;
    std::uint32_t first = OrderSet::kNone;
    bool operator==(const Standing&) const = default;
  };
  const Standing& standing(GroupId group) const { return standing_[group.value]; }
  /// Lowest place in the tie order among the group's servers with this much memory left; kNone.
  std::uint32_t first_with_memory(GroupId group, std::int64_t memory_bytes) const {
    return groups_[group.value].members.first_with(memory_bytes);
  }
  const OrderSet& members(GroupId group) const { return groups_[group.value].members; }

  /// Changes that make a group more attractive are numbered: it was empty and has a server, or its
  /// `first` became lower. changed(i) for i in [changes_kept_from(), changes()) names the group of
  /// the i-th; older ones are forgotten (at least as many as there are live groups are kept).
  /// Nothing tells that `first` became higher or that a group became empty: see standing().
  std::uint64_t changes() const { return changes_; }
  std::uint64_t changes_kept_from() const {
    return changes_ > log_.size() ? changes_ - log_.size() : 0;
  }
  GroupId changed(std::uint64_t i) const { return log_[i & (log_.size() - 1)]; }

  /// Group ids are below this.
  std::uint32_t id_end() const { return static_cast<std::uint32_t>(groups_.size()); }
  std::size_t memory_used() const;

 private:
  static constexpr std::uint32_t kNone = OrderSet::kNone;

  struct Group {
    std::uint64_t hash = 0;
    std::int64_t cores_left = 0;
    std::uint64_t holds = 0;
    std::uint32_t type = 0;
    std::uint32_t live_at = kNone;               // place in live_; kNone: empty
    std::uint32_t older = kNone, newer = kNone;  // among the empty ones, by time of emptying
    OrderSet members;
  };

  void build();
  std::uint64_t hash_of(ServerId server) const;
  bool same(const Group& group, std::uint32_t id, ServerId server, std::uint64_t hash) const;
  std::uint32_t find_or_make(ServerId server);
  std::uint32_t make(ServerId server, std::uint64_t hash);
  void recycle_oldest();
  void rehash();
  void place_in_table(std::uint32_t id);
  void remove_from_table(std::uint32_t id);
  void make_live(std::uint32_t id);
  void make_empty(std::uint32_t id);
  void unlink(std::uint32_t id);
  void note_first(std::uint32_t id);
  void grow_log();

  const Fleet& fleet_;
  std::vector<ServerShape> types_;       // distinct shapes
  std::vector<std::uint32_t> type_of_;   // by block
  std::size_t stride_ = 0;               // devices kept for each group
  LargeVector<std::uint32_t> group_of_;  // by server
  std::vector<Group> groups_;
  std::vector<std::uint16_t> devices_;  // by group, stride_ each
  std::vector<Standing> standing_;
  std::vector<GroupId> live_;
  std::uint32_t oldest_ = kNone, newest_ = kNone;  // empty groups
  std::uint32_t empty_ = 0;
  std::vector<std::uint32_t> unused_;  // ids without a state
  std::vector<std::uint32_t> table_;   // open addressing, id + 1; 0: no entry
  std::vector<GroupId> log_;           // ring, a power of two
  std::uint64_t changes_ = 0;
};

}  // namespace hyperdc
