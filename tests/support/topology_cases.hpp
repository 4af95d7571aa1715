// Topologies made as a scenario makes them, by the name of the family and its parameters in SI
// units. Parameters that are not given take their fallback, where it is a number or a flag.
#pragma once

#include <charconv>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "network/topology/topology.hpp"

namespace hyperdc {

using Pairs = std::initializer_list<std::pair<std::string_view, double>>;

inline const TopologyEntry& family(std::string_view name) {
  for (const TopologyEntry& entry : topologies()) {
    if (entry.name == name) return entry;
  }
  HYPERDC_CHECK(false, "there is no such family");
}

inline Params params_of(const TopologyEntry& entry, Pairs pairs) {
  Params params;
  const auto set = [&](const ParamSpec& spec, double value) {
    if (spec.kind == ParamKind::boolean) return params.set(spec.name, value != 0);
    params.set(spec.name, value);
  };
  for (const ParamSpec& spec : entry.params) {
    std::string_view text = spec.fallback;
    if (text.empty()) continue;
    if (text.front() == '"') text.remove_prefix(1);
    double value = text == "true" ? 1 : 0;
    std::from_chars(text.data(), text.data() + text.size(), value);  // a 0 is the same in all units
    set(spec, value);
  }
  for (const auto& [name, value] : pairs) {
    bool known = false;
    for (const ParamSpec& spec : entry.params) {
      if (spec.name != name) continue;
      HYPERDC_CHECK(value >= spec.min && value <= spec.max, "a value is out of its range");
      set(spec, value);
      known = true;
    }
    HYPERDC_CHECK(known, "a family has no such parameter");
  }
  return params;
}

inline std::string problem_of(std::string_view name, Pairs pairs) {
  return family(name).check(params_of(family(name), pairs));
}

inline std::unique_ptr<Topology> make_topology(std::string_view name, Pairs pairs) {
  const TopologyEntry& entry = family(name);
  const Params params = params_of(entry, pairs);
  HYPERDC_CHECK(entry.check(params).empty(), entry.check(params));
  return entry.make(params);
}

/// The links of a path (of a detour, with `longer`) by number.
inline std::vector<std::uint32_t> path_links(const Topology& net, std::uint32_t from,
                                             std::uint32_t to, std::uint32_t choice,
                                             bool longer = false) {
  LinkPath path;
  longer ? net.detour({from}, {to}, choice, path) : net.path({from}, {to}, choice, path);
  std::vector<std::uint32_t> links;
  for (const LinkId link : path.links()) links.push_back(link.value);
  return links;
}

/// The vertices that a path visits, the sender first.
inline std::vector<std::uint32_t> path_vertices(const Topology& net, std::uint32_t from,
                                                std::uint32_t to, std::uint32_t choice,
                                                bool longer = false) {
  std::vector<std::uint32_t> at = {from};
  for (const std::uint32_t link : path_links(net, from, to, choice, longer)) {
    at.push_back(net.ends({link}).to);
  }
  return at;
}

}  // namespace hyperdc
