// Collectives: between which endpoints, and how they go about it.
#include "scenario/resolve_collectives.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <variant>

#include "core/shuffle.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_jobs.hpp"
#include "scenario/resolve_tuning.hpp"

namespace hyperdc {
namespace {

template <class Named, std::size_t N>
std::optional<Named> named(const std::array<Named, N>& all, const std::string& text) {
  for (const Named each : all) {
    if (name(each) == text) return each;
  }
  return std::nullopt;
}

/// The endpoints of the ranks; empty, with a problem, where the fabric has not as many.
std::vector<EndpointId> ranks_of(Resolution& r, const View& workload, const FabricSpec& fabric) {
  const auto ranks = static_cast<std::uint64_t>(workload["ranks"].number());
  const auto first = static_cast<std::uint64_t>(workload["first"].number());
  const auto stride = static_cast<std::uint64_t>(workload["stride"].number());
  std::vector<EndpointId> out;
  if (ranks == 0 || stride == 0) return out;  // reported
  const std::uint64_t last = first + (ranks - 1) * stride;
  if (last >= fabric.topology->hosts()) {
    r.error("E034", workload["ranks"],
            fmt::format("the last of {} ranks would be endpoint {}, and the fabric has {}", ranks,
                        last, fabric.topology->hosts()));
    return out;
  }
  for (std::uint64_t rank = 0; rank < ranks; ++rank) {
    out.push_back({static_cast<std::uint32_t>(first + rank * stride)});
  }
  return out;
}

void resolve_one(Resolution& r, const std::string& name, const View& workload) {
  CollectivesWorkload out;
  out.name = name;
  const auto index = fabric_of(r, workload);
  out.fabric = index.value_or(0);
  out.request = collective_request(r, workload);
  out.closed_form = workload["fidelity"].text() == "closed-form";
  out.request.flows = !out.closed_form;
  out.start = SimTime{} + workload["start"].duration();
  const std::size_t before = r.problems.errors();
  out.compute_s = distribution_of(r, workload["compute"]);
  out.count = static_cast<std::uint64_t>(workload["count"].number());
  if (workload["count"] && out.count == 0 && r.spec["duration"].json() == nullptr) {
    r.error("E033", workload, "these collectives never end",
            R"(add "count" here, or "duration": "1 min" to the scenario)");
  }
  if (index && r.problems.errors() == before) {
    const FabricSpec& fabric = r.scenario.fabrics[*index];
    out.request.spread = fabric.rules.routing == Routing::spray;
    out.ranks = ranks_of(r, workload, fabric);
    // The order is part of the scenario: the same for every seed of a run.
    if (workload["order"].text() == "shuffled") {
      const auto seed = static_cast<std::uint64_t>(r.spec["seed"].number());
      shuffle(out.ranks, RandomStream(seed, fmt::format("workloads.{}.ranks", name)));
    }
    if (!out.ranks.empty() && workload["bytes"]) {
      auto prepared =
          prepare_collective(out.request, *fabric.topology, fabric.efficiency, out.ranks);
      if (const auto* problem = std::get_if<std::string>(&prepared)) {
        r.error("E034", workload, *problem);
      } else {
        out.prepared = std::get<PreparedCollective>(std::move(prepared));
        if (out.request.tuning && !out.request.algorithm && !out.prepared.by_table) {
          r.scenario.assumptions.push_back(
              {workload["library"].path(),
               "its table has no algorithm for these ranks: the fastest by closed form is taken"});
        }
      }
    }
  }
  const auto* compute = std::get_if<Constant>(&out.compute_s);
  const bool at_once = compute != nullptr && compute->value == 0 && out.prepared.alone.ns == 0;
  if (out.prepared.plan && out.count == 0 && at_once) {
    r.error("E033", workload, "these collectives take no time and follow each other at once");
  }
  r.scenario.collectives.push_back(std::move(out));
}

/// Jobs may have any number of ranks: an operation of a few of them is refused here.
void check_operation(Resolution& r, const View& traffic, const JobCommunication& out) {
  if (!traffic["bytes"] || r.problems.failed()) return;
  const FabricSpec& fabric = r.scenario.fabrics[out.fabric];
  std::vector<EndpointId> ranks;
  for (std::uint32_t n = 2; n <= std::min(9U, fabric.topology->hosts()); ++n) {
    ranks.clear();
    for (std::uint32_t i = 0; i < n; ++i) ranks.push_back({i});
    CollectiveRequest request = out.request;
    request.algorithm.reset();  // where ranks do not allow it, the fastest is taken
    const auto prepared = prepare_collective(request, *fabric.topology, fabric.efficiency, ranks);
    if (const auto* problem = std::get_if<std::string>(&prepared)) {
      r.error("E034", traffic, fmt::format("a job of {} ranks cannot do this: {}", n, *problem),
              "use an operation of any number of ranks");
      return;
    }
  }
}

}  // namespace

CollectiveRequest collective_request(Resolution& r, const View& collective) {
  CollectiveRequest out;
  if (const auto op = named(kCollectiveOps, collective["operation"].text())) out.op = *op;
  out.algorithm = named(kCollectiveAlgorithms, collective["algorithm"].text());
  out.bytes = static_cast<std::uint64_t>(std::ceil(collective["bytes"].number()));
  out.software = collective["step_latency"].duration();
  out.tuning = tuning_of(r, collective);
  return out;
}

std::optional<JobCommunication> communication_of(Resolution& r, const View& traffic,
                                                 const PoolSpec& pool) {
  JobCommunication out;
  out.request = collective_request(r, traffic);
  out.every = traffic["every"].duration();
  std::optional<std::uint32_t> fabric;
  for (const std::uint32_t rack : pool.racks) {
    const std::uint32_t region = r.scenario.racks[rack].region;
    const auto here = fabric_of_region(r.scenario.fabrics, region);
    const bool stated = r.spec["regions"][r.scenario.regions[region].name]["fabric"].json();
    if (!here && stated) return std::nullopt;  // a broken one, reported
    if (!here || (fabric && *fabric != *here)) {
      r.error("E034", traffic,
              !here ? fmt::format("region {} has no fabric to exchange over",
                                  r.scenario.regions[region].name)
                    : fmt::format("pool \"{}\" lies on several fabrics", pool.name),
              "jobs exchange within one region that has a fabric");
      return std::nullopt;
    }
    fabric = here;
  }
  if (!fabric) return std::nullopt;
  out.fabric = *fabric;
  out.request.spread = r.scenario.fabrics[*fabric].rules.routing == Routing::spray;
  check_operation(r, traffic, out);
  if (out.request.algorithm) {
    r.scenario.assumptions.push_back(
        {traffic["algorithm"].path(),
         "where the ranks of a job do not allow it, the fastest by closed form is taken"});
  }
  return out;
}

void resolve_collectives(Resolution& r) {
  for (const auto& [name, workload, _] : r.spec["workloads"].each()) {
    if (workload && workload["kind"].text() == "collectives") resolve_one(r, name, workload);
  }
}

}  // namespace hyperdc
