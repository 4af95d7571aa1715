#include "network/topology/dragonfly.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "network/topology/sizes.hpp"
#include "network/topology/topologies.hpp"

namespace hyperdc {

std::string dragonfly_problem(const DragonflySpec& spec) {
  if (spec.groups == 0 || spec.routers == 0 || spec.hosts == 0) {
    return "a dragonfly needs groups, routers and hosts";
  }
  const std::uint64_t ports = times(spec.routers, spec.globals);
  if (spec.groups - 1 > ports) {
    return "there are more groups than one and the global links of a group";
  }
  const std::uint64_t routers = times(spec.groups, spec.routers);
  const std::uint64_t hosts = times(routers, spec.hosts);
  const std::uint64_t local = times(routers, spec.routers - 1);
  if (2 * hosts + local + times(spec.groups, ports) > kMostLinks) {
    return "there are more than 2^32 links";
  }
  const std::uint64_t least = spec.groups > 1 ? ports / (spec.groups - 1) : 0;
  if (times(times(least, least), spec.groups) > kMostLinks) {
    return "there are more than 2^32 detours between two hosts";
  }
  return {};
}

namespace {

const DragonflySpec& checked_dragonfly(const DragonflySpec& spec) {
  const std::string problem = dragonfly_problem(spec);
  HYPERDC_CHECK(problem.empty(), problem);
  return spec;
}

}  // namespace

Dragonfly::Dragonfly(const DragonflySpec& spec)
    : spec_(checked_dragonfly(spec)), groups_(spec.groups, spec.routers * spec.globals) {
  routers_ = spec.groups * spec.routers;
  hosts_ = routers_ * spec.hosts;
  local_ = 2 * hosts_;
  global_ = local_ + routers_ * (spec.routers - 1);
}

std::uint32_t Dragonfly::longest_path() const {
  const bool many = spec_.routers > 1;
  if (spec_.groups == 1) return !many ? 2 : spec_.routers == 2 ? 3 : 4;
  if (spec_.groups == 2) return many ? 5 : 3;
  return many ? 7 : 4;
}

std::span<const std::string_view> Dragonfly::link_tiers() const {
  static constexpr std::string_view kNames[] = {"host-router", "local", "global"};
  return kNames;
}

LinkInfo Dragonfly::link(LinkId link) const {
  const std::uint32_t tier = link.value < local_ ? 0 : link.value < global_ ? 1 : 2;
  const ClosLink& of = tier == 0 ? spec_.host : tier == 1 ? spec_.local : spec_.global;
  return {of.capacity_Bps, of.latency, tier};
}

LinkEnds Dragonfly::ends(LinkId link) const {
  const std::uint32_t l = link.value;
  if (l < hosts_) return {l, hosts_ + l / spec_.hosts};
  if (l < local_) return {hosts_ + (l - hosts_) / spec_.hosts, l - hosts_};
  if (l < global_) {
    const std::uint32_t others = spec_.routers - 1;
    const std::uint32_t from = (l - local_) / others;
    const std::uint32_t at = from % spec_.routers;
    const std::uint32_t other = (l - local_) % others;
    return {hosts_ + from, hosts_ + from - at + (other < at ? other : other + 1)};
  }
  const bool forward = l - global_ < groups_.cables();
  const GroupLinks::Cable cable = groups_.ends(l - global_ - (forward ? 0 : groups_.cables()));
  const std::uint32_t a = hosts_ + cable.a.group * spec_.routers + cable.a.port / spec_.globals;
  const std::uint32_t b = hosts_ + cable.b.group * spec_.routers + cable.b.port / spec_.globals;
  return forward ? LinkEnds{a, b} : LinkEnds{b, a};
}

LinkId Dragonfly::opposite(LinkId link) const {
  const std::uint32_t l = link.value;
  if (l < local_) return {l < hosts_ ? l + hosts_ : l - hosts_};
  if (l < global_) {
    const LinkEnds there = ends(link);
    return {local(there.to - hosts_, there.from - hosts_)};
  }
  return {l - global_ < groups_.cables() ? l + groups_.cables() : l - groups_.cables()};
}

std::uint32_t Dragonfly::local(std::uint32_t from, std::uint32_t to) const {
  const std::uint32_t other = to % spec_.routers;
  const std::uint32_t skip = other < from % spec_.routers ? 0 : 1;
  return local_ + from * (spec_.routers - 1) + other - skip;
}

void Dragonfly::add_local(std::uint32_t from, std::uint32_t to, LinkPath& out) const {
  if (from != to) out.add(local(from, to));
}

std::uint32_t Dragonfly::add_global(std::uint32_t from, std::uint32_t group, std::uint32_t index,
                                    LinkPath& out) const {
  const std::uint32_t here = from / spec_.routers;
  const GroupLinks::Hop hop = groups_.hop(here, group, index);
  add_local(from, here * spec_.routers + hop.leave / spec_.globals, out);
  out.add(global_ + hop.cable + (hop.forward ? 0 : groups_.cables()));
  return group * spec_.routers + hop.arrive / spec_.globals;
}

std::uint32_t Dragonfly::choices(EndpointId from, EndpointId to) const {
  const std::uint32_t a = rack(from);
  const std::uint32_t b = rack(to);
  return a == b ? 1 : groups_.between(a, b);
}

void Dragonfly::path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const {
  out.clear();
  if (from == to) return;
  out.add(from.value);
  std::uint32_t at = router(from);
  if (rack(from) != rack(to)) at = add_global(at, rack(to), choice, out);
  add_local(at, router(to), out);
  out.add(hosts_ + to.value);
}

std::uint32_t Dragonfly::detours(EndpointId from, EndpointId to) const {
  if (router(from) == router(to)) return 0;
  if (rack(from) == rack(to)) return spec_.routers - 2;
  return (spec_.groups - 2) * groups_.least() * groups_.least();
}

void Dragonfly::detour(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const {
  HYPERDC_CHECK(choice < detours(from, to), "there is no such detour");
  out.clear();
  out.add(from.value);
  std::uint32_t at = router(from);
  const std::uint32_t last = router(to);
  // The third place is the choice-th that is neither of the two.
  const auto third = [](std::uint32_t digit, std::uint32_t a, std::uint32_t b) {
    if (digit >= std::min(a, b)) ++digit;
    return digit >= std::max(a, b) ? digit + 1 : digit;
  };
  if (rack(from) == rack(to)) {
    const std::uint32_t first = rack(from) * spec_.routers;
    const std::uint32_t by = first + third(choice, at - first, last - first);
    add_local(at, by, out);
    at = by;
  } else {
    ChoiceDigits digits(choice);
    const std::uint32_t group = third(digits.next(spec_.groups - 2), rack(from), rack(to));
    at = add_global(at, group, digits.next(groups_.least()), out);
    at = add_global(at, rack(to), digits.next(groups_.least()), out);
  }
  add_local(at, last, out);
  out.add(hosts_ + to.value);
}

/// Whether all routers are at most two links from one.
bool Dragonfly::all_in_two(std::uint32_t from) const {
  std::vector<bool> seen(routers_, false);
  std::uint32_t count = 0;
  const auto see = [&](std::uint32_t router) {
    count += seen[router] ? 0 : 1;
    seen[router] = true;
  };
  std::vector<std::vector<std::uint32_t>> next(routers_);
  for (std::uint32_t l = local_; l < links(); ++l) {
    next[ends({l}).from - hosts_].push_back(ends({l}).to - hosts_);
  }
  see(from);
  for (const std::uint32_t near : next[from]) {
    see(near);
    for (const std::uint32_t far : next[near]) see(far);
  }
  return count == routers_;
}

std::uint32_t Dragonfly::router_diameter() const {
  if (routers_ == 1) return 0;
  if (spec_.groups == 1 || spec_.routers == 1) return 1;
  const std::uint64_t a = spec_.routers - 1;
  const std::uint64_t h = spec_.globals;
  if (routers_ > 1 + a + h + 2 * a * h + h * h) return 3;       // more than two links can reach
  for (std::uint32_t from = 0; from < spec_.routers; ++from) {  // groups are alike
    if (!all_in_two(from)) return 3;
  }
  return 2;
}

double Dragonfly::bisection_Bps() const {
  if (hosts_ == 1) return 0;
  const double hosts_Bps = hosts_ * spec_.host.capacity_Bps / 2;
  if (routers_ == 1) return hosts_Bps;
  const double inside = static_cast<double>(spec_.routers) * spec_.routers / 4;
  const double cut_Bps = spec_.groups == 1 ? inside * spec_.local.capacity_Bps
                                           : groups_.halved() * spec_.global.capacity_Bps;
  return std::min(hosts_Bps, cut_Bps);
}

TopologySummary Dragonfly::summary() const {
  const std::uint32_t globals = std::min(spec_.globals, groups_.used_ports());
  TopologySummary all;
  all.hosts = hosts_;
  all.links = links();
  all.diameter = 2 + router_diameter();
  all.bisection_Bps = bisection_Bps();
  all.cables = {hosts_, std::uint64_t{routers_} * (spec_.routers - 1) / 2, groups_.cables()};
  all.tiers = {{"router", routers_, spec_.hosts + spec_.routers - 1 + globals}};
  all.radix = all.tiers[0].ports;
  return all;
}

namespace {

constexpr ParamSpec kDragonflyParams[] = {
    count_spec("groups", "Groups, at most routers * global_links + 1."),
    count_spec("routers", "Routers of each group."),
    count_spec("hosts", "Hosts of each router."),
    count_spec("global_links", "Ports of each router for links to other groups."),
    bandwidth_spec("host_bandwidth", "Of a link between a host and its router, each way."),
    bandwidth_spec("local_bandwidth", "Of a link between routers of a group, each way."),
    bandwidth_spec("global_bandwidth", "Of a link between groups, each way."),
    latency_spec("local_latency", "Of each link in a group: cable and next switch."),
    latency_spec("global_latency", "Of each link between groups: cable and next switch."),
};

DragonflySpec dragonfly_spec(const Params& params) {
  DragonflySpec spec;
  spec.groups = count_of(params, "groups");
  spec.routers = count_of(params, "routers");
  spec.hosts = count_of(params, "hosts");
  spec.globals = count_of(params, "global_links");
  spec.host = {params.number("host_bandwidth"), params.duration("local_latency")};
  spec.local = {params.number("local_bandwidth"), params.duration("local_latency")};
  spec.global = {params.number("global_bandwidth"), params.duration("global_latency")};
  return spec;
}

}  // namespace

TopologyEntry dragonfly_topology() {
  return {"dragonfly", "Groups of routers, all joined in a group, and all groups joined.",
          kDragonflyParams,
          [](const Params& params) { return dragonfly_problem(dragonfly_spec(params)); },
          [](const Params& params) -> std::unique_ptr<Topology> {
            return std::make_unique<Dragonfly>(dragonfly_spec(params));
          }};
}

}  // namespace hyperdc
