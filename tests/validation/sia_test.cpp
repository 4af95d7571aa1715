// Sia, SOSP'23, table 3 and par. 5: 160 jobs on 64 accelerators. Its Philly workloads are those of
// Pollux with cifar10 for ncf; restarts and slowdowns of applications are those of its simulator.
//   16 servers of 4 T4: average completion 1.9 h under Sia, 2.0 under Pollux, of eight workloads.
//   Sia of 1, 2, 3 and 6 within 15 %; of 1 and 3 the ratio of both within 15 %, and in that order
//   three kinds of accelerators: 0.6 and 1.0 h. Its measurements of two of them have no licence to
//   ship; here they are faster by what one accelerator of them is, four on a server: of workload 1
//   Sia is ahead by more than a fifth
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>

#include "support/load_example.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

std::string without_ncf(int workload) {
  const std::string file = fmt::format(
      HYPERDC_SOURCE_DIR "/scenarios/examples/data/dl-pollux/workload-{}.csv", workload);
  std::ifstream in(file);
  REQUIRE(in);
  std::stringstream text;
  text << in.rdbuf();
  return std::regex_replace(text.str(), std::regex("ncf-([0-9]+),([0-9]+),ncf,1,32768"),
                            "cifar10-$1,$2,cifar10,6,2048");
}

double sia_average(const std::string& example, int workload, const std::string& policy,
                   const std::vector<Override>& more) {
  const test::TemporaryDirectory home;
  std::vector<Override> settings = {
      {"workloads.train.jobs",
       fmt::format("\"{}\"", home.write("jobs.csv", without_ncf(workload)))},
      {"workloads.train.allocator", fmt::format(R"({{"policy": "{}"}})", policy)}};
  settings.insert(settings.end(), more.begin(), more.end());
  const RunResult result = test::run_seeds(test::load_example(example, settings), 1).front();
  CHECK(test::metric(result, "workloads.train.finished") == 160);
  return test::metric(result, "workloads.train.completion.mean") / 3600;
}

/// Hours, as a mean of these workloads.
double sia_mean(const std::string& example, const std::vector<int>& workloads,
                const std::string& policy, const std::vector<Override>& more = {}) {
  double sum = 0;
  for (const int workload : workloads) {
    const double hours = sia_average(example, workload, policy, more);
    sum += hours;
    if (std::getenv("HYPERDC_SHOW") == nullptr) continue;
    std::cout << fmt::format("{} workload {}: {:.2f} h\n", policy, workload, hours);
  }
  return sum / static_cast<double>(workloads.size());
}

TEST_CASE("average completion times of Sia on 64 T4, and beside Pollux", "[sia]") {
  const std::vector<Override> t4 = {{"workloads.train.applications", R"({
      "bert": {"restart": "2 min", "slowdown": 1.2},
      "cifar10": {"restart": "50 s", "slowdown": 1.8},
      "deepspeech2": {"restart": "25 s", "slowdown": 1.2},
      "imagenet": {"restart": "250 s", "slowdown": 1.2},
      "yolov3": {"restart": "80 s", "slowdown": 1.2, "local_batch": 16}})"}};
  const double first = sia_mean("pollux-workload-1", {1, 3}, "sia", t4);
  const double all = (first + sia_mean("pollux-workload-1", {2, 6}, "sia", t4)) / 2;
  CHECK(all == Approx(1.9).epsilon(0.15));
  const double pollux = sia_mean("pollux-workload-1", {1, 3}, "pollux", t4);
  CHECK(first / pollux == Approx(1.9 / 2.0).epsilon(0.15));
  CHECK(first < pollux);
}

TEST_CASE("Sia is ahead of Pollux on three kinds of accelerators", "[sia]") {
  const double sia = sia_mean("sia", {1}, "sia");
  const double pollux = sia_mean("sia", {1}, "pollux");
  CHECK(pollux / sia > 1.2);
}

}  // namespace
}  // namespace hyperdc
