// What a topology without longer paths answers.
#include "network/topology/topology.hpp"

#include <algorithm>
#include <set>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

namespace {

constexpr std::uint32_t kMostLooked = 65'536;  // paths of a pair

}  // namespace

void Topology::detour(EndpointId, EndpointId, std::uint32_t, LinkPath&) const {
  HYPERDC_CHECK(false, "a topology without detours was asked for one");
}

void Topology::add_spread(EndpointId from, EndpointId to, double amount,
                          std::span<double> load) const {
  const std::uint32_t all = choices(from, to);
  const std::uint32_t n = std::min(all, kMostLooked);
  LinkPath links;
  for (std::uint32_t i = 0; i < n; ++i) {
    path(from, to, static_cast<std::uint32_t>(std::uint64_t{i} * all / n), links);
    for (const LinkId link : links.links()) load[link.value] += amount / n;
  }
}

double Topology::endpoint_Bps() const {
  if (hosts() < 2) return 0;
  const EndpointId from{0};
  const EndpointId to{hosts() - 1};
  std::set<std::uint32_t> first;
  LinkPath links;
  // Of very many, the first ones and some from all over.
  const std::uint32_t of = choices(from, to);
  const std::uint32_t n = std::min(of, kMostLooked);
  for (std::uint32_t i = 0; i < n; ++i) {
    path(from, to, i, links);
    first.insert(links.links().front().value);
    path(from, to, static_cast<std::uint32_t>(std::uint64_t{i} * of / n), links);
    first.insert(links.links().front().value);
  }
  double all = 0;
  for (const std::uint32_t link : first) all += this->link({link}).capacity_Bps;
  return all;
}

}  // namespace hyperdc
