#include "ai/collective/tuning.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "ai/collective/closed_form.hpp"
#include "ai/collective/shares.hpp"
#include "ai/collective/steps.hpp"

namespace hyperdc {

namespace {

using Op = CollectiveOp;
using Algorithm = CollectiveAlgorithm;

/// What the model asks of the levels: scale-up domains of g ranks, N of them.
struct Machine {
  std::uint64_t g = 1;
  std::uint64_t nodes = 1;
  double bus_Bps = 0;      // of all ports of a node: min(B0, g B1)
  double network_Bps = 0;  // of all NICs of a node
  std::optional<double> reduction_Bps;
  std::uint64_t ranks() const { return g * nodes; }
  std::size_t scale() const { return std::min<std::size_t>(nodes, 3) - 1; }
};

std::optional<Machine> machine_of(std::span<const CollectiveLevel> levels) {
  Machine machine;
  double inside = std::numeric_limits<double>::infinity();
  double outside = std::numeric_limits<double>::infinity();
  for (const CollectiveLevel& level : levels) {
    if (level.ranks == 1) continue;
    if (level.kind == LevelKind::torus) return {};
    if (level.kind == LevelKind::scale_up) {
      if (machine.nodes > 1) return {};  // scale-up outside of a network
      if (machine.g == 1) machine.reduction_Bps = level.reduction_Bps;
      machine.g *= level.ranks;
      inside = std::min(inside, level.bandwidth_Bps);
    } else {
      machine.nodes *= level.ranks;
      outside = std::min(outside, level.bandwidth_Bps);
    }
  }
  machine.network_Bps = outside * static_cast<double>(machine.g);
  machine.bus_Bps = std::min(inside, machine.network_Bps);
  return machine;
}

struct Prediction {
  Duration latency;
  double algorithm_Bps = 0;
};

struct Ask {
  Op op;
  Protocol protocol;
  std::uint64_t bytes;
  const Machine& machine;
  const TuningTable& table;
  std::size_t p() const { return static_cast<std::size_t>(protocol); }
};

Prediction ring_prediction(const Ask& ask) {
  const Machine& m = ask.machine;
  const TuningTable& t = ask.table;
  const bool simple = ask.protocol == Protocol::simple;
  double bus_Bps = m.bus_Bps;
  if (ask.protocol == Protocol::ll) {
    bus_Bps = std::min(t.ll_most_Bps[m.scale()], bus_Bps * t.ring_ll);
  } else if (!simple) {
    bus_Bps = std::min(bus_Bps * t.ring_ll128, t.channels * t.ring_ll128_channel_Bps[m.scale()]);
  }
  Prediction result{t.base_ring[ask.p()], bus_Bps / bus_factor(ask.op, m.ranks())};
  const Duration hop = (m.nodes == 1 ? t.scale_up : t.network).ring[ask.p()];
  if (ask.op == Op::broadcast || ask.op == Op::reduce) {
    result.latency = result.latency + hop;
    return result;
  }
  const std::uint64_t rounds = ask.op == Op::all_reduce ? 2 : 1;
  const std::uint64_t across = rounds * (m.nodes - 1);
  const std::uint64_t within = rounds * (m.ranks() - 1) - across;
  Duration inside = t.scale_up.ring[ask.p()];
  if (m.nodes > 1) inside = std::max(inside, steps::times(simple ? 3 : 1, t.post));
  // One rank a node hides nothing behind hops inside: the latency of a tree's hop.
  const Duration outside = (m.g == 1 ? t.network.tree : t.network.ring)[ask.p()];
  result.latency = result.latency + steps::times(within, inside) + steps::times(across, outside);
  if (simple && m.nodes > 1 && rounds == 2 && ask.bytes / (t.channels * m.ranks()) >= 64) {
    result.latency = seconds(to_seconds(result.latency) * t.ring_plateau);
  }
  return result;
}

Prediction tree_prediction(const Ask& ask) {
  const Machine& m = ask.machine;
  const TuningTable& t = ask.table;
  double bus_Bps = std::min(m.bus_Bps * t.tree, t.channels * t.tree_channel_Bps[m.scale()]);
  if (ask.protocol == Protocol::ll) {
    bus_Bps = std::min(bus_Bps * t.tree_ll, t.ll_most_Bps[m.scale()]);
  } else if (ask.protocol == Protocol::ll128) {
    bus_Bps = std::min(bus_Bps * (m.nodes == 1 ? t.tree_ll128_one_node : t.tree_ll128),
                       t.channels * t.tree_ll128_channel_Bps[m.scale()]);
  }
  const std::uint64_t size = ask.bytes / 64;
  if (size > 0) {
    const auto power = static_cast<std::size_t>(std::bit_width(size)) - 1;
    if (power < kTreeSizes - 1) bus_Bps *= t.tree_correction[ask.p()][power];
  }
  const std::uint64_t depth = static_cast<std::uint64_t>(std::bit_width(m.nodes)) - 1;
  const Duration hops = steps::times(2 * (m.g - 1), t.scale_up.tree[ask.p()]) +
                        steps::times(2 * depth, t.network.tree[ask.p()]);
  return {t.base_tree[ask.p()] + hops, bus_Bps / 2};
}

std::optional<Prediction> in_network_prediction(const Ask& ask) {
  const Machine& m = ask.machine;
  const TuningTable& t = ask.table;
  if (ask.protocol != Protocol::simple || !m.reduction_Bps || m.g == 1) return {};
  const double g = static_cast<double>(m.g);
  if (ask.op == Op::broadcast || ask.op == Op::reduce) return {};
  if (ask.op != Op::all_reduce) {
    if (m.nodes > 1) return {};
    // The library counts a scatter or a gather as ((g-1)/g)^2 of the rate of an all-reduce.
    const double part = (g - 1) / g;
    return Prediction{t.scale_up.in_network, *m.reduction_Bps * part * part};
  }
  if (m.nodes == 1) return Prediction{t.scale_up.in_network, *m.reduction_Bps};
  const double trees = m.nodes == 2 ? 2.0 : m.nodes == 3 ? 4.0 / 3.0 : 1.0;
  const double inside = *m.reduction_Bps * bus_factor(Op::all_reduce, m.g);
  const double bus_Bps = std::min(
      {inside, m.network_Bps * trees, t.channels * t.in_network_tree_channel_Bps[m.scale()]});
  const std::uint64_t depth = static_cast<std::uint64_t>(std::bit_width(m.nodes)) - 1;
  return Prediction{t.scale_up.in_network + steps::times(2 * depth, t.network.in_network),
                    bus_Bps / bus_factor(Op::all_reduce, m.ranks())};
}

CollectiveChoice choice_of(Op op, std::uint64_t bytes, std::uint64_t ranks,
                           CollectiveAlgorithm algorithm, Protocol protocol,
                           const Prediction& prediction) {
  CollectiveChoice choice{algorithm, protocol, {}, prediction.latency, 0};
  choice.time = prediction.latency + shares::sending(bytes, prediction.algorithm_Bps);
  if (choice.time > Duration{}) {
    choice.bus_Bps = static_cast<double>(bytes) / to_seconds(choice.time) * bus_factor(op, ranks);
  }
  return choice;
}

/// NCCL has one algorithm for these, or none.
bool tuned(Op op, std::span<const CollectiveLevel> levels) {
  return op != Op::all_to_all && op != Op::send_recv && machine_of(levels).has_value();
}

}  // namespace

std::string_view name(Protocol protocol) {
  switch (protocol) {
    case Protocol::ll:
      return "LL";
    case Protocol::ll128:
      return "LL128";
    case Protocol::simple:
      return "Simple";
  }
  return {};
}

std::string tuning_problem(const TuningTable& table) {
  if (table.channels == 0) return "a tuning table has no channels";
  for (const ByNodes* most : {&table.ll_most_Bps, &table.ring_ll128_channel_Bps,
                              &table.tree_ll128_channel_Bps, &table.tree_channel_Bps}) {
    for (const double rate_Bps : *most) {
      if (!(rate_Bps > 0)) return "a bandwidth of a tuning table is not above 0";
    }
  }
  if (!(table.in_network_tree_channel_Bps[1] > 0 && table.in_network_tree_channel_Bps[2] > 0)) {
    return "a bandwidth of a tuning table is not above 0";
  }
  for (const double part : {table.ring_ll, table.ring_ll128, table.tree, table.tree_ll,
                            table.tree_ll128_one_node, table.tree_ll128}) {
    if (!(part > 0 && part <= 1)) return "a share of a tuning table is not above 0 and at most 1";
  }
  if (!(table.ring_plateau >= 1)) return "the ring plateau of a tuning table is below 1";
  for (const auto& corrections : table.tree_correction) {
    for (const double part : corrections) {
      if (!(part > 0 && part <= 1)) return "a tree correction is not above 0 and at most 1";
    }
  }
  return {};
}

std::optional<CollectiveChoice> predict(CollectiveOp op, CollectiveAlgorithm algorithm,
                                        Protocol protocol, std::uint64_t bytes,
                                        std::span<const CollectiveLevel> levels,
                                        const TuningTable& table) {
  const std::string problem = tuning_problem(table);
  HYPERDC_CHECK(problem.empty(), problem);
  if (!tuned(op, levels) || !collective_problem(op, algorithm, levels).empty()) return {};
  const Machine machine = *machine_of(levels);
  if (machine.ranks() == 1) return {};
  const Ask ask{op, protocol, bytes, machine, table};
  std::optional<Prediction> prediction;
  switch (algorithm) {
    case Algorithm::ring:
    case Algorithm::rail_aligned: {
      const bool rails = machine.g > 1 && machine.nodes > 1;
      if (rails == (algorithm == Algorithm::rail_aligned)) prediction = ring_prediction(ask);
      break;
    }
    case Algorithm::tree:
      if (op == Op::all_reduce) prediction = tree_prediction(ask);
      break;
    case Algorithm::in_network:
      prediction = in_network_prediction(ask);
      break;
    default:
      break;
  }
  if (!prediction) return {};
  return choice_of(op, bytes, machine.ranks(), algorithm, protocol, *prediction);
}

std::optional<CollectiveChoice> choose(CollectiveOp op, std::uint64_t bytes,
                                       std::span<const CollectiveLevel> levels,
                                       const TuningTable& table) {
  if (!tuned(op, levels) || collective_ranks(levels) == 1) return fastest(op, bytes, levels);
  std::optional<CollectiveChoice> best;
  for (const CollectiveAlgorithm algorithm : kCollectiveAlgorithms) {
    for (const Protocol protocol : {Protocol::ll, Protocol::ll128, Protocol::simple}) {
      const auto one = predict(op, algorithm, protocol, bytes, levels, table);
      if (one && (!best || one->time < best->time)) best = one;
    }
  }
  return best ? best : fastest(op, bytes, levels);
}

std::optional<CollectiveChoice> fastest(CollectiveOp op, std::uint64_t bytes,
                                        std::span<const CollectiveLevel> levels) {
  std::optional<CollectiveChoice> best;
  for (const CollectiveAlgorithm algorithm : kCollectiveAlgorithms) {
    if (!collective_problem(op, algorithm, levels).empty()) continue;
    const CollectiveCost cost = closed_form(op, algorithm, bytes, levels);
    if (best && best->time <= cost.time) continue;
    best = {algorithm, Protocol::simple, cost.time, cost.latency, cost.bus_Bps};
  }
  return best;
}

}  // namespace hyperdc
