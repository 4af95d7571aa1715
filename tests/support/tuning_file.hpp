// The tuning table and the machines of scenarios/catalog/collectives/nccl.json, for tests.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "ai/collective/tuning.hpp"

namespace hyperdc::test {

class TuningFile {
 public:
  explicit TuningFile(const std::string& path) {
    std::ifstream in(path);
    json_ = nlohmann::json::parse(in);
  }

  /// `generation`: "ampere", "hopper"; `cpu`: "intel", "amd".
  TuningTable table(const std::string& generation, const std::string& cpu) const {
    TuningTable t;
    t.base_ring = latencies(json_["base_latency_us"]["ring"]);
    t.base_tree = latencies(json_["base_latency_us"]["tree"]);
    t.scale_up = hop(json_["hop_latency_us"]["scale_up"]);
    t.network = hop(json_["hop_latency_us"]["network"]);
    t.post = microseconds(json_["post_us"][cpu]);
    t.channels = json_["channels"][generation];
    const auto& ll = json_["ll_most_GBps"];
    t.ll_most_Bps = {1e9 * ll["one_node"][generation].get<double>(),
                     1e9 * ll["two_nodes"][cpu].get<double>(),
                     1e9 * ll["more_nodes"][cpu].get<double>()};
    const auto& channel = json_["channel_most_GBps"][generation];
    t.ring_ll128_channel_Bps = by_nodes(channel["ring_ll128"]);
    t.tree_ll128_channel_Bps = by_nodes(channel["tree_ll128"]);
    t.tree_channel_Bps = by_nodes(channel["tree"]);
    t.in_network_tree_channel_Bps = by_nodes(channel["in_network_tree"]);
    const auto& parts = json_["parts"];
    t.ring_ll = parts["ring_ll"];
    t.ring_ll128 = parts["ring_ll128"];
    t.tree = parts["tree"];
    t.tree_ll = parts["tree_ll"];
    t.tree_ll128_one_node = parts["tree_ll128_one_node"];
    t.tree_ll128 = parts["tree_ll128"];
    t.ring_plateau = json_["ring_plateau"];
    for (std::size_t p = 0; p < kProtocols; ++p) {
      for (std::size_t i = 0; i < kTreeSizes; ++i) {
        t.tree_correction[p][i] = json_["tree_correction"][p][i];
      }
    }
    return t;
  }

  /// `gpus` of a machine in each of `nodes` nodes with a NIC each.
  std::vector<CollectiveLevel> levels(const std::string& machine, std::uint32_t gpus,
                                      std::uint32_t nodes, const std::string& nic) const {
    const auto& m = json_["machines"][machine];
    CollectiveLevel inside;
    inside.kind = LevelKind::scale_up;
    inside.ranks = gpus;
    inside.bandwidth_Bps =
        1e9 * m["scale_up_links"].get<double>() * m["scale_up_link_GBps"].get<double>();
    inside.alpha = microseconds(json_["hop_latency_us"]["scale_up"]["ring"][2]);
    if (m.contains("in_network_bus_GBps")) {
      const std::uint64_t measured = m["in_network_ranks"];
      inside.reduction_Bps = 1e9 * m["in_network_bus_GBps"].get<double>() /
                             bus_factor(CollectiveOp::all_reduce, measured);
    }
    if (nodes == 1) return {inside};
    CollectiveLevel outside;
    outside.ranks = nodes;
    outside.bandwidth_Bps = 1e9 * json_["nic_GBps"][nic].get<double>();
    outside.alpha = microseconds(json_["hop_latency_us"]["network"]["ring"][2]);
    return {inside, outside};
  }

 private:
  static Duration microseconds(const nlohmann::json& value) {
    return seconds(value.get<double>() * 1e-6);
  }
  static ByProtocol latencies(const nlohmann::json& list) {
    return {microseconds(list[0]), microseconds(list[1]), microseconds(list[2])};
  }
  static HopLatency hop(const nlohmann::json& hops) {
    return {latencies(hops["ring"]), latencies(hops["tree"]), microseconds(hops["in_network"])};
  }
  static ByNodes by_nodes(const nlohmann::json& list) {
    return {1e9 * list[0].get<double>(), 1e9 * list[1].get<double>(), 1e9 * list[2].get<double>()};
  }

  nlohmann::json json_;
};

}  // namespace hyperdc::test
