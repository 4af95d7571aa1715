// Of the maps of places: rows of links, and the layers and cables that a fabric is made of.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <tuple>

#include <hyperdc/core/assert.hpp>

#include "world/places.hpp"

namespace hyperdc {
namespace {

/// Endpoints are layer 0, then the switches tier by tier, in the order of their numbers.
class FabricLayers {
 public:
  explicit FabricLayers(const FabricSpec& spec) : spec_(spec), summary_(spec.topology->summary()) {
    first_ = {0, spec.topology->hosts()};
    for (const SwitchTier& tier : summary_.tiers) first_.push_back(first_.back() + tier.switches);
    HYPERDC_CHECK(first_.back() == spec.topology->vertices(),
                  "the tiers of a fabric are not all of its switches");
  }

  std::uint32_t of(std::uint32_t vertex) const {
    return static_cast<std::uint32_t>(std::ranges::upper_bound(first_, vertex) - first_.begin() -
                                      1);
  }
  std::string name(std::uint32_t vertex) const {
    const std::uint32_t layer = of(vertex);
    if (layer > 0) {
      return fmt::format("{} {}", summary_.tiers[layer - 1].name, vertex - first_[layer]);
    }
    return spec_.endpoint_names.empty() ? fmt::format("endpoint {}", vertex)
                                        : spec_.endpoint_names[vertex];
  }
  const TopologySummary& summary() const { return summary_; }

 private:
  const FabricSpec& spec_;
  TopologySummary summary_;
  std::vector<std::uint32_t> first_;  // vertex of each layer, and one past the last
};

enum class LinkWay : std::uint32_t { up, down, across };
constexpr std::array<const char*, 3> kLinkWays{"up", "down", "across"};

LinkWay way_of(const LinkEnds& ends, const FabricLayers& layers) {
  const std::uint32_t from = layers.of(ends.from), to = layers.of(ends.to);
  return from < to ? LinkWay::up : from > to ? LinkWay::down : LinkWay::across;
}

}  // namespace

LinkRows add_link_rows(const FabricSpec& spec, PlaceMap& map) {
  const Topology& topology = *spec.topology;
  const FabricLayers layers(spec);
  std::map<std::pair<std::uint32_t, LinkWay>, std::vector<std::uint32_t>> alike;
  LinkRows rows;
  rows.row_of.resize(topology.links());
  rows.before.resize(topology.links(), 0);
  for (std::uint32_t l = 0; l < topology.links(); ++l) {
    rows.capacity_Bps.push_back(topology.link({l}).capacity_Bps * spec.efficiency);
    alike[{topology.link({l}).tier, way_of(topology.ends({l}), layers)}].push_back(l);
  }
  std::vector<std::uint32_t> sizes;
  for (const auto& entry : alike) sizes.push_back(static_cast<std::uint32_t>(entry.second.size()));
  const std::vector<std::uint32_t> per_row = places_per_row(sizes, kMostPlaceRows);
  std::size_t group = 0;
  for (const auto& entry : alike) {
    const std::vector<std::uint32_t>& links = entry.second;
    const std::uint32_t each = per_row[group++];
    for (std::uint32_t i = 0; i < links.size(); ++i) {
      if (i % each == 0) {
        const std::uint32_t count = std::min(each, static_cast<std::uint32_t>(links.size()) - i);
        const LinkEnds ends = topology.ends({links[i]});
        map.rows.push_back(
            {{spec.name, std::string(topology.link_tiers()[entry.first.first]),
              kLinkWays[static_cast<std::uint32_t>(entry.first.second)],
              count == 1 ? layers.name(ends.from) : "", count == 1 ? layers.name(ends.to) : ""},
             i,
             count});
      }
      rows.row_of[links[i]] = static_cast<std::uint32_t>(map.rows.size() - 1);
    }
  }
  return rows;
}

FabricPlan plan_of(const FabricSpec& spec) {
  const Topology& topology = *spec.topology;
  const FabricLayers layers(spec);
  FabricPlan plan;
  plan.name = spec.name;
  plan.type = spec.type;
  plan.family = spec.family;
  plan.layers.push_back({"endpoints", topology.hosts(), 0, {}});
  for (const SwitchTier& tier : layers.summary().tiers) {
    plan.layers.push_back(
        {std::string(tier.name), tier.switches, tier.ports, tier.oversubscription});
  }
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, FabricCables> cables;
  for (std::uint32_t l = 0; l < topology.links(); ++l) {
    const LinkInfo link = topology.link({l});
    const LinkEnds ends = topology.ends({l});
    const auto [low, high] = std::minmax({layers.of(ends.from), layers.of(ends.to)});
    FabricCables& of = cables[{link.tier, low, high}];
    const double capacity_Bps = link.capacity_Bps * spec.efficiency;
    of.least_Bps = of.links == 0 ? capacity_Bps : std::min(of.least_Bps, capacity_Bps);
    of.most_Bps = std::max(of.most_Bps, capacity_Bps);
    ++of.links;
    of.tier = topology.link_tiers()[link.tier];
    of.low = low;
    of.high = high;
  }
  for (const auto& entry : cables) plan.cables.push_back(entry.second);
  return plan;
}

}  // namespace hyperdc
