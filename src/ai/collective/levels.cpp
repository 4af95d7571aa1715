#include "ai/collective/levels.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

namespace hyperdc {

namespace {

using Ranks = std::span<const EndpointId>;
using Unit = std::function<std::uint32_t(EndpointId)>;

/// Ranks a unit when the ranks are in the order of units and as many in each.
std::optional<std::uint64_t> even_groups(Ranks ranks, const Unit& unit) {
  std::uint64_t size = 0;
  while (size < ranks.size() && unit(ranks[size]) == unit(ranks[0])) ++size;
  if (ranks.size() % size != 0) return {};
  std::vector<std::uint32_t> seen;
  for (std::size_t first = 0; first < ranks.size(); first += size) {
    seen.push_back(unit(ranks[first]));
    for (std::size_t r = first; r < first + size; ++r) {
      if (unit(ranks[r]) != seen.back()) return {};
    }
  }
  std::sort(seen.begin(), seen.end());
  if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) return {};
  return size;
}

/// Half of the groups of a level ahead, with wrap-around.
std::size_t opposite_rank(std::size_t r, std::uint64_t stride, std::uint64_t groups) {
  const std::uint64_t place = r / stride % groups;
  return r - place * stride + (place + groups / 2) % groups * stride;
}

double shared_bandwidth_Bps(const Topology& topology, Ranks ranks, std::uint64_t stride,
                            std::uint64_t groups) {
  std::vector<double> load(topology.links());
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    const EndpointId to = ranks[opposite_rank(r, stride, groups)];
    topology.add_spread(ranks[r], to, 1, load);
  }
  double least = std::numeric_limits<double>::infinity();
  for (std::uint32_t link = 0; link < load.size(); ++link) {
    if (load[link] > 0) least = std::min(least, topology.link({link}).capacity_Bps / load[link]);
  }
  return least;
}

CollectiveLevel level_of(const Topology& topology, Ranks ranks, std::uint64_t stride,
                         std::uint64_t groups) {
  CollectiveLevel level;
  level.ranks = static_cast<std::uint32_t>(groups);
  level.bandwidth_Bps = shared_bandwidth_Bps(topology, ranks, stride, groups);
  LinkPath path;
  topology.path(ranks[0], ranks[groups / 2 * stride], 0, path);
  double alone = std::numeric_limits<double>::infinity();
  for (const LinkId link : path.links()) {
    const LinkInfo info = topology.link(link);
    alone = std::min(alone, info.capacity_Bps);
    level.alpha = level.alpha + info.latency;
  }
  level.alone_Bps = alone;
  return level;
}

std::uint32_t first_link(const Topology& topology, EndpointId from, EndpointId to) {
  LinkPath path;
  topology.path(from, to, 0, path);
  return path.links()[0].value;
}

}  // namespace

CollectiveLevel flat_level(const Topology& topology, std::span<const EndpointId> ranks,
                           Duration software) {
  CollectiveLevel level = level_of(topology, ranks, 1, ranks.size());
  level.alpha = level.alpha + software;
  return level;
}

std::variant<std::vector<CollectiveLevel>, std::string> levels_of(const Topology& topology,
                                                                  std::span<const EndpointId> ranks,
                                                                  Duration software) {
  if (ranks.empty()) return "a collective has no ranks";
  const std::uint32_t per_server = topology.endpoints_per_server();
  const auto server = [&](EndpointId e) { return e.value / per_server; };
  const auto rack = [&](EndpointId e) { return topology.rack(e); };
  const auto endpoint = [](EndpointId e) { return e.value; };
  const auto alone = even_groups(ranks, endpoint);
  if (alone != 1) return "two ranks are on one endpoint";
  const auto in_server = even_groups(ranks, server);
  const auto in_rack = even_groups(ranks, rack);
  if (!in_server || !in_rack || *in_rack % *in_server != 0) {
    return "the ranks are not spread evenly and in order over servers and racks";
  }
  std::vector<CollectiveLevel> levels;
  std::uint64_t stride = 1;
  std::uint64_t below = 0;  // stride and half of the groups of the level below
  for (const std::uint64_t size : {*in_server, *in_rack, std::uint64_t{ranks.size()}}) {
    if (size == stride) continue;
    CollectiveLevel level = level_of(topology, ranks, stride, size / stride);
    level.alpha = level.alpha + software;
    if (size == *in_server) level.kind = LevelKind::scale_up;
    const std::uint64_t far = size / stride / 2 * stride;
    level.own_port = below == 0 || first_link(topology, ranks[0], ranks[far]) !=
                                       first_link(topology, ranks[0], ranks[below]);
    levels.push_back(level);
    below = far;
    stride = size;
  }
  return levels;
}

}  // namespace hyperdc
