#include "network/routing.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr std::uint64_t kDetourDraw = 2;  // 0 and 1: the first equal path, one of those alive
constexpr std::uint64_t kSampleDraw = 4;

}  // namespace

EvenSample::EvenSample(std::uint32_t n, std::uint32_t most, std::uint32_t start)
    : n_(n), start_(start), size_(std::min(n, most)) {
  if (n <= most) return;
  // Near the golden section of n, so that the numbers lie apart; without a common divisor, so that
  // they are different and each digit of a choice takes all of its values.
  step_ = std::max<std::uint64_t>(1, n_ * 618 / 1000);
  while (std::gcd(step_, n_) != 1) ++step_;
}

PathRouter::PathRouter(const Topology& topology, const FabricRules& rules, std::uint64_t seed,
                       std::span<const double> capacities_Bps)
    : topology_(topology), rules_(rules), ecmp_(seed), dead_(topology.links(), 0) {
  HYPERDC_CHECK(rules.most_paths > 0, "a flow takes at least one path");
  if (rules.routing == Routing::adaptive) {
    capacity_Bps_.assign(capacities_Bps.begin(), capacities_Bps.end());
  }
  if (rules.routing == Routing::spray) crossing_.assign(topology.links(), 0);
}

void PathRouter::set_capacity(LinkId link, double capacity_Bps) {
  if (!capacity_Bps_.empty()) capacity_Bps_[link.value] = capacity_Bps;
  const bool is_dead = capacity_Bps == 0;
  if (dead(link) == is_dead) return;
  dead_[link.value] = is_dead ? 1 : 0;
  dead_links_ += is_dead ? 1 : std::size_t{0} - 1;
}

bool PathRouter::alive(const LinkPath& links) const {
  if (dead_links_ == 0) return true;
  return std::ranges::none_of(links.links(), [&](LinkId link) { return dead(link); });
}

void PathRouter::path(const FlowSpec& flow, PathChoice route, LinkPath& links) const {
  if (route.around) {
    links.clear();
    for (const std::uint32_t link : ways_[route.choice]) links.add(link);
    return;
  }
  if (route.detour) return topology_.detour(flow.from, flow.to, route.choice, links);
  topology_.path(flow.from, flow.to, route.choice, links);
}

std::uint32_t PathRouter::paths_of(const FlowSpec& flow, bool detours) const {
  return detours ? topology_.detours(flow.from, flow.to) : topology_.choices(flow.from, flow.to);
}

EvenSample PathRouter::sample(const FlowSpec& flow, bool detours) const {
  const std::uint32_t n = paths_of(flow, detours);
  const std::uint64_t draw = kSampleDraw + (detours ? 1 : 0);
  return {n, rules_.most_paths, ecmp_.choose(ecmp_.hash(flow), n, draw)};
}

/// The path that the hash chooses; when it is dead, one of those alive, by the hash.
std::optional<PathChoice> PathRouter::by_hash(const FlowSpec& flow, bool detours, LinkPath& links) {
  const std::uint32_t n = paths_of(flow, detours);
  if (n == 0) return std::nullopt;
  const std::uint64_t hash = ecmp_.hash(flow);
  const std::uint64_t draw = detours ? kDetourDraw : 0;
  const auto is_alive = [&](std::uint32_t choice) {
    path(flow, {choice, detours}, links);
    return alive(links);
  };
  const std::uint32_t first = ecmp_.choose(hash, n, draw);
  if (is_alive(first)) return PathChoice{first, detours};
  // Among very many one is found by trying; each that is alive is as likely.
  constexpr std::uint32_t kMostCounted = 4096;
  for (std::uint32_t i = 2; n > kMostCounted && i < 2 + kMostCounted; ++i) {
    const std::uint32_t other = ecmp_.choose(hash, n, draw + (std::uint64_t{i} << 32));
    if (is_alive(other)) return PathChoice{other, detours};
  }
  if (n > kMostCounted) return std::nullopt;
  std::uint32_t living = 0;
  for (std::uint32_t choice = 0; choice < n; ++choice) living += is_alive(choice) ? 1 : 0;
  if (living == 0) return std::nullopt;
  std::uint32_t skip = ecmp_.choose(hash, living, draw + 1);
  for (std::uint32_t choice = 0;; ++choice) {
    if (is_alive(choice) && skip-- == 0) return PathChoice{choice, detours};
  }
}

/// The way around, by the state of all links.
std::optional<PathChoice> PathRouter::by_state(const FlowSpec& flow, LinkPath& links) {
  if (!topology_.around(flow.from, flow.to, dead_, links)) return std::nullopt;
  std::vector<std::uint32_t> way;
  for (const LinkId link : links.links()) way.push_back(link.value);
  const auto next = static_cast<std::uint32_t>(ways_.size());
  const auto [known, fresh] = way_numbers_.try_emplace(way, next);
  if (fresh) ways_.push_back(std::move(way));
  return PathChoice{known->second, false, true};
}

std::optional<PathChoice> PathRouter::choose(const FlowSpec& flow, const Sharing& sharing,
                                             LinkPath& links) {
  std::optional<PathChoice> route;
  if (rules_.routing == Routing::adaptive) {
    route = adaptive(flow, sharing, links);
  } else {
    if (rules_.routing == Routing::valiant) route = by_hash(flow, true, links);
    if (!route) route = by_hash(flow, false, links);
  }
  return route ? route : by_state(flow, links);
}

/// The least that a flow which comes may hope for is 1 / this, if all on a link share equally.
double PathRouter::load(const LinkPath& links, const Sharing& sharing) const {
  double most = 0;
  for (const LinkId link : links.links()) {
    const auto flows = static_cast<double>(sharing.flows_on(link) + 1);
    most = std::max(most, flows / capacity_Bps_[link.value]);
  }
  return most;
}

std::optional<PathRouter::Candidate> PathRouter::least_loaded(const FlowSpec& flow, bool detours,
                                                              const Sharing& sharing,
                                                              LinkPath& links) {
  if (paths_of(flow, detours) == 0) return std::nullopt;
  std::optional<Candidate> best;
  const EvenSample some = sample(flow, detours);
  for (std::uint32_t i = 0; i < some.size(); ++i) {
    const PathChoice route{some[i], detours};
    path(flow, route, links);
    if (!alive(links)) continue;
    const double now = load(links, sharing);
    if (!best || now < best->load) best = {route, now, links.links().size()};
  }
  if (best) return best;
  const std::optional<PathChoice> other = by_hash(flow, detours, links);  // outside of the sample
  if (!other) return std::nullopt;
  return Candidate{*other, load(links, sharing), links.links().size()};
}

std::optional<PathChoice> PathRouter::adaptive(const FlowSpec& flow, const Sharing& sharing,
                                               LinkPath& links) {
  const std::optional<Candidate> direct = least_loaded(flow, false, sharing, links);
  const std::optional<Candidate> around = least_loaded(flow, true, sharing, links);
  const auto cost = [](const Candidate& one) { return one.load * static_cast<double>(one.links); };
  const Candidate* best = direct ? &*direct : nullptr;
  if (around && (!direct || cost(*around) < cost(*direct))) best = &*around;
  if (best == nullptr) return std::nullopt;
  path(flow, best->route, links);
  return best->route;
}

std::uint32_t PathRouter::paths_of_spread(const FlowSpec& flow) const {
  return std::min(paths_of(flow, false), rules_.most_paths);
}

std::span<const PathChoice> PathRouter::spread_whole(const FlowSpec& flow) {
  const EvenSample some = sample(flow, false);
  paths_.clear();
  for (std::uint32_t i = 0; i < some.size(); ++i) paths_.push_back({some[i], false});
  return paths_;
}

std::span<const PathChoice> PathRouter::spread(const FlowSpec& flow) {
  spread_whole(flow);
  if (dead_links_ == 0) return paths_;
  LinkPath links;
  std::erase_if(paths_, [&](PathChoice choice) {
    path(flow, choice, links);
    return !alive(links);
  });
  return paths_;
}

std::optional<PathChoice> PathRouter::substitute(const FlowSpec& flow, LinkPath& links) {
  const std::optional<PathChoice> other = by_hash(flow, false, links);
  return other ? other : by_state(flow, links);
}

std::span<const LinkShare> PathRouter::shares(const FlowSpec& flow,
                                              std::span<const PathChoice> paths,
                                              Duration& latency) {
  shares_.clear();
  latency = {};
  LinkPath links;
  for (const PathChoice choice : paths) {
    path(flow, choice, links);
    Duration of_path;
    for (const LinkId link : links.links()) {
      of_path = of_path + topology_.link(link).latency;
      if (crossing_[link.value]++ == 0) shares_.push_back({link, 0});
    }
    latency = std::max(latency, of_path);
  }
  for (LinkShare& one : shares_) {
    const auto crossing = static_cast<double>(std::exchange(crossing_[one.link.value], 0));
    one.share = crossing / static_cast<double>(paths.size());
  }
  return shares_;
}

}  // namespace hyperdc
