// Jellyfish: switches joined at random, each to the same number of others.
//
// Computes a simple, connected, regular graph: the ports are paired at random (the configuration
// model); pairs that join a switch to itself or to a neighbour are taken apart by swaps with pairs
// drawn at random; a graph that is not connected is drawn anew. Dense graphs are drawn as their
// complement. The same seed gives the same graph on every machine. Paths: GraphTopology
// (graph.hpp). Source: Singla, Hong, Popa and Godfrey, "Jellyfish: networking data centers
// randomly", NSDI 2012 (which joins free ports one by one; both are nearly uniform). Valid: up to
// 4,096 switches. Leaves out: switches of unequal numbers of ports, growth, the k shortest paths
// that are not the shortest.
#include <algorithm>
#include <numeric>

#include <hyperdc/core/assert.hpp>

#include "core/rng.hpp"
#include "network/topology/graph.hpp"
#include "network/topology/sizes.hpp"
#include "network/topology/topologies.hpp"

namespace hyperdc {
namespace {

using Pairing = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// One attempt at a regular simple graph.
class RandomPairs {
 public:
  RandomPairs(std::uint32_t switches, std::uint32_t degree, std::uint64_t seed,
              std::uint64_t attempt)
      : chance_(seed, "jellyfish"),
        attempt_(attempt),
        switches_(switches),
        joined_(std::size_t{switches} * switches, false) {
    for (std::uint32_t s = 0; s < switches; ++s) ports_.insert(ports_.end(), degree, s);
  }

  /// None: the swaps did not end.
  std::optional<Pairing> draw() {
    for (std::size_t i = ports_.size(); i > 1; --i) std::swap(ports_[i - 1], ports_[below(i)]);
    Pairing bad;
    for (std::size_t i = 0; i < ports_.size(); i += 2) {
      if (!join(ports_[i], ports_[i + 1])) bad.emplace_back(ports_[i], ports_[i + 1]);
    }
    std::size_t tries = 100 * ports_.size() + 1000;
    while (!bad.empty() && tries-- > 0) {
      if (good_.empty()) return std::nullopt;
      const auto [u, v] = bad.back();
      const std::size_t at = below(good_.size());
      auto [x, y] = good_[at];
      if (below(2) == 1) std::swap(x, y);
      if (u == x || v == y || joined(u, x) || joined(v, y)) continue;
      if ((u == v && x == y) || (u == y && v == x)) continue;
      set(good_[at].first, good_[at].second, false);
      good_[at] = good_.back();
      good_.pop_back();
      bad.pop_back();
      join(u, x);
      HYPERDC_CHECK(join(v, y), "a swap made a pair that is there");
    }
    if (!bad.empty()) return std::nullopt;
    return good_;
  }

 private:
  std::size_t below(std::size_t n) { return chance_.below(n, attempt_, draws_++); }
  bool joined(std::uint32_t a, std::uint32_t b) const {
    return joined_[std::size_t{a} * switches_ + b];
  }
  void set(std::uint32_t a, std::uint32_t b, bool value) {
    joined_[std::size_t{a} * switches_ + b] = value;
    joined_[std::size_t{b} * switches_ + a] = value;
  }
  bool join(std::uint32_t a, std::uint32_t b) {
    if (a == b || joined(a, b)) return false;
    set(a, b, true);
    good_.emplace_back(a, b);
    return true;
  }

  RandomStream chance_;
  std::uint64_t attempt_;
  std::uint64_t draws_ = 0;
  std::uint32_t switches_;
  std::vector<bool> joined_;
  std::vector<std::uint32_t> ports_;
  Pairing good_;
};

bool is_connected(std::uint32_t switches, const Pairing& pairs) {
  std::vector<std::uint32_t> root(switches);
  std::iota(root.begin(), root.end(), 0);
  const auto find = [&](std::uint32_t s) {
    while (root[s] != s) s = root[s] = root[root[s]];
    return s;
  };
  std::uint32_t parts = switches;
  for (const auto& [a, b] : pairs) {
    const std::uint32_t x = find(a);
    const std::uint32_t y = find(b);
    parts -= x == y ? 0 : 1;
    root[x] = y;
  }
  return parts == 1;
}

Pairing complement_of(std::uint32_t switches, const Pairing& pairs) {
  std::vector<bool> joined(std::size_t{switches} * switches, false);
  for (const auto& [a, b] : pairs) {
    joined[std::size_t{std::min(a, b)} * switches + std::max(a, b)] = true;
  }
  Pairing others;
  for (std::uint32_t a = 0; a < switches; ++a) {
    for (std::uint32_t b = a + 1; b < switches; ++b) {
      if (!joined[std::size_t{a} * switches + b]) others.emplace_back(a, b);
    }
  }
  return others;
}

std::optional<Pairing> jellyfish_pairs(std::uint32_t switches, std::uint32_t degree,
                                       std::uint64_t seed) {
  constexpr std::uint64_t kAttempts = 100;
  const std::uint32_t others = switches - 1 - degree;
  for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
    RandomPairs random(switches, std::min(degree, others), seed, attempt);
    std::optional<Pairing> pairs = random.draw();
    if (!pairs) continue;
    if (others < degree) pairs = complement_of(switches, *pairs);
    if (!is_connected(switches, *pairs)) continue;
    std::sort(pairs->begin(), pairs->end());  // so that cables of a switch have numbers in a row
    return pairs;
  }
  return std::nullopt;
}

constexpr ParamSpec kJellyfishParams[] = {
    {"routers", ParamKind::integer, Dimension::none, "Switches.", {}, 4, 4096, {}, "500"},
    count_spec("hosts", "Hosts of each switch; more raise oversubscription."),
    {"degree",
     ParamKind::integer,
     Dimension::none,
     "Ports of each switch for other switches; more shorten the paths.",
     {},
     3,
     4095,
     {},
     "16"},
    {"seed", ParamKind::integer, Dimension::none,
     "Of the random graph: another seed, another graph.", "1", 0, 9007199254740992.0},
    bandwidth_spec("host_bandwidth", "Of a link between a host and its switch, each way."),
    bandwidth_spec("switch_bandwidth", "Of a link between switches, each way."),
    latency_spec(),
};

std::optional<Pairing> pairs_of(const Params& params) {
  return jellyfish_pairs(count_of(params, "routers"), count_of(params, "degree"),
                         static_cast<std::uint64_t>(params.integer("seed")));
}

std::string jellyfish_problem(const Params& params) {
  const std::uint64_t switches = count_of(params, "routers");
  const std::uint64_t degree = count_of(params, "degree");
  const std::uint64_t hosts = switches * count_of(params, "hosts");
  if (degree >= switches) return "the degree must be below the number of switches";
  if (switches * degree % 2 != 0) return "the switches times the degree must be even";
  if (hosts < 2) return "there must be at least two hosts";
  if (!pairs_of(params)) return "no connected graph was found: raise the degree or change the seed";
  return {};
}

std::unique_ptr<Topology> make_jellyfish(const Params& params) {
  const ClosLink host{params.number("host_bandwidth"), params.duration("latency")};
  const ClosLink cable{params.number("switch_bandwidth"), params.duration("latency")};
  GraphSpec spec;
  spec.switches = count_of(params, "routers");
  spec.add_hosts(count_of(params, "hosts"), host);
  const std::optional<Pairing> pairs = pairs_of(params);
  HYPERDC_CHECK(pairs, "check() was not asked");
  for (const auto& [a, b] : *pairs) spec.add_cable(spec.hosts + a, spec.hosts + b, cable);
  auto made = GraphTopology::make(std::move(spec));
  HYPERDC_CHECK(made.index() == 0, std::get<1>(made));
  return std::move(std::get<0>(made));
}

}  // namespace

TopologyEntry jellyfish_topology() {
  return {"jellyfish", "Switches joined at random, each to as many others.", kJellyfishParams,
          jellyfish_problem, make_jellyfish};
}

}  // namespace hyperdc
