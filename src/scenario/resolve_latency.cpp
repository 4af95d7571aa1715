// Latencies between regions: where each region is, and what is stated by pair.
#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
#include "scenario/hints.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

std::vector<std::string> region_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const Region& region : scenario.regions) names.push_back(region.name);
  return names;
}

std::optional<std::uint32_t> region_named(Resolution& r, const View& at, const std::string& name) {
  const std::vector<std::string> known = region_names(r.scenario);
  const auto it = std::find(known.begin(), known.end(), name);
  if (it != known.end()) return static_cast<std::uint32_t>(it - known.begin());
  r.error("E030", at, fmt::format("there is no region called {}", quoted(name)),
          name_hint(name, known));
  return std::nullopt;
}

namespace {

void resolve_pair(Resolution& r, std::uint32_t from, const View::Entry& pair) {
  const auto to = region_named(r, pair.value, pair.key);
  if (!to || !pair.value) return;
  if (*to == from) {
    r.error("E034", pair.value, "a latency from a region to itself",
            "\"within\" is the latency inside a region");
    return;
  }
  r.scenario.latency.state(from, *to, pair.value.duration());
}

}  // namespace

void resolve_latency(Resolution& r) {
  const View latency = r.spec["latency"];
  r.scenario.latency = RegionLatency(latency["within"].duration(), latency["path_factor"].number());
  for (const auto& region : r.spec["regions"].each()) {
    std::optional<Location> location;
    if (const View at = region.value["location"]; at["latitude"] && at["longitude"]) {
      location = Location{at["latitude"].number(), at["longitude"].number()};
    }
    r.scenario.latency.add_region(location);
  }
  for (const auto& from : latency["pairs"].each()) {
    const auto index = region_named(r, from.value, from.key);
    if (!index) continue;
    for (const auto& pair : from.value.each()) resolve_pair(r, *index, pair);
  }
}

}  // namespace hyperdc
