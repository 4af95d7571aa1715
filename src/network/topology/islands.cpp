// Scale-up islands (NVLink with NVSwitch, UALink) on a leaf-spine network.
//
// Islands of n accelerators, each joined to m parallel scale-up switches with 1/m of its scale-up
// bandwidth; every `accelerators_per_nic` of them share a NIC on the leaf of the island. Computed
// by ScaleUp (scale_up.hpp). Source: NVIDIA GB200 NVL72: 72 accelerators, 18 NVSwitch chips, 900
// GB/s each way. Leaves out: islands on several leaves, memory semantics of scale-up.
#include "network/topology/scale_up.hpp"
#include "network/topology/sizes.hpp"
#include "network/topology/topologies.hpp"

namespace hyperdc {
namespace {

constexpr ParamSpec kIslandParams[] = {
    count_spec("leaves", "Leaf switches."),
    count_spec("islands_per_leaf", "Islands below each leaf; more raise oversubscription."),
    count_spec("accelerators_per_island", "Accelerators that scale-up joins."),
    count_spec("accelerators_per_server",
               "Accelerators of one server; divides those of an island."),
    count_spec("accelerators_per_nic", "Accelerators that share a NIC; divides those of a server.",
               "1"),
    count_spec("scale_up_switches", "Parallel scale-up switches of an island: paths inside it."),
    count_spec("spines", "Spine switches; more lower oversubscription."),
    count_spec("spine_links", "Links between a leaf and a spine.", "1"),
    bandwidth_spec("scale_up_bandwidth",
                   "Of an accelerator, each way, over all scale-up switches."),
    bandwidth_spec("nic_bandwidth", "Of a NIC, each way."),
    {"host_bandwidth", ParamKind::quantity, Dimension::data_rate,
     "Between an accelerator and the NIC that it shares, each way; needed where NICs are shared.",
     R"("0 Gbit/s")", 0, 1e15},
    bandwidth_spec("spine_bandwidth", "Of a link between a leaf and a spine, each way."),
    latency_spec("scale_up_latency", "Between an accelerator and a scale-up switch."),
    latency_spec("nic_latency", "Between a NIC and its leaf."),
    latency_spec("spine_latency", "Between a leaf and a spine."),
};

ScaleUpSpec island_spec(const Params& params) {
  ScaleUpSpec spec;
  spec.domain = count_of(params, "accelerators_per_island");
  spec.server = count_of(params, "accelerators_per_server");
  spec.per_nic = count_of(params, "accelerators_per_nic");
  spec.switches = count_of(params, "scale_up_switches");
  spec.net.leaves = count_of(params, "leaves");
  spec.net.hosts = count_of(params, "islands_per_leaf") * (spec.domain / spec.per_nic);
  spec.net.spines = count_of(params, "spines");
  spec.net.leaf_links = count_of(params, "spine_links");
  spec.net.host = {params.number("nic_bandwidth"), params.duration("nic_latency")};
  spec.net.leaf = {params.number("spine_bandwidth"), params.duration("spine_latency")};
  spec.scale_up = {params.number("scale_up_bandwidth") / spec.switches,
                   params.duration("scale_up_latency")};
  spec.nic = {params.number("host_bandwidth"), {0}};  // its latency is part of the NIC's
  return spec;
}

std::string island_problem(const Params& params) {
  const std::uint64_t below =
      times(count_of(params, "islands_per_leaf"), count_of(params, "accelerators_per_island"));
  if (below > kMostLinks) return "there are more than 2^32 accelerators on a leaf";
  const std::uint32_t nics = count_of(params, "accelerators_per_nic");
  if (count_of(params, "accelerators_per_server") % nics != 0) {
    return "a server must have a whole number of NICs";
  }
  if (nics > 1 && params.number("host_bandwidth") < 1) return "shared NICs need a host_bandwidth";
  return scale_up_problem(island_spec(params));
}

}  // namespace

TopologyEntry islands_topology() {
  return {"islands", "Scale-up islands of accelerators on a leaf-spine network.", kIslandParams,
          island_problem, [](const Params& params) -> std::unique_ptr<Topology> {
            return std::make_unique<ScaleUp>(island_spec(params));
          }};
}

}  // namespace hyperdc
