// Dragonfly+: groups that are leaf-spine networks, whose spines have the cables between groups.
//
// g groups of l leaves of p hosts and s spines; each leaf has a link to each spine of its group;
// each spine has h ports for cables to other groups, which group_links.hpp deals. Choices: inside a
// group one of s spines (4 links between leaves); between groups one of their cables (5 links: the
// cable says which spines). Detours: by way of a third group over each pair of the m cables that
// all groups have between them, (g - 2) m^2; where these end at two spines there, by a leaf that
// the choice and the hosts say. Bisection: the global cables between halves of the groups, or of
// one group that of its Clos network; exact under the conditions of dragonfly.hpp, else an
// estimate. Source: Shpiner, Haramaty, Eliad, Zdornov, Gafni and Zahavi, "Dragonfly+: low cost
// topology for scaling datacenters", HiPINEB 2017. Valid: 1 <= g <= s h + 1. Leaves out: several
// links between a leaf and a spine, the choice between minimal path and detour (routing).
#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "network/topology/clos.hpp"
#include "network/topology/group_links.hpp"
#include "network/topology/sizes.hpp"
#include "network/topology/topologies.hpp"

namespace hyperdc {
namespace {

struct DragonflyPlusSpec {
  std::uint32_t groups = 1;
  std::uint32_t leaves = 1;   // of a group
  std::uint32_t hosts = 1;    // of a leaf
  std::uint32_t spines = 1;   // of a group
  std::uint32_t globals = 1;  // ports of a spine
  ClosLink host;
  ClosLink leaf;
  ClosLink global;
};

std::string dragonfly_plus_problem(const DragonflyPlusSpec& spec) {
  const std::uint64_t ports = times(spec.spines, spec.globals);
  if (spec.groups - 1 > ports) {
    return "there are more groups than one and the global links of a group";
  }
  const std::uint64_t leaves = times(spec.groups, spec.leaves);
  const std::uint64_t links = times(leaves, std::uint64_t{spec.hosts} + spec.spines);
  if (2 * links + times(spec.groups, ports) > kMostLinks) return "there are more than 2^32 links";
  const std::uint64_t least = spec.groups > 1 ? ports / (spec.groups - 1) : 0;
  if (times(times(least, least), spec.groups) > kMostLinks) {
    return "there are more than 2^32 detours between two hosts";
  }
  return {};
}

class DragonflyPlus final : public Topology {
 public:
  explicit DragonflyPlus(const DragonflyPlusSpec& spec)
      : spec_(spec),
        groups_(spec.groups, spec.spines * spec.globals),
        leaves_(spec.groups * spec.leaves),
        hosts_(leaves_ * spec.hosts),
        up_(2 * hosts_),
        down_(up_ + leaves_ * spec.spines),
        global_(down_ + leaves_ * spec.spines) {}

  std::uint32_t hosts() const override { return hosts_; }
  std::uint32_t links() const override { return global_ + 2 * groups_.cables(); }
  std::uint32_t vertices() const override { return hosts_ + leaves_ + spec_.groups * spec_.spines; }
  std::uint32_t longest_path() const override {
    return spec_.groups > 2 ? spec_.spines > 1 ? 8 : 6 : diameter();
  }
  LinkInfo link(LinkId link) const override;
  LinkEnds ends(LinkId link) const override;
  LinkId opposite(LinkId link) const override;
  std::uint32_t choices(EndpointId from, EndpointId to) const override;
  void path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  std::uint32_t detours(EndpointId from, EndpointId to) const override;
  void detour(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  /// The group.
  std::uint32_t rack(EndpointId endpoint) const override { return leaf(endpoint) / spec_.leaves; }
  std::uint32_t racks() const override { return spec_.groups; }
  std::span<const std::string_view> link_tiers() const override {
    static constexpr std::string_view kNames[] = {"host-leaf", "leaf-spine", "global"};
    return kNames;
  }
  TopologySummary summary() const override;

 private:
  std::uint32_t leaf(EndpointId host) const { return host.value / spec_.hosts; }
  std::uint32_t diameter() const { return spec_.groups > 1 ? 5 : spec_.leaves > 1 ? 4 : 2; }
  std::uint32_t up(std::uint32_t leaf, std::uint32_t spine) const {
    return up_ + leaf * spec_.spines + spine;
  }
  std::uint32_t down(std::uint32_t leaf, std::uint32_t spine) const {
    return down_ + leaf * spec_.spines + spine;
  }
  std::uint32_t spine_of(std::uint32_t port) const { return port / spec_.globals; }
  std::uint32_t global(const GroupLinks::Hop& hop) const {
    return global_ + hop.cable + (hop.forward ? 0 : groups_.cables());
  }

  DragonflyPlusSpec spec_;
  GroupLinks groups_;
  std::uint32_t leaves_;  // of all groups
  std::uint32_t hosts_;
  // First link of each kind; host links up start at 0, those down follow.
  std::uint32_t up_;
  std::uint32_t down_;
  std::uint32_t global_;
};

LinkInfo DragonflyPlus::link(LinkId link) const {
  const std::uint32_t tier = link.value < up_ ? 0 : link.value < global_ ? 1 : 2;
  const ClosLink& of = tier == 0 ? spec_.host : tier == 1 ? spec_.leaf : spec_.global;
  return {of.capacity_Bps, of.latency, tier};
}

LinkEnds DragonflyPlus::ends(LinkId link) const {
  const std::uint32_t l = link.value;
  const std::uint32_t first_spine = hosts_ + leaves_;
  if (l < hosts_) return {l, hosts_ + l / spec_.hosts};
  if (l < up_) return {hosts_ + (l - hosts_) / spec_.hosts, l - hosts_};
  if (l < global_) {
    const std::uint32_t pair = l - (l < down_ ? up_ : down_);
    const std::uint32_t leaf = pair / spec_.spines;
    const std::uint32_t spine = leaf / spec_.leaves * spec_.spines + pair % spec_.spines;
    const LinkEnds ends{hosts_ + leaf, first_spine + spine};
    return l < down_ ? ends : LinkEnds{ends.to, ends.from};
  }
  const bool forward = l - global_ < groups_.cables();
  const GroupLinks::Cable cable = groups_.ends(l - global_ - (forward ? 0 : groups_.cables()));
  const std::uint32_t a = first_spine + cable.a.group * spec_.spines + spine_of(cable.a.port);
  const std::uint32_t b = first_spine + cable.b.group * spec_.spines + spine_of(cable.b.port);
  return forward ? LinkEnds{a, b} : LinkEnds{b, a};
}

LinkId DragonflyPlus::opposite(LinkId link) const {
  const std::uint32_t l = link.value;
  if (l < up_) return {l < hosts_ ? l + hosts_ : l - hosts_};
  if (l < global_) return {l < down_ ? l + (down_ - up_) : l - (down_ - up_)};
  return {l - global_ < groups_.cables() ? l + groups_.cables() : l - groups_.cables()};
}

std::uint32_t DragonflyPlus::choices(EndpointId from, EndpointId to) const {
  if (leaf(from) == leaf(to)) return 1;
  return rack(from) == rack(to) ? spec_.spines : groups_.between(rack(from), rack(to));
}

void DragonflyPlus::path(EndpointId from, EndpointId to, std::uint32_t choice,
                         LinkPath& out) const {
  out.clear();
  if (from == to) return;
  out.add(from.value);
  if (rack(from) != rack(to)) {
    const GroupLinks::Hop hop = groups_.hop(rack(from), rack(to), choice);
    out.add(up(leaf(from), spine_of(hop.leave)));
    out.add(global(hop));
    out.add(down(leaf(to), spine_of(hop.arrive)));
  } else if (leaf(from) != leaf(to)) {
    out.add(up(leaf(from), choice));
    out.add(down(leaf(to), choice));
  }
  out.add(hosts_ + to.value);
}

std::uint32_t DragonflyPlus::detours(EndpointId from, EndpointId to) const {
  if (rack(from) == rack(to)) return 0;
  return (spec_.groups - 2) * groups_.least() * groups_.least();
}

void DragonflyPlus::detour(EndpointId from, EndpointId to, std::uint32_t choice,
                           LinkPath& out) const {
  HYPERDC_CHECK(choice < detours(from, to), "there is no such detour");
  out.clear();
  ChoiceDigits digits(choice);
  std::uint32_t group = digits.next(spec_.groups - 2);
  if (group >= std::min(rack(from), rack(to))) ++group;
  if (group >= std::max(rack(from), rack(to))) ++group;
  const GroupLinks::Hop there = groups_.hop(rack(from), group, digits.next(groups_.least()));
  const GroupLinks::Hop on = groups_.hop(group, rack(to), digits.next(groups_.least()));
  out.add(from.value);
  out.add(up(leaf(from), spine_of(there.leave)));
  out.add(global(there));
  if (spine_of(there.arrive) != spine_of(on.leave)) {
    const std::uint64_t mix = std::uint64_t{choice} + from.value + to.value;
    const auto by = group * spec_.leaves + static_cast<std::uint32_t>(mix % spec_.leaves);
    out.add(down(by, spine_of(there.arrive)));
    out.add(up(by, spine_of(on.leave)));
  }
  out.add(global(on));
  out.add(down(leaf(to), spine_of(on.arrive)));
  out.add(hosts_ + to.value);
}

TopologySummary DragonflyPlus::summary() const {
  const std::uint32_t globals = std::min(spec_.globals, groups_.used_ports());
  const double leaf_Bps = spec_.spines * spec_.leaf.capacity_Bps;
  TopologySummary all;
  all.hosts = hosts_;
  all.links = links();
  all.diameter = diameter();
  all.bisection_Bps = hosts_ == 1 ? 0 : hosts_ * spec_.host.capacity_Bps / 2;
  if (leaves_ > 1) all.bisection_Bps = std::min(all.bisection_Bps, leaves_ * leaf_Bps / 2);
  if (spec_.groups > 1) {
    const double cut_Bps = groups_.halved() * spec_.global.capacity_Bps;
    all.bisection_Bps = std::min(all.bisection_Bps, cut_Bps);
  }
  all.cables = {hosts_, std::uint64_t{leaves_} * spec_.spines, groups_.cables()};
  all.tiers = {{"leaf", leaves_, spec_.hosts + spec_.spines,
                spec_.hosts * spec_.host.capacity_Bps / leaf_Bps},
               {"spine", spec_.groups * spec_.spines, spec_.leaves + globals}};
  if (globals > 0) {
    all.tiers[1].oversubscription =
        spec_.leaves * spec_.leaf.capacity_Bps / (globals * spec_.global.capacity_Bps);
  }
  for (const SwitchTier& tier : all.tiers) all.radix = std::max(all.radix, tier.ports);
  return all;
}

constexpr ParamSpec kDragonflyPlusParams[] = {
    count_spec("groups", "Groups, at most spines * global_links + 1."),
    count_spec("leaves", "Leaf switches of each group."),
    count_spec("hosts", "Hosts of each leaf; more raise oversubscription."),
    count_spec("spines", "Spine switches of each group; more lower oversubscription."),
    count_spec("global_links", "Ports of each spine for links to other groups."),
    bandwidth_spec("host_bandwidth", "Of a link between a host and its leaf, each way."),
    bandwidth_spec("leaf_bandwidth", "Of a link between a leaf and a spine, each way."),
    bandwidth_spec("global_bandwidth", "Of a link between groups, each way."),
    latency_spec("local_latency", "Of each link in a group: cable and next switch."),
    latency_spec("global_latency", "Of each link between groups: cable and next switch."),
};

DragonflyPlusSpec dragonfly_plus_spec(const Params& params) {
  DragonflyPlusSpec spec;
  spec.groups = count_of(params, "groups");
  spec.leaves = count_of(params, "leaves");
  spec.hosts = count_of(params, "hosts");
  spec.spines = count_of(params, "spines");
  spec.globals = count_of(params, "global_links");
  spec.host = {params.number("host_bandwidth"), params.duration("local_latency")};
  spec.leaf = {params.number("leaf_bandwidth"), params.duration("local_latency")};
  spec.global = {params.number("global_bandwidth"), params.duration("global_latency")};
  return spec;
}

}  // namespace

TopologyEntry dragonfly_plus_topology() {
  return {"dragonfly-plus", "Groups of leaves and spines, whose spines join all groups.",
          kDragonflyPlusParams,
          [](const Params& params) { return dragonfly_plus_problem(dragonfly_plus_spec(params)); },
          [](const Params& params) -> std::unique_ptr<Topology> {
            return std::make_unique<DragonflyPlus>(dragonfly_plus_spec(params));
          }};
}

}  // namespace hyperdc
