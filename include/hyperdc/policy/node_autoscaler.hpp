// NodeAutoscaler: which servers of a pool are switched on, and which are given back.
//
// The world calls decide() at the times that the policy asks for with wake() (and at time 0), and,
// if it wants that, when jobs are left waiting. The view holds every server that is not off, the
// jobs that wait for a server and what may be switched on; actions are carried out at once, each
// with a reason. A policy knows no engine, no clock but view.now, no metrics and no files.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/params.hpp>
#include <hyperdc/core/request.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// Of a server that is not off.
enum class NodeState : std::uint8_t { up, draining, booting, down };

/// A job with a share of the server.
struct NodeResident {
  Request each;
  std::uint32_t members = 1;  // with a share here
  bool movable = false;       // may be stopped and started elsewhere
};

struct NodeServer {
  ServerId server;
  std::uint32_t group = 0;  // index into NodesView::groups
  NodeState state = NodeState::up;
  SimTime since;      // of the state
  SimTime asked_for;  // when it was switched on
  SimTime changed;    // when a job last came to it or left it, or when it came up
  /// Left for jobs: of a server that boots, all of it; of one that drains or is down, nothing.
  std::int64_t cores_left_milli = 0;
  std::int64_t memory_left = 0;
  std::span<const std::uint16_t> accelerators_left_milli;
  std::span<const NodeResident> residents;
};

/// Servers of one type in one rack group.
struct NodeGroup {
  std::string_view name;
  ServerShape shape;
  std::optional<double> price_usd_per_s;  // of one server that is not off
  std::uint32_t off = 0;                  // that may be switched on
};

/// Jobs that wait and ask for the same, in order of the oldest.
struct NodePending {
  Request each;
  std::uint32_t members = 1;  // of one job: they start together
  std::uint32_t jobs = 0;
  SimTime oldest;  // since when the oldest waits
};

struct NodesView {
  SimTime now;
  std::uint32_t min = 0, max = 0;       // servers that are not off, all groups together
  std::span<const NodeGroup> groups;    // in the order of the scenario
  std::span<const NodeServer> servers;  // by id
  std::span<const NodePending> pending;
  std::uint32_t fresh = 0;  // jobs that began to wait since the last call
};

class NodeActions {
 public:
  virtual ~NodeActions() = default;
  /// Switches on up to `count` servers of the group. Returns how many boot now: fewer when
  /// the pool has its maximum or all servers of the group, none when the group is out of stock.
  virtual std::uint32_t boot(std::uint32_t group, std::uint32_t count,
                             std::string_view because) = 0;
  /// The server that boot() switched on last.
  virtual ServerId last_booted() const = 0;
  /// No new jobs; movable residents are stopped and start elsewhere, others are waited for, or
  /// stopped too after `grace`; when the server is empty it is switched off. False, and nothing
  /// happens, when it is not up, the pool would have fewer than its minimum, or it may not be
  /// switched off now.
  virtual bool remove(ServerId server, std::optional<Duration> grace, std::string_view because) = 0;
  /// Switches off a server that boots, or one that is down: it is given up. False, and nothing
  /// happens, when it is neither or may not be switched off now.
  virtual bool give_up(ServerId server, std::string_view because) = 0;
  /// Asks for a call of decide() at `at` (> now). Of several in one call the earliest counts.
  virtual void wake(SimTime at) = 0;
};

struct NodeAutoscalerContext {
  std::uint64_t seed = 0;  // for policies that draw at random (named stream of the pool)
};

class NodeAutoscaler {
 public:
  virtual ~NodeAutoscaler() = default;
  virtual void decide(const NodesView& view, NodeActions& actions) = 0;
  /// True: decide() is called too at the end of each moment in which a job is left waiting.
  virtual bool on_pending() const { return false; }
  /// False: the decide() of this moment reads of its view only the time, the bounds and `fresh`, so
  /// that the rest, which costs a look at every server, may be left empty.
  virtual bool needs_servers(SimTime /*now*/, std::uint32_t /*fresh*/) const { return true; }
  /// True of a policy that draws from NodeAutoscalerContext::seed: its runs differ between seeds.
  virtual bool draws() const { return false; }
  /// True: every server type of the pool must have a price.
  virtual bool needs_prices() const { return false; }
};

using NodeAutoscalerEntry = Entry<NodeAutoscaler, NodeAutoscalerContext>;
/// Every node autoscaler, in the order of the reference. Listed by hand in policy/builtin.cpp.
std::span<const NodeAutoscalerEntry> node_autoscalers();

}  // namespace hyperdc
