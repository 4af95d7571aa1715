// Workloads: where jobs come from, and whether their pool can run them.
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <variant>

#include "core/text.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_collectives.hpp"
#include "scenario/resolve_elastic.hpp"
#include "scenario/resolve_jobs.hpp"
#include "scenario/resolve_platforms.hpp"
#include "scenario/resolve_residency.hpp"
#include "scenario/resolve_training.hpp"

namespace hyperdc {
namespace {

/// The pool of a workload; nothing and a problem if it is unknown or not said.
std::optional<std::uint32_t> pool_of(Resolution& r, const View& workload) {
  const View pool = workload["pool"];
  const auto& pools = r.scenario.pools;
  if (pool) {
    std::vector<std::string> names;
    for (const PoolSpec& spec : pools) names.push_back(spec.name);
    const auto it = std::find(names.begin(), names.end(), pool.text());
    if (it != names.end()) return static_cast<std::uint32_t>(it - names.begin());
    if (!names.empty()) r.unknown(pool, "pool", names);
    return std::nullopt;
  }
  if (pools.size() == 1 && pool.json() == nullptr) return 0;
  if (pools.empty()) no_pools(r, workload);
  if (pools.size() > 1 && pool.json() == nullptr) {
    r.error("E011", View(workload.json(), workload.path() + ".pool"), "is missing",
            fmt::format("there are {} pools; add \"pool\": \"{}\"", pools.size(), pools[0].name));
  }
  return std::nullopt;
}

std::int64_t pool_accelerator_milli(const Scenario& scenario, const PoolSpec& pool) {
  std::uint64_t n = 0;
  for (const std::uint32_t rack : pool.racks) n += accelerators_in(scenario, scenario.racks[rack]);
  return static_cast<std::int64_t>(n) * kWholeAccelerator;
}

/// A trace of which no job can ever run in the pool is almost surely a mistake.
void warn_if_nothing_fits(Resolution& r, const View& trace, const JobsWorkload& workload) {
  const PoolSpec& pool = r.scenario.pools[workload.pool];
  const auto& mix = workload.facts->mix;
  const auto fits = [&](const JobMixEntry& entry) {
    return fits_somewhere(r.scenario, pool, entry.request);
  };
  if (mix.empty() || std::any_of(mix.begin(), mix.end(), fits)) return;
  std::string models;
  for (const std::uint32_t rack : pool.racks) {
    for (const RackGroup::Run& run : r.scenario.racks[rack].servers) {
      const auto& type = r.scenario.server_types[run.type];
      if (!type.accelerator) continue;
      const std::string& model = r.scenario.accelerators[*type.accelerator].model;
      if (models.find(model) == std::string::npos) models += (models.empty() ? "" : ", ") + model;
    }
  }
  r.warning("E050", trace,
            fmt::format("no job of this trace fits on a server of pool \"{}\"", pool.name),
            models.empty() ? "its servers have no accelerators" : "its models are " + models);
}

/// Shuffle and inflate hold the whole list.
void check_rows(Resolution& r, const View& workload, const JobsWorkload& out) {
  const auto& facts = *out.facts;
  double rows = static_cast<double>(facts.rows);
  const bool whole = out.jobs.shuffle || out.jobs.inflate_to || !facts.in_order;
  if (out.jobs.inflate_to && facts.total.accelerator_milli > 0) {
    const double target =
        *out.jobs.inflate_to * static_cast<double>(out.jobs.pool_accelerator_milli);
    rows *= std::max(1.0, target / static_cast<double>(facts.total.accelerator_milli));
  }
  if (whole && rows > static_cast<double>(kMaxRowsInMemory)) {
    r.error(
        "E035", workload["trace"],
        fmt::format("{:.0f} jobs would be held in memory; the limit is {}", rows, kMaxRowsInMemory),
        "use \"limit\", or sort the trace by submit time and leave out shuffle and inflate_to");
  }
  if (out.jobs.inflate_to && facts.total.accelerator_milli == 0) {
    r.error("E034", workload["inflate_to"], "no job of the trace asks for an accelerator");
  }
}

/// A window is a piece of the trace as it is.
void check_window(Resolution& r, const View& workload, const JobsWorkload& out) {
  const View window = workload["trace"]["window"];
  if (!window) return;
  for (const char* key : {"arrivals", "inflate_to", "shuffle"}) {
    const View other = workload[key];
    const bool set = other && (std::string_view(key) != "shuffle" || other.flag());
    if (set)
      r.error("E034", window, fmt::format("windows keep the trace as it is: no \"{}\"", key));
  }
  if (out.facts && windows_in(*out.jobs.trace, *out.facts) == 0) {
    r.error("E034", window,
            fmt::format(
                "the trace lasts {}",
                format_for_people(to_seconds(out.facts->last_submit - SimTime{}), Dimension::time)),
            "take a shorter window");
  }
}

void check_transforms(Resolution& r, const View& workload, const JobsWorkload& out,
                      bool pool_known) {
  const View inflate = workload["inflate_to"];
  if (inflate && pool_known && out.jobs.pool_accelerator_milli == 0) {
    r.error("E034", inflate,
            fmt::format("pool \"{}\" has no accelerators", r.scenario.pools[out.pool].name));
  }
  const View generate = workload["generate"];
  if (workload["platform"]["after"]) return;  // check_steps
  if (generate && workload["arrivals"].json() == nullptr) {
    r.error("E011", View(workload.json(), workload.path() + ".arrivals"), "is missing",
            R"(generated jobs need it: add "arrivals": {"poisson": {"rate": "0.5 /s"}})");
  }
  if (generate && generate["count"] && generate["count"].number() == 0 &&
      r.spec["duration"].json() == nullptr) {
    r.error("E033", generate, "these jobs never end",
            R"(add "count" here, or "duration": "7 d" to the scenario)");
  }
}

void resolve_run(Resolution& r, const std::string& name, const View& workload) {
  JobsWorkload out;
  out.name = name;
  out.jobs.workload = name;
  const auto pool = pool_of(r, workload);
  out.pool = pool.value_or(0);
  out.accelerator_utilization = workload["utilization"].number();
  const bool elastic = workload["kind"].text() == "elastic-training";
  if (pool && r.pool_known[*pool]) (elastic ? resolve_elastic : resolve_training)(r, workload, out);
  r.scenario.workloads.push_back(std::move(out));
}

void resolve_workload(Resolution& r, const std::string& name, const View& workload,
                      TraceCheck& traces) {
  JobsWorkload out;
  out.name = name;
  const auto pool = pool_of(r, workload);
  const bool pool_known = pool && r.pool_known[*pool];
  out.pool = pool.value_or(0);
  out.jobs.workload = name;
  if (pool_known) {
    out.jobs.pool_accelerator_milli =
        pool_accelerator_milli(r.scenario, r.scenario.pools[out.pool]);
  }
  if (const View share = workload["inflate_to"]) out.jobs.inflate_to = share.number();
  out.jobs.shuffle = workload["shuffle"].flag();
  out.jobs.departures = workload["departures"].flag();
  out.jobs.arrivals = arrivals_of(workload["arrivals"]);
  if (workload["platform"]["after"]) out.jobs.arrivals = ArrivalSpec{};  // its times mean nothing
  out.cpu_utilization = workload["utilization"]["cores"].number();
  out.accelerator_utilization = workload["utilization"]["accelerators"].number();
  check_transforms(r, workload, out, pool_known);
  if (const View traffic = workload["communication"]; traffic && pool_known) {
    out.communication = communication_of(r, traffic, r.scenario.pools[out.pool]);
  }
  if (pool_known) resolve_job_residency(r, workload, out);
  if (workload["platform"]) out.platform = platform_of(r, workload);
  if (const View generate = workload["generate"]) out.jobs.generate = generator_of(r, generate);
  if (const View trace = workload["trace"]) {
    out.jobs.trace = trace_of(r, trace);
    if (out.jobs.trace) out.facts = traces.facts(trace, *out.jobs.trace);
    note_conversions(r, trace);
  }
  check_window(r, workload, out);
  if (out.facts && pool_known) {
    check_rows(r, workload, out);
    warn_if_nothing_fits(r, workload["trace"], out);
  }
  r.scenario.workloads.push_back(std::move(out));
}

/// A trace that calls a model by another name than the fleet does: its jobs would be rejected.
void warn_of_other_names(Resolution& r) {
  if (!r.all_racks_known()) return;
  for (const std::string& name : r.scenario.models.names()) {
    const std::string model = model_in_fleet(r, name);
    if (model.empty() || model == name) continue;
    r.warning("E052", r.spec["workloads"],
              fmt::format("jobs ask for model {}, which this fleet has as {}",
                          hyperdc::quoted(name), hyperdc::quoted(model)),
              "give the accelerator this \"model\" in \"accelerator_types\"");
  }
}

}  // namespace

void no_pools(Resolution& r, const View& workload) {
  if (r.problems.failed()) return;  // that there are no pools, perhaps
  r.error("E034", workload, "there is no pool to run it in",
          "add racks to a region, and \"pools\"");
}

void resolve_workloads(Resolution& r) {
  TraceCheck traces(r);
  for (const auto& [name, workload, _] : r.spec["workloads"].each()) {
    if (workload && workload["kind"].text() == "jobs") resolve_workload(r, name, workload, traces);
    const std::string kind = workload["kind"].text();
    if (workload && (kind == "training" || kind == "elastic-training")) {
      resolve_run(r, name, workload);
    }
  }
  check_steps(r);
  warn_of_other_names(r);
}

}  // namespace hyperdc
