// NodesState: servers of a pool that a node autoscaler switches on and off: who is on, since when,
// what waits, and the books of it. What changes it is in nodes.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <hyperdc/core/id.hpp>
#include <hyperdc/policy/node_autoscaler.hpp>

#include "core/distribution.hpp"
#include "core/rng.hpp"
#include "engine/engine.hpp"
#include "scenario/nodes_spec.hpp"
#include "world/accounts.hpp"
#include "world/availability_state.hpp"

namespace hyperdc {

struct NodesMetrics {
  MetricId on, up, booting, draining;                // levels
  MetricId booted, removed, given_up, moved, stock;  // counters
  MetricId provision;                                // samples
};

struct NodesState {
  NodesState(const NodesSpec& of, std::uint64_t seed, const std::string& prefix)
      : spec(&of),
        stock_draws(seed, prefix + "stock_out"),
        boot_draws(seed, prefix + "boot"),
        boot(of.boot_s ? std::make_optional<Distribution>(*of.boot_s) : std::nullopt) {}

  const NodesSpec* spec;
  std::unique_ptr<NodeAutoscaler> policy;
  RandomStream stock_draws, boot_draws;
  std::optional<Distribution> boot;  // nothing: the boot time of the type

  struct Server {
    SimTime since;         // of its status
    SimTime asked_for;     // switched on
    SimTime changed;       // a job came or left, or it came up
    bool awaited = false;  // asked for and not up since
  };
  std::vector<Server> servers;
  std::vector<std::set<std::uint32_t>> off;  // servers, by block
  std::set<std::uint32_t> on;                // servers that are not off
  std::set<std::uint32_t> removing;          // of those, servers that drain to be switched off

  struct Waiting {
    JobId job;
    SimTime since;
  };
  std::map<std::uint64_t, Waiting> waiting;  // by number of the job
  std::vector<std::uint64_t> arrived;        // began to wait since the last pass
  std::uint32_t fresh = 0;                   // of those, still waiting after a pass; until a call

  std::uint64_t requests = 0;                        // for servers of a group
  std::uint64_t boots = 0;                           // servers
  std::array<Int128, kServerStatuses> stay_ns = {};  // stays that ended, summed by server
  std::vector<LevelAccount> billed;                  // servers that are not off, by block
  std::vector<Int128> billed_in_warmup;
  NodesMetrics metrics;
  std::array<std::uint32_t, kServerStatuses> in_status = {};  // servers, now

  ProcessId process;
  EventId wake_event = kNoEvent;
  std::optional<SimTime> wish;
};

}  // namespace hyperdc
