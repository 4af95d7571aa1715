#include "network/topology/fat_tree.hpp"

#include <hyperdc/core/assert.hpp>

#include "network/topology/topologies.hpp"

namespace hyperdc {

ClosSpec fat_tree(std::uint32_t ports, const ClosLink& link) {
  HYPERDC_CHECK(ports >= 2 && ports % 2 == 0,
                "a fat tree has switches with an even number of ports");
  ClosSpec spec;
  spec.pods = ports;
  spec.leaves = ports / 2;
  spec.hosts = ports / 2;
  spec.spines = ports / 2;
  spec.cores = ports / 2;
  spec.host = link;
  spec.leaf = link;
  spec.core = link;
  return spec;
}

namespace {

constexpr ParamSpec kFatTreeParams[] = {
    {"ports",
     ParamKind::integer,
     Dimension::none,
     "Ports of every switch, even; hosts are a quarter of its cube.",
     {},
     2,
     1290,
     {},
     "32"},
    {"bandwidth",
     ParamKind::quantity,
     Dimension::data_rate,
     "Of every link, each way.",
     {},
     1,
     1e15,
     {},
     R"("400 Gbit/s")"},
    {"latency",
     ParamKind::quantity,
     Dimension::time,
     "Of each link: cable and next switch.",
     {},
     0,
     1,
     {},
     R"("600 ns")"},
};

}  // namespace

TopologyEntry fat_tree_topology() {
  return {"fat-tree", "Switches of k ports in three tiers, without oversubscription.",
          kFatTreeParams,
          [](const Params& params) -> std::string {
            return params.integer("ports") % 2 == 0 ? "" : "the number of ports must be even";
          },
          [](const Params& params) -> std::unique_ptr<Topology> {
            const ClosLink link{params.number("bandwidth"), params.duration("latency")};
            const auto ports = static_cast<std::uint32_t>(params.integer("ports"));
            return std::make_unique<Clos>(fat_tree(ports, link));
          }};
}

}  // namespace hyperdc
