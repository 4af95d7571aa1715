// Nodes: servers of a pool that are switched on and off by its node autoscaler.
//
// Computes: what the policy sees (NodesPicture), what its actions do (PoolNodes), and the books.
//   A server that is asked for leaves the off state at once and boots for the drawn time; one that
//   is removed takes no more jobs, its movable residents are stopped and start elsewhere, and it is
//   off when the last has left. A request meets no stock in the given windows and otherwise with
//   the given probability, all of it or nothing. A server that is not off is paid for. While the
//   launch plane of its rack is out no server is switched on or off.
// Units: ns, servers. Source: definition. Valid range: as Fleet. Cost: a picture is O(servers that
// are not off + residents + jobs that wait). Leaves out: partial deliveries, prices by the time of
// launch, images and networks of new servers beyond their boot time.
//
// Requires PoolState::nodes (enable_nodes at build).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

/// Before anything runs: if the pool has a node autoscaler.
void enable_nodes(World& world, PoolState& pool);
/// Switches off what is not on at the start. Once, when the pool's process is known.
void begin_nodes(World& world, PoolState& pool, Engine& engine);

// For the pool itself; nothing where it has no node autoscaler.
/// A job begins to wait, or waits no more.
void note_waiting(PoolState& pool, JobId job, bool there);
/// A job came to this server or left it.
void note_resident_change(PoolState& pool, ServerId server, SimTime now);
void note_status(World& world, PoolState& pool, ServerId server, ServerStatus from, ServerStatus to,
                 SimTime now);
/// At the end of a pass: calls a policy that wants to know of jobs left waiting.
void tell_waiting(PoolState& pool, Engine& engine);

/// Server-time of a block that is paid for: not off, after the warm-up.
Int128 billed_ns(const World& world, const NodesState& nodes, std::size_t block, SimTime end);

/// Kinds of events of its process.
enum class NodesEvent : std::uint32_t { wake, waiting, emptied, warm };
inline constexpr std::uint32_t kNodesEvents = 4;

/// One decision of the policy at this moment, unless its control plane is out.
void decide_nodes(World& world, PoolState& pool, Engine& engine);
/// A scaling plane is back: the policy decides now, whatever it slept through.
void resume_nodes(World& world, PoolState& pool, Engine& engine);
/// A server that was to be removed is empty, or failed meanwhile, or someone else drains it now.
void removal_ended(World& world, PoolState& pool, ServerId server, Engine& engine);

/// What the policy sees, with what it refers to.
class NodesPicture {
 public:
  NodesPicture(const World& world, PoolState& pool, SimTime now);
  const NodesView& view() const { return view_; }

 private:
  void add_groups(const World& world, const PoolState& pool);
  void add_servers(PoolState& pool);
  void add_residents(PoolState& pool, ServerId server);
  void add_pending(const PoolState& pool);

  NodesView view_;
  std::vector<NodeGroup> groups_;
  std::vector<NodeServer> servers_;
  std::vector<NodeResident> residents_;
  std::vector<std::uint16_t> devices_;
  std::vector<NodePending> pending_;
  std::vector<JobId> scratch_;
};

}  // namespace hyperdc
