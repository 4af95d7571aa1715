// Goldens: every scenario of scenarios/examples with its fingerprint and headline numbers, the
// same for any compiler, build type, processor feature and number of threads.
//
// HYPERDC_UPDATE_GOLDENS=1 rewrites the files; `git diff` reviews them, CHANGELOG.md explains.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "experiment/metric_check.hpp"
#include "support/load_example.hpp"

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

/// "2/6" in HYPERDC_GOLDEN_PART: every sixth example from the second one on; without it all.
std::vector<fs::path> of_this_part(const std::vector<fs::path>& all) {
  std::size_t part = 1;
  std::size_t parts = 1;
  if (const char* text = std::getenv("HYPERDC_GOLDEN_PART")) {
    REQUIRE(std::sscanf(text, "%zu/%zu", &part, &parts) == 2);
    REQUIRE((part >= 1 && part <= parts));
  }
  std::vector<fs::path> mine;
  for (std::size_t i = part - 1; i < all.size(); i += parts) mine.push_back(all[i]);
  return mine;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
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
  const std::vector<fs::path> mine = of_this_part(examples());
  REQUIRE(mine.size() >= 3);
  for (const fs::path& path : mine) {
    const fs::path golden = kRoot / "tests/golden" / path.stem().concat(".golden");
    const Scenario scenario = test::load_example(path.stem().string());
    REQUIRE(check_before_run(scenario).empty());
    const std::string text = headline(run_one(scenario));
    if (update) std::ofstream(golden, std::ios::binary) << text;
    INFO("golden of " << path);
    CHECK(read(golden) == text);
  }
}

}  // namespace
}  // namespace hyperdc
