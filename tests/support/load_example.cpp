#include "support/load_example.hpp"

#include <atomic>
#include <catch2/catch.hpp>

namespace hyperdc::test {

Scenario load_file(const std::string& path, const std::vector<Override>& overrides) {
  const std::string root = HYPERDC_SOURCE_DIR;
  LoadOptions options;
  options.catalog_dirs = {root + "/scenarios/catalog"};
  options.trace_dirs = {root + "/scenarios/examples/data"};
  options.overrides = overrides;
  Result<Loaded> loaded = load_scenario(root + "/" + path, options);
  if (const auto* issues = std::get_if<Issues>(&loaded)) {
    for (const Issue& issue : *issues) {
      UNSCOPED_INFO(issue.path << ": " << issue.message << "; " << issue.hint);
    }
    FAIL("cannot load " << path);
  }
  return std::move(std::get<Loaded>(loaded).scenario);
}

Scenario load_example(const std::string& name, const std::vector<Override>& overrides) {
  return load_file("scenarios/examples/" + name + ".json", overrides);
}

std::vector<RunResult> run_seeds(const Scenario& scenario, int seeds) {
  std::vector<RunRequest> requests(static_cast<std::size_t>(seeds));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].scenario = &scenario;
    requests[i].seed = i + 1;
  }
  const std::atomic<bool> stop{false};
  std::vector<RunResult> results;
  for (RunOutcome& outcome : run_all(requests, 2, stop, nullptr)) {
    if (outcome.failure) FAIL(outcome.failure->message);
    REQUIRE(outcome.result);
    results.push_back(std::move(*outcome.result));
  }
  return results;
}

double metric(const RunResult& result, const std::string& name) {
  const ResultMetric* found = find_metric(result, name);
  INFO(name);
  REQUIRE(found != nullptr);
  INFO(found->reason);
  REQUIRE(found->value);
  return *found->value;
}

}  // namespace hyperdc::test
