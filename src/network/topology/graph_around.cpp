// The way around in a graph: the shortest path over the links that are alive.
//
// Computes, for a pair without given routes, of the paths with the least links that with the least
// latency (breadth-first, the latency of each vertex from those one link nearer), as a routing
// protocol that knows the state of all links (OSPF, IS-IS) finds it. Of equal ones the link with
// the smaller number is taken, looking back from the end: a link that dies elsewhere changes
// nothing. O(V + E) a call. Leaves out: other costs of links, several equal ways.
#include <boost/range/iterator_range.hpp>

#include "network/topology/graph.hpp"

namespace hyperdc {

struct GraphTopology::Reached {
  std::uint32_t hops = kLongestPath + 1;  // more: not reached
  Duration latency;
  std::uint32_t by = 0;     // link
  std::uint32_t after = 0;  // the vertex before it
};

/// All that is reached from `from` over links alive, nearest first.
std::vector<GraphTopology::Reached> GraphTopology::reach(std::uint32_t from, std::uint32_t to,
                                                         std::span<const std::uint8_t> dead) const {
  std::vector<Reached> reached(cores_);
  std::vector<std::uint32_t> order{from};
  reached[from].hops = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint32_t at = order[i];
    const Reached here = reached[at];
    if (here.hops >= kLongestPath || here.hops >= reached[to].hops) break;
    if (at != from && !forwards(at)) continue;
    for (const auto edge : boost::make_iterator_range(out_edges(at, graph_))) {
      const std::uint32_t link = graph_[edge].link;
      if (dead[link] != 0) continue;
      const auto next = static_cast<std::uint32_t>(boost::target(edge, graph_));
      Reached& there = reached[next];
      const Duration latency = here.latency + spec_.links[link].of.latency;
      if (there.hops > kLongestPath) order.push_back(next);
      const bool nearer = there.hops > here.hops + 1;
      const bool as_near = there.hops == here.hops + 1;
      const bool faster = latency < there.latency || (latency == there.latency && link < there.by);
      if (nearer || (as_near && faster)) there = {here.hops + 1, latency, link, at};
    }
  }
  return reached;
}

bool GraphTopology::around(EndpointId from, EndpointId to, std::span<const std::uint8_t> dead,
                           LinkPath& out) const {
  out.clear();
  if (!routes(from, to).empty()) return false;
  const Port& a = ports_[from.value];
  const Port& b = ports_[to.value];
  if (a.core == b.core) return false;  // there is the one way up and down
  if ((a.folded && dead[a.up] != 0) || (b.folded && dead[b.down] != 0)) return false;
  const std::vector<Reached> reached = reach(a.core, b.core, dead);
  const std::uint32_t ends = (a.folded ? 1 : 0) + (b.folded ? 1 : 0);
  if (reached[b.core].hops + ends > kLongestPath) return false;
  std::vector<std::uint32_t> back;
  for (std::uint32_t at = b.core; at != a.core; at = reached[at].after) {
    back.push_back(reached[at].by);
  }
  if (a.folded) out.add(a.up);
  for (auto link = back.rbegin(); link != back.rend(); ++link) out.add(*link);
  if (b.folded) out.add(b.down);
  return true;
}

}  // namespace hyperdc
