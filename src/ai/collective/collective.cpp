#include "ai/collective/collective.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace hyperdc {

namespace {

using Op = CollectiveOp;
using Algorithm = CollectiveAlgorithm;

constexpr double kLeastBandwidth_Bps = 1e6;
constexpr Duration kLongestAlpha = whole_seconds(1000);

std::string level_problem(const CollectiveLevel& level) {
  const auto slow = [](std::optional<double> rate_Bps) {
    return rate_Bps && !(*rate_Bps >= kLeastBandwidth_Bps && *rate_Bps <= 1e18);
  };
  if (level.ranks == 0) return "a level has no ranks";
  if (slow(level.bandwidth_Bps) || slow(level.alone_Bps) || slow(level.reduction_Bps)) {
    return "a bandwidth of a level is not between 1 MB/s and 1 EB/s";
  }
  if (level.alpha < Duration{} || level.alpha > kLongestAlpha) {
    return "the latency of a step is not between 0 and 1000 s";
  }
  return {};
}

bool has(std::initializer_list<Op> ops, Op op) {
  return std::find(ops.begin(), ops.end(), op) != ops.end();
}

bool known_pair(Op op, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::ring:
    case Algorithm::in_network:
      return op != Op::all_to_all && op != Op::send_recv;
    case Algorithm::tree:
      return has({Op::all_reduce, Op::broadcast, Op::reduce}, op);
    case Algorithm::halving_doubling:
    case Algorithm::hierarchical:
      return has({Op::all_reduce, Op::reduce_scatter, Op::all_gather}, op);
    case Algorithm::rail_aligned:
    case Algorithm::torus:
      return has({Op::all_reduce, Op::reduce_scatter, Op::all_gather, Op::all_to_all}, op);
    case Algorithm::pairwise:
      return op == Op::all_to_all;
    case Algorithm::direct:
      return has({Op::all_to_all, Op::send_recv}, op);
  }
  return false;
}

std::size_t most_levels(Op op, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::tree:
    case Algorithm::in_network:
      return op == Op::all_reduce ? 2 : 1;
    case Algorithm::rail_aligned:
      return 2;
    case Algorithm::pairwise:
      return 1;
    default:
      return 16;
  }
}

std::string fit_problem(Op op, Algorithm algorithm, std::span<const CollectiveLevel> levels) {
  const bool round = algorithm == Algorithm::torus;
  for (const CollectiveLevel& level : levels) {
    if ((level.kind == LevelKind::torus) != round) {
      return fmt::format("{} does not run on {}", name(algorithm),
                         round ? "switched levels" : "a torus");
    }
  }
  if (levels.size() > most_levels(op, algorithm)) {
    return fmt::format("{} by {} takes at most {} levels of more than one rank", name(op),
                       name(algorithm), most_levels(op, algorithm));
  }
  const bool at_once = algorithm == Algorithm::tree || algorithm == Algorithm::rail_aligned ||
                       algorithm == Algorithm::in_network;
  if (at_once && levels.size() == 2 && !levels[1].own_port) {
    return fmt::format("{} on two levels needs a port of its own for the outer one",
                       name(algorithm));
  }
  if (algorithm == Algorithm::in_network && !levels.empty() && !levels[0].reduction_Bps) {
    return "in-network needs switches that reduce on the inner level";
  }
  if (algorithm == Algorithm::halving_doubling && (op != Op::all_reduce || levels.size() > 1)) {
    for (const CollectiveLevel& level : levels) {
      if (!std::has_single_bit(level.ranks)) {
        return fmt::format("{} by halving-doubling needs powers of two of ranks", name(op));
      }
    }
  }
  return {};
}

}  // namespace

std::string_view name(CollectiveOp op) {
  switch (op) {
    case Op::all_reduce:
      return "all-reduce";
    case Op::reduce_scatter:
      return "reduce-scatter";
    case Op::all_gather:
      return "all-gather";
    case Op::all_to_all:
      return "all-to-all";
    case Op::broadcast:
      return "broadcast";
    case Op::reduce:
      return "reduce";
    case Op::send_recv:
      return "send-recv";
  }
  return {};
}

std::string_view name(CollectiveAlgorithm algorithm) {
  switch (algorithm) {
    case Algorithm::ring:
      return "ring";
    case Algorithm::tree:
      return "tree";
    case Algorithm::halving_doubling:
      return "halving-doubling";
    case Algorithm::hierarchical:
      return "hierarchical";
    case Algorithm::rail_aligned:
      return "rail-aligned";
    case Algorithm::in_network:
      return "in-network";
    case Algorithm::torus:
      return "torus";
    case Algorithm::pairwise:
      return "pairwise";
    case Algorithm::direct:
      return "direct";
  }
  return {};
}

std::uint64_t collective_ranks(std::span<const CollectiveLevel> levels) {
  std::uint64_t n = 1;
  for (const CollectiveLevel& level : levels) n *= level.ranks;
  return n;
}

std::string collective_problem(CollectiveOp op, CollectiveAlgorithm algorithm,
                               std::span<const CollectiveLevel> levels) {
  std::uint64_t n = 1;
  for (const CollectiveLevel& level : levels) {
    if (std::string problem = level_problem(level); !problem.empty()) return problem;
    n *= level.ranks;
    if (n > std::uint64_t{1} << 31) return "there are more than 2^31 ranks";
  }
  if (!known_pair(op, algorithm)) {
    return fmt::format("there is no {} by {}", name(op), name(algorithm));
  }
  if (op == Op::send_recv && n != 2) return "send-recv is between two ranks";
  return fit_problem(op, algorithm, without_single(levels));
}

double bus_factor(CollectiveOp op, std::uint64_t ranks) {
  const double n = static_cast<double>(ranks);
  switch (op) {
    case Op::all_reduce:
      return 2 * (n - 1) / n;
    case Op::reduce_scatter:
    case Op::all_gather:
    case Op::all_to_all:
      return (n - 1) / n;
    default:
      return 1;
  }
}

std::vector<CollectiveLevel> without_single(std::span<const CollectiveLevel> levels) {
  std::vector<CollectiveLevel> kept;
  for (const CollectiveLevel& level : levels) {
    if (level.ranks > 1) kept.push_back(level);
  }
  return kept;
}

}  // namespace hyperdc
