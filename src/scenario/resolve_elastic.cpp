#include "scenario/resolve_elastic.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <memory>

#include <hyperdc/policy/allocator.hpp>

#include "core/text.hpp"
#include "scenario/elastic_spec.hpp"
#include "scenario/hints.hpp"
#include "scenario/policy_choice.hpp"
#include "scenario/policy_entry.hpp"
#include "workload/row_problems.hpp"

namespace hyperdc {
namespace {

/// The file to open; nothing where it is missing (reported) or not to be read.
const std::string* file_of(const Resolution& r, const View& at) {
  const auto opened = r.opened.find(at.path());
  return !r.options.check_traces || opened == r.opened.end() ? nullptr : &opened->second;
}

bool read_profiles(Resolution& r, const View& profile, ElasticSpec& out) {
  const std::string* steps = file_of(r, profile["steps"]);
  const std::string* progress = file_of(r, profile["progress"]);
  if (steps == nullptr || progress == nullptr) return false;
  auto read = read_elastic_profiles(*steps, *progress);
  if (const auto* issues = std::get_if<Issues>(&read)) {
    r.report(profile, *issues);
    return false;
  }
  out.profiles = std::get<ElasticProfiles>(std::move(read));
  r.note_file(profile["steps"], out.profiles.steps_sha256);
  r.note_file(profile["progress"], out.profiles.progress_sha256);
  return true;
}

void read_jobs(Resolution& r, const View& workload, ElasticSpec& out) {
  const std::string* file = file_of(r, workload["jobs"]);
  if (file == nullptr) return;
  auto read = read_elastic_jobs(*file, out.profiles);
  if (const auto* issues = std::get_if<Issues>(&read)) return r.report(workload["jobs"], *issues);
  auto& jobs = std::get<ElasticJobs>(read);
  r.note_file(workload["jobs"], jobs.sha256);
  out.jobs = std::move(jobs.rows);
}

/// Limits from the profile, narrowed by what the scenario says.
ElasticApplication application_of(Resolution& r, const View& said, const ElasticProfile& profile) {
  ElasticApplication out;
  out.limits = {profile.first_batch(), profile.last_batch(), profile.least_local(),
                profile.most_local()};
  if (const View most = said["local_batch"]) {
    out.limits.most_local = static_cast<std::uint64_t>(most.number());
    if (out.limits.most_local < out.limits.least_local) {
      r.error("E034", most,
              fmt::format("{} was measured from {} on", profile.name(), out.limits.least_local),
              "at least that");
    }
  }
  if (const View most = said["accelerators"]) {
    out.accelerators = static_cast<std::uint32_t>(most.number());
  }
  if (const View restart = said["restart"]) out.restart = restart.duration();
  out.slowdown = said["slowdown"] ? said["slowdown"].number() : 1;
  if (const View batch = said["batch"]) {
    out.batch = static_cast<std::uint64_t>(batch.number());
    if (*out.batch < out.limits.first || *out.batch > out.limits.last) {
      r.error("E034", batch,
              fmt::format("the profile of {} is of {} to {}", profile.name(), out.limits.first,
                          out.limits.last),
              "a batch between them");
    }
  }
  if (out.limits.last < out.limits.least_local) {
    r.error(
        "E034", said,
        fmt::format("the last batch of {} is smaller than its least local batch", profile.name()));
  }
  return out;
}

void resolve_applications(Resolution& r, const View& workload, ElasticSpec& out) {
  const View said = workload["applications"];
  std::vector<std::string> names;
  for (const ElasticProfile& profile : out.profiles.applications) names.push_back(profile.name());
  for (const auto& [name, value, span] : said.each()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    r.error("E030", value, fmt::format("there is no profile of {}", name), name_hint(name, names));
  }
  for (const ElasticProfile& profile : out.profiles.applications) {
    out.applications.push_back(application_of(r, said[profile.name()], profile));
  }
}

/// Jobs that get what they ask for, or nothing.
void check_requests(Resolution& r, const View& workload, const ElasticSpec& spec) {
  const std::string* file = file_of(r, workload["jobs"]);
  if (file == nullptr) return;
  RowProblems problems(*file);
  for (const ElasticJob& job : spec.jobs) {
    const ElasticApplication& application = spec.applications[job.application];
    const auto refuse = [&](const std::string& what) {
      problems.add(job.line, 0, 0, input_code::kRange, what);
    };
    const std::string asks =
        fmt::format("job {} asks for {} accelerators", quoted(job.name, 40), job.accelerators);
    if (job.accelerators > application.accelerators.value_or(job.accelerators)) {
      refuse(fmt::format("{}, and its application may have {}", asks, *application.accelerators));
    }
    const BatchPlan plan =
        spread_batch(static_cast<double>(job.batch), job.accelerators, application.limits);
    if (plan.batch(job.accelerators) > application.limits.last) {
      refuse(fmt::format("{}, over which {} samples cannot be spread: the profile is of {} to {}",
                         asks, job.batch, application.limits.first, application.limits.last));
    }
  }
  if (problems.count() > 0) r.report(workload["jobs"], problems.take());
}

/// The types of accelerators in the pool.
std::vector<ElasticKind> kinds_of(const Resolution& r, const PoolSpec& pool) {
  std::vector<ElasticKind> out;
  for (const std::uint32_t rack : pool.racks) {
    for (const RackGroup::Run& run : r.scenario.racks[rack].servers) {
      const ServerType& type = r.scenario.server_types[run.type];
      if (!type.accelerator || type.shape.accelerators == 0) continue;
      const auto same = [&](const ElasticKind& kind) { return kind.model == type.shape.model; };
      if (std::any_of(out.begin(), out.end(), same)) continue;
      out.push_back({type.shape.model, r.scenario.accelerators[*type.accelerator].name, {}, {}});
    }
  }
  return out;
}

/// Profiles of the same applications, as they are on another type of accelerators.
std::vector<ElasticProfile> faster_profiles(Resolution& r, const View& speeds,
                                            const std::vector<ElasticProfile>& profiles) {
  std::vector<std::string> names;
  for (const ElasticProfile& profile : profiles) names.push_back(profile.name());
  for (const auto& [name, value, span] : speeds.each()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    r.error("E030", value, fmt::format("there is no profile of {}", name), name_hint(name, names));
  }
  std::vector<ElasticProfile> out;
  for (const ElasticProfile& profile : profiles) {
    const View speed = speeds[profile.name()];
    if (!speed) {
      r.error("E034", speeds, fmt::format("says no speed of {}", profile.name()),
              "one of each application");
    }
    out.push_back(profile.faster(speed ? speed.number() : 1));
  }
  return out;
}

/// What was measured on one type of accelerators.
std::vector<ElasticProfile> profiles_on(Resolution& r, const View& profile, const View& said,
                                        const std::vector<ElasticProfile>& base) {
  if (!said) return base;
  if (static_cast<bool>(said["steps"]) == static_cast<bool>(said["speeds"])) {
    r.error("E034", said, "wants steps that were measured, or speeds",
            R"("steps": "FILE", or "speeds": {"APPLICATION": 2.5})");
    return base;
  }
  if (said["speeds"]) return faster_profiles(r, said["speeds"], base);
  const std::string* steps = file_of(r, said["steps"]);
  const std::string* progress = file_of(r, profile["progress"]);
  if (steps == nullptr || progress == nullptr) return base;
  auto read = read_elastic_profiles(*steps, *progress);
  if (const auto* issues = std::get_if<Issues>(&read)) {
    r.report(said["steps"], *issues);
    return base;
  }
  auto& profiles = std::get<ElasticProfiles>(read);
  r.note_file(said["steps"], profiles.steps_sha256);
  return std::move(profiles.applications);
}

void resolve_kinds(Resolution& r, const View& workload, const PoolSpec& pool, ElasticSpec& out) {
  out.kinds = kinds_of(r, pool);
  if (out.kinds.empty()) {
    r.error("E034", workload, fmt::format("pool \"{}\" has no accelerators", pool.name),
            "a pool of servers with accelerators");
  }
  const View kinds = workload["profile"]["kinds"];
  std::vector<std::string> names;
  for (const ElasticKind& kind : out.kinds) names.push_back(kind.accelerator);
  for (const auto& [name, value, span] : kinds.each()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    r.error("E030", value, fmt::format("pool \"{}\" has no accelerators {}", pool.name, name),
            name_hint(name, names));
  }
  for (ElasticKind& kind : out.kinds) {
    const View said = kinds[kind.accelerator];
    kind.profiles = profiles_on(r, workload["profile"], said, out.profiles.applications);
    if (kind.profiles.size() != out.profiles.applications.size()) {
      r.error("E034", said, "its steps are not of the applications of the profile",
              "steps of the same applications");
    }
    for (std::size_t i = 0; i < kind.profiles.size() && i < out.applications.size(); ++i) {
      const ElasticProfile& profile = kind.profiles[i];
      BatchLimits limits = out.applications[i].limits;
      limits.least_local = profile.least_local();
      limits.most_local = profile.most_local();
      if (workload["applications"][profile.name()]["local_batch"]) {
        limits.most_local = std::min(limits.most_local, out.applications[i].limits.most_local);
      }
      kind.limits.push_back(limits);
    }
  }
}

/// Every server of the pool, and what was measured of such.
void check_servers(Resolution& r, const View& workload, const PoolSpec& pool,
                   const ElasticSpec& spec) {
  for (const std::uint32_t rack : pool.racks) {
    for (const RackGroup::Run& run : r.scenario.racks[rack].servers) {
      const ServerType& type = r.scenario.server_types[run.type];
      const std::int64_t accelerators = type.shape.accelerators;
      if (accelerators == 0) continue;
      const auto kind =
          std::find_if(spec.kinds.begin(), spec.kinds.end(),
                       [&](const ElasticKind& k) { return k.model == type.shape.model; });
      std::uint32_t measured = kMaxAcceleratorsPerServer;
      for (const ElasticProfile& profile : kind->profiles) {
        measured = std::min(measured, profile.most_per_server());
      }
      if (type.shape.accelerators > measured) {
        r.error("E034", workload["profile"]["steps"],
                fmt::format("{} has {} accelerators, and placements were measured of at most {}",
                            type.name, accelerators, measured),
                "a profile of such servers");
      }
      const auto fits = [&](const char* key, std::int64_t need, std::int64_t there) {
        if (need * accelerators <= there) return;
        r.error("E034", workload[key],
                fmt::format("{} has not so much for each of its {} accelerators", type.name,
                            accelerators),
                "less for each accelerator");
      };
      fits("cores", spec.each.cores_milli, type.shape.cores_milli);
      fits("memory", spec.each.memory_bytes, type.shape.memory_bytes);
    }
  }
}

bool touches(const FailureSpec& failure, const PoolSpec& pool) {
  return std::any_of(failure.racks.begin(), failure.racks.end(), [&](std::uint32_t rack) {
    return std::find(pool.racks.begin(), pool.racks.end(), rack) != pool.racks.end();
  });
}

/// What a pool says that an allocator does not ask.
void check_pool_keys(Resolution& r, const std::string& name) {
  const View pool = r.spec["pools"][name];
  if (const View limit = pool["queue_limit"]) {
    r.error("E034", limit, "jobs of elastic training wait for the allocator, as many as come",
            "leave it out");
  }
  for (const char* key : {"scheduler", "placement", "ties", "preemption", "on_failure"}) {
    const View said = pool[key];
    if (said.span().file == 0) continue;  // a default, or by --set
    r.warning("E016", said, "an allocator decides in a pool of elastic training: it does nothing",
              "remove it");
  }
}

}  // namespace

void resolve_elastic(Resolution& r, const View& workload, JobsWorkload& out) {
  const std::size_t before = r.problems.errors();
  auto spec = std::make_shared<ElasticSpec>();
  spec->allocator = checked_choice_of(r, workload["allocator"], allocators());
  spec->interval = workload["interval"].duration();
  spec->restart = workload["restart"].duration();
  spec->interference = workload["interference"].number();
  spec->each.cores_milli = std::llround(workload["cores"].number() * 1000);
  spec->each.memory_bytes = static_cast<std::int64_t>(workload["memory"].number());
  spec->each.accelerators = 1;
  spec->each.accelerator_milli = kWholeAccelerator;
  if (read_profiles(r, workload["profile"], *spec)) {
    resolve_applications(r, workload, *spec);
    read_jobs(r, workload, *spec);
  }
  const PoolSpec& pool = r.scenario.pools[out.pool];
  resolve_kinds(r, workload, pool, *spec);
  check_servers(r, workload, pool, *spec);
  if (r.problems.errors() == before) {
    const auto allocator =
        entry_of(allocators(), spec->allocator).make(spec->allocator.params, AllocatorContext{});
    if (spec->kinds.size() > 1 && allocator->kinds() == AcceleratorKinds::one) {
      r.error(
          "E034", workload["allocator"],
          fmt::format("{} is for accelerators of one type, and pool \"{}\" has {}",
                      entry_of(allocators(), spec->allocator).name, pool.name, spec->kinds.size()),
          "\"sia\", or a pool of its own for each");
    }
    spec->keeps_requested = allocator->keeps_requested();
    if (spec->keeps_requested) check_requests(r, workload, *spec);
  }
  if (r.problems.errors() == before) out.elastic = std::move(spec);
}

void check_elastic_pools(Resolution& r) {
  for (const auto& [name, workload, span] : r.spec["workloads"].each()) {
    if (!workload || workload["kind"].text() != "elastic-training") continue;
    const auto refuse = [&, at = workload](const std::string& what, const char* hint) {
      r.error("E034", at, what, hint);
    };
    const auto own = std::find_if(r.scenario.workloads.begin(), r.scenario.workloads.end(),
                                  [&, n = name](const JobsWorkload& w) { return w.name == n; });
    if (own == r.scenario.workloads.end() || !own->elastic) continue;
    const PoolSpec& pool = r.scenario.pools[own->pool];
    for (const JobsWorkload& other : r.scenario.workloads) {
      if (&other == &*own || other.pool != own->pool) continue;
      refuse(fmt::format("\"{}\" runs in pool \"{}\" too, and an allocator wants it alone",
                         other.name, pool.name),
             "a pool of its own");
    }
    if (pool.nodes) refuse("servers of its pool come and go by \"nodes\"", "a pool without");
    check_pool_keys(r, pool.name);
    for (const FailureSpec& failure : r.scenario.failures) {
      if (!touches(failure, pool)) continue;
      refuse(fmt::format("elastic training does not know failures, and \"{}\" hits its racks",
                         failure.name),
             "racks for the failure that are not of its pool");
    }
    for (const std::uint32_t rack : pool.racks) {
      const Region& region = r.scenario.regions[r.scenario.racks[rack].region];
      if (!region.plant) continue;
      refuse(fmt::format("elastic training does not know a facility that slows or stops its "
                         "servers, as that of {} may",
                         region.name),
             "a facility without devices");
      break;
    }
  }
}

}  // namespace hyperdc
