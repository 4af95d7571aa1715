// What pools say of gangs: domains, reservations, migrations.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <string>

#include <hyperdc/policy/scheduler.hpp>

#include "scenario/elastic_spec.hpp"
#include "scenario/hints.hpp"
#include "scenario/policy_entry.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_tenants.hpp"

namespace hyperdc {
namespace {

bool is_elastic_pool(const Scenario& scenario, std::uint32_t pool) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                     [&](const JobsWorkload& w) { return w.pool == pool && w.elastic; });
}

/// Racks that are cubes.
void check_cubes(Resolution& r, const View& slices, const PoolSpec& pool) {
  for (const std::uint32_t index : pool.racks) {
    const RackGroup& rack = r.scenario.racks[index];
    std::uint64_t servers = 0;
    bool hosts = true;
    for (const RackGroup::Run& run : rack.servers) {
      servers += run.count;
      hosts = hosts && r.scenario.server_types[run.type].shape.accelerators == 4;
    }
    if (hosts && rack.servers_per_rack == 16 && servers % 16 == 0) continue;
    r.error("E034", slices,
            fmt::format("racks \"{}\" are no cubes of 16 servers of 4 accelerators", rack.name),
            R"("servers_per_rack": 16, and servers with "accelerators": 4)");
  }
}

TopologySpec topology_of(Resolution& r, const View& said, std::uint32_t index) {
  const PoolSpec& pool = r.scenario.pools[index];
  const bool known = r.pool_known[index];
  TopologySpec out;
  const std::string rank = said["rank"].text();
  if (rank == "worst-fit") out.rank = DomainRank::worst_fit;
  if (rank == "first-fit") out.rank = DomainRank::first_fit;
  if (rank == "none") out.rank = DomainRank::none;
  const std::string required = said["required"].text();
  if (required == "rack") out.required = DomainNeed::rack;
  if (required == "pod") out.required = DomainNeed::pod;
  out.racks_per_pod = static_cast<std::uint32_t>(said["racks_per_pod"].number());
  const auto refuse = [&](const char* key, const char* why) {
    r.error("E034", said[key], why, fmt::format("remove \"{}\"", key));
  };
  if (out.rank == DomainRank::none && out.required != DomainNeed::any) {
    refuse("required", "rank none chooses no domains");
  }
  if (const View slices = said["slices"]) {
    out.largest_slice = static_cast<std::uint32_t>(slices["largest"].number());
    if (out.rank != DomainRank::best_fit) refuse("rank", "slices have a rule of their own");
    if (out.required != DomainNeed::any) refuse("required", "slices have a rule of their own");
    if (known) check_cubes(r, slices, pool);
    for (const ServiceWorkload& service : r.scenario.services) {
      for (const DeploymentSpec& deployment : service.deployments) {
        if (deployment.pool != index) continue;
        r.error("E034", slices, fmt::format("replicas of \"{}\" are no slices", service.name),
                "give the service a pool of its own");
      }
    }
  }
  return out;
}

Resources capacity_of(const Scenario& scenario, const PoolSpec& pool) {
  Resources all;
  for (const std::uint32_t rack : pool.racks) {
    for (const RackGroup::Run& run : scenario.racks[rack].servers) {
      const ServerShape& shape = scenario.server_types[run.type].shape;
      all += {shape.cores_milli * run.count, shape.memory_bytes * run.count,
              std::int64_t{shape.accelerators} * kWholeAccelerator * run.count};
    }
  }
  return all;
}

/// Whose jobs it is for; those that the pool gets.
void resolve_holder(Resolution& r, const View& said, std::uint32_t pool, ReservationSpec& out) {
  if (const View name = said["tenant"]) {
    out.tenant = name.text();
    const auto known = r.problems.failed() ? std::nullopt : tenants_of(r.scenario, pool);
    if (known && std::find(known->begin(), known->end(), out.tenant) == known->end()) {
      r.error("E030", name, fmt::format("no job of this pool has the tenant \"{}\"", out.tenant),
              name_hint(out.tenant, *known));
    }
    return;
  }
  const View name = said["workload"];
  std::vector<std::string> here;
  for (std::uint32_t w = 0; w < r.scenario.workloads.size(); ++w) {
    const JobsWorkload& workload = r.scenario.workloads[w];
    if (workload.pool != pool || workload.service) continue;
    here.push_back(workload.name);
    if (workload.name == name.text()) out.workload = w;
  }
  if (name && !out.workload && !r.problems.failed()) {
    r.unknown(name, "workload of jobs in this pool", here);
  }
}

ReservationSpec reservation_of(Resolution& r, const View& said, std::uint32_t pool) {
  const PoolSpec& spec = r.scenario.pools[pool];
  ReservationSpec out;
  resolve_holder(r, said, pool, out);
  out.from = said["from"].duration();
  out.lasts = said["for"].duration();
  out.preempts = said["at_start"].text() == "preempt";
  if (const View every = said["every"]) {
    out.every = every.duration();
    if (out.every < out.lasts) {
      r.error("E034", every, "a window begins before the last one has ended",
              "make \"every\" no less than \"for\"");
    }
    if (r.spec["duration"].json() == nullptr) {
      r.error("E033", every, "windows that come again go on as long as the run does",
              R"(add "duration": "7 d" to the scenario)");
    }
  }
  out.amount.accelerator_milli = std::llround(said["accelerators"].number()) * kWholeAccelerator;
  if (!r.pool_known[pool] || spec.racks.empty()) return out;
  if (const View servers = said["servers"]) {
    const RackGroup& first = r.scenario.racks[spec.racks.front()];
    const ServerShape& shape = r.scenario.server_types[first.servers.front().type].shape;
    const auto count = static_cast<std::int64_t>(servers.number());
    out.amount = {shape.cores_milli * count, shape.memory_bytes * count,
                  std::int64_t{shape.accelerators} * kWholeAccelerator * count};
  }
  if (!capacity_of(r.scenario, spec).covers(out.amount)) {
    r.error("E034", said, "reserves more than the pool has", "reserve less");
  }
  return out;
}

/// What windows reserve of a pool at a moment.
Resources reserved_at(const std::vector<ReservationSpec>& all, Duration at) {
  Resources sum;
  for (const ReservationSpec& one : all) {
    if (one.open_at(at)) sum += one.amount;
  }
  return sum;
}

/// Windows together: of one kind of holder, and no more than the pool has whenever one begins.
void check_windows(Resolution& r, const View& said, std::uint32_t pool) {
  const std::vector<ReservationSpec>& all = r.scenario.pools[pool].reservations;
  const auto by_workload =
      std::count_if(all.begin(), all.end(), [](const auto& s) { return s.workload.has_value(); });
  if (by_workload != 0 && by_workload != std::ssize(all)) {
    r.error("E034", said, "a job could be of a tenant and of a workload that have reservations",
            "make them all of tenants or all of workloads");
  }
  if (!r.pool_known[pool] || r.problems.failed()) return;
  const Resources capacity = capacity_of(r.scenario, r.scenario.pools[pool]);
  constexpr int kMostLooks = 1000;  // begins of one reservation that are compared with the others
  for (const ReservationSpec& one : all) {
    Duration begin = one.from;
    for (int k = 0; k < kMostLooks; ++k) {
      if (!capacity.covers(reserved_at(all, begin))) {
        r.error("E034", said,
                fmt::format("windows that overlap {} s after the begin reserve more than the pool "
                            "has",
                            to_seconds(begin)),
                "reserve less, or at other times");
        return;
      }
      if (one.every.ns == 0 || begin.ns > std::numeric_limits<std::int64_t>::max() / 2) break;
      begin = begin + one.every;
    }
  }
}

/// Schedulers that stop jobs again and again would take back what the pool has started.
void check_scheduler(Resolution& r, const View& reservations, const PoolSpec& spec) {
  const SchedulerEntry* entry = find_entry_of(schedulers(), spec.scheduler);
  if (entry == nullptr || r.problems.failed()) return;  // its parameters may be broken
  if (!entry->make(spec.scheduler.params, {})->turn()) return;
  r.error("E034", reservations,
          fmt::format("\"{}\" gives turns, which know of no reservations", entry->name),
          "\"scheduler\": {\"policy\": \"conservative\"}");
}

DefragmentSpec defragment_of(const View& said) {
  DefragmentSpec out;
  out.every = said["every"].duration();
  out.wait = said["wait"].duration();
  out.most_milli = std::llround(said["most"].number()) * kWholeAccelerator;
  out.overhead = said["overhead"].duration();
  return out;
}

}  // namespace

void resolve_orchestration(Resolution& r) {
  std::uint32_t index = 0;
  for (const auto& [_, pool, span] : r.spec["pools"].each()) {
    if (index >= r.scenario.pools.size()) return;
    PoolSpec& spec = r.scenario.pools[index];
    if (const View topology = pool["topology"]) {
      spec.topology = topology_of(r, topology, index);
    }
    for (const View::Entry& entry : pool["reservations"].each()) {
      if (entry.value) spec.reservations.push_back(reservation_of(r, entry.value, index));
    }
    if (!spec.reservations.empty()) {
      check_scheduler(r, pool["reservations"], spec);
      check_windows(r, pool["reservations"], index);
    }
    if (const View said = pool["defragment"]) spec.defragment = defragment_of(said);
    for (const char* key : {"topology", "reservations", "defragment"}) {
      const bool empty = !pool[key] || (key[0] == 'r' && spec.reservations.empty());
      if (empty || !is_elastic_pool(r.scenario, index)) continue;
      r.error("E034", pool[key], "an allocator places the jobs of an elastic pool",
              fmt::format("remove \"{}\"", key));
    }
    ++index;
  }
}

}  // namespace hyperdc
