// The five calls of the public header, over what the commands use.
#include <atomic>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/hyperdc.hpp>

#include "experiment/metric_check.hpp"
#include "experiment/run.hpp"
#include "scenario/load.hpp"

namespace hyperdc {

Result<ScenarioPtr> load(const std::string& file,
                         const std::vector<std::pair<std::string, std::string>>& sets) {
  LoadOptions options;
  for (const auto& [path, value] : sets) options.overrides.push_back({path, value});
  Result<Loaded> loaded = load_scenario(file, options);
  if (auto* issues = std::get_if<Issues>(&loaded)) return std::move(*issues);
  auto scenario = std::make_shared<Scenario>(std::move(std::get<Loaded>(loaded).scenario));
  Issues issues = check_before_run(*scenario);
  if (!issues.empty()) return issues;
  return ScenarioPtr(std::move(scenario));
}

ResultPtr run(const Scenario& scenario, std::uint64_t seed) {
  const std::atomic<bool> stop{false};
  RunRequest request;
  request.scenario = &scenario;
  request.seed = seed;
  std::vector<RunOutcome> outcomes = run_all({&request, 1}, 1, stop, nullptr);
  if (outcomes[0].failure) throw InvariantError(outcomes[0].failure->message);
  return std::make_shared<const RunResult>(std::move(*outcomes[0].result));
}

std::optional<double> metric(const RunResult& result, std::string_view name) {
  const ResultMetric* found = find_metric(result, name);
  return found == nullptr ? std::nullopt : found->value;
}

}  // namespace hyperdc
