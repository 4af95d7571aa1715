// The levels of ranks on a switched topology: who is in one server, in one rack, and farther.
//
// Computes for each level: the ranks of a group; the bandwidth of a rank when each sends to the
// one half of the groups ahead, over all equal paths evenly (capacity / load of the fullest link,
// so that oversubscription counts); the bandwidth of one rank alone (the least capacity on a
// path); the latency of that path, plus what software adds; whether its first link is that of the
// level below. Valid: ranks in the order of the topology's servers and racks, as many in each (any
// other order has no levels: it has flows). A torus has levels by its shape: one a dimension.
// Leaves out: collisions of hashed flows, which a fabric has and the mean over paths has not.
// Costs O(ranks x links between a pair).
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include <hyperdc/network/fabric.hpp>

#include "ai/collective/collective.hpp"
#include "network/topology/topology.hpp"

namespace hyperdc {

/// Levels from the inside out, none of one rank, or why there are none, as one sentence.
/// `software` is added to the latency of each path.
std::variant<std::vector<CollectiveLevel>, std::string> levels_of(const Topology& topology,
                                                                  std::span<const EndpointId> ranks,
                                                                  Duration software);

/// All ranks as one level, whatever their order: as if each sent half of the way around.
CollectiveLevel flat_level(const Topology& topology, std::span<const EndpointId> ranks,
                           Duration software);

}  // namespace hyperdc
