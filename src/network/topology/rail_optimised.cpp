// Rail-optimised networks: accelerator i of each server is on the leaf of rail i of its segment.
//
// Pods of segments of servers of g accelerators; a leaf for each (segment, rail, plane); the spines
// of a plane join all its leaves in a pod; each spine has its own cores, which join the pods.
// Computed by ScaleUp (scale_up.hpp). Source: Qian et al., "Alibaba HPN: a data center network for
// large language model training", SIGCOMM 2024: planes = 2 is its dual-plane dual-ToR. Leaves out:
// the separate network for storage, and servers without all of their rails.
#include "network/topology/scale_up.hpp"
#include "network/topology/sizes.hpp"
#include "network/topology/topologies.hpp"

namespace hyperdc {
namespace {

constexpr ParamSpec kRailParams[] = {
    count_spec("pods", "Pods; several need cores.", "1"),
    count_spec("segments", "Segments of each pod: servers whose rails meet on one leaf each."),
    count_spec("servers_per_segment", "Servers of a segment: hosts of a leaf."),
    count_spec("accelerators_per_server", "Accelerators of a server: number of rails."),
    count_spec("planes", "Independent planes, of which each accelerator has one port each.", "1"),
    count_spec("spines", "Spine switches of each plane of a pod; more lower oversubscription."),
    count_spec("spine_links", "Links between a leaf and a spine.", "1"),
    count_spec("cores", "Core switches above each spine, shared by the pods; 0: none.", "0", 0),
    count_spec("core_links", "Links between a spine and a core.", "1"),
    bandwidth_spec("nic_bandwidth", "Of one port of an accelerator, each way."),
    bandwidth_spec("spine_bandwidth", "Of a link between a leaf and a spine, each way."),
    {"core_bandwidth", ParamKind::quantity, Dimension::data_rate,
     "Of a link to a core, each way; needed with cores.", R"("0 Gbit/s")", 0, 1e15},
    bandwidth_spec("scale_up_bandwidth", "Of an accelerator inside its server, each way."),
    latency_spec("nic_latency", "Between an accelerator and its leaf."),
    latency_spec("spine_latency", "Of each link above a leaf: cable and next switch."),
    latency_spec("scale_up_latency", "Between an accelerator and the switch of its server."),
};

ScaleUpSpec rail_spec(const Params& params) {
  ScaleUpSpec spec;
  spec.domain = count_of(params, "accelerators_per_server");
  spec.server = spec.domain;
  spec.planes = count_of(params, "planes");
  spec.rails = true;
  spec.net.pods = count_of(params, "pods");
  spec.net.hosts = count_of(params, "servers_per_segment");
  spec.net.leaves = count_of(params, "segments") * spec.domain;
  spec.net.spines = count_of(params, "spines");
  spec.net.leaf_links = count_of(params, "spine_links");
  spec.net.cores = count_of(params, "cores");
  spec.net.core_links = count_of(params, "core_links");
  spec.net.host = {params.number("nic_bandwidth"), params.duration("nic_latency")};
  spec.net.leaf = {params.number("spine_bandwidth"), params.duration("spine_latency")};
  spec.net.core = {params.number("core_bandwidth"), params.duration("spine_latency")};
  spec.scale_up = {params.number("scale_up_bandwidth"), params.duration("scale_up_latency")};
  return spec;
}

std::string rail_problem(const Params& params) {
  const std::uint64_t leaves =
      times(count_of(params, "segments"), count_of(params, "accelerators_per_server"));
  if (leaves > kMostLinks) return "there are more than 2^32 leaves";
  if (params.integer("cores") > 0 && params.number("core_bandwidth") < 1) {
    return "cores need a core_bandwidth";
  }
  return scale_up_problem(rail_spec(params));
}

}  // namespace

TopologyEntry rail_optimised_topology() {
  return {"rail-optimised", "Servers whose accelerators are each on a leaf of their own rail.",
          kRailParams, rail_problem, [](const Params& params) -> std::unique_ptr<Topology> {
            return std::make_unique<ScaleUp>(rail_spec(params));
          }};
}

}  // namespace hyperdc
