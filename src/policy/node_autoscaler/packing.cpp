#include "policy/node_autoscaler/packing.hpp"

#include <algorithm>

namespace hyperdc {

bool all_movable(const NodeServer& server) {
  return std::all_of(server.residents.begin(), server.residents.end(),
                     [](const NodeResident& resident) { return resident.movable; });
}

std::vector<NodeAsk> asks_of(std::span<const NodePending> pending) {
  std::vector<NodeAsk> asks;
  for (const NodePending& kind : pending) {
    if (kind.members == 1) {
      asks.push_back({kind.each, kind.jobs, false});
    } else {
      for (std::uint32_t job = 0; job < kind.jobs; ++job) {
        asks.push_back({kind.each, kind.members, true});
      }
    }
  }
  return asks;
}

std::vector<NodeAsk> asks_of(const NodeServer& server) {
  std::vector<NodeAsk> asks;
  for (const NodeResident& resident : server.residents) {
    asks.push_back({resident.each, resident.members, false});
  }
  return asks;
}

void sort_by_size(std::vector<NodeAsk>& asks) {
  std::stable_sort(asks.begin(), asks.end(), [](const NodeAsk& a, const NodeAsk& b) {
    if (a.each.cores_milli != b.each.cores_milli) return a.each.cores_milli > b.each.cores_milli;
    if (a.each.memory_bytes != b.each.memory_bytes)
      return a.each.memory_bytes > b.each.memory_bytes;
    return a.each.total_accelerator_milli() > b.each.total_accelerator_milli();
  });
}

void sort_by_share(std::vector<NodeAsk>& asks, const ServerShape& shape) {
  const auto share = [&](const NodeAsk& ask) {
    return part_of(ask.each.cores_milli, shape.cores_milli) +
           part_of(ask.each.memory_bytes, shape.memory_bytes);
  };
  std::stable_sort(asks.begin(), asks.end(),
                   [&](const NodeAsk& a, const NodeAsk& b) { return share(a) > share(b); });
}

std::vector<NodeAsk> pack(std::span<const NodeAsk> asks, NodeBins& bins) {
  std::vector<NodeAsk> left;
  const Request* last = nullptr;
  std::size_t from = 0;
  for (const NodeAsk& ask : asks) {
    if (last == nullptr || *last != ask.each) from = 0;
    last = &ask.each;
    const std::size_t mark = bins.mark();
    std::size_t next = from;
    const std::uint32_t taken = bins.take(ask.each, ask.count, next);
    if (taken < ask.count && ask.together) {
      bins.undo(mark);
      left.push_back(ask);
      continue;
    }
    if (taken < ask.count) left.push_back({ask.each, ask.count - taken, false});
    from = next;
  }
  return left;
}

OnPaper put_on_paper(const NodesView& view, std::span<const NodeAsk> asks,
                     std::span<const std::uint32_t> late) {
  OnPaper paper;
  std::vector<NodeBin> bins;
  for (const NodeState state : {NodeState::up, NodeState::booting}) {
    for (const NodeServer& server : view.servers) {
      if (server.state != state) continue;
      if (std::binary_search(late.begin(), late.end(), server.server.value)) continue;
      bins.push_back(bin_of(server, view.groups[server.group].shape));
      if (state == NodeState::up) paper.up.push_back(&server);
    }
  }
  paper.bins = NodeBins(std::move(bins));
  paper.left = pack(asks, paper.bins);
  for (std::size_t i = paper.up.size(); i < paper.bins.size(); ++i) paper.bins.close(i);
  return paper;
}

NewBins pack_new(std::span<const NodeAsk> asks, const ServerShape& shape, std::uint32_t limit) {
  NewBins out;
  const NodeBin empty = empty_bin(shape);
  for (const NodeAsk& ask : asks) {
    const std::size_t mark = out.bins.mark();
    std::size_t from = 0;
    std::uint32_t taken = out.bins.take(ask.each, ask.count, from);
    while (taken < ask.count && out.bins.size() < limit && empty.fits(ask.each)) {
      from = out.bins.size();
      out.bins.add(empty);
      taken += out.bins.take(ask.each, ask.count - taken, from);
    }
    if (taken == ask.count) continue;
    if (ask.together) {
      out.bins.undo(mark);
      taken = 0;
    }
    out.left.push_back({ask.each, ask.count - taken, ask.together});
  }
  return out;
}

std::uint64_t members_of(std::span<const NodeAsk> asks) {
  std::uint64_t members = 0;
  for (const NodeAsk& ask : asks) members += ask.count;
  return members;
}

Resources total_of(std::span<const NodeAsk> asks) {
  Resources total;
  for (const NodeAsk& ask : asks) total += total_of(ask.each, ask.count);
  return total;
}

}  // namespace hyperdc
