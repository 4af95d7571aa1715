// Tables of communication libraries: files of the catalog.
#include "ai/collective/tuning.hpp"
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

TypeRef exactly(std::size_t n, const TypeRef& item) {
  auto type = std::make_shared<Type>(*list_type(item, n));
  type->max_items = n;
  return type;
}

TypeRef rate_GBps_type() {
  return number_type({0, 1e6}, "20.0");
}

TypeRef by_protocol_us_type() {
  return exactly(kProtocols, number_type({0, 1e6}, "8.4"));
}

TypeRef hops_type() {
  return object_type(
      "hop latencies", "What a step adds, in us.",
      {required("ring", by_protocol_us_type(), "Of a ring, by protocol."),
       required("tree", by_protocol_us_type(), "Of a tree, by protocol."),
       required("in_network", number_type({0, 1e6}, "25.0"), "Of reduction in the network.")});
}

TypeRef channel_type() {
  const TypeRef by_nodes = exactly(std::tuple_size_v<ByNodes>, rate_GBps_type());
  return object_type("channel bandwidths", "What a channel carries, in GB/s by number of nodes.",
                     {required("ring_ll128", by_nodes, "Rings with LL128."),
                      required("tree_ll128", by_nodes, "Trees with LL128."),
                      required("tree", by_nodes, "Trees with Simple."),
                      required("in_network_tree", by_nodes, "Trees with reduction in nodes.")});
}

TypeRef parts_type() {
  const TypeRef part = number_type({0, 1}, "0.92");
  return object_type(
      "parts", "Shares of the bandwidth of Simple, or of a ring.",
      {required("ring_ll", part, "Rings with LL."),
       required("ring_ll128", part, "Rings with LL128."), required("tree", part, "Trees of rings."),
       required("tree_ll", part, "Trees with LL."),
       required("tree_ll128_one_node", part, "Trees with LL128 in a node."),
       required("tree_ll128", part, "Trees with LL128 between nodes.")});
}

TypeRef machine_type() {
  return object_type(
      "tuned machine", "A machine on which the table was measured; for comparison only.",
      {required("generation", text_type("hopper"), "Of its accelerators."),
       required("scale_up_links", integer_type({1, 1e4}, "18"), "Of an accelerator."),
       required("scale_up_link_GBps", rate_GBps_type(), "Payload each way."),
       optional("in_network_bus_GBps", rate_GBps_type(), "Bus bandwidth of reduction in switches."),
       optional("in_network_ranks", integer_type({2, 1e6}, "8"), "Ranks of that measurement.")});
}

}  // namespace

TypeRef tuning_file_type() {
  const TypeRef us = number_type({0, 1e6}, "1.0");
  const TypeRef base = object_type("base latencies", "Before the first step, in us by protocol.",
                                   {required("ring", by_protocol_us_type(), "Of a ring."),
                                    required("tree", by_protocol_us_type(), "Of a tree.")});
  const TypeRef hops = object_type("step latencies", "What a step adds.",
                                   {required("scale_up", hops_type(), "Inside a node."),
                                    required("network", hops_type(), "Between nodes.")});
  const TypeRef ll =
      object_type("LL bandwidths", "Most that LL carries, in GB/s.",
                  {required("one_node", map_type(rate_GBps_type()), "By generation."),
                   required("two_nodes", map_type(rate_GBps_type()), "By processor."),
                   required("more_nodes", map_type(rate_GBps_type()), "By processor.")});
  const TypeRef corrections = exactly(kProtocols, exactly(kTreeSizes, number_type({0, 1}, "0.9")));
  return object_type(
      "collectives file", "A catalog file: how a communication library chooses.",
      {required("name", text_type("NAME"), "As the file is named."),
       required("version", text_type("2.30.7"), "Of the library."),
       required("protocols", exactly(kProtocols, text_type("LL")), "LL, LL128, Simple."),
       required("base_latency_us", base, "Before the first step."),
       required("hop_latency_us", hops, "Of each step."),
       required("post_us", map_type(us), "Of a message to the network, by processor."),
       required("ll_most_GBps", ll, "Most that LL carries."),
       required("channel_most_GBps", map_type(channel_type()), "Of a channel, by generation."),
       required("channels", map_type(integer_type({1, 1024}, "12")), "By generation."),
       required("parts", parts_type(), "Shares of bandwidth."),
       required("ring_plateau", number_type({1, 100}, "1.4"),
                "Times the latency of long rings with Simple."),
       required("tree_correction", corrections, "Of trees, by protocol and size from 64 B."),
       defaulted("machines", map_type(machine_type()), "{}", "Machines it was measured on."),
       defaulted("nic_GBps", map_type(rate_GBps_type()), "{}", "Payload of network adapters."),
       sources_field()});
}

}  // namespace hyperdc
