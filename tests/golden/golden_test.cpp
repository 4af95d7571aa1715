// Goldens: every scenario of scenarios/examples with its fingerprint and headline numbers, the
// same for any compiler, build type, processor feature and number of threads.
//
// HYPERDC_UPDATE_GOLDENS=1 rewrites the files; `git diff` reviews them, CHANGELOG.md explains.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "experiment/metric_check.hpp"
#include "experiment/run.hpp"
#include "scenario/load.hpp"

namespace hyperdc {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = HYPERDC_SOURCE_DIR;

std::vector<fs::path> examples() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kRoot / "scenarios/examples")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

LoadOptions options() {
  LoadOptions out;
  out.catalog_dirs = {(kRoot / "scenarios/catalog").string()};
  out.trace_dirs = {(kRoot / "scenarios/examples/data").string()};
  return out;
}

Scenario load(const fs::path& path) {
  Result<Loaded> loaded = load_scenario(path.string(), options());
  if (const auto* issues = std::get_if<Issues>(&loaded)) {
    for (const Issue& issue : *issues) UNSCOPED_INFO(issue.path << ": " << issue.message);
    FAIL("cannot load " << path);
  }
  return std::move(std::get<Loaded>(loaded).scenario);
}

RunResult run_one(const Scenario& scenario) {
  const std::atomic<bool> stop{false};
  RunRequest request;
  request.scenario = &scenario;
  request.seed = scenario.seed;
  std::vector<RunOutcome> outcomes = run_all({&request, 1}, 1, stop, nullptr);
  if (outcomes[0].failure) FAIL(outcomes[0].failure->message);
  return std::move(*outcomes[0].result);
}

/// Fingerprint and every metric, one a line: what a reviewer reads in a diff.
std::string headline(const RunResult& result) {
  std::string text = fmt::format("scenario {}\nseed {}\nfingerprint {:016x}\nevents {}\n",
                                 result.scenario, result.seed, result.fingerprint, result.events);
  for (const ResultMetric& metric : result.metrics) {
    text += metric.value ? fmt::format("{} {} {}\n", metric.name, *metric.value, metric.unit)
                         : fmt::format("{} null: {}\n", metric.name, metric.reason);
  }
  return text;
}

TEST_CASE("every example gives its golden numbers", "[golden]") {
  const bool update = std::getenv("HYPERDC_UPDATE_GOLDENS") != nullptr;
  REQUIRE(examples().size() >= 3);
  for (const fs::path& path : examples()) {
    const fs::path golden = kRoot / "tests/golden" / path.stem().concat(".golden");
    const Scenario scenario = load(path);
    REQUIRE(check_objectives(scenario).empty());
    const std::string text = headline(run_one(scenario));
    if (update) std::ofstream(golden, std::ios::binary) << text;
    INFO("golden of " << path);
    CHECK(read(golden) == text);
  }
}

TEST_CASE("a run gives the same bytes beside another run as alone", "[golden][threads]") {
  const Scenario fcfs = load(kRoot / "scenarios/examples/batch-fcfs.json");
  const Scenario easy = load(kRoot / "scenarios/examples/batch-easy.json");
  const std::string alone_fcfs = to_json(run_one(fcfs));
  const std::string alone_easy = to_json(run_one(easy));
  std::vector<RunRequest> requests(8);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].scenario = i % 2 == 0 ? &fcfs : &easy;
    requests[i].seed = requests[i].scenario->seed;
  }
  const std::atomic<bool> stop{false};
  const std::vector<RunOutcome> outcomes = run_all(requests, 4, stop, nullptr);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    REQUIRE(outcomes[i].result);
    CHECK(to_json(*outcomes[i].result) == (i % 2 == 0 ? alone_fcfs : alone_easy));
  }
}

}  // namespace
}  // namespace hyperdc
