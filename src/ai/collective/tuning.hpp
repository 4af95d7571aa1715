// Which algorithm and protocol a communication library takes, and the time it expects: the least
// predicted time of a table of latencies and bandwidths, as NCCL's tuning does.
//
// Model (NCCL 2.30.7, src/graph/tuning.cc at 5067397): time = latency + S / bandwidth.
// g ranks a node, N nodes, n = g N; hop latencies h of the protocol inside (i) and between (x):
//   ring, all-reduce   base + (steps - 2(N-1)) max(h_i, post) + 2(N-1) h_x, steps 2(n-1);
//                      reduce-scatter, all-gather: half the steps; broadcast, reduce: base + h.
//                      post is 0 in one node, 3 times as much with Simple; with Simple, several
//                      nodes and 64 bytes a channel and rank the latency is `ring_plateau` times.
//   tree               base + 2((g-1) h_i + floor(log2 N) h_x)
//   in-network         h_i; several nodes: base + h_i + 2 floor(log2 N) h_x
// Bus bandwidth: ring min(B0, g B1), LL at most half and `ll_most`, LL128 0.92 of it; tree 0.92 of
// it, LL 1/3.8, LL128 7/9 in a node and 120/128 between nodes, times a correction by size; each at
// most what its channels carry. In-network: the level's reduction rate; between nodes a tree, which
// has twice the bandwidth of its NICs with 2 nodes and 4/3 with 3 (SimAI).
// Where ring is chosen on scale-up domains with NICs of their own the algorithm is rail-aligned,
// which is what NCCL's channels are. On a torus, and for all-to-all and send-recv, for which NCCL
// has one way only, the least closed form is chosen.
// Units: ns, bytes per second. Valid: what the table was measured on. Leaves out: CollNet, PAT
// (one GPU a node), PCIe inside a node, the threads of a kernel, aggregation of calls.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ai/collective/collective.hpp"

namespace hyperdc {

enum class Protocol : std::uint8_t { ll, ll128, simple };

/// "LL", "LL128", "Simple".
std::string_view name(Protocol protocol);

inline constexpr std::size_t kProtocols = 3;
inline constexpr std::size_t kTreeSizes = 24;  // 64 B, 128 B, ... 512 MB

/// Scale by nodes: one, two, more.
using ByNodes = std::array<double, 3>;
using ByProtocol = std::array<Duration, kProtocols>;

struct HopLatency {
  ByProtocol ring;
  ByProtocol tree;
  Duration in_network;  // with one node only; between nodes: of its tree
  bool operator==(const HopLatency&) const = default;
};

/// Parameters are data: scenarios/catalog/collectives/nccl.json.
struct TuningTable {
  ByProtocol base_ring;
  ByProtocol base_tree;
  HopLatency scale_up;
  HopLatency network;
  Duration post;               // of a message to the network
  std::uint32_t channels = 0;  // of one ring or tree
  ByNodes ll_most_Bps = {};    // bus bandwidth of LL, all channels
  ByNodes ring_ll128_channel_Bps = {};
  ByNodes tree_ll128_channel_Bps = {};
  ByNodes tree_channel_Bps = {};
  ByNodes in_network_tree_channel_Bps = {};  // the first is not used
  double ring_ll = 0;                        // of the bandwidth of Simple
  double ring_ll128 = 0;
  double tree = 0;     // of that of a ring
  double tree_ll = 0;  // of that of a tree with Simple
  double tree_ll128_one_node = 0;
  double tree_ll128 = 0;
  double ring_plateau = 0;
  std::array<std::array<double, kTreeSizes>, kProtocols> tree_correction = {};
  bool operator==(const TuningTable&) const = default;
};

/// What is wrong with a table, as one sentence; empty: nothing.
std::string tuning_problem(const TuningTable& table);

struct CollectiveChoice {
  CollectiveAlgorithm algorithm = CollectiveAlgorithm::ring;
  Protocol protocol = Protocol::simple;
  Duration time;       // predicted
  Duration latency;    // the part of it that does not depend on the size
  double bus_Bps = 0;  // predicted size / time times bus_factor()
};

/// The least predicted time; of equal ones the first in the order of CollectiveAlgorithm, then of
/// Protocol. Nothing: no algorithm runs this on such levels. InvariantError when tuning_problem()
/// is not empty.
std::optional<CollectiveChoice> choose(CollectiveOp op, std::uint64_t bytes,
                                       std::span<const CollectiveLevel> levels,
                                       const TuningTable& table);

/// The same of one algorithm with one protocol; nothing when the table has none for it.
std::optional<CollectiveChoice> predict(CollectiveOp op, CollectiveAlgorithm algorithm,
                                        Protocol protocol, std::uint64_t bytes,
                                        std::span<const CollectiveLevel> levels,
                                        const TuningTable& table);

/// The least closed form, without a table; of equal ones the first.
std::optional<CollectiveChoice> fastest(CollectiveOp op, std::uint64_t bytes,
                                        std::span<const CollectiveLevel> levels);

}  // namespace hyperdc
