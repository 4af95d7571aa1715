#include "ai/collective/closed_form.hpp"

#include <algorithm>
#include <bit>

#include "ai/collective/shares.hpp"
#include "ai/collective/steps.hpp"
#include "ai/collective/trees.hpp"

namespace hyperdc {

namespace {

using Op = CollectiveOp;
using Algorithm = CollectiveAlgorithm;
using Levels = std::span<const CollectiveLevel>;

struct Cost {
  Duration latency;
  Duration sending;
};

Cost operator+(Cost a, Cost b) {
  return {a.latency + b.latency, a.sending + b.sending};
}

struct Request {
  Op op;
  std::uint64_t bytes;
  Levels levels;    // of more than one rank each
  std::uint64_t n;  // at least 2
};

/// Laps of a ring: an all-reduce is a reduce-scatter and an all-gather.
std::uint32_t laps(Op op) {
  return op == Op::all_reduce ? 2 : 1;
}

bool chained(Op op) {
  return op == Op::broadcast || op == Op::reduce;
}

Cost ring_cost(const Request& r) {
  double rate_Bps = r.levels[0].bandwidth_Bps;  // of the slowest hop
  for (const CollectiveLevel& level : r.levels.subspan(1)) {
    rate_Bps = std::min(rate_Bps, level.alone_Bps.value_or(level.bandwidth_Bps));
  }
  if (chained(r.op)) return {steps::chain(r.levels), shares::sending(r.bytes, rate_Bps)};
  const std::uint64_t sent = shares::of(r.bytes, laps(r.op) * (r.n - 1), r.n);
  return {steps::ring(r.levels, laps(r.op)), shares::sending(sent, rate_Bps)};
}

Cost tree_cost(const Request& r) {
  const CollectiveLevel& outer = r.levels.back();
  const Duration down = steps::times(steps::depth(outer.ranks), outer.alpha);
  const std::uint64_t half = shares::of(r.bytes, 1, 2);
  if (chained(r.op)) return {down, shares::sending(2 * half, outer.bandwidth_Bps)};
  if (r.levels.size() == 1) {
    const std::uint64_t sent = trees::most_halves(outer.ranks) * half;
    return {down + down, shares::sending(sent, outer.bandwidth_Bps)};
  }
  const CollectiveLevel& inner = r.levels[0];
  const std::uint64_t g = inner.ranks;
  const Duration within = steps::times(g - 1, inner.alpha);
  const std::uint64_t chains = 2 * shares::of(r.bytes, g - 1, g);
  const std::uint64_t across = trees::most_halves(outer.ranks) * shares::of(r.bytes, 1, 2 * g);
  return {within + within + down + down, std::max(shares::sending(chains, inner.bandwidth_Bps),
                                                  shares::sending(across, outer.bandwidth_Bps))};
}

Cost halving_doubling_cost(const Request& r) {
  const std::uint64_t power = std::bit_floor(r.n);
  Cost cost;
  std::uint64_t group = 1;
  for (const CollectiveLevel& level : r.levels) {
    group *= level.ranks;
    for (std::uint64_t distance = group / level.ranks; distance < std::min(group, power);
         distance *= 2) {
      const std::uint64_t sent = shares::of(r.bytes, 1, 2 * distance);
      cost = cost + Cost{level.alpha, shares::sending(sent, level.bandwidth_Bps)};
    }
  }
  if (r.op != Op::all_reduce) return cost;
  cost = cost + cost;
  if (power == r.n) return cost;
  const CollectiveLevel& level = r.levels[0];
  const Cost fold{level.alpha, shares::sending(r.bytes, level.bandwidth_Bps)};
  return cost + fold + fold;
}

Cost hierarchical_cost(const Request& r) {
  Cost cost;
  std::uint64_t parts = 1;
  for (std::size_t l = 0; l < r.levels.size(); ++l) {
    const CollectiveLevel& level = r.levels[l];
    const std::uint64_t d = level.ranks;
    const bool top = l + 1 == r.levels.size();
    const std::uint64_t rounds = r.op == Op::all_reduce && top ? 2 : 1;
    const std::uint64_t sent = shares::of(r.bytes, rounds * (d - 1), parts * d);
    const Cost part{steps::times(rounds * (d - 1), level.alpha),
                    shares::sending(sent, level.bandwidth_Bps)};
    cost = cost + part;
    if (r.op == Op::all_reduce && !top) cost = cost + part;  // the gather on the way back
    parts *= d;
  }
  return cost;
}

Cost rail_aligned_cost(const Request& r) {
  if (r.op == Op::all_to_all) {
    Cost cost;
    for (const CollectiveLevel& level : r.levels) {
      const std::uint64_t d = level.ranks;
      const std::uint64_t sent = (d - 1) * shares::of(r.bytes, 1, d);
      cost.latency = cost.latency + level.alpha;
      cost.sending = std::max(cost.sending, shares::sending(sent, level.bandwidth_Bps));
    }
    return cost;
  }
  if (r.levels.size() == 1) return ring_cost(r);
  const std::uint64_t g = r.levels[0].ranks;
  const std::uint64_t hops = laps(r.op) * (r.n - 1);
  return {steps::ring(r.levels, laps(r.op)),
          std::max(shares::sending(shares::of(r.bytes, hops, r.n), r.levels[0].bandwidth_Bps),
                   shares::sending(shares::of(r.bytes, hops, r.n * g), r.levels[1].bandwidth_Bps))};
}

Cost in_network_cost(const Request& r) {
  const std::uint64_t rounds = laps(r.op);
  Cost cost;
  std::uint64_t parts = 1;
  for (const CollectiveLevel& level : r.levels) {
    if (level.reduction_Bps) {
      const double rate_Bps = std::min(*level.reduction_Bps, level.bandwidth_Bps);
      const std::uint64_t sent = shares::of(r.bytes, 1, parts);
      cost.latency = cost.latency + steps::times(rounds, level.alpha);
      cost.sending = std::max(cost.sending, shares::sending(sent, rate_Bps));
    } else {
      const std::uint64_t sent =
          trees::most_halves(level.ranks) * shares::of(r.bytes, 1, 2 * parts);
      cost.latency = cost.latency + steps::times(2 * steps::depth(level.ranks), level.alpha);
      cost.sending = std::max(cost.sending, shares::sending(sent, level.bandwidth_Bps));
    }
    parts *= level.ranks;
  }
  return cost;
}

/// Part j of k goes through dimension (j + p) % k in phase p; of the parts the slowest counts.
Cost torus_bucket_cost(const Request& r) {
  const std::size_t k = r.levels.size();
  Cost cost;
  for (std::size_t p = 0; p < k; ++p) {
    Cost phase;
    for (std::size_t j = 0; j < k; ++j) {
      std::uint64_t parts = 2 * k;  // two directions each
      for (std::size_t q = 0; q < p; ++q) parts *= r.levels[(j + q) % k].ranks;
      const CollectiveLevel& level = r.levels[(j + p) % k];
      const std::uint64_t d = level.ranks;
      const std::uint64_t sent = shares::of(r.bytes, d - 1, parts * d);
      phase.latency = std::max(phase.latency, steps::times(d - 1, level.alpha));
      phase.sending = std::max(phase.sending, shares::sending(sent, level.bandwidth_Bps / 2));
    }
    cost = cost + phase;
  }
  return r.op == Op::all_reduce ? cost + cost : cost;
}

Cost torus_all_to_all_cost(const Request& r) {
  Cost cost;
  for (const CollectiveLevel& level : r.levels) {
    const std::uint64_t d = level.ranks;
    // A byte makes floor(d^2/4)/d hops of this dimension in the mean, half of them each way.
    const std::uint64_t sent = shares::of(r.bytes, d * d / 4, 2 * d);
    cost.latency = cost.latency + steps::times(d / 2, level.alpha);
    cost.sending = std::max(cost.sending, shares::sending(sent, level.bandwidth_Bps / 2));
  }
  return cost;
}

Cost pairwise_cost(const Request& r) {
  const CollectiveLevel& level = r.levels[0];
  const Duration sending = shares::sending(shares::of(r.bytes, 1, r.n), level.bandwidth_Bps);
  return {steps::times(r.n - 1, level.alpha), steps::times(r.n - 1, sending)};
}

Cost direct_cost(const Request& r) {
  const bool message = r.op == Op::send_recv;
  const std::uint64_t each = message ? r.bytes : shares::of(r.bytes, 1, r.n);
  Cost cost;
  std::uint64_t group = r.n;
  std::uint64_t through = 0;  // the port of the level above, which may be that of this one
  for (std::size_t l = r.levels.size(); l-- > 0;) {
    const CollectiveLevel& level = r.levels[l];
    const bool shared = l + 1 < r.levels.size() && !r.levels[l + 1].own_port;
    through = (group - group / level.ranks) * each + (shared ? through : 0);
    group /= level.ranks;
    cost.latency = std::max(cost.latency, level.alpha);
    cost.sending = std::max(cost.sending, shares::sending(through, level.bandwidth_Bps));
  }
  return cost;
}

Cost cost_of(const Request& r, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::ring:
      return ring_cost(r);
    case Algorithm::tree:
      return tree_cost(r);
    case Algorithm::halving_doubling:
      return halving_doubling_cost(r);
    case Algorithm::hierarchical:
      return hierarchical_cost(r);
    case Algorithm::rail_aligned:
      return rail_aligned_cost(r);
    case Algorithm::in_network:
      return in_network_cost(r);
    case Algorithm::torus:
      return r.op == Op::all_to_all ? torus_all_to_all_cost(r) : torus_bucket_cost(r);
    case Algorithm::pairwise:
      return pairwise_cost(r);
    case Algorithm::direct:
      return direct_cost(r);
  }
  return {};
}

}  // namespace

CollectiveCost closed_form(CollectiveOp op, CollectiveAlgorithm algorithm, std::uint64_t bytes,
                           std::span<const CollectiveLevel> levels) {
  const std::string problem = collective_problem(op, algorithm, levels);
  HYPERDC_CHECK(problem.empty(), problem);
  HYPERDC_CHECK(bytes <= shares::kMostBytes, "a collective of more than 2^50 bytes");
  const std::vector<CollectiveLevel> kept = without_single(levels);
  if (kept.empty()) return {};
  const std::uint64_t n = collective_ranks(kept);
  const Cost cost = cost_of({op, bytes, kept, n}, algorithm);
  CollectiveCost result{cost.latency + cost.sending, cost.latency};
  if (result.time > Duration{}) {
    result.algorithm_Bps = static_cast<double>(bytes) / to_seconds(result.time);
    result.bus_Bps = result.algorithm_Bps * bus_factor(op, n);
  }
  return result;
}

}  // namespace hyperdc
