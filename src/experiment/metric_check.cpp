#include "experiment/metric_check.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "world/simulate.hpp"

namespace hyperdc {

namespace {

void check_mixes(const Scenario& scenario, Issues& issues) {
  for (std::uint32_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolSpec& pool = scenario.pools[i];
    if (pool.placement.policy != "fgd" || has_job_mix(scenario, i)) continue;
    Issue issue;
    issue.code = "E042";
    issue.path = "pools." + pool.name + ".placement.policy";
    issue.message = "\"fgd\" needs jobs that ask for accelerators of this pool, in few kinds";
    issue.hint = "use \"best-fit\"";
    issues.push_back(std::move(issue));
  }
}

void check_objectives(const Scenario& scenario, Issues& issues) {
  if (scenario.objectives.empty()) return;
  std::vector<std::string> names;
  for (MetricValue& metric : metric_names(scenario)) names.push_back(std::move(metric.name));
  for (std::size_t i = 0; i < scenario.objectives.size(); ++i) {
    const Objective& objective = scenario.objectives[i];
    if (std::find(names.begin(), names.end(), objective.metric) != names.end()) continue;
    Issue issue;
    issue.code = "E040";
    issue.path = "objectives." + std::to_string(i) + ".metric";
    issue.message = "the scenario has no metric \"" + objective.metric + "\"";
    if (const auto near = nearest(objective.metric, names)) {
      issue.hint = "did you mean \"" + std::string(*near) + "\"?";
    }
    issue.place = objective.place;
    issues.push_back(std::move(issue));
  }
}

}  // namespace

Issues check_before_run(const Scenario& scenario) {
  Issues issues;
  check_mixes(scenario, issues);
  check_objectives(scenario, issues);
  return issues;
}

}  // namespace hyperdc
