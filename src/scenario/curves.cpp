#include "scenario/curves.hpp"

#include <fmt/format.h>

#include "scenario/scenario.hpp"

namespace hyperdc {

std::vector<NamedDemand> curves_of(const Scenario& scenario) {
  std::vector<NamedDemand> curves;
  for (const ServiceWorkload& service : scenario.services) {
    for (const OriginSpec& origin : service.origins) {
      if (!origin.demand) continue;
      const std::string& region = scenario.regions[origin.region].name;
      const bool one = service.origins.size() == 1;
      curves.push_back(
          {one ? service.name : fmt::format("{}.{}", service.name, region), *origin.demand, "1/s"});
    }
    if (const auto* closed = std::get_if<ClosedRequests>(&service.arrivals)) {
      curves.push_back({service.name, closed->users, "users"});
    }
  }
  return curves;
}

}  // namespace hyperdc
