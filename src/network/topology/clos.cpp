#include "network/topology/clos.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "network/topology/sizes.hpp"
#include "network/topology/topologies.hpp"

namespace hyperdc {
std::string clos_problem(const ClosSpec& spec) {
  const std::uint64_t leaves = times(spec.pods, spec.leaves);
  const std::uint64_t hosts = times(leaves, spec.hosts);
  const std::uint64_t tier1 = times(times(leaves, spec.spines), spec.leaf_links);
  const std::uint64_t planes = times(times(spec.pods, spec.spines), spec.cores);
  const std::uint64_t tier2 = times(planes, spec.core_links);
  const std::uint64_t near = times(times(spec.spines, spec.leaf_links), spec.leaf_links);
  const std::uint64_t far = times(times(near, spec.cores), times(spec.core_links, spec.core_links));
  if (hosts == 0 || tier1 == 0) return "a Clos network needs pods, leaves, hosts, spines and links";
  if (spec.cores == 0 && spec.pods != 1) return "several pods need cores";
  if (spec.cores > 0 && tier2 == 0) return "cores need links";
  if (2 * (hosts + tier1 + tier2) > kMostLinks) return "there are more than 2^32 links";
  if (std::max(near, far) > kMostLinks) return "there are more than 2^32 paths between two hosts";
  return {};
}

Clos::Clos(const ClosSpec& spec) : spec_(spec) {
  const std::string problem = clos_problem(spec);
  HYPERDC_CHECK(problem.empty(), problem);
  leaves_ = spec.pods * spec.leaves;
  spines_ = spec.pods * spec.spines;
  hosts_ = leaves_ * spec.hosts;
  tier1_ = leaves_ * spec.spines * spec.leaf_links;
  tier2_ = spines_ * spec.cores * spec.core_links;
  down0_ = hosts_;
  up1_ = 2 * hosts_;
  down1_ = up1_ + tier1_;
  up2_ = down1_ + tier1_;
  down2_ = up2_ + tier2_;
  near_choices_ = spec.spines * spec.leaf_links * spec.leaf_links;
  far_choices_ = near_choices_ * spec.cores * spec.core_links * spec.core_links;
}

std::uint32_t Clos::vertices() const {
  return hosts_ + leaves_ + spines_ + spec_.spines * spec_.cores;
}

std::uint32_t Clos::longest_path() const {
  return spec_.pods > 1 ? 6 : leaves_ > 1 ? 4 : 2;
}

std::optional<std::uint32_t> Clos::plane(LinkId link) const {
  if (link.value < up1_) return std::nullopt;
  // One end of each link above the leaves is a spine; those of a pod follow each other.
  const LinkEnds ends = this->ends(link);
  const std::uint32_t first = hosts_ + leaves_;
  const bool is_from = ends.from >= first && ends.from - first < spines_;
  return ((is_from ? ends.from : ends.to) - first) % spec_.spines;
}

std::span<const std::string_view> Clos::link_tiers() const {
  static constexpr std::string_view kTwo[] = {"host-leaf", "leaf-spine"};
  static constexpr std::string_view kThree[] = {"host-leaf", "leaf-aggregation",
                                                "aggregation-core"};
  return spec_.cores > 0 ? std::span<const std::string_view>(kThree) : kTwo;
}

LinkInfo Clos::link(LinkId link) const {
  const std::uint32_t tier = link.value < up1_ ? 0 : link.value < up2_ ? 1 : 2;
  const ClosLink& of = tier == 0 ? spec_.host : tier == 1 ? spec_.leaf : spec_.core;
  return {of.capacity_Bps, of.latency, tier};
}

LinkId Clos::opposite(LinkId link) const {
  const std::uint32_t l = link.value;
  if (l < up1_) return {l < down0_ ? l + hosts_ : l - hosts_};
  if (l < up2_) return {l < down1_ ? l + tier1_ : l - tier1_};
  return {l < down2_ ? l + tier2_ : l - tier2_};
}

LinkEnds Clos::ends(LinkId link) const {
  const std::uint32_t l = link.value;
  const std::uint32_t first_leaf = hosts_;
  const std::uint32_t first_spine = first_leaf + leaves_;
  const std::uint32_t first_core = first_spine + spines_;
  LinkEnds up;
  bool down = false;
  if (l < up1_) {
    down = l >= down0_;
    const std::uint32_t host = down ? l - down0_ : l;
    up = {host, first_leaf + host / spec_.hosts};
  } else if (l < up2_) {
    down = l >= down1_;
    const std::uint32_t pair = (l - (down ? down1_ : up1_)) / spec_.leaf_links;
    const std::uint32_t leaf = pair / spec_.spines;
    const std::uint32_t pod = leaf / spec_.leaves;
    up = {first_leaf + leaf, first_spine + pod * spec_.spines + pair % spec_.spines};
  } else {
    down = l >= down2_;
    const std::uint32_t pair = (l - (down ? down2_ : up2_)) / spec_.core_links;
    const std::uint32_t spine = pair / spec_.cores;
    const std::uint32_t plane = spine % spec_.spines;
    up = {first_spine + spine, first_core + plane * spec_.cores + pair % spec_.cores};
  }
  return down ? LinkEnds{up.to, up.from} : up;
}

std::uint32_t Clos::choices(EndpointId from, EndpointId to) const {
  const std::uint32_t a = from.value / spec_.hosts;
  const std::uint32_t b = to.value / spec_.hosts;
  if (a == b) return 1;
  return a / spec_.leaves == b / spec_.leaves ? near_choices_ : far_choices_;
}

void Clos::path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const {
  out.clear();
  if (from == to) return;
  const std::uint32_t a = from.value / spec_.hosts;
  const std::uint32_t b = to.value / spec_.hosts;
  out.add(from.value);
  if (a != b) {
    ChoiceDigits digits(choice);
    const std::uint32_t spine = digits.next(spec_.spines);
    const std::uint32_t cable_up = digits.next(spec_.leaf_links);
    const std::uint32_t cable_down = digits.next(spec_.leaf_links);
    out.add(up1_ + (a * spec_.spines + spine) * spec_.leaf_links + cable_up);
    const std::uint32_t pod_a = a / spec_.leaves;
    const std::uint32_t pod_b = b / spec_.leaves;
    if (pod_a != pod_b) {
      const std::uint32_t core = digits.next(spec_.cores);
      const std::uint32_t up = (pod_a * spec_.spines + spine) * spec_.cores + core;
      const std::uint32_t down = (pod_b * spec_.spines + spine) * spec_.cores + core;
      out.add(up2_ + up * spec_.core_links + digits.next(spec_.core_links));
      out.add(down2_ + down * spec_.core_links + digits.next(spec_.core_links));
    }
    out.add(down1_ + (b * spec_.spines + spine) * spec_.leaf_links + cable_down);
  }
  out.add(down0_ + to.value);
}

/// Link by link, where the paths of a far pair are tens of thousands.
void Clos::add_spread(EndpointId from, EndpointId to, double amount, std::span<double> load) const {
  if (from == to) return;
  load[from.value] += amount;
  load[down0_ + to.value] += amount;
  const std::uint32_t a = from.value / spec_.hosts;
  const std::uint32_t b = to.value / spec_.hosts;
  if (a == b) return;
  const std::uint32_t above = spec_.spines * spec_.leaf_links;  // links of a leaf
  for (std::uint32_t i = 0; i < above; ++i) {
    load[up1_ + a * above + i] += amount / above;
    load[down1_ + b * above + i] += amount / above;
  }
  const std::uint32_t pod_a = a / spec_.leaves;
  const std::uint32_t pod_b = b / spec_.leaves;
  if (pod_a == pod_b) return;
  const std::uint32_t over = spec_.spines * spec_.cores * spec_.core_links;  // links of a pod
  for (std::uint32_t i = 0; i < over; ++i) {
    load[up2_ + pod_a * over + i] += amount / over;
    load[down2_ + pod_b * over + i] += amount / over;
  }
}

double Clos::bisection_Bps() const {
  if (hosts_ == 1) return 0;
  double least = hosts_ * spec_.host.capacity_Bps;
  if (leaves_ > 1) least = std::min(least, tier1_ * spec_.leaf.capacity_Bps);
  if (spec_.pods > 1) least = std::min(least, tier2_ * spec_.core.capacity_Bps);
  return least / 2;
}

TopologySummary Clos::summary() const {
  const ClosSpec& s = spec_;
  const double host_Bps = s.hosts * s.host.capacity_Bps;
  const double leaf_Bps = s.leaf_links * s.leaf.capacity_Bps;
  const double core_Bps = s.core_links * s.core.capacity_Bps;
  TopologySummary all;
  all.hosts = hosts_;
  all.links = links();
  all.diameter = longest_path();
  all.bisection_Bps = bisection_Bps();
  all.cables = {hosts_, tier1_};
  all.tiers = {
      {"leaf", leaves_, s.hosts + s.spines * s.leaf_links, host_Bps / (s.spines * leaf_Bps)},
      {"spine", spines_, s.leaves * s.leaf_links + s.cores * s.core_links}};
  if (s.cores > 0) {
    all.cables.push_back(tier2_);
    all.tiers[1].name = "aggregation";
    all.tiers[1].oversubscription = s.leaves * leaf_Bps / (s.cores * core_Bps);
    all.tiers.push_back({"core", s.spines * s.cores, s.pods * s.core_links});
  }
  for (const SwitchTier& tier : all.tiers) all.radix = std::max(all.radix, tier.ports);
  return all;
}

namespace {

constexpr ParamSpec kLeafSpineParams[] = {
    count_spec("leaves", "Leaf switches."),
    count_spec("hosts", "Hosts of each leaf; more raise oversubscription."),
    count_spec("spines", "Spine switches; more lower oversubscription."),
    count_spec("leaf_links", "Links between a leaf and a spine.", "1"),
    bandwidth_spec("host_bandwidth", "Of a link between a host and its leaf, each way."),
    bandwidth_spec("leaf_bandwidth", "Of a link between a leaf and a spine, each way."),
    latency_spec(),
};

constexpr ParamSpec kClosParams[] = {
    count_spec("pods", "Number of pods."),
    count_spec("leaves", "Leaf switches of each pod."),
    count_spec("hosts", "Hosts of each leaf; more raise oversubscription."),
    count_spec("aggregations", "Aggregation switches of each pod; one plane of cores each."),
    count_spec("cores", "Core switches of each plane; more lower oversubscription between pods."),
    count_spec("leaf_links", "Links between a leaf and an aggregation switch.", "1"),
    count_spec("core_links", "Links between an aggregation switch and a core.", "1"),
    bandwidth_spec("host_bandwidth", "Of a link between a host and its leaf, each way."),
    bandwidth_spec("leaf_bandwidth", "Of a link above a leaf, each way."),
    bandwidth_spec("core_bandwidth", "Of a link to a core, each way."),
    latency_spec(),
};

/// What both families have: hosts, leaves and the links above them.
ClosSpec leaves_of(const Params& params) {
  ClosSpec spec;
  spec.leaves = count_of(params, "leaves");
  spec.hosts = count_of(params, "hosts");
  spec.leaf_links = count_of(params, "leaf_links");
  spec.host = {params.number("host_bandwidth"), params.duration("latency")};
  spec.leaf = {params.number("leaf_bandwidth"), params.duration("latency")};
  return spec;
}

ClosSpec leaf_spine_spec(const Params& params) {
  ClosSpec spec = leaves_of(params);
  spec.spines = count_of(params, "spines");
  return spec;
}

ClosSpec three_tier_spec(const Params& params) {
  ClosSpec spec = leaves_of(params);
  spec.pods = count_of(params, "pods");
  spec.spines = count_of(params, "aggregations");
  spec.cores = count_of(params, "cores");
  spec.core_links = count_of(params, "core_links");
  spec.core = {params.number("core_bandwidth"), params.duration("latency")};
  return spec;
}

}  // namespace

TopologyEntry leaf_spine_topology() {
  return {"leaf-spine", "Leaves that are each joined to every spine.", kLeafSpineParams,
          [](const Params& params) { return clos_problem(leaf_spine_spec(params)); },
          [](const Params& params) -> std::unique_ptr<Topology> {
            return std::make_unique<Clos>(leaf_spine_spec(params));
          }};
}

TopologyEntry clos_topology() {
  return {"clos", "Pods of leaves and aggregation switches, joined by planes of cores.",
          kClosParams, [](const Params& params) { return clos_problem(three_tier_spec(params)); },
          [](const Params& params) -> std::unique_ptr<Topology> {
            return std::make_unique<Clos>(three_tier_spec(params));
          }};
}

}  // namespace hyperdc
