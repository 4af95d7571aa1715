#include "scenario/transfer_use.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "network/routing.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kDrawn = 4096;

/// Who sends to whom does not hang on sizes and times.
TransfersSpec pairs_of(const TransfersSpec& transfers) {
  TransfersSpec pairs;
  pairs.workload = transfers.workload;
  pairs.generate = transfers.generate;
  pairs.generate->bytes = DistributionSpec{Constant{1}};
  pairs.generate->count = kDrawn;
  pairs.arrivals = ArrivalSpec{};
  return pairs;
}

double offered_Bps(const TransfersSpec& transfers) {
  const TransferPattern& pattern = transfers.generate->pattern;
  const double senders = pattern.kind == TransferPattern::Kind::incast ? pattern.fan_in : 1;
  return Distribution(transfers.generate->bytes).mean() * senders /
         transfers.arrivals->mean_interval_s;
}

}  // namespace

TierUse most_used(const FabricSpec& fabric, const TransfersSpec& transfers) {
  const Topology& topology = *fabric.topology;
  const auto names = topology.link_tiers();
  std::vector<double> crossings(topology.links(), 0);
  const auto source = open_transfers(pairs_of(transfers), endpoint_racks(fabric), 0);
  const Ecmp paths(0);
  Transfer one;
  LinkPath path;
  std::uint64_t drawn = 0;
  for (; drawn < kDrawn && source->next(one); ++drawn) {
    const FlowSpec flow{
        .from = {one.from}, .to = {one.to}, .label = static_cast<std::uint32_t>(drawn)};
    const std::uint32_t choices = topology.choices(flow.from, flow.to);
    topology.path(flow.from, flow.to, paths.choose(paths.hash(flow), choices), path);
    for (const LinkId link : path.links()) crossings[link.value] += 1;
  }
  const double offered = offered_Bps(transfers);
  TierUse most;
  std::vector<double> of_tier(names.size(), 0);
  std::vector<double> capacity_Bps(names.size(), 0);
  for (std::uint32_t l = 0; l < topology.links(); ++l) {
    const LinkInfo link = topology.link({l});
    const double carries_Bps = link.capacity_Bps * fabric.efficiency;
    capacity_Bps[link.tier] += carries_Bps;
    of_tier[link.tier] += crossings[l];
    // What is surely more than chance: three standard deviations less than was drawn.
    const double surely = crossings[l] - 3 * std::sqrt(crossings[l]);
    const double use = offered * surely / static_cast<double>(drawn) / carries_Bps;
    if (use > most.use) most = {fmt::format("busiest links of tier {}", names[link.tier]), use};
  }
  for (std::size_t tier = 0; tier < names.size(); ++tier) {
    if (capacity_Bps[tier] == 0) continue;
    const double use = offered * of_tier[tier] / static_cast<double>(drawn) / capacity_Bps[tier];
    if (use > most.use) most = {fmt::format("links of tier {}", names[tier]), use};
  }
  const TransferPattern& pattern = transfers.generate->pattern;
  if (pattern.kind == TransferPattern::Kind::hot_spot) {
    const double each = offered * (pattern.share / pattern.hosts +
                                   (1 - pattern.share) / static_cast<double>(topology.hosts()));
    const double use = each / (topology.endpoint_Bps() * fabric.efficiency);
    if (use > most.use) most = {"links to the hot endpoints", use};
  }
  return most;
}

}  // namespace hyperdc
