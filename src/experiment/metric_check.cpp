#include "experiment/metric_check.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "world/simulate.hpp"

namespace hyperdc {

Issues check_objectives(const Scenario& scenario) {
  Issues issues;
  if (scenario.objectives.empty()) return issues;
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
  return issues;
}

}  // namespace hyperdc
