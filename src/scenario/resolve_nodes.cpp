// Nodes: bounds that hold together, prices where the policy compares them, an end of the run.
#include "scenario/resolve_nodes.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string>

#include <hyperdc/policy/node_autoscaler.hpp>

#include "scenario/policy_choice.hpp"
#include "scenario/policy_entry.hpp"
#include "scenario/resolve_jobs.hpp"

namespace hyperdc {
namespace {

std::uint64_t servers_of_pool(const Resolution& r, const PoolSpec& pool) {
  std::uint64_t servers = 0;
  for (const std::uint32_t rack : pool.racks) servers += servers_in(r.scenario.racks[rack]);
  return servers;
}

std::set<std::uint32_t> types_of_pool(const Resolution& r, const PoolSpec& pool) {
  std::set<std::uint32_t> types;
  for (const std::uint32_t rack : pool.racks) {
    for (const RackGroup::Run& run : r.scenario.racks[rack].servers) types.insert(run.type);
  }
  return types;
}

void resolve_bounds(Resolution& r, const View& nodes, std::uint64_t servers, NodesSpec& out) {
  const auto count = [&](const View& at) { return static_cast<std::uint32_t>(at.number()); };
  out.min = count(nodes["min"]);
  out.max = nodes["max"] ? count(nodes["max"]) : static_cast<std::uint32_t>(servers);
  out.initial = nodes["initial"] ? count(nodes["initial"]) : out.min;
  const auto too_many = [&](std::string_view key, std::uint32_t value, std::uint64_t most,
                            std::string_view of) {
    if (value <= most) return;
    const View at = nodes[key] ? nodes[key] : nodes;
    r.error("E034", at, fmt::format("{} {} is above {} {}", key, value, of, most));
  };
  too_many("max", out.max, servers, "the servers of the pool:");
  too_many("min", out.min, out.max, "max");
  too_many("initial", out.initial, out.max, "max");
  if (out.initial < out.min) {
    r.error("E034", nodes["initial"],
            fmt::format("initial {} is below min {}", out.initial, out.min));
  }
}

void resolve_stock(Resolution& r, const View& stock, const std::set<std::uint32_t>& types,
                   NodesSpec& out) {
  out.refused = stock["probability"].number();
  std::vector<std::string> names;
  for (const std::uint32_t type : types) names.push_back(r.scenario.server_types[type].name);
  for (const auto& [_, window, span] : stock["windows"].each()) {
    if (!window) continue;
    StockOutWindow next{window["at"].duration(), window["for"].duration(), {}};
    for (const auto& [index, name, name_span] : window["servers"].each()) {
      if (!name) continue;
      const auto at = std::find(names.begin(), names.end(), name.text());
      if (at == names.end()) {
        r.unknown(name, "server type in this pool", names);
        continue;
      }
      next.types.push_back(*std::next(types.begin(), at - names.begin()));
    }
    out.windows.push_back(std::move(next));
  }
}

void check_prices(Resolution& r, const View& nodes, const std::set<std::uint32_t>& types,
                  const NodesSpec& out) {
  if (r.problems.failed()) return;  // the parameters may be broken
  const NodeAutoscalerEntry& entry = entry_of(node_autoscalers(), out.policy);
  if (!entry.make(out.policy.params, {})->needs_prices()) return;
  for (const std::uint32_t type : types) {
    const ServerType& server = r.scenario.server_types[type];
    if (server.price) continue;
    r.error("E034", nodes,
            fmt::format("\"{}\" compares prices, and server type \"{}\" has none",
                        out.policy.policy, server.name),
            "give it a \"price\"");
  }
}

}  // namespace

std::optional<NodesSpec> nodes_of(Resolution& r, const View& pool, const PoolSpec& pool_spec,
                                  bool known) {
  const View nodes = pool["nodes"];
  if (!nodes) return std::nullopt;
  NodesSpec out;
  out.policy = checked_choice_of(r, nodes, node_autoscalers());
  out.jobs_move = nodes["jobs"].text() == "move";
  if (const View boot = nodes["boot"]) out.boot_s = distribution_of(r, boot);
  if (r.spec["duration"].json() == nullptr) {
    r.error("E033", nodes, "a node autoscaler goes on as long as the run does",
            R"(add "duration": "7 d" to the scenario)");
  }
  if (!known) return out;
  const std::set<std::uint32_t> types = types_of_pool(r, pool_spec);
  resolve_bounds(r, nodes, servers_of_pool(r, pool_spec), out);
  resolve_stock(r, nodes["stock_out"], types, out);
  check_prices(r, nodes, types, out);
  return out;
}

}  // namespace hyperdc
