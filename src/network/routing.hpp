// PathRouter: which of its paths a flow takes, or how it is spread over them.
//
// Computes, with h = hash(seed, from, to, label) and n = number of equal paths, those alive:
// - ecmp: choice = floor(h n / 2^64), each equally likely, the same for the same flow at any time
//   (equal-cost multi-path as switches do it, RFC 2992), so that flows collide as they do there;
//   the bias is below n / 2^64;
// - spray: a share k / n of the flow on each link that k of its paths cross (packets in turn over
//   all paths: Dixit et al., "On the impact of packet spraying in data center networks", INFOCOM
//   2013);
// - adaptive: the path with the least load when the flow starts, load = max over its links of
//   (flows there + 1) / capacity; a detour when load x links is less there (UGAL: Singh, "Load-
//   balanced routing in interconnection networks", Stanford 2005, with flows in place of queues);
// - valiant: a detour by hash (Valiant, SIAM J. Comput. 11(2), 1982), ecmp where there is none.
// Of more than `most_paths` paths spray and adaptive take so many, evenly over their numbers.
// Where all these are dead, a flow takes the way around that the topology finds
// (Topology::around), whole, until a link comes back.
// Leaves out: hashing anew at each switch with the same function (polarisation), reordering of
// packets, loads that are known late, moves of a flow that has started.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <hyperdc/network/fabric.hpp>

#include "core/hash.hpp"
#include "network/fabric_rules.hpp"
#include "network/flow/sharing.hpp"
#include "network/topology/topology.hpp"

namespace hyperdc {

class Ecmp {
 public:
  explicit Ecmp(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t hash(const FlowSpec& flow) const {
    const std::uint64_t pair = std::uint64_t{flow.from.value} << 32 | flow.to.value;
    return hash_combine(hash_combine(seed_, pair), flow.label);
  }
  /// One of n paths, n > 0. `draw` tells draws of one flow apart.
  std::uint32_t choose(std::uint64_t hash, std::uint32_t n, std::uint64_t draw = 0) const {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint32_t>((Wide{hash_combine(hash, draw)} * n) >> 64);
  }

 private:
  std::uint64_t seed_;
};

/// One of the paths of a pair.
struct PathChoice {
  std::uint32_t choice = 0;
  bool detour = false;
  bool around = false;  // `choice` is a number that only the router knows
  bool operator==(const PathChoice&) const = default;
};

/// Some of n things by number, evenly: all when there are at most `most`. The first is `start`.
class EvenSample {
 public:
  EvenSample(std::uint32_t n, std::uint32_t most, std::uint32_t start);
  std::uint32_t size() const { return size_; }
  std::uint32_t operator[](std::uint32_t i) const {
    return static_cast<std::uint32_t>((start_ + i * step_) % n_);
  }

 private:
  std::uint64_t n_;
  std::uint64_t start_;
  std::uint64_t step_ = 1;
  std::uint32_t size_;
};

class PathRouter {
 public:
  PathRouter(const Topology& topology, const FabricRules& rules, std::uint64_t seed,
             std::span<const double> capacities_Bps);

  bool spreads() const { return rules_.routing == Routing::spray; }
  bool dead(LinkId link) const { return dead_[link.value] != 0; }
  void set_capacity(LinkId link, double capacity_Bps);

  /// The path of a flow that starts or moves now, and its links; nothing: none is alive.
  std::optional<PathChoice> choose(const FlowSpec& flow, const Sharing& sharing, LinkPath& links);
  void path(const FlowSpec& flow, PathChoice route, LinkPath& links) const;

  /// The equal paths over which a flow is spread now: those alive of a sample. The same until one
  /// of them dies or another comes back; valid until the next call.
  std::span<const PathChoice> spread(const FlowSpec& flow);
  /// Where spread() gives none: one of its equal paths that is alive, by hash, or the way around.
  std::optional<PathChoice> substitute(const FlowSpec& flow, LinkPath& links);
  /// As spread() on a fabric that is whole.
  std::span<const PathChoice> spread_whole(const FlowSpec& flow);
  /// As many as spread() gives while no link is dead.
  std::uint32_t paths_of_spread(const FlowSpec& flow) const;
  /// Links of all `paths` with the shares of the flow there; and the latency of the slowest path.
  std::span<const LinkShare> shares(const FlowSpec& flow, std::span<const PathChoice> paths,
                                    Duration& latency);
  /// Whether any flow ever went around.
  bool goes_around() const { return !ways_.empty(); }

 private:
  bool alive(const LinkPath& links) const;
  std::uint32_t paths_of(const FlowSpec& flow, bool detours) const;
  EvenSample sample(const FlowSpec& flow, bool detours) const;
  std::optional<PathChoice> by_hash(const FlowSpec& flow, bool detours, LinkPath& links);
  std::optional<PathChoice> by_state(const FlowSpec& flow, LinkPath& links);
  double load(const LinkPath& links, const Sharing& sharing) const;
  struct Candidate {
    PathChoice route;
    double load = kNoCap_Bps;
    std::size_t links = 0;
  };
  std::optional<Candidate> least_loaded(const FlowSpec& flow, bool detours, const Sharing& sharing,
                                        LinkPath& links);
  std::optional<PathChoice> adaptive(const FlowSpec& flow, const Sharing& sharing, LinkPath& links);

  const Topology& topology_;
  FabricRules rules_;
  Ecmp ecmp_;
  std::vector<std::uint8_t> dead_;  // links
  std::size_t dead_links_ = 0;
  std::vector<double> capacity_Bps_;              // of adaptive routing, else empty
  std::vector<std::vector<std::uint32_t>> ways_;  // around: all that were ever taken
  std::map<std::vector<std::uint32_t>, std::uint32_t> way_numbers_;
  std::vector<PathChoice> paths_;
  std::vector<std::uint32_t> crossing_;  // by link: paths of a spread; zeroes between calls
  std::vector<LinkShare> shares_;
};

}  // namespace hyperdc
