#include "experiment/metric_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>

#include <hyperdc/core/units.hpp>

#include "core/text.hpp"
#include "scenario/sources.hpp"
#include "world/simulate.hpp"

namespace hyperdc {

namespace {

void check_mixes(const Scenario& scenario, Problems& problems) {
  for (std::uint32_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolSpec& pool = scenario.pools[i];
    if (pool.placement.policy != "fgd" || has_job_mix(scenario, i)) continue;
    Issue issue;
    issue.code = "E042";
    issue.path = "pools." + pool.name + ".placement.policy";
    issue.message = "\"fgd\" needs jobs that ask for accelerators of this pool, in few kinds";
    issue.hint = "use \"best-fit\"";
    problems.add(std::move(issue));
  }
}

/// A bound of a metric in seconds is a time, one of a count or a share has no unit.
void check_bound(const std::string& path, const SourcePlace& place, const std::string& unit,
                 double bound, Dimension in, Problems& problems) {
  const bool rate = unit.rfind("1/", 0) == 0;
  const Dimension wanted =
      dimension_of(rate ? "1 " + unit.substr(1) : "1 " + unit).value_or(Dimension::none);
  if (in == wanted) return;
  Issue issue;
  issue.code = "E020";
  issue.path = path;
  issue.place = place;
  if (wanted == Dimension::none) {
    issue.message = unit == "1" ? "the metric has no unit" : "the metric is a number of " + unit;
    issue.hint = "write the bound without a unit";
  } else {
    issue.message = fmt::format("the metric is in {}", unit);
    issue.hint = fmt::format("write \"{}\"", format_quantity(bound, wanted));
  }
  problems.add(std::move(issue));
}

void check_objectives(const Scenario& scenario, Problems& problems) {
  if (scenario.objectives.empty()) return;
  std::vector<std::string> names;
  std::map<std::string, std::string, std::less<>> known;  // units
  for (MetricValue& metric : metric_names(scenario)) {
    known[metric.name] = metric.unit;
    names.push_back(std::move(metric.name));
  }
  for (std::size_t i = 0; i < scenario.objectives.size(); ++i) {
    const Objective& objective = scenario.objectives[i];
    const std::string path = "objectives." + std::to_string(i) + ".";
    if (const auto metric = known.find(objective.metric); metric != known.end()) {
      const auto check = [&](const char* key, const std::optional<double>& bound, Dimension in) {
        if (bound) check_bound(path + key, objective.place, metric->second, *bound, in, problems);
      };
      check("at_most", objective.at_most, objective.most_in);
      check("at_least", objective.at_least, objective.least_in);
      continue;
    }
    Issue issue;
    issue.code = "E040";
    issue.path = path + "metric";
    issue.message = "the scenario has no metric " + hyperdc::quoted(objective.metric, 200);
    // The search costs a walk over all names: not for problems that are only counted.
    if (problems.errors() < Problems::kMaxProblems) {
      if (const auto near = nearest(objective.metric, names)) {
        issue.hint = "did you mean \"" + std::string(*near) + "\"?";
      }
    }
    issue.place = objective.place;
    problems.add(std::move(issue));
  }
}

/// When the last job will have been submitted and, in a trace, could have ended; waiting comes on
/// top.
double least_end_s(const Scenario& scenario) {
  double end_s = 0;
  for (const JobsWorkload& workload : scenario.workloads) {
    const JobsSpec& jobs = workload.jobs;
    if (jobs.arrivals) {
      const std::uint64_t count = jobs.generate    ? jobs.generate->count
                                  : workload.facts ? workload.facts->rows
                                                   : 0;
      end_s = std::max(end_s, static_cast<double>(count) * jobs.arrivals->mean_interval_s);
    } else if (workload.facts) {
      const auto& window = jobs.trace->window;
      end_s = std::max(end_s, window ? to_seconds(*window) : to_seconds(workload.facts->last_end));
    }
  }
  return end_s;
}

/// With a duration the scenario itself was checked.
void check_series(const Scenario& scenario, std::optional<SimTime> until, Problems& problems) {
  if (!scenario.step || scenario.duration) return;
  const double end_s = until ? to_seconds(*until) : least_end_s(scenario);
  const double steps = end_s / to_seconds(*scenario.step);
  if (steps <= static_cast<double>(kMaxSeriesRows)) return;
  Issue issue;
  issue.code = "E035";
  issue.path = "series_step";
  issue.message = fmt::format("{:.0f} steps until the run ends; a time series may have {}", steps,
                              kMaxSeriesRows);
  issue.hint = "a longer step, or a \"duration\"";
  problems.add(std::move(issue));
}

}  // namespace

Issues check_before_run(const Scenario& scenario, std::optional<SimTime> until) {
  const Sources none;  // places are known already
  Problems problems(none);
  check_series(scenario, until, problems);
  check_mixes(scenario, problems);
  check_objectives(scenario, problems);
  return problems.take();
}

}  // namespace hyperdc
