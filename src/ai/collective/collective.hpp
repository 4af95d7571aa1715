// Collectives: what is exchanged (operation), how (algorithm), and between whom (levels).
//
// S, the size, is the TOTAL array, as in nccl-tests (doc/PERFORMANCE.md) and not NCCL's count:
//   all_reduce       the buffer of a rank: each has S bytes before and after
//   reduce_scatter   what each rank has before; after it, S / n
//   all_gather       what each rank has after; before it, S / n
//   all_to_all       what each rank has before: S / n for each rank, itself included
//   broadcast        what rank 0 has before and each has after
//   reduce           what each rank has before and rank 0 has after
//   send_recv        the message from rank 0 to rank 1 (two ranks)
//
// A level describes one tier of symmetric paths. Ranks are numbered from the inside out: with
// levels of g, N, ... ranks, rank r has place r % g in its group, r / g % N among the groups, and
// so on; n is the product. Units: bytes, bytes per second, ns.
// Valid: sizes up to 2^50 bytes, bandwidths of 1 MB/s and more, alphas up to 1000 s, up to 2^31
// ranks. The algorithms and what each leaves out: closed_form.hpp, docs/models/collectives.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

enum class CollectiveOp : std::uint8_t {
  all_reduce,
  reduce_scatter,
  all_gather,
  all_to_all,
  broadcast,
  reduce,
  send_recv,
};

/// In the order in which ties of a choice are broken.
enum class CollectiveAlgorithm : std::uint8_t {
  ring,              // one ring through all ranks in their order
  tree,              // two binary trees, each with half of the bytes; chains within groups
  halving_doubling,  // log2 n exchanges with partners at distance 1, 2, 4, ...
  hierarchical,      // scatter within, reduce across, gather within
  rail_aligned,      // one ring a rail: bytes leave a group at the place where they came in
  in_network,        // switches reduce and multicast
  torus,             // the bucket algorithm, all dimensions at once
  pairwise,          // n - 1 phases, a partner each
  direct,            // everyone to everyone at once
};

inline constexpr std::array kCollectiveOps = {
    CollectiveOp::all_reduce, CollectiveOp::reduce_scatter, CollectiveOp::all_gather,
    CollectiveOp::all_to_all, CollectiveOp::broadcast,      CollectiveOp::reduce,
    CollectiveOp::send_recv,
};
inline constexpr std::array kCollectiveAlgorithms = {
    CollectiveAlgorithm::ring,
    CollectiveAlgorithm::tree,
    CollectiveAlgorithm::halving_doubling,
    CollectiveAlgorithm::hierarchical,
    CollectiveAlgorithm::rail_aligned,
    CollectiveAlgorithm::in_network,
    CollectiveAlgorithm::torus,
    CollectiveAlgorithm::pairwise,
    CollectiveAlgorithm::direct,
};

/// "all-reduce", "halving-doubling": as in scenario files.
std::string_view name(CollectiveOp op);
std::string_view name(CollectiveAlgorithm algorithm);

enum class LevelKind : std::uint8_t {
  scale_up,  // NVLink and its like, through switches
  network,   // NICs and a switched network
  torus,     // a ring with wrap-around: one dimension
};

struct CollectiveLevel {
  LevelKind kind = LevelKind::network;
  std::uint32_t ranks = 1;  // of a group
  /// Of a rank, in one direction, while all ranks of its group use the level. Torus: the two links
  /// out of a rank in this dimension together.
  double bandwidth_Bps = 0;
  /// The same while one rank of its group uses the level (a ring); nothing: the same bandwidth.
  std::optional<double> alone_Bps = {};
  Duration alpha;  // of a step: latency of the path, and of software and device at both ends
  /// What a rank sends, and at once gets, while switches reduce; nothing: they cannot.
  std::optional<double> reduction_Bps = {};
  /// False: what crosses this level goes through the port of the level below too (a rack and what
  /// is above it). True: a port of its own (NVLink below, a NIC here).
  bool own_port = true;
};

/// Product of the ranks.
std::uint64_t collective_ranks(std::span<const CollectiveLevel> levels);

/// Why this cannot be computed, as one sentence; empty: it can.
std::string collective_problem(CollectiveOp op, CollectiveAlgorithm algorithm,
                               std::span<const CollectiveLevel> levels);

/// Bus bandwidth over algorithm bandwidth (S / time), as nccl-tests define it: all-reduce
/// 2 (n - 1) / n, reduce-scatter, all-gather and all-to-all (n - 1) / n, else 1.
double bus_factor(CollectiveOp op, std::uint64_t ranks);

/// Levels that have more than one rank.
std::vector<CollectiveLevel> without_single(std::span<const CollectiveLevel> levels);

}  // namespace hyperdc
