// On which fabric training runs exchange, and whether they have it for themselves.
#include <algorithm>
#include <fmt/format.h>
#include <variant>

#include "scenario/resolve_training.hpp"

namespace hyperdc {
namespace {

/// Of all racks of the pool; nothing, with a problem, where there is no such one.
std::optional<std::uint32_t> fabric_of_run(Resolution& r, const View& network,
                                           const PoolSpec& pool) {
  std::optional<std::uint32_t> fabric;
  for (const std::uint32_t rack : pool.racks) {
    const std::uint32_t region = r.scenario.racks[rack].region;
    const std::string& name = r.scenario.regions[region].name;
    const auto here = fabric_of_region(r.scenario.fabrics, region);
    if (!here && r.spec["regions"][name]["fabric"].json()) return std::nullopt;  // reported
    if (!here || (fabric && *fabric != *here)) {
      r.error("E034", network,
              !here ? fmt::format("region {} has no fabric to exchange over", name)
                    : fmt::format("pool \"{}\" lies on several fabrics", pool.name),
              "a pool in one region that has a fabric, or no \"network\"");
      return std::nullopt;
    }
    fabric = here;
  }
  return fabric;
}

/// The first failure of its links or switches. Empty: none.
std::string failure_of(const Scenario& scenario, std::uint32_t fabric) {
  for (const FailureSpec& one : scenario.failures) {
    const auto* fault = std::get_if<NetworkFault>(&one.what);
    if (fault != nullptr && fault->fabric == fabric) return one.name;
  }
  return {};
}

/// What else uses a fabric, by what the scenario says. Empty: nothing.
std::string other_use(const Scenario& scenario, std::uint32_t fabric, const JobsWorkload& self) {
  const auto here = [&](std::uint32_t region) {
    return fabric_of_region(scenario.fabrics, region) == fabric;
  };
  for (const TransfersWorkload& one : scenario.transfers) {
    if (one.fabric == fabric) return one.name;
  }
  for (const CollectivesWorkload& one : scenario.collectives) {
    if (one.fabric == fabric && !one.closed_form) return one.name;
  }
  for (const JobsWorkload& one : scenario.workloads) {
    if (&one == &self) continue;
    if (one.communication && one.communication->fabric == fabric) return one.name;
    if (one.training && one.training->network && one.training->network->fabric == fabric) {
      return one.name;
    }
  }
  for (const StorageSpec& one : scenario.storage) {
    if (one.repair.on_fabric && here(one.region)) return one.name;
  }
  for (const StorageRequests& one : scenario.storage_requests) {
    if (!one.clients.empty() && here(scenario.storage[one.system].region)) return one.name;
  }
  for (const ServiceWorkload& one : scenario.services) {
    const bool caches =
        one.inference && one.inference->handoff && one.inference->handoff->fabric == fabric;
    const bool answers = one.network && std::ranges::any_of(one.deployments, [&](const auto& at) {
                           return here(at.region);
                         });
    if (caches || answers) return one.name;
  }
  if (std::string fault = failure_of(scenario, fabric); !fault.empty()) return fault;
  const FabricRules& rules = scenario.fabrics[fabric].rules;
  if (rules.contention < 1 || rules.incast) return "what its links lose to congestion";
  return {};
}

}  // namespace

void resolve_training_networks(Resolution& r) {
  for (JobsWorkload& workload : r.scenario.workloads) {
    const View network = r.spec["workloads"][workload.name]["network"];
    if (!workload.training || !network) continue;
    const auto fabric = fabric_of_run(r, network, r.scenario.pools[workload.pool]);
    if (!fabric) continue;
    const TrainingPlan& plan = workload.training->plan;
    const std::uint64_t of_stage = std::uint64_t{plan.tensor} * plan.data * plan.context;
    if (copies_of_stages(plan.schedule) > 1 &&
        of_stage < workload.training->question.chip.scale_up_domain) {
      r.error("E034", network,
              "two stages that share gradients (DualPipe) lie in one scale-up domain",
              "more copies, another \"schedule\", or no \"network\"");
      continue;
    }
    TrainingNetworkSpec out;
    out.fabric = *fabric;
    out.steps_at_once = static_cast<std::uint64_t>(network["steps_at_once"].number());
    workload.training->network = out;
  }
  for (JobsWorkload& workload : r.scenario.workloads) {
    if (!workload.training || !workload.training->network) continue;
    TrainingNetworkSpec& out = *workload.training->network;
    const View network = r.spec["workloads"][workload.name]["network"];
    const std::string asked = network["exchanges"].text();
    const std::string other = other_use(r.scenario, out.fabric, workload);
    const std::string fault = failure_of(r.scenario, out.fabric);
    if (asked == "loads" && !fault.empty()) {
      r.error("E034", network["exchanges"],
              fmt::format("loads of links are found when the run begins, and {} changes them later",
                          fault),
              "\"auto\" or \"flows\"");
      continue;
    }
    out.flows = asked == "flows" || (asked == "auto" && !other.empty());
    if (!out.flows && out.steps_at_once > 1) {
      r.warning("E016", network["steps_at_once"],
                "exchanges are no flows, but loads of links: this does nothing",
                R"(remove it, or "exchanges": "flows")");
    }
    if (asked == "loads" && !other.empty()) {
      r.warning("E016", network["exchanges"],
                fmt::format("{} uses the fabric too, and the run does not feel it", other),
                "\"auto\"");
    }
    if (asked == "auto") {
      r.scenario.assumptions.push_back(
          {network.path(), out.flows ? fmt::format("its exchanges are flows: {}", other)
                                     : "nothing else uses the fabric: exchanges take what the "
                                       "loads of links say when the run begins"});
    }
  }
}

}  // namespace hyperdc
