// Packing of asks into servers on paper: what a node autoscaler simulates before it acts.
//
// Computes: first fit (node_bins.hpp) of what waits or must move, in a given order; equal asks of
// one run go on from the bin where the last one found room. Units: 1/1000 core, byte, 1/1000
// accelerator. Source: definition. Cost: that of NodeBins for each bin that takes something.
// Leaves out: what the pool's own placement prefers; racks and scale-up domains.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <hyperdc/policy/node_autoscaler.hpp>

#include "policy/node_autoscaler/node_bins.hpp"

namespace hyperdc {

/// Every resident may be stopped and started elsewhere.
bool all_movable(const NodeServer& server);

/// `count` members that ask for the same; with `together` all of them or none.
struct NodeAsk {
  Request each;
  std::uint32_t count = 0;
  bool together = false;
};

/// Single jobs of a kind as one ask, gangs one by one, in order of the view.
std::vector<NodeAsk> asks_of(std::span<const NodePending> pending);
/// The residents of a server.
std::vector<NodeAsk> asks_of(const NodeServer& server);
/// First those with more cores, then memory, then accelerators; equal ones stay in order.
void sort_by_size(std::vector<NodeAsk>& asks);
/// First those with the larger share of the shape, cores and memory added.
void sort_by_share(std::vector<NodeAsk>& asks, const ServerShape& shape);

/// Puts what fits into the bins, in their order; returns what is left over.
std::vector<NodeAsk> pack(std::span<const NodeAsk> asks, NodeBins& bins);

/// Servers that are up, and what is left on each with what waits put on paper.
struct OnPaper {
  std::vector<const NodeServer*> up;  // in order of the view
  NodeBins bins;                      // of those; after them closed ones
  std::vector<NodeAsk> left;          // what has room nowhere
};
/// Packs `asks` into the servers that are up, then into those that boot, but for the `late` ones
/// (ids, rising).
OnPaper put_on_paper(const NodesView& view, std::span<const NodeAsk> asks,
                     std::span<const std::uint32_t> late = {});

/// As few servers of `shape` as first fit needs, at most `limit`, each opened when no other has
/// room. `left` gets what did not fit.
struct NewBins {
  NodeBins bins;
  std::vector<NodeAsk> left;
};
NewBins pack_new(std::span<const NodeAsk> asks, const ServerShape& shape, std::uint32_t limit);

/// `amount` as a share of `whole`; 0 where there is none of it.
inline double part_of(std::int64_t amount, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(amount) / static_cast<double>(whole) : 0.0;
}

/// Members asked for, all together.
std::uint64_t members_of(std::span<const NodeAsk> asks);
Resources total_of(std::span<const NodeAsk> asks);

}  // namespace hyperdc
