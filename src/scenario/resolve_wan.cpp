// The WAN: one more fabric, whose endpoints are the regions and whose cables lead between them.
//
// Computes the links of a graph without switches, so that regions forward. A link without a stated
// latency has that of the scenario's latencies (model/region_latency.hpp), each way its own.
#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <variant>

#include "core/text.hpp"
#include "network/topology/graph.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_fabrics.hpp"

namespace hyperdc {
namespace {

/// The region at one end of a link; nothing and a problem where there is none of that name.
std::optional<std::uint32_t> wan_end(Resolution& r, const View& at,
                                     const std::vector<std::string>& names) {
  if (!at) return std::nullopt;  // reported
  const auto it = std::ranges::find(names, at.text());
  if (it != names.end()) return static_cast<std::uint32_t>(it - names.begin());
  r.unknown(at, "region", names);
  return std::nullopt;
}

/// As stated, or by the latencies of the scenario; nothing and a problem where these know nothing.
std::optional<Duration> wan_latency(Resolution& r, const View& link, std::uint32_t from,
                                    std::uint32_t to) {
  if (const View stated = link["latency"]) return stated.duration();
  if (link["latency"].json() != nullptr) return std::nullopt;  // reported
  if (const auto known = r.scenario.latency.one_way(from, to)) return known;
  const std::string& a = r.scenario.regions[from].name;
  const std::string& b = r.scenario.regions[to].name;
  r.error("E034", link, fmt::format("the latency from {} to {} is not known", a, b),
          fmt::format("add \"latency\" here, or \"location\" to both regions, or the pair to the "
                      "scenario: \"latency\": {{\"pairs\": {{\"{}\": {{\"{}\": \"40 ms\"}}}}}}",
                      a, b));
  return std::nullopt;
}

void add_wan_link(Resolution& r, const View& link, const std::vector<std::string>& names,
                  GraphSpec& graph) {
  const auto from = wan_end(r, link["from"], names);
  const auto to = wan_end(r, link["to"], names);
  if (!from || !to) return;
  if (*from == *to) return r.error("E034", link["to"], "a link from a region to itself");
  const auto there = wan_latency(r, link, *from, *to);
  if (!there || !link["bandwidth"]) return;
  const Duration back = wan_latency(r, link, *to, *from).value_or(*there);
  const double bandwidth_Bps = link["bandwidth"].number();
  const auto first = static_cast<std::uint32_t>(graph.links.size());
  const std::string name = link["name"].text();
  graph.links.push_back({*from, *to, {bandwidth_Bps, *there}, first + 1, name});
  graph.links.push_back({*to, *from, {bandwidth_Bps, back}, first, name});
}

/// A failure may name a link, which then is one.
void check_wan_names(Resolution& r, const View& links) {
  std::set<std::string> seen;
  for (const auto& link : links.each()) {
    const View name = link.value["name"];
    if (!name || seen.insert(name.text()).second) continue;
    r.error("E034", name, fmt::format("two links are called {}", quoted(name.text())));
  }
}

/// False and a problem that names those that the first region does not reach.
bool check_joined(Resolution& r, const View& links, const GraphSpec& graph) {
  std::vector<bool> reached(graph.hosts, false);
  reached[0] = true;
  for (bool more = true; more;) {
    more = false;
    for (const GraphLink& link : graph.links) {
      if (!reached[link.from] || reached[link.to]) continue;
      reached[link.to] = true;
      more = true;
    }
  }
  std::string apart;
  for (std::uint32_t region = 0; region < graph.hosts; ++region) {
    if (!reached[region]) apart += (apart.empty() ? "" : ", ") + graph.names[region];
  }
  if (apart.empty()) return true;
  r.error("E034", links, fmt::format("no links lead from {} to {}", graph.names[0], apart),
          "each region must be able to reach each other one");
  return false;
}

std::optional<GraphSpec> wan_graph(Resolution& r, const View& links) {
  GraphSpec graph;
  graph.names = region_names(r.scenario);
  graph.hosts = static_cast<std::uint32_t>(graph.names.size());
  graph.host_tier = "link";
  const std::size_t before = r.problems.errors();
  if (graph.hosts < 2) r.error("E034", links, "a WAN joins at least two regions");
  check_wan_names(r, links);
  for (const auto& link : links.each()) add_wan_link(r, link.value, graph.names, graph);
  const bool whole = links.each().size() * 2 == graph.links.size();
  if (!whole || r.problems.errors() > before || !check_joined(r, links, graph)) return std::nullopt;
  return graph;
}

}  // namespace

void resolve_wan(Resolution& r) {
  const View wan = r.spec["wan"];
  const View links = wan["links"];
  if (!wan || !links || r.scenario.regions.empty()) return;
  const View same = r.spec["regions"][kWan]["fabric"];
  if (same.json() != nullptr) {
    r.error("E034", wan,
            "a region is called \"wan\" and has a fabric, whose metrics are fabrics.wan",
            "give that region another name");
  }
  FabricSpec fabric;
  fabric.rules = fabric_rules_of(wan);
  const std::string problem = rules_problem(fabric.rules);
  if (!problem.empty()) r.error("E034", wan, problem);
  std::optional<GraphSpec> graph = wan_graph(r, links);
  if (!graph || !problem.empty() || same.json() != nullptr) return;
  fabric.name = kWan;
  fabric.type = kWan;
  fabric.family = "graph";
  fabric.endpoint_names = graph->names;
  fabric.efficiency = wan["efficiency"].number();
  auto made = GraphTopology::make(std::move(*graph));
  if (const auto* wrong = std::get_if<std::string>(&made)) return r.error("E034", links, *wrong);
  fabric.topology = std::move(std::get<0>(made));
  r.scenario.fabrics.push_back(std::move(fabric));
}

}  // namespace hyperdc
