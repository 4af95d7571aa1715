// The table of metrics and the runs name the same metrics: what the reference page describes can be
// had, and nothing is reported that it does not describe.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "report/metric_info.hpp"
#include "support/load_example.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

/// What the examples and the laboratory of docs/features.md report, by the rows of the table.
std::set<std::string> reported() {
  std::vector<Scenario> scenarios;
  scenarios.push_back(
      test::load_file("tests/property/lab.json", {{"pools.main.demand_points", "[0.5]"}}));
  const std::filesystem::path examples =
      std::filesystem::path(HYPERDC_SOURCE_DIR) / "scenarios/examples";
  for (const auto& entry : std::filesystem::directory_iterator(examples)) {
    if (entry.path().extension() != ".json") continue;
    scenarios.push_back(test::load_example(entry.path().stem().string()));
  }
  std::set<std::string> rows;
  for (const Scenario& scenario : scenarios) {
    for (const MetricValue& metric : metric_names(scenario)) {
      const MetricParts parts = metric_parts(metric.name);
      INFO(scenario.name << " reports " << metric.name);
      REQUIRE(parts.info != nullptr);
      CHECK(metric.unit == parts.info->unit);
      rows.insert(parts.scope + "/" + parts.quantity + "/" + parts.statistic);
    }
  }
  return rows;
}

TEST_CASE("every metric of the table is reported by a run, and none beside them", "[property]") {
  const std::set<std::string> rows = reported();
  for (const MetricInfoRow& row : metric_info_table()) {
    std::vector<std::string> statistics(1);
    for (const char c : row.statistics) {
      if (c == ' ') {
        statistics.emplace_back();
      } else {
        statistics.back() += c;
      }
    }
    for (const std::string& statistic : statistics) {
      const std::string name =
          std::string(row.scope) + "/" + std::string(row.quantity) + "/" + statistic;
      INFO(name);
      CHECK((rows.count(name) == 1 || statistic == "count"));
    }
  }
}

}  // namespace
}  // namespace hyperdc
