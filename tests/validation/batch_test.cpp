// FCFS and EASY on the PAI sample against a reference schedule computed independently
// (tests/data/published/batch_fcfs_easy_reference.csv; its rules are in the SOURCE.md beside it).
// Integer seconds in, so every number must be equal to the digits that the reference prints.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "support/load_example.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

struct Reference {
  std::string policy;
  int processors = 0;
  double makespan = 0, mean_wait = 0, p95_wait = 0, max_wait = 0, slowdown = 0, utilization = 0;
  int late = 0, backfilled = 0;
};

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  return cells;
}

std::vector<Reference> references() {
  std::ifstream in(std::string(HYPERDC_SOURCE_DIR) +
                   "/tests/data/published/batch_fcfs_easy_reference.csv");
  std::vector<Reference> rows;
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> c = split(line);
    if (c[0] != "pai_1k") continue;
    rows.push_back({c[1], std::stoi(c[3]), std::stod(c[5]), std::stod(c[6]), std::stod(c[7]),
                    std::stod(c[8]), std::stod(c[9]), std::stod(c[10]), std::stoi(c[11]),
                    std::stoi(c[12])});
  }
  return rows;
}

struct JobsCsv {
  std::vector<double> waits;
  int late = 0, backfilled = 0;
};

JobsCsv read_jobs(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> header = split(line);
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  };
  const std::size_t wait = column("wait_s");
  const std::size_t because = column("because");
  JobsCsv jobs;
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = split(line);
    jobs.waits.push_back(std::stod(cells.at(wait)));
    jobs.late += jobs.waits.back() > 0 ? 1 : 0;
    jobs.backfilled += cells.at(because).rfind("backfilled", 0) == 0 ? 1 : 0;
  }
  return jobs;
}

/// The reference's rule, w[int(q * (n - 1))] of the sorted values; not that of `wait.p95`, which
/// takes rank ceil(q * n) (docs/models/metrics.md).
double percentile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double place = std::floor(q * static_cast<double>(values.size() - 1));
  return values[static_cast<std::size_t>(place)];
}

void check_row(const Reference& row) {
  INFO(row.policy << " on " << row.processors << " processors");
  const Scenario scenario = test::load_example(
      row.policy == "FCFS" ? "batch-fcfs" : "batch-easy",
      {{"regions.lab.racks.batch.servers_per_rack", std::to_string(row.processors)}});
  const test::TemporaryDirectory directory;
  const std::string csv = directory.path("jobs.csv");
  RunRequest request{&scenario, 1, std::nullopt, csv, {}};
  const std::atomic<bool> stop{false};
  const std::vector<RunOutcome> outcomes = run_all({&request, 1}, 1, stop, nullptr);
  REQUIRE(outcomes[0].result);
  const RunResult& result = *outcomes[0].result;
  const JobsCsv jobs = read_jobs(csv);
  CHECK(jobs.waits.size() == 1000);
  CHECK(test::metric(result, "workloads.pai.makespan") == row.makespan);
  CHECK(test::metric(result, "workloads.pai.wait.mean") == Approx(row.mean_wait).epsilon(1e-12));
  CHECK(test::metric(result, "workloads.pai.wait.max") == row.max_wait);
  CHECK(percentile(jobs.waits, 0.95) == row.p95_wait);
  CHECK(std::fabs(test::metric(result, "workloads.pai.slowdown.mean") - row.slowdown) < 5.1e-7);
  CHECK(std::fabs(test::metric(result, "pools.batch.utilization") - row.utilization) < 5.1e-7);
  CHECK(jobs.late == row.late);
  CHECK(jobs.backfilled == row.backfilled);
}

TEST_CASE("FCFS and EASY equal the reference schedule of pai_1k", "[validation]") {
  const std::vector<Reference> rows = references();
  REQUIRE(rows.size() == 6);
  for (const Reference& row : rows) check_row(row);
}

}  // namespace
}  // namespace hyperdc
