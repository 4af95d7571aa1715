// Tables of communication libraries: from the catalog to ai/collective/tuning.hpp.
#include "scenario/resolve_tuning.hpp"

#include <array>
#include <fmt/format.h>

#include "scenario/resolve.hpp"

namespace hyperdc {
namespace {

constexpr double kGB = 1e9;

Duration microseconds(double us) {
  return seconds(us * 1e-6);
}

ByProtocol latencies(const View& list) {
  const std::vector<double> us = list.numbers();
  return {microseconds(us.at(0)), microseconds(us.at(1)), microseconds(us.at(2))};
}

HopLatency hop_latency(const View& hops) {
  return {latencies(hops["ring"]), latencies(hops["tree"]),
          microseconds(hops["in_network"].number())};
}

ByNodes rates_Bps(const View& list) {
  const std::vector<double> rates = list.numbers();
  return {kGB * rates.at(0), kGB * rates.at(1), kGB * rates.at(2)};
}

/// All maps of the file have the generation and the processor.
std::string missing_part(const View& file, const std::string& generation, const std::string& cpu) {
  const View ll = file["ll_most_GBps"];
  for (const View& map : {file["channels"], file["channel_most_GBps"], ll["one_node"]}) {
    if (!map[generation]) return fmt::format("{} has nothing for {}", map.path(), generation);
  }
  for (const View& map : {file["post_us"], ll["two_nodes"], ll["more_nodes"]}) {
    if (!map[cpu]) return fmt::format("{} has nothing for {}", map.path(), cpu);
  }
  return {};
}

TuningTable table_of(const View& file, const std::string& generation, const std::string& cpu) {
  TuningTable t;
  t.base_ring = latencies(file["base_latency_us"]["ring"]);
  t.base_tree = latencies(file["base_latency_us"]["tree"]);
  t.scale_up = hop_latency(file["hop_latency_us"]["scale_up"]);
  t.network = hop_latency(file["hop_latency_us"]["network"]);
  t.post = microseconds(file["post_us"][cpu].number());
  t.channels = static_cast<std::uint32_t>(file["channels"][generation].number());
  const View ll = file["ll_most_GBps"];
  t.ll_most_Bps = {kGB * ll["one_node"][generation].number(), kGB * ll["two_nodes"][cpu].number(),
                   kGB * ll["more_nodes"][cpu].number()};
  const View channel = file["channel_most_GBps"][generation];
  t.ring_ll128_channel_Bps = rates_Bps(channel["ring_ll128"]);
  t.tree_ll128_channel_Bps = rates_Bps(channel["tree_ll128"]);
  t.tree_channel_Bps = rates_Bps(channel["tree"]);
  t.in_network_tree_channel_Bps = rates_Bps(channel["in_network_tree"]);
  const View parts = file["parts"];
  t.ring_ll = parts["ring_ll"].number();
  t.ring_ll128 = parts["ring_ll128"].number();
  t.tree = parts["tree"].number();
  t.tree_ll = parts["tree_ll"].number();
  t.tree_ll128_one_node = parts["tree_ll128_one_node"].number();
  t.tree_ll128 = parts["tree_ll128"].number();
  t.ring_plateau = file["ring_plateau"].number();
  const auto corrections = file["tree_correction"].each();
  for (std::size_t p = 0; p < kProtocols; ++p) {
    const std::vector<double> by_size = corrections.at(p).value.numbers();
    for (std::size_t i = 0; i < kTreeSizes; ++i) t.tree_correction[p][i] = by_size.at(i);
  }
  return t;
}

}  // namespace

std::shared_ptr<const TuningTable> tuning_of(Resolution& r, const View& collective) {
  const View library = collective["library"];
  const std::string chosen = library.text();
  const std::size_t dash = chosen.find('-');
  if (dash == std::string::npos || !collective["library_cpu"]) return nullptr;  // "none"; reported
  const std::string name = chosen.substr(0, dash);
  const std::string generation = chosen.substr(dash + 1);
  const std::string cpu = collective["library_cpu"].text();
  const Json* found = r.catalog.find(kCollectives, name);
  if (found == nullptr) {
    const bool broken = !r.catalog.file(kCollectives, name).empty();
    if (!broken) r.error("E030", library, "the catalog has no collectives called \"" + name + "\"");
    return nullptr;
  }
  const View file(found, fmt::format("{}.{}", kCollectives, name));
  std::string problem = missing_part(file, generation, cpu);
  if (problem.empty()) {
    auto table = std::make_shared<const TuningTable>(table_of(file, generation, cpu));
    problem = tuning_problem(*table);
    if (problem.empty()) {
      const std::string channels = "channels." + generation;
      const std::array<std::string_view, 1> facts = {channels};
      note_catalog_file(r, library, kCollectives, {name, file}, facts);
      return table;
    }
  }
  r.error("E034", file, problem);
  return nullptr;
}

}  // namespace hyperdc
