#include "network/topology/graph_builder.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "core/text.hpp"

namespace hyperdc {

std::optional<bool> truth_of(std::string_view text, std::string_view column,
                             GraphBuilder& builder) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  builder.problem(fmt::format("{} must be true or false, not {}", column, quoted(text)));
  return std::nullopt;
}

std::uint32_t GraphBuilder::number_of(const std::string& name) {
  const auto [it, fresh] = numbers_.emplace(name, static_cast<std::uint32_t>(vertices_.size()));
  if (fresh) vertices_.push_back({name, std::nullopt, 0, false});
  return it->second;
}

void GraphBuilder::add_vertex(const std::string& name, std::optional<bool> host) {
  if (name.empty()) return problem("a vertex needs a name");
  if (knows(name)) return problem(fmt::format("the vertex {} is given twice", quoted(name)));
  vertices_[number_of(name)].host = host;
}

std::optional<double> GraphBuilder::number(std::string_view column, const std::string& text,
                                           double most) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || rest != end || !std::isfinite(value)) {
    problem(fmt::format("{} must be a number, not {}", column, quoted(text)));
    return std::nullopt;
  }
  if (value < 0 || value > most) {
    problem(fmt::format("{} must be from 0 to {}, not {}", column, most, text));
    return std::nullopt;
  }
  return value;
}

void GraphBuilder::add_cable(const CableText& cable) {
  constexpr double kMostBandwidth_Bps = 1e18;
  constexpr double kMostLatency_s = 1000;
  const std::optional<double> bandwidth =
      number("bandwidth_Bps", cable.bandwidth_Bps, kMostBandwidth_Bps);
  const std::optional<double> latency = number("latency_s", cable.latency_s, kMostLatency_s);
  if (bandwidth == 0.0) problem("bandwidth_Bps must be above 0");
  if (cable.from.empty() || cable.to.empty()) return problem("a link needs both of its ends");
  if (cable.from == cable.to) {
    problem(fmt::format("a link joins {} and itself", quoted(cable.from)));
  }
  const std::uint32_t from = number_of(cable.from);
  const std::uint32_t to = number_of(cable.to);
  ++vertices_[from].cables;
  ++vertices_[to].cables;
  const auto first = static_cast<std::uint32_t>(spec_.links.size());
  if (!cable.name.empty() && !links_.emplace(cable.name, first).second) {
    problem(fmt::format("the link {} is given twice", quoted(cable.name)));
  }
  const ClosLink of{bandwidth.value_or(1), seconds(latency.value_or(0))};
  if (cable.directed) {
    spec_.links.push_back({from, to, of, std::nullopt, cable.name});
  } else {
    spec_.add_cable(from, to, of, cable.name);
  }
}

void GraphBuilder::add_route(const std::string& from, const std::string& to,
                             std::string_view links) {
  for (const std::string& end : {from, to}) {
    if (knows(end)) continue;
    return problem(fmt::format("no link leads to {}", quoted(end)));
  }
  GraphRoute route{number_of(from), number_of(to), {}};
  if (from == to) return problem("a route must lead to another host");
  std::uint32_t at = route.from;
  while (!links.empty()) {
    const std::size_t end = std::min(links.find(';'), links.size());
    std::string_view name = links.substr(0, end);
    links.remove_prefix(std::min(end + 1, links.size()));
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    const auto it = links_.find(name);
    if (it == links_.end()) return problem(fmt::format("there is no link {}", quoted(name)));
    const GraphLink& there = spec_.links[it->second];
    const bool forward = there.from == at;
    if (!forward && !(there.back && there.to == at)) {
      return problem(fmt::format("the link {} does not start at {}, where the route is",
                                 quoted(name), quoted(vertices_[at].name)));
    }
    route.links.push_back(forward ? it->second : *there.back);
    at = forward ? there.to : there.from;
  }
  if (at != route.to) {
    return problem(
        fmt::format("the route ends at {} and not at {}", quoted(vertices_[at].name), quoted(to)));
  }
  vertices_[route.from].routed = true;
  vertices_[route.to].routed = true;
  spec_.routes.push_back(std::move(route));
}

GraphRead GraphBuilder::finish() {
  std::vector<std::uint32_t> place(vertices_.size());
  for (const bool hosts : {true, false}) {
    for (std::uint32_t v = 0; v < vertices_.size(); ++v) {
      const Vertex& vertex = vertices_[v];
      if (vertex.host.value_or(vertex.cables == 1 || vertex.routed) != hosts) continue;
      place[v] = spec_.hosts + spec_.switches;
      ++(hosts ? spec_.hosts : spec_.switches);
      spec_.names.push_back(vertex.name);
      if (!hosts && vertex.routed) {
        at("routes", 0);
        problem(
            fmt::format("a route starts or ends at {}, which is not a host", quoted(vertex.name)));
      }
    }
  }
  if (!problems_.empty()) return std::move(problems_);
  for (GraphLink& link : spec_.links) {
    link.from = place[link.from];
    link.to = place[link.to];
  }
  for (GraphRoute& route : spec_.routes) {
    route.from = place[route.from];
    route.to = place[route.to];
  }
  return std::move(spec_);
}

}  // namespace hyperdc
