#include "support/collective_topologies.hpp"

#include <array>

namespace hyperdc::test {

namespace {

constexpr std::array<std::string_view, 2> kIslandTiers = {"scale-up", "nic"};
constexpr std::array<std::string_view, 1> kTorusTiers = {"torus"};

}  // namespace

LinkInfo Islands::link(LinkId link) const {
  const bool nic = link.value % 4 >= 2;
  return {nic ? spec_.nic_Bps : spec_.scale_up_Bps, {nic ? 500 : 25}, nic ? 1U : 0U};
}

LinkEnds Islands::ends(LinkId link) const {
  const std::uint32_t e = link.value / 4;
  const std::uint32_t top = hosts() + spec_.islands;
  const std::uint32_t other = link.value % 4 >= 2 ? top : hosts() + e / spec_.ranks;
  return link.value % 2 == 0 ? LinkEnds{e, other} : LinkEnds{other, e};
}

void Islands::path(EndpointId from, EndpointId to, std::uint32_t, LinkPath& out) const {
  out.clear();
  if (from == to) return;
  const std::uint32_t port = rack(from) == rack(to) ? 0 : 2;
  out.add(4 * from.value + port);
  out.add(4 * to.value + port + 1);
}

std::span<const std::string_view> Islands::link_tiers() const {
  return kIslandTiers;
}

TopologySummary Islands::summary() const {
  TopologySummary all;
  all.hosts = hosts();
  all.links = links();
  all.diameter = 2;
  return all;
}

SmallTorus::SmallTorus(std::vector<std::uint32_t> dims, double link_Bps)
    : dims_(std::move(dims)), link_Bps_(link_Bps) {
  for (const std::uint32_t d : dims_) {
    stride_.push_back(hosts_);
    hosts_ *= d;
  }
}

std::uint32_t SmallTorus::longest_path() const {
  std::uint32_t hops = 0;
  for (const std::uint32_t d : dims_) hops += d / 2;
  return hops;
}

std::uint32_t SmallTorus::neighbour(std::uint32_t e, std::uint32_t dim, bool up) const {
  const std::uint32_t d = dims_[dim];
  const std::uint32_t place = e / stride_[dim] % d;
  return e - place * stride_[dim] + (place + (up ? 1 : d - 1)) % d * stride_[dim];
}

LinkEnds SmallTorus::ends(LinkId link) const {
  const std::uint32_t e = link.value / 2 / size();
  return {e, neighbour(e, link.value / 2 % size(), link.value % 2 == 0)};
}

LinkId SmallTorus::opposite(LinkId link) const {
  const std::uint32_t dim = link.value / 2 % size();
  return {2 * (ends(link).to * size() + dim) + 1 - link.value % 2};
}

std::uint32_t SmallTorus::choices(EndpointId from, EndpointId to) const {
  for (std::uint32_t i = 0; i < size(); ++i) {
    if (dims_[i] == 2 && neighbour(from.value, i, true) == to.value) return 2;
  }
  return 1;
}

void SmallTorus::path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const {
  out.clear();
  std::uint32_t e = from.value;
  for (std::uint32_t i = 0; i < size(); ++i) {
    const std::uint32_t d = dims_[i];
    const std::uint32_t ahead = (to.value / stride_[i] + d - e / stride_[i] % d) % d;
    const bool up = ahead <= d / 2 && choice == 0;
    for (std::uint32_t hops = ahead <= d / 2 ? ahead : d - ahead; hops > 0; --hops) {
      out.add(2 * (e * size() + i) + (up ? 0 : 1));
      e = neighbour(e, i, up);
    }
  }
}

std::span<const std::string_view> SmallTorus::link_tiers() const {
  return kTorusTiers;
}

TopologySummary SmallTorus::summary() const {
  TopologySummary all;
  all.hosts = hosts();
  all.links = links();
  all.diameter = longest_path();
  return all;
}

}  // namespace hyperdc::test
