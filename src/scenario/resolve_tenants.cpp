// Tenants that a pool names: what each is promised, and whether the scheduler keeps it.
#include "scenario/resolve_tenants.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <hyperdc/policy/scheduler.hpp>

#include "core/text.hpp"
#include "scenario/hints.hpp"
#include "scenario/policy_entry.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {
namespace {

constexpr std::int64_t kNoBound = TenantTerms::kNoBound;

Resources bounds_of(const View& said) {
  const auto milli = [&](const char* key) {
    const View amount = said[key];
    return amount ? std::llround(amount.number() * 1000) : kNoBound;
  };
  return {milli("cores"), kNoBound, milli("accelerators")};
}

}  // namespace

std::optional<std::vector<std::string>> tenants_of(const Scenario& scenario, std::uint32_t pool) {
  std::vector<std::string> names;
  for (const JobsWorkload& workload : scenario.workloads) {
    if (workload.pool != pool) continue;
    if (workload.service) {
      names.push_back(scenario.services[*workload.service].name);
    } else if (workload.elastic) {
      names.push_back(workload.name);
    } else if (workload.jobs.generate && workload.jobs.generate->tenants > 1) {
      for (std::uint32_t t = 0; t < workload.jobs.generate->tenants; ++t) {
        names.push_back(fmt::format("tenant-{}", t));
      }
    } else if (workload.jobs.generate) {
      names.emplace_back(kNoTenant);
    } else if (workload.facts) {
      names.insert(names.end(), workload.facts->tenants.begin(), workload.facts->tenants.end());
    } else {
      return std::nullopt;
    }
  }
  return names;
}

namespace {

PoolTenant tenant_of(Resolution& r, const std::string& name, const View& said) {
  PoolTenant out;
  out.name = name;
  out.terms.shares = said["shares"].number();
  if (const View quota = said["quota"]) out.terms.quota = bounds_of(quota);
  if (const View limit = said["limit"]) {
    out.terms.limit = bounds_of(limit);
    for (const char* key : {"accelerators", "cores"}) {
      if (!limit[key] || !said["quota"][key]) continue;
      if (limit[key].number() >= said["quota"][key].number()) continue;
      r.error("E034", limit[key],
              fmt::format("a limit of {} is below the quota of {}", limit[key].number(),
                          said["quota"][key].number()),
              "a limit bounds quota and loans together");
    }
    // Of what a quota does not name no more is assured than the limit allows.
    Resources& quota = out.terms.quota;
    quota.cores_milli = std::min(quota.cores_milli, out.terms.limit.cores_milli);
    quota.accelerator_milli = std::min(quota.accelerator_milli, out.terms.limit.accelerator_milli);
  }
  return out;
}

/// A promise that the scheduler of the pool would not keep.
void check_heeded(Resolution& r, const View& pool, const PoolSpec& spec) {
  const SchedulerEntry* entry = find_entry_of(schedulers(), spec.scheduler);
  if (entry == nullptr || r.problems.failed()) return;  // its parameters may be broken
  const Scheduler::Heeds heeds = entry->make(spec.scheduler.params, {})->heeds();
  const auto refuse = [&](const View& at, const char* what, const char* who) {
    r.error("E034", at, fmt::format("the scheduler \"{}\" does not look at {}", entry->name, what),
            fmt::format("\"scheduler\": {{\"policy\": \"{}\"}}", who));
  };
  for (const auto& [_, tenant, span] : pool["tenants"].each()) {
    if (!tenant) continue;
    if (!heeds.shares && tenant["shares"].number() != 1) {
      refuse(tenant["shares"], "shares", "fair-share");
    }
    if (const View quota = tenant["quota"]; quota && !heeds.quotas) {
      refuse(quota, "quotas", "quota");
    }
    if (const View limit = tenant["limit"]; limit && !heeds.limits) {
      refuse(limit, "limits", "quota");
    }
  }
}

/// Quotas that add up to more than there is are no promise.
void check_sums(Resolution& r, const View& pool, const PoolSpec& spec) {
  double cores = 0;
  double accelerators = 0;
  for (const std::uint32_t rack : spec.racks) {
    for (const RackGroup::Run& run : r.scenario.racks[rack].servers) {
      const ServerShape& shape = r.scenario.server_types[run.type].shape;
      cores += static_cast<double>(shape.cores_milli) / 1000 * run.count;
      accelerators += static_cast<double>(shape.accelerators) * run.count;
    }
  }
  for (const auto& [key, has] : {std::pair{"accelerators", accelerators}, {"cores", cores}}) {
    double sum = 0;
    for (const auto& [_, tenant, span] : pool["tenants"].each()) {
      if (const View amount = tenant["quota"][key]) sum += amount.number();
    }
    if (sum <= has) continue;
    r.error("E034", pool["tenants"], fmt::format("quotas of {} {} in a pool of {}", sum, key, has),
            "quotas are assured: together they are no more than the pool");
  }
}

}  // namespace

void resolve_tenants(Resolution& r) {
  std::uint32_t index = 0;
  for (const auto& [_, pool, span] : r.spec["pools"].each()) {
    if (index >= r.scenario.pools.size()) return;
    PoolSpec& spec = r.scenario.pools[index];
    const auto known = r.problems.failed() ? std::nullopt : tenants_of(r.scenario, index);
    for (const auto& [name, tenant, at] : pool["tenants"].each()) {
      if (!tenant) continue;
      spec.tenants.push_back(tenant_of(r, name, tenant));
      if (known && std::find(known->begin(), known->end(), name) == known->end()) {
        r.error("E030", tenant,
                fmt::format("no job of this pool has the tenant {}", hyperdc::quoted(name)),
                name_hint(name, *known));
      }
    }
    if (r.pool_known[index]) check_sums(r, pool, spec);
    check_heeded(r, pool, spec);
    ++index;
  }
}

}  // namespace hyperdc
