// FCFS and EASY against a reference computed by an independent script over the 1,000 jobs of
// pai_1k.csv: all completions at t, then all arrivals at t, then one pass; queue order (submit,
// row); estimates are the run times; p95 is the least wait that 95 % of the jobs do not exceed.
#include <fstream>

#include "fake_pool.hpp"

namespace hyperdc::testing {
namespace {

std::vector<FakeJob> pai_1k() {
  std::ifstream file(HYPERDC_SOURCE_DIR "/scenarios/examples/data/dl-pai/pai_1k.csv");
  REQUIRE(file);
  std::string line;
  std::getline(file, line);
  REQUIRE(line == "arrival_time,length,cpus");
  std::vector<FakeJob> jobs;
  while (std::getline(file, line)) {
    const std::size_t first = line.find(',');
    const std::size_t second = line.find(',', first + 1);
    jobs.push_back(cores(std::stod(line.substr(0, first)),
                         std::stod(line.substr(first + 1, second - first - 1)),
                         std::stoll(line.substr(second + 1))));
  }
  REQUIRE(jobs.size() == 1000);
  return jobs;
}

struct Row {
  const char* policy;
  int processors;
  double makespan_s, mean_wait_s, p95_wait_s, max_wait_s, mean_bounded_slowdown, utilization;
  int late;
  std::size_t backfilled;
};

/// The wait that 95 of 100 jobs do not exceed (nearest rank).
double p95(std::vector<double> waits) {
  std::sort(waits.begin(), waits.end());
  return waits[(95 * waits.size() + 99) / 100 - 1];
}

void check(const Row& row, const std::vector<FakeJob>& jobs) {
  CAPTURE(row.policy, row.processors);
  FakePool pool = FakePool::of_cores(row.processors);
  const Outcome out = pool.run(*make(row.policy), jobs);
  SimTime last;
  std::vector<double> waits;
  double wait = 0, slowdown = 0, work = 0;
  int late = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const double waited = to_seconds(out.first_start[i] - jobs[i].submit);
    const double run = to_seconds(jobs[i].run);
    REQUIRE(out.end[i] - out.first_start[i] == jobs[i].run);
    waits.push_back(waited);
    wait += waited;
    slowdown += std::max(1.0, (waited + run) / std::max(run, 10.0));
    work += run * static_cast<double>(jobs[i].each.cores_milli) / 1000;
    late += waited > 0;
    last = std::max(last, out.end[i]);
  }
  const double n = static_cast<double>(jobs.size());
  const double makespan = to_seconds(last - jobs[0].submit);
  CHECK(makespan == row.makespan_s);
  CHECK(wait / n == Approx(row.mean_wait_s).epsilon(1e-12));
  CHECK(p95(waits) == row.p95_wait_s);
  CHECK(*std::max_element(waits.begin(), waits.end()) == row.max_wait_s);
  CHECK(std::abs(slowdown / n - row.mean_bounded_slowdown) <= 5.01e-7);  // printed to 6 places
  CHECK(std::abs(work / (row.processors * makespan) - row.utilization) <= 5.01e-7);
  CHECK(late == row.late);
  CHECK(out.backfilled == row.backfilled);
}

}  // namespace

TEST_CASE("FCFS and EASY equal the reference on pai_1k") {
  const std::vector<FakeJob> jobs = pai_1k();
  const Row rows[] = {
      {"fifo", 16, 801680, 96908.544, 133900, 146182, 75.54287, 0.89603, 951, 0},
      {"easy", 16, 790785, 86311.275, 125742, 138216, 62.160248, 0.908375, 950, 224},
      {"fifo", 18, 729715, 52796.692, 89029, 97368, 41.153001, 0.87502, 944, 0},
      {"easy", 18, 721987, 45697.251, 82669, 91325, 32.207294, 0.884386, 944, 206},
      {"fifo", 24, 694942, 5562.88, 26781, 31387, 5.57965, 0.689103, 435, 0},
      {"easy", 24, 694942, 4806.39, 25428, 31361, 4.392466, 0.689103, 419, 75},
  };
  for (const Row& row : rows) check(row, jobs);
}

}  // namespace hyperdc::testing
