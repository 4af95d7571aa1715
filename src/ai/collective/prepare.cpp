#include "ai/collective/prepare.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "ai/collective/closed_form.hpp"
#include "ai/collective/levels.hpp"

namespace hyperdc {

namespace {

/// One level a dimension, where the ranks are all endpoints of a torus in their order.
std::vector<CollectiveLevel> torus_levels(const Topology& topology,
                                          std::span<const EndpointId> ranks, Duration software) {
  std::vector<CollectiveLevel> levels;
  const auto extents = topology.torus_extents();
  if (extents.empty() || ranks.size() != topology.hosts()) return levels;
  for (std::uint32_t i = 0; i < ranks.size(); ++i) {
    if (ranks[i].value != i) return levels;
  }
  const LinkInfo link = topology.link({0});  // all are alike
  for (const std::uint32_t extent : extents) {
    CollectiveLevel level;
    level.kind = LevelKind::torus;
    level.ranks = extent;
    level.bandwidth_Bps = 2 * link.capacity_Bps;
    level.alpha = link.latency + software;
    if (extent > 1) levels.push_back(level);
  }
  return levels;
}

std::vector<CollectiveLevel> levels_for(const Topology& topology, std::span<const EndpointId> ranks,
                                        Duration software) {
  std::vector<CollectiveLevel> levels = torus_levels(topology, ranks, software);
  if (!levels.empty()) return levels;
  auto found = levels_of(topology, ranks, software);
  if (auto* good = std::get_if<std::vector<CollectiveLevel>>(&found)) return std::move(*good);
  return {flat_level(topology, ranks, software)};
}

bool has_too_many_flows(const CollectivePlan& plan) {
  // Phases that repeat are alike.
  constexpr std::uint64_t kLooked = 64;
  for (std::uint64_t phase = 0; phase < std::min(plan.phases(), kLooked); ++phase) {
    if (plan.flows(phase) > kMostPhaseFlows) return true;
  }
  return false;
}

std::optional<CollectiveAlgorithm> chosen(const CollectiveRequest& request,
                                          std::span<const CollectiveLevel> levels) {
  if (request.algorithm) return request.algorithm;
  const auto choice = request.tuning ? choose(request.op, request.bytes, levels, *request.tuning)
                                     : fastest(request.op, request.bytes, levels);
  if (!choice) return std::nullopt;
  return choice->algorithm;
}

/// Where the table has nothing for the ranks, choose() takes the least closed form.
bool has_prediction(const CollectiveRequest& request, CollectiveAlgorithm algorithm,
                    std::span<const CollectiveLevel> levels) {
  if (!request.tuning) return false;
  for (const Protocol protocol : {Protocol::ll, Protocol::ll128, Protocol::simple}) {
    if (predict(request.op, algorithm, protocol, request.bytes, levels, *request.tuning))
      return true;
  }
  return false;
}

constexpr double kSlowest_Bps = 1e6;  // that closed forms compute with

std::vector<CollectiveLevel> scaled(std::vector<CollectiveLevel> levels,
                                    const CollectiveRequest& request, double efficiency) {
  for (CollectiveLevel& level : levels) {
    level.bandwidth_Bps = std::max(level.bandwidth_Bps * efficiency, kSlowest_Bps);
    if (level.alone_Bps) level.alone_Bps = std::max(*level.alone_Bps * efficiency, kSlowest_Bps);
    if (request.spread) level.alone_Bps.reset();
  }
  return levels;
}

std::variant<PreparedCollective, std::string> prepare_on(const CollectiveRequest& request,
                                                         std::span<const CollectiveLevel> levels,
                                                         CollectiveAlgorithm algorithm) {
  std::string problem = collective_problem(request.op, algorithm, levels);
  if (!problem.empty()) return problem;
  PreparedCollective out;
  out.algorithm = algorithm;
  out.plan = std::make_shared<const CollectivePlan>(request.op, algorithm, request.bytes, levels);
  if (request.flows && has_too_many_flows(*out.plan)) {
    return fmt::format("{} between {} ranks has more than {} flows at once", name(algorithm),
                       collective_ranks(levels), kMostPhaseFlows);
  }
  const CollectiveCost cost = closed_form(request.op, algorithm, request.bytes, levels);
  out.alone = cost.time;
  out.bus_Bps = cost.bus_Bps;
  out.by_table = has_prediction(request, algorithm, levels);
  return out;
}

}  // namespace

std::variant<PreparedCollective, std::string> prepare_collective(
    const CollectiveRequest& request, const Topology& topology, double efficiency,
    std::span<const EndpointId> ranks) {
  const std::vector<CollectiveLevel> levels =
      scaled(levels_for(topology, ranks, request.software), request, efficiency);
  const auto algorithm = chosen(request, levels);
  if (!algorithm) {
    return fmt::format("no algorithm does {} between these ranks", name(request.op));
  }
  auto prepared = prepare_on(request, levels, *algorithm);
  if (request.algorithm || std::holds_alternative<PreparedCollective>(prepared)) return prepared;
  const std::vector<CollectiveLevel> flat =
      scaled({flat_level(topology, ranks, request.software)}, request, efficiency);
  return prepare_on(request, flat,
                    request.op == CollectiveOp::all_to_all ? CollectiveAlgorithm::pairwise
                                                           : CollectiveAlgorithm::ring);
}

}  // namespace hyperdc
