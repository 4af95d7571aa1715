#include "network/topology/scale_up.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "network/topology/sizes.hpp"

namespace hyperdc {

std::string scale_up_problem(const ScaleUpSpec& spec) {
  const std::string problem = clos_problem(spec.net);
  if (!problem.empty()) return problem;
  const ClosSpec& net = spec.net;
  if (spec.domain % spec.server != 0) return "an island must be a whole number of servers";
  if (spec.server % spec.per_nic != 0) return "a server must have a whole number of NICs";
  const std::uint64_t ports = std::uint64_t{net.pods} * net.leaves * net.hosts;
  const std::uint64_t hosts = times(ports, spec.per_nic);
  if (hosts % spec.domain != 0) return "there must be a whole number of domains";
  if (hosts < 2) return "there must be at least two accelerators";
  const std::uint64_t tier1 = ports / net.hosts * net.spines * net.leaf_links;
  const std::uint64_t tier2 = std::uint64_t{net.pods} * net.spines * net.cores * net.core_links;
  const std::uint64_t planes = times(2 * (ports + tier1 + tier2), spec.planes);
  const std::uint64_t local = times(2 * hosts, spec.switches + (spec.per_nic > 1 ? 1 : 0));
  if (planes + local > kMostLinks) return "there are more than 2^32 links";
  std::uint64_t far = times(times(net.spines, net.leaf_links), net.leaf_links);
  if (net.pods > 1) far = times(times(far, net.cores), times(net.core_links, net.core_links));
  if (times(far, times(spec.planes, spec.switches)) > kMostLinks) {
    return "there are more than 2^32 paths between two accelerators";
  }
  return {};
}

ScaleUp::ScaleUp(const ScaleUpSpec& spec) : spec_(spec), net_(spec.net) {
  const std::string problem = scale_up_problem(spec);
  HYPERDC_CHECK(problem.empty(), problem);
  HYPERDC_CHECK(!spec.rails || (spec.per_nic == 1 && spec.net.leaves % spec.domain == 0),
                "a rail has leaves of its own and each accelerator a port");
  hosts_ = net_.hosts() * spec.per_nic;
  domains_ = hosts_ / spec.domain;
  plane_links_ = net_.links();
  nic_up_ = spec.planes * plane_links_;
  nic_down_ = nic_up_ + (shared_nics() ? hosts_ : 0);
  scale_up_up_ = nic_down_ + (shared_nics() ? hosts_ : 0);
  scale_up_down_ = scale_up_up_ + hosts_ * spec.switches;
  scale_up_vertex_ =
      hosts_ + (shared_nics() ? net_.hosts() : 0) + spec.planes * (net_.vertices() - net_.hosts());
  for (const SwitchTier& tier : net_.summary().tiers) tier_switches_.push_back(tier.switches);
  names_ = {"NIC-leaf", "leaf-spine"};
  if (spec.net.cores > 0) names_.push_back("spine-core");
  names_.push_back("scale-up");
  if (shared_nics()) names_.push_back("accelerator-NIC");
}

EndpointId ScaleUp::port(std::uint32_t accelerator) const {
  if (!spec_.rails) return {accelerator / spec_.per_nic};
  const std::uint32_t servers = spec_.net.hosts;  // of a segment
  const std::uint32_t server = accelerator / spec_.domain;
  const std::uint32_t leaf = server / servers * spec_.domain + accelerator % spec_.domain;
  return {leaf * servers + server % servers};
}

std::uint32_t ScaleUp::owner(std::uint32_t port) const {
  if (!spec_.rails) return port;  // the NIC, where NICs are shared
  const std::uint32_t servers = spec_.net.hosts;
  const std::uint32_t leaf = port / servers;
  const std::uint32_t server = leaf / spec_.domain * servers + port % servers;
  return server * spec_.domain + leaf % spec_.domain;
}

std::uint32_t ScaleUp::vertex(std::uint32_t plane, std::uint32_t of_plane) const {
  if (of_plane < net_.hosts()) return shared_nics() ? hosts_ + of_plane : owner(of_plane);
  std::uint32_t rest = of_plane - net_.hosts();
  std::uint32_t first = hosts_ + (shared_nics() ? net_.hosts() : 0);
  for (const std::uint32_t switches : tier_switches_) {
    if (rest < switches) return first + plane * switches + rest;
    rest -= switches;
    first += spec_.planes * switches;
  }
  HYPERDC_CHECK(false, "there is no such switch");
}

std::uint32_t ScaleUp::vertices() const {
  return scale_up_vertex_ + domains_ * spec_.switches;
}

std::uint32_t ScaleUp::diameter() const {
  return domains_ == 1 ? 2 : net_.longest_path() + (shared_nics() ? 2 : 0);
}

std::uint32_t ScaleUp::longest_path() const {
  if (!spec_.rails || spec_.domain == 1 || domains_ == 1) return diameter();
  const bool one_segment = domains_ == spec_.net.hosts;
  return std::max(diameter(), (one_segment ? 2 : net_.longest_path()) + 2);
}

LinkInfo ScaleUp::link(LinkId link) const {
  if (link.value < nic_up_) return net_.link({link.value % plane_links_});
  const std::uint32_t tier = spec_.net.cores > 0 ? 3 : 2;
  const bool nic = link.value < scale_up_up_;
  const ClosLink& of = nic ? spec_.nic : spec_.scale_up;
  return {of.capacity_Bps, of.latency, nic ? tier + 1 : tier};
}

LinkEnds ScaleUp::ends(LinkId link) const {
  const std::uint32_t l = link.value;
  if (l < nic_up_) {
    const LinkEnds inside = net_.ends({l % plane_links_});
    const std::uint32_t plane = l / plane_links_;
    return {vertex(plane, inside.from), vertex(plane, inside.to)};
  }
  LinkEnds up;
  bool down = false;
  if (l < scale_up_up_) {
    down = l >= nic_down_;
    const std::uint32_t accelerator = l - (down ? nic_down_ : nic_up_);
    up = {accelerator, hosts_ + accelerator / spec_.per_nic};
  } else {
    down = l >= scale_up_down_;
    const std::uint32_t pair = l - (down ? scale_up_down_ : scale_up_up_);
    const std::uint32_t accelerator = pair / spec_.switches;
    up = {accelerator,
          scale_up_vertex_ + accelerator / spec_.domain * spec_.switches + pair % spec_.switches};
  }
  return down ? LinkEnds{up.to, up.from} : up;
}

LinkId ScaleUp::opposite(LinkId link) const {
  const std::uint32_t l = link.value;
  if (l < nic_up_)
    return {l / plane_links_ * plane_links_ + net_.opposite({l % plane_links_}).value};
  if (l < scale_up_up_) return {l < nic_down_ ? l + hosts_ : l - hosts_};
  const std::uint32_t half = hosts_ * spec_.switches;
  return {l < scale_up_down_ ? l + half : l - half};
}

std::uint32_t ScaleUp::choices(EndpointId from, EndpointId to) const {
  if (from == to) return 1;
  if (one_domain(from, to)) return spec_.switches;
  return spec_.planes * net_.choices(port(from.value), port(to.value));
}

void ScaleUp::add_network(EndpointId from, EndpointId to, std::uint32_t choice,
                          LinkPath& out) const {
  LinkPath inside;
  net_.path(port(from.value), port(to.value), choice / spec_.planes, inside);
  const std::uint32_t first = choice % spec_.planes * plane_links_;
  if (shared_nics()) out.add(nic_up_ + from.value);
  for (const LinkId link : inside.links()) out.add(first + link.value);
  if (shared_nics()) out.add(nic_down_ + to.value);
}

void ScaleUp::path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const {
  out.clear();
  if (from == to) return;
  if (!one_domain(from, to)) return add_network(from, to, choice, out);
  out.add(scale_up_up_ + from.value * spec_.switches + choice);
  out.add(scale_up_down_ + to.value * spec_.switches + choice);
}

void ScaleUp::add_spread(EndpointId from, EndpointId to, double amount,
                         std::span<double> load) const {
  if (from == to || one_domain(from, to)) return Topology::add_spread(from, to, amount, load);
  if (shared_nics()) {
    load[nic_up_ + from.value] += amount;
    load[nic_down_ + to.value] += amount;
  }
  for (std::uint32_t plane = 0; plane < spec_.planes; ++plane) {
    net_.add_spread(port(from.value), port(to.value), amount / spec_.planes,
                    load.subspan(std::size_t{plane} * plane_links_, plane_links_));
  }
}

EndpointId ScaleUp::proxy(EndpointId from, EndpointId to) const {
  return {from.value / spec_.domain * spec_.domain + to.value % spec_.domain};
}

std::uint32_t ScaleUp::detours(EndpointId from, EndpointId to) const {
  if (!spec_.rails || one_domain(from, to)) return 0;
  const EndpointId by = proxy(from, to);
  return by == from ? 0 : choices(from, by) * choices(by, to);
}

void ScaleUp::detour(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const {
  HYPERDC_CHECK(choice < detours(from, to), "there is no such detour");
  const EndpointId by = proxy(from, to);
  path(from, by, choice % spec_.switches, out);
  add_network(by, to, choice / spec_.switches, out);
}

std::uint32_t ScaleUp::rack(EndpointId endpoint) const {
  return endpoint.value / spec_.domain / (spec_.rails ? spec_.net.hosts : 1);
}

std::uint32_t ScaleUp::racks() const {
  return domains_ / (spec_.rails ? spec_.net.hosts : 1);
}

double ScaleUp::bisection_Bps() const {
  double network = spec_.planes * net_.summary().bisection_Bps;
  if (shared_nics()) network = std::min(network, hosts_ * spec_.nic.capacity_Bps / 2);
  if (domains_ > 1) return network;
  return network + hosts_ * static_cast<double>(spec_.switches) * spec_.scale_up.capacity_Bps / 2;
}

/// With one network its spines are the planes.
std::optional<std::uint32_t> ScaleUp::plane(LinkId link) const {
  if (link.value >= nic_up_) return std::nullopt;
  return spec_.planes > 1 ? link.value / plane_links_ : net_.plane(link);
}

TopologySummary ScaleUp::summary() const {
  TopologySummary all = net_.summary();
  all.hosts = hosts_;
  all.links = links();
  all.diameter = diameter();
  all.bisection_Bps = bisection_Bps();
  for (SwitchTier& tier : all.tiers) tier.switches *= spec_.planes;
  for (std::uint64_t& cables : all.cables) cables *= spec_.planes;
  if (spec_.net.cores > 0) all.tiers[1].name = "spine";
  all.tiers.push_back({"scale-up", domains_ * spec_.switches, spec_.domain});
  all.cables.push_back(std::uint64_t{hosts_} * spec_.switches);
  if (shared_nics()) {
    const double down_Bps = spec_.per_nic * spec_.nic.capacity_Bps;
    all.tiers.insert(all.tiers.begin(), {"NIC", net_.hosts(), spec_.per_nic + spec_.planes,
                                         down_Bps / (spec_.planes * spec_.net.host.capacity_Bps)});
    all.cables.push_back(hosts_);
  }
  for (const SwitchTier& tier : all.tiers) all.radix = std::max(all.radix, tier.ports);
  return all;
}

}  // namespace hyperdc
