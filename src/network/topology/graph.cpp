#include "network/topology/graph.hpp"

#include <algorithm>
#include <boost/range/iterator_range.hpp>
#include <fmt/format.h>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "network/topology/sizes.hpp"

namespace hyperdc {
namespace {

constexpr std::uint8_t kNoWay = 255;
constexpr std::uint32_t kMostCores = 8192;

std::string vertex_name(const GraphSpec& spec, std::uint32_t vertex) {
  if (!spec.names.empty()) return quoted(spec.names[vertex]);
  return vertex < spec.hosts ? fmt::format("host {}", vertex)
                             : fmt::format("switch {}", vertex - spec.hosts);
}

std::string route_problem(const GraphSpec& spec, const GraphRoute& route) {
  if (route.from >= spec.hosts || route.to >= spec.hosts) return "a route joins two hosts";
  const std::string name = fmt::format("the route from {} to {}", vertex_name(spec, route.from),
                                       vertex_name(spec, route.to));
  if (route.from == route.to) return name + " must lead to another host";
  if (route.links.size() > kLongestPath) return name + " has more than 64 links";
  std::uint32_t at = route.from;
  for (std::size_t i = 0; i < route.links.size(); ++i) {
    const std::uint32_t l = route.links[i];
    if (l >= spec.links.size()) return name + " names a link that does not exist";
    if (spec.links[l].from != at) {
      return fmt::format("{} has a link {} that does not start at {}", name, i + 1,
                         vertex_name(spec, at));
    }
    if (std::count(route.links.begin(), route.links.end(), l) > 1) {
      return name + " crosses a link twice";
    }
    at = spec.links[l].to;
  }
  if (at != route.to) return fmt::format("{} ends at {}", name, vertex_name(spec, at));
  return {};
}

std::string graph_problem(const GraphSpec& spec) {
  const std::uint64_t vertices = std::uint64_t{spec.hosts} + spec.switches;
  if (spec.hosts == 0) return "a graph needs hosts";
  if (vertices > kMostLinks || spec.links.size() > kMostLinks) {
    return "there are more than 2^32 vertices or links";
  }
  if (!spec.names.empty() && spec.names.size() != vertices) return "not all vertices have a name";
  for (std::uint32_t l = 0; l < spec.links.size(); ++l) {
    const GraphLink& link = spec.links[l];
    if (link.from >= vertices || link.to >= vertices) return "a link joins two vertices";
    if (link.from == link.to) {
      return "a link joins " + vertex_name(spec, link.from) + " and itself";
    }
    const bool sound = link.of.capacity_Bps > 0 && link.of.capacity_Bps <= 1e18;
    if (!sound || link.of.latency < Duration{0}) {
      return fmt::format("the link from {} to {} needs a capacity above 0 and a latency from 0 on",
                         vertex_name(spec, link.from), vertex_name(spec, link.to));
    }
    if (!link.back) continue;
    const bool there = *link.back < spec.links.size() && *link.back != l;
    if (!there || spec.links[*link.back].back != l || spec.links[*link.back].from != link.to ||
        spec.links[*link.back].to != link.from) {
      return "the other direction of a link must be between the same vertices";
    }
  }
  for (const GraphRoute& route : spec.routes) {
    const std::string problem = route_problem(spec, route);
    if (!problem.empty()) return problem;
  }
  return {};
}

std::uint32_t plus_capped(std::uint32_t a, std::uint32_t b) {
  return a > 0xFFFF'FFFF - b ? 0xFFFF'FFFF : a + b;
}

}  // namespace

void GraphSpec::add_cable(std::uint32_t a, std::uint32_t b, const ClosLink& of, std::string name) {
  const auto first = static_cast<std::uint32_t>(links.size());
  links.push_back({a, b, of, first + 1, name});
  links.push_back({b, a, of, first, std::move(name)});
}

void GraphSpec::add_hosts(std::uint32_t each, const ClosLink& of) {
  HYPERDC_CHECK(links.empty(), "the hosts come first");
  hosts = switches * each;
  for (std::uint32_t host = 0; host < hosts; ++host) add_cable(host, hosts + host / each, of);
}

struct GraphTopology::Search {
  Graph backwards;
  std::vector<std::uint32_t> order;  // of the last search, the target first
  std::vector<double> paths;         // not capped
  std::vector<double> flow;          // by vertex
  std::vector<double> load;          // by link, over all searches
};

std::variant<std::unique_ptr<GraphTopology>, std::string> GraphTopology::make(GraphSpec spec) {
  std::string problem = graph_problem(spec);
  if (!problem.empty()) return problem;
  std::unique_ptr<GraphTopology> made(new GraphTopology(std::move(spec)));
  made->fold();
  if (made->cores_ > kMostCores) {
    return fmt::format("there are {} switches and hosts with several cables, and at most {} can be",
                       made->cores_, kMostCores);
  }
  problem = made->build();
  if (!problem.empty()) return problem;
  return made;
}

/// Hosts whose only cable leads to a switch become ports of it.
void GraphTopology::fold() {
  std::vector<std::uint32_t> ends(vertices(), 0);
  for (const GraphLink& link : spec_.links) {
    ++ends[link.from];
    ++ends[link.to];
  }
  ports_.resize(spec_.hosts);
  for (std::uint32_t l = 0; l < spec_.links.size(); ++l) {
    const GraphLink& link = spec_.links[l];
    const bool only = link.from < spec_.hosts && link.to >= spec_.hosts && link.back;
    if (only && ends[link.from] == 2)
      ports_[link.from] = {link.to - spec_.hosts, true, l, *link.back};
  }
  cores_ = spec_.switches;
  core_hosts_.assign(spec_.switches, 0);
  racks_.resize(spec_.hosts);
  std::vector<std::optional<std::uint32_t>> rack(spec_.switches);
  for (std::uint32_t host = 0; host < spec_.hosts; ++host) {
    Port& port = ports_[host];
    if (!port.folded) {
      port.core = cores_++;
      core_hosts_.push_back(1);
      racks_[host] = rack_count_++;
    } else {
      ++core_hosts_[port.core];
      if (!rack[port.core]) rack[port.core] = rack_count_++;
      racks_[host] = *rack[port.core];
    }
  }
}

std::string GraphTopology::build() {
  using Ends = std::pair<std::uint32_t, std::uint32_t>;
  std::vector<Ends> there;
  std::vector<Ends> back;
  std::vector<EdgeLink> link;
  const auto core = [&](std::uint32_t vertex) {
    return vertex < spec_.hosts ? ports_[vertex].core : vertex - spec_.hosts;
  };
  const auto folded = [&](std::uint32_t vertex) {
    return vertex < spec_.hosts && ports_[vertex].folded;
  };
  for (std::uint32_t l = 0; l < spec_.links.size(); ++l) {
    const GraphLink& of = spec_.links[l];
    if (folded(of.from) || folded(of.to)) continue;
    there.emplace_back(core(of.from), core(of.to));
    back.emplace_back(core(of.to), core(of.from));
    link.push_back({l});
  }
  constexpr auto kUnsorted = boost::edges_are_unsorted_multi_pass;
  graph_ = Graph(kUnsorted, there.begin(), there.end(), link.begin(), cores_);
  Search search;
  search.backwards = Graph(kUnsorted, back.begin(), back.end(), link.begin(), cores_);
  search.paths.resize(cores_);
  search.flow.resize(cores_);
  search.load.resize(spec_.links.size());
  hops_.assign(std::size_t{cores_} * cores_, kNoWay);
  paths_.assign(std::size_t{cores_} * cores_, 0);
  for (std::uint32_t target = 0; target < cores_; ++target) {
    count_paths(search, target);
    if (hosts_at(target) > 0) spread(search, target);
  }
  alike_ = spec_.routes.empty() && std::ranges::all_of(link, [&](const EdgeLink& one) {
             const ClosLink& of = spec_.links[one.link].of;
             const ClosLink& first = spec_.links[link[0].link].of;
             return of.capacity_Bps == first.capacity_Bps && of.latency == first.latency;
           });
  const std::string problem = sort_routes();
  return problem.empty() ? measure(search) : problem;
}

/// Hops and shortest paths from all vertices to one.
void GraphTopology::count_paths(Search& search, std::uint32_t target) {
  std::uint8_t* hops = hops_.data() + pair(0, target);
  std::uint32_t* paths = paths_.data() + pair(0, target);
  search.order.assign(1, target);
  hops[target] = 0;
  paths[target] = 1;
  search.paths[target] = 1;
  for (std::size_t i = 0; i < search.order.size(); ++i) {
    const std::uint32_t at = search.order[i];
    // Hosts on the way are met, but not passed; ways longer than a path are none.
    if ((at != target && !forwards(at)) || hops[at] >= kLongestPath) continue;
    for (const auto edge : boost::make_iterator_range(out_edges(at, search.backwards))) {
      const auto from = static_cast<std::uint32_t>(boost::target(edge, search.backwards));
      if (hops[from] == kNoWay) {
        hops[from] = static_cast<std::uint8_t>(hops[at] + 1);
        search.paths[from] = 0;
        search.order.push_back(from);
      }
      if (hops[from] != hops[at] + 1) continue;
      paths[from] = plus_capped(paths[from], paths[at]);
      search.paths[from] += search.paths[at];
    }
  }
}

/// Adds what all hosts send to those at `target`, one unit a pair, to the loads.
void GraphTopology::spread(Search& search, std::uint32_t target) const {
  const std::uint8_t* hops = hops_.data() + pair(0, target);
  for (const std::uint32_t at : search.order) {
    search.flow[at] = static_cast<double>(hosts_at(at)) * hosts_at(target);
  }
  for (auto at = search.order.rbegin(); at != search.order.rend() && *at != target; ++at) {
    if (search.flow[*at] == 0) continue;
    for (const auto edge : boost::make_iterator_range(out_edges(*at, graph_))) {
      const auto to = static_cast<std::uint32_t>(boost::target(edge, graph_));
      if (hops[to] + 1 != hops[*at] || (to != target && !forwards(to))) continue;
      const double part = search.flow[*at] * search.paths[to] / search.paths[*at];
      search.flow[to] += part;
      search.load[graph_[edge].link] += part;
    }
  }
}

/// Whether all hosts of one vertex have a route to all of another.
bool GraphTopology::routed(std::uint32_t from, std::uint32_t to) const {
  for (std::uint32_t a = 0; a < spec_.hosts; ++a) {
    if (ports_[a].core != from) continue;
    for (std::uint32_t b = 0; b < spec_.hosts; ++b) {
      if (ports_[b].core == to && routes({a}, {b}).empty()) return false;
    }
  }
  return true;
}

std::string GraphTopology::measure(const Search& search) {
  std::uint32_t core_diameter = 0;
  bool all_reach = true;  // without the routes that are given
  const auto tail = [&](std::uint32_t core) { return core < spec_.switches ? 1U : 0U; };
  // A host of each vertex, to name it and to ask for its routes.
  std::vector<std::uint32_t> somebody(cores_, 0);
  for (std::uint32_t host = 0; host < spec_.hosts; ++host) somebody[ports_[host].core] = host;
  for (std::uint32_t to = 0; to < cores_; ++to) {
    for (std::uint32_t from = 0; from < cores_; ++from) {
      if (hosts_at(from) == 0 || hosts_at(to) == 0) continue;
      if (from == to) {
        if (hosts_at(to) > 1) diameter_ = std::max(diameter_, 2U);
        continue;
      }
      const std::uint32_t hops = hops_[pair(from, to)];
      if (hops + tail(from) + tail(to) > kLongestPath) {
        all_reach = false;
        if (routed(from, to)) continue;
        return fmt::format("there is no path of up to 64 links from {} to {}",
                           vertex_name(spec_, somebody[from]), vertex_name(spec_, somebody[to]));
      }
      diameter_ = std::max(diameter_, hops + tail(from) + tail(to));
    }
  }
  std::uint32_t reached = 0;
  for (const std::uint8_t hops : hops_) {
    reached += hops == kNoWay ? 0 : 1;
    if (hops != kNoWay) core_diameter = std::max<std::uint32_t>(core_diameter, hops);
  }
  const bool cables = std::all_of(spec_.links.begin(), spec_.links.end(),
                                  [](const GraphLink& link) { return link.back.has_value(); });
  detours_ = cables && spec_.switches > 1 && reached == hops_.size() &&
             2 * core_diameter + 2 <= kLongestPath;
  longest_ = std::max(diameter_, detours_ ? 2 * core_diameter + 2 : 0);
  for (const GraphRoute& route : spec_.routes) {
    longest_ = std::max(longest_, static_cast<std::uint32_t>(route.links.size()));
  }
  double slowest = 0;  // seconds for one unit a pair
  for (std::uint32_t l = 0; l < spec_.links.size(); ++l) {
    slowest = std::max(slowest, search.load[l] / spec_.links[l].of.capacity_Bps);
  }
  const std::uint64_t half = spec_.hosts / 2;
  const auto crossing = static_cast<double>(half * (spec_.hosts - half));
  bisection_Bps_ = slowest > 0 ? crossing / slowest : std::numeric_limits<double>::infinity();
  double host_Bps = std::numeric_limits<double>::infinity();
  for (const Port& port : ports_) {
    if (!port.folded) continue;
    const double up_Bps = spec_.links[port.up].of.capacity_Bps;
    host_Bps = std::min({host_Bps, up_Bps, spec_.links[port.down].of.capacity_Bps});
  }
  bisection_Bps_ = std::min(bisection_Bps_, static_cast<double>(half) * host_Bps);
  if (spec_.hosts == 1 || !all_reach) bisection_Bps_ = 0;  // a bound, if a poor one
  return {};
}

namespace {

std::uint64_t route_key(std::uint32_t from, std::uint32_t to) {
  return std::uint64_t{from} << 32 | to;
}

}  // namespace

std::string GraphTopology::sort_routes() {
  const auto before = [](const GraphRoute& a, const GraphRoute& b) {
    return route_key(a.from, a.to) < route_key(b.from, b.to);
  };
  std::stable_sort(spec_.routes.begin(), spec_.routes.end(), before);
  for (std::size_t i = 1; i < spec_.routes.size(); ++i) {
    const GraphRoute& route = spec_.routes[i];
    for (std::size_t j = i; j-- > 0 && !before(spec_.routes[j], route);) {
      if (spec_.routes[j].links != route.links) continue;
      return fmt::format("a route from {} to {} is given twice", vertex_name(spec_, route.from),
                         vertex_name(spec_, route.to));
    }
  }
  return {};
}

std::span<const GraphRoute> GraphTopology::routes(EndpointId from, EndpointId to) const {
  if (spec_.routes.empty()) return {};
  const std::uint64_t key = route_key(from.value, to.value);
  const auto first = std::lower_bound(
      spec_.routes.begin(), spec_.routes.end(), key,
      [](const GraphRoute& route, std::uint64_t k) { return route_key(route.from, route.to) < k; });
  auto last = first;
  while (last != spec_.routes.end() && route_key(last->from, last->to) == key) ++last;
  return {first, last};
}

LinkInfo GraphTopology::link(LinkId link) const {
  const GraphLink& of = spec_.links[link.value];
  const bool host = of.from < spec_.hosts || of.to < spec_.hosts;
  return {of.of.capacity_Bps, of.of.latency, host ? 0U : 1U};
}

LinkEnds GraphTopology::ends(LinkId link) const {
  return {spec_.links[link.value].from, spec_.links[link.value].to};
}

LinkId GraphTopology::opposite(LinkId link) const {
  return {spec_.links[link.value].back.value_or(link.value)};
}

std::uint32_t GraphTopology::choices(EndpointId from, EndpointId to) const {
  if (from == to) return 1;
  const std::span<const GraphRoute> given = routes(from, to);
  if (!given.empty()) return static_cast<std::uint32_t>(given.size());
  return paths_[pair(ports_[from.value].core, ports_[to.value].core)];
}

/// The choice is split among the links to nearer vertices, by the number of their paths.
void GraphTopology::walk(std::uint32_t from, std::uint32_t to, std::uint32_t choice,
                         LinkPath& out) const {
  std::uint32_t at = from;
  while (at != to) {
    const std::uint32_t here = at;
    for (const auto edge : boost::make_iterator_range(out_edges(here, graph_))) {
      const auto next = static_cast<std::uint32_t>(boost::target(edge, graph_));
      if (hops_[pair(next, to)] + 1 != hops_[pair(here, to)]) continue;
      if (next != to && !forwards(next)) continue;
      const std::uint32_t paths = paths_[pair(next, to)];
      if (choice < paths) {
        out.add(graph_[edge].link);
        at = next;
        break;
      }
      choice -= paths;
    }
    HYPERDC_CHECK(at != here, "there is no such path");
  }
}

void GraphTopology::path(EndpointId from, EndpointId to, std::uint32_t choice,
                         LinkPath& out) const {
  out.clear();
  if (from == to) return;
  const std::span<const GraphRoute> given = routes(from, to);
  if (!given.empty()) {
    for (const std::uint32_t link : given[choice].links) out.add(link);
    return;
  }
  const Port& a = ports_[from.value];
  const Port& b = ports_[to.value];
  if (a.folded) out.add(a.up);
  walk(a.core, b.core, choice, out);
  if (b.folded) out.add(b.down);
}

std::uint32_t GraphTopology::detours(EndpointId from, EndpointId to) const {
  const std::uint32_t a = ports_[from.value].core;
  const std::uint32_t b = ports_[to.value].core;
  if (!detours_ || a == b || !routes(from, to).empty()) return 0;
  return spec_.switches - (a < spec_.switches ? 1 : 0) - (b < spec_.switches ? 1 : 0);
}

void GraphTopology::detour(EndpointId from, EndpointId to, std::uint32_t choice,
                           LinkPath& out) const {
  HYPERDC_CHECK(choice < detours(from, to), "there is no such detour");
  out.clear();
  const Port& a = ports_[from.value];
  const Port& b = ports_[to.value];
  std::uint32_t by = choice;  // the choice-th switch that is not at an end
  if (by >= std::min(a.core, b.core)) ++by;
  if (by >= std::max(a.core, b.core)) ++by;
  const std::uint64_t draw = hash_combine(route_key(from.value, to.value), choice);
  const auto one_of = [&](std::uint32_t x, std::uint32_t y) {
    return static_cast<std::uint32_t>(draw % paths_[pair(x, y)]);
  };
  if (a.folded) out.add(a.up);
  walk(a.core, by, one_of(a.core, by), out);
  walk(by, b.core, one_of(by, b.core), out);
  if (b.folded) out.add(b.down);
}

std::span<const std::string_view> GraphTopology::link_tiers() const {
  return {tiers_.data(), spec_.switches > 0 ? 2U : 1U};
}

double GraphTopology::endpoint_Bps() const {
  if (spec_.switches > 0 || spec_.hosts == 0) return Topology::endpoint_Bps();
  double all = 0;
  for (const GraphLink& link : spec_.links) all += link.of.capacity_Bps;
  return all / spec_.hosts;
}

TopologySummary GraphTopology::summary() const {
  TopologySummary all;
  all.hosts = spec_.hosts;
  all.links = links();
  all.diameter = diameter_;
  all.bisection_Bps = bisection_Bps_;
  all.cables.assign(link_tiers().size(), 0);
  std::vector<std::uint32_t> ports(vertices(), 0);
  for (std::uint32_t l = 0; l < spec_.links.size(); ++l) {
    const GraphLink& of = spec_.links[l];
    if (of.back && *of.back < l) continue;  // a cable is counted once
    ++all.cables[link({l}).tier];
    ++ports[of.from];
    ++ports[of.to];
  }
  const std::uint32_t first = spec_.switches > 0 ? spec_.hosts : 0;
  all.radix = *std::max_element(ports.begin() + first, ports.end());
  if (spec_.switches > 0) all.tiers = {{"switch", spec_.switches, all.radix}};
  return all;
}

}  // namespace hyperdc
