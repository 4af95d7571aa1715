// Servers that boot for too long: every node autoscaler gives them up.
//
// Computes: those that boot for longer than `longest` and could be given up, in the order of the
// view. Units: ns. Source: definition. Valid always. Leaves out: what the policy makes of it.
#pragma once

#include <vector>

#include <hyperdc/policy/node_autoscaler.hpp>

namespace hyperdc {

inline std::vector<const NodeServer*> give_up_late(const NodesView& view, Duration longest,
                                                   NodeActions& actions) {
  std::vector<const NodeServer*> late;
  for (const NodeServer& server : view.servers) {
    if (server.state != NodeState::booting || server.since + longest >= view.now) continue;
    if (actions.give_up(server.server, "it did not come up in time")) late.push_back(&server);
  }
  return late;
}

}  // namespace hyperdc
