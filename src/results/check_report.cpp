#include "results/check_report.hpp"

#include <algorithm>
#include <filesystem>

namespace hyperdc {

std::string check_name(const CheckedScenario& scenario) {
  return std::filesystem::path(scenario.file).stem().string();
}

std::string check_folder(const CheckedScenario& scenario) {
  const std::string folder = std::filesystem::path(scenario.file).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::size_t count_of(const CheckReport& report, CheckStatus status) {
  return static_cast<std::size_t>(
      std::count_if(report.scenarios.begin(), report.scenarios.end(),
                    [&](const CheckedScenario& one) { return one.status == status; }));
}

bool objective_fails(const ObjectiveChange& change) {
  return change.state == ObjectiveChange::State::missed ||
         change.state == ObjectiveChange::State::gone;
}

bool any_objective_fails(const CheckedScenario& scenario) {
  return std::any_of(scenario.objectives.begin(), scenario.objectives.end(), objective_fails);
}

CheckStatus judged(const CheckedScenario& scenario) {
  const bool fails = any_objective_fails(scenario) || !scenario.diff || moved(*scenario.diff) ||
                     (scenario.exact && !scenario.diff->same_fingerprints);
  return fails ? CheckStatus::failed : CheckStatus::passed;
}

}  // namespace hyperdc
