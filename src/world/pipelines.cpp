#include "world/pipelines.hpp"

#include <algorithm>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "metrics/recorder.hpp"
#include "world/platform_state.hpp"
#include "world/process/arrivals.hpp"

namespace hyperdc {
namespace {

PipelineStep* step_of(const World& world, std::uint32_t workload) {
  const PlatformState* platform = world.workloads[workload].platform.get();
  return platform != nullptr ? platform->step.get() : nullptr;
}

bool is_of_pipelines(const PipelineStep& step) {
  return !step.before.empty() || !step.behind.empty();
}

const QuotaSpec* quota_of(const World& world, std::uint32_t workload) {
  const auto& quota = world.workloads[workload].platform->spec->quota;
  return quota ? &*quota : nullptr;
}

std::uint32_t workload_named(const World& world, const std::string& name) {
  for (std::uint32_t w = 0; w < world.workloads.size(); ++w) {
    if (world.workloads[w].spec->name == name) return w;
  }
  HYPERDC_CHECK(false, "a step comes after a workload that is not there");
  return 0;
}

PipelineStep& make_step(World& world, std::uint32_t workload) {
  std::unique_ptr<PipelineStep>& step = world.workloads[workload].platform->step;
  if (step == nullptr) step = std::make_unique<PipelineStep>();
  return *step;
}

MetricId declare_time(World& world, std::uint32_t workload, const char* name, const char* what) {
  return world.recorder->declare(
      {"workloads." + world.workloads[workload].spec->name + ".platform." + name, "s", what,
       MetricKind::sample});
}

PipelineStep::Run& run_of(PipelineStep& step, std::uint64_t run) {
  if (step.runs.size() <= run) step.runs.resize(run + 1);
  return step.runs[run];
}

bool is_done(const PipelineStep& step, std::uint64_t run) {
  return run < step.runs.size() && step.runs[run].end.has_value();
}

/// From the last step back to the first, each the one that the next waited for.
std::vector<PipelineStep*> path_of(const World& world, std::uint32_t last, std::uint64_t run) {
  std::vector<PipelineStep*> path;
  for (std::uint32_t at = last;;) {
    PipelineStep& step = *step_of(world, at);
    path.push_back(&step);
    if (step.before.empty()) return path;
    at = *std::max_element(
        step.before.begin(), step.before.end(), [&](std::uint32_t a, std::uint32_t b) {
          return *step_of(world, a)->runs[run].end < *step_of(world, b)->runs[run].end;
        });
  }
}

/// Books the critical path of a run whose last step has finished.
void record_path(World& world, std::uint32_t last, std::uint64_t run) {
  PipelineStep& end = *step_of(world, last);
  const std::vector<PipelineStep*> path = path_of(world, last, run);
  const SimTime begin = path.back()->runs[run].due;
  const Duration all = *end.runs[run].end - begin;
  end.runs_ns += all.ns;
  world.recorder->sample(*end.time, begin, to_seconds(all));
  for (const std::uint32_t member : end.members) {
    PipelineStep& step = *step_of(world, member);
    const PipelineStep::Run& of = step.runs[run];
    const bool on_path = std::find(path.begin(), path.end(), &step) != path.end();
    const Duration its = on_path ? *of.end - of.due : Duration{};
    step.critical_ns += its.ns;
    world.recorder->sample(*step.critical, begin, to_seconds(its));
    world.recorder->sample(*step.critical_wait, begin,
                           on_path ? to_seconds(of.start - of.due) : 0.0);
  }
}

/// All steps that lead to this one, itself included.
void gather(const World& world, std::uint32_t workload, std::vector<std::uint32_t>& members) {
  if (std::find(members.begin(), members.end(), workload) != members.end()) return;
  members.push_back(workload);
  for (const std::uint32_t before : step_of(world, workload)->before) {
    gather(world, before, members);
  }
}

void declare_metrics(World& world, std::uint32_t workload, PipelineStep& step) {
  if (quota_of(world, workload) != nullptr) {
    step.quota_wait = declare_time(world, workload, "quota_wait",
                                   "time that a job waits for the quota of its platform");
  }
  if (!is_of_pipelines(step)) return;
  step.critical = declare_time(world, workload, "critical", "time of a step on the critical path");
  step.critical_wait = declare_time(world, workload, "critical_wait",
                                    "time on the critical path before a step starts");
  if (!step.behind.empty()) return;
  gather(world, workload, step.members);
  step.time = declare_time(world, workload, "pipeline",
                           "time of a pipeline from the begin of its critical path to its end");
}

}  // namespace

void enable_pipelines(World& world) {
  for (std::uint32_t w = 0; w < world.workloads.size(); ++w) {
    const PlatformState* platform = world.workloads[w].platform.get();
    if (platform == nullptr) continue;
    if (quota_of(world, w) != nullptr) make_step(world, w);
    for (const std::string& name : platform->spec->after) {
      const std::uint32_t before = workload_named(world, name);
      make_step(world, w).before.push_back(before);
      make_step(world, before).behind.push_back(w);
    }
  }
  for (std::uint32_t w = 0; w < world.workloads.size(); ++w) {
    if (PipelineStep* step = step_of(world, w)) declare_metrics(world, w, *step);
  }
}

bool step_begins(World& world, std::uint32_t workload, ProcessId process) {
  PipelineStep* step = step_of(world, workload);
  if (step == nullptr) return false;
  step->process = process;
  return !step->before.empty();
}

bool may_come(World& world, std::uint32_t workload, const JobRecord& record, std::uint64_t run,
              SimTime now) {
  PipelineStep* step = step_of(world, workload);
  if (step == nullptr) return true;
  if (is_of_pipelines(*step)) run_of(*step, run).due = now;
  const QuotaSpec* quota = quota_of(world, workload);
  const bool waits = quota != nullptr && !quota->refuses && record.members <= quota->servers;
  if (waits && (!step->held.empty() || step->servers + record.members > quota->servers)) {
    step->held.push_back({record, run, now});
    return false;
  }
  step->servers += record.members;
  if (step->quota_wait) world.recorder->sample(*step->quota_wait, now, 0);
  return true;
}

std::optional<DueJob> next_within_quota(World& world, std::uint32_t workload, SimTime now) {
  PipelineStep& step = *step_of(world, workload);
  if (step.held.empty()) return std::nullopt;
  PipelineStep::Held& first = step.held.front();
  if (step.servers + first.record.members > quota_of(world, workload)->servers) {
    return std::nullopt;
  }
  step.servers += first.record.members;
  world.recorder->sample(*step.quota_wait, first.due, to_seconds(now - first.due));
  DueJob out{std::move(first.record), first.run};
  step.held.pop_front();
  return out;
}

void step_submitted(World& world, std::uint32_t workload, JobId job, std::uint64_t run) {
  PipelineStep* step = step_of(world, workload);
  if (step == nullptr) return;
  const PoolState& pool = world.pools[world.workloads[workload].spec->pool];
  if (!pool.states[job.value].there) return;  // rejected
  step->live[pool.jobs[job.value].number] = run;
  step->most_servers = std::max(step->most_servers, step->servers);
}

std::string_view refused_by_quota(const World& world, const PoolState& pool, JobId job) {
  const std::uint32_t workload = pool.states[job.value].workload;
  const PipelineStep* step = step_of(world, workload);
  const QuotaSpec* quota = step == nullptr ? nullptr : quota_of(world, workload);
  if (quota == nullptr || step->servers <= quota->servers) return "";
  return "it is over the quota of its platform";
}

void step_left(World& world, const PoolState& pool, JobId job, bool finished, Engine& engine) {
  const std::uint32_t workload = pool.states[job.value].workload;
  PipelineStep* step = step_of(world, workload);
  if (step == nullptr) return;
  const JobView& view = pool.jobs[job.value];
  step->servers -= view.members;
  if (!step->held.empty()) {
    engine.schedule(engine.now(), Phase::workload, step->process, kQuotaIsFree);
  }
  const auto found = step->live.find(view.number);
  if (found == step->live.end()) return;
  const std::uint64_t run = found->second;
  step->live.erase(found);
  if (!finished || !is_of_pipelines(*step)) return;
  step->runs[run].start = pool.states[job.value].first_start;
  step->runs[run].end = engine.now();
  if (step->behind.empty()) record_path(world, workload, run);
  for (const std::uint32_t next : step->behind) {
    const PipelineStep& other = *step_of(world, next);
    const bool ready =
        std::all_of(other.before.begin(), other.before.end(),
                    [&](std::uint32_t before) { return is_done(*step_of(world, before), run); });
    if (ready) engine.schedule(engine.now(), Phase::workload, other.process, kStepIsDue, run);
  }
}

CriticalTimes critical_times(const World& world) {
  CriticalTimes out;
  for (std::uint32_t w = 0; w < world.workloads.size(); ++w) {
    const PipelineStep* step = step_of(world, w);
    if (step == nullptr) continue;
    out.steps_ns += step->critical_ns;
    out.runs_ns += step->runs_ns;
  }
  return out;
}

}  // namespace hyperdc
