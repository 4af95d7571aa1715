// What a topology without longer paths answers.
#include "network/topology/topology.hpp"

#include <set>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

void Topology::detour(EndpointId, EndpointId, std::uint32_t, LinkPath&) const {
  HYPERDC_CHECK(false, "a topology without detours was asked for one");
}

void Topology::add_spread(EndpointId from, EndpointId to, double amount,
                          std::span<double> load) const {
  const std::uint32_t n = choices(from, to);
  LinkPath links;
  for (std::uint32_t choice = 0; choice < n; ++choice) {
    path(from, to, choice, links);
    for (const LinkId link : links.links()) load[link.value] += amount / n;
  }
}

double Topology::endpoint_Bps() const {
  if (hosts() < 2) return 0;
  const EndpointId from{0};
  const EndpointId to{hosts() - 1};
  std::set<std::uint32_t> first;
  LinkPath links;
  for (std::uint32_t choice = 0; choice < choices(from, to); ++choice) {
    path(from, to, choice, links);
    first.insert(links.links().front().value);
  }
  double all = 0;
  for (const std::uint32_t link : first) all += this->link({link}).capacity_Bps;
  return all;
}

}  // namespace hyperdc
