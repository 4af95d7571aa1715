#include "policy/node_autoscaler/packing.hpp"

#include <algorithm>

namespace hyperdc {

namespace {

/// Takes room for up to `count` members in bins from `from` on; returns how many found it.
std::uint32_t take_in_order(const Request& each, std::uint32_t count, std::vector<NodeBin>& bins,
                            std::size_t& from) {
  std::uint32_t taken = 0;
  for (; from < bins.size(); ++from) {
    while (taken < count && bins[from].fits(each)) {
      bins[from].take(each);
      ++taken;
    }
    if (taken == count) break;  // the next equal ask begins here
  }
  return taken;
}

}  // namespace

bool NodeBin::fits(const Request& ask) const {
  if (cores_milli < ask.cores_milli || memory_bytes < ask.memory_bytes) return false;
  if (ask.accelerators == 0) return true;
  if (ask.models != 0 && (ask.models & model) == 0) return false;
  std::int32_t enough = 0;
  for (std::uint32_t d = 0; d < accelerators; ++d) enough += devices[d] >= ask.accelerator_milli;
  return enough >= ask.accelerators;
}

void NodeBin::take(const Request& ask) {
  cores_milli -= ask.cores_milli;
  memory_bytes -= ask.memory_bytes;
  std::int32_t wanted = ask.accelerators;
  for (std::uint32_t d = 0; d < accelerators && wanted > 0; ++d) {
    if (devices[d] < ask.accelerator_milli) continue;
    devices[d] = static_cast<std::uint16_t>(devices[d] - ask.accelerator_milli);
    --wanted;
  }
}

NodeBin empty_bin(const ServerShape& shape) {
  NodeBin bin;
  bin.cores_milli = shape.cores_milli;
  bin.memory_bytes = shape.memory_bytes;
  bin.accelerators = shape.accelerators;
  bin.model = shape.model;
  std::fill_n(bin.devices.begin(), shape.accelerators, kWholeAccelerator);
  return bin;
}

NodeBin bin_of(const NodeServer& server, const ServerShape& shape) {
  NodeBin bin;
  bin.cores_milli = server.cores_left_milli;
  bin.memory_bytes = server.memory_left;
  bin.accelerators = shape.accelerators;
  bin.model = shape.model;
  std::copy(server.accelerators_left_milli.begin(), server.accelerators_left_milli.end(),
            bin.devices.begin());
  return bin;
}

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

std::vector<NodeAsk> pack(std::span<const NodeAsk> asks, std::vector<NodeBin>& bins) {
  std::vector<NodeAsk> left;
  const Request* last = nullptr;
  std::size_t from = 0;
  for (const NodeAsk& ask : asks) {
    if (last == nullptr || *last != ask.each) from = 0;
    last = &ask.each;
    if (!ask.together) {
      const std::uint32_t taken = take_in_order(ask.each, ask.count, bins, from);
      if (taken < ask.count) left.push_back({ask.each, ask.count - taken, false});
      continue;
    }
    std::vector<NodeBin> trial = bins;
    std::size_t trial_from = from;
    if (take_in_order(ask.each, ask.count, trial, trial_from) < ask.count) {
      left.push_back(ask);
      continue;
    }
    bins = std::move(trial);
    from = trial_from;
  }
  return left;
}

OnPaper put_on_paper(const NodesView& view, std::span<const NodeAsk> asks,
                     std::span<const std::uint32_t> late) {
  OnPaper paper;
  for (const NodeState state : {NodeState::up, NodeState::booting}) {
    for (const NodeServer& server : view.servers) {
      if (server.state != state) continue;
      if (std::binary_search(late.begin(), late.end(), server.server.value)) continue;
      paper.bins.push_back(bin_of(server, view.groups[server.group].shape));
      if (state == NodeState::up) paper.up.push_back(&server);
    }
  }
  paper.left = pack(asks, paper.bins);
  paper.bins.resize(paper.up.size());
  return paper;
}

NewBins pack_new(std::span<const NodeAsk> asks, const ServerShape& shape, std::uint32_t limit) {
  NewBins out;
  const NodeBin empty = empty_bin(shape);
  for (const NodeAsk& ask : asks) {
    std::vector<NodeBin> kept;
    if (ask.together) kept = out.bins;
    std::size_t from = 0;
    std::uint32_t taken = take_in_order(ask.each, ask.count, out.bins, from);
    while (taken < ask.count && out.bins.size() < limit && empty.fits(ask.each)) {
      out.bins.push_back(empty);
      from = out.bins.size() - 1;
      taken += take_in_order(ask.each, ask.count - taken, out.bins, from);
    }
    if (taken == ask.count) continue;
    if (ask.together) {
      out.bins = std::move(kept);
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
