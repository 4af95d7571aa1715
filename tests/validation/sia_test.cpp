// Sia, SOSP'23, table 3 and par. 5: 160 jobs on 64 accelerators. Its Philly workloads are those of
// Pollux with cifar10 for ncf; restarts and slowdowns of applications are those of its simulator.
//   16 servers of 4 T4: average completion 1.9 h under Sia, 2.0 under Pollux (eight workloads; here
//   1 and 2): within 15 %, and in that order
//   three kinds of accelerators: 0.6 and 1.0 h. Its measurements of two of them have no licence to
//   ship; here they are as fast as one accelerator of them, four on a server: who wins, and by half
//   of what it did there
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <regex>
#include <sstream>

#include "support/load_example.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

constexpr int kSiaWorkloads[] = {1, 2};

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

double sia_average(int workload, const std::string& policy, const std::vector<Override>& more) {
  const test::TemporaryDirectory home;
  std::vector<Override> settings = {
      {"workloads.train.jobs",
       fmt::format("\"{}\"", home.write("jobs.csv", without_ncf(workload)))},
      {"workloads.train.allocator", fmt::format(R"({{"policy": "{}"}})", policy)}};
  settings.insert(settings.end(), more.begin(), more.end());
  const RunResult result = test::run_seeds(test::load_example("sia", settings), 1).front();
  CHECK(test::metric(result, "workloads.train.finished") == 160);
  return test::metric(result, "workloads.train.completion.mean") / 3600;
}

/// Hours, of Sia and of Pollux.
std::pair<double, double> sia_and_pollux(const std::string& what,
                                         const std::vector<Override>& more) {
  std::pair<double, double> mean{0, 0};
  for (const int workload : kSiaWorkloads) {
    const double sia = sia_average(workload, "sia", more);
    const double pollux = sia_average(workload, "pollux", more);
    mean.first += sia / std::size(kSiaWorkloads);
    mean.second += pollux / std::size(kSiaWorkloads);
    if (std::getenv("HYPERDC_SHOW") == nullptr) continue;
    std::cout << fmt::format("{}, workload {}: sia {:.2f} h, pollux {:.2f} h\n", what, workload,
                             sia, pollux);
  }
  return mean;
}

TEST_CASE("average completion times of Sia and Pollux on 64 T4", "[sia]") {
  const auto [sia, pollux] =
      sia_and_pollux("T4", {{"regions.us-west.racks", R"({"t4": {"server": "t4x4", "count": 16}})"},
                            {"workloads.train.profile.kinds", "{}"}});
  INFO("sia " << sia << " h, pollux " << pollux << " h");
  CHECK(sia == Approx(1.9).epsilon(0.15));
  CHECK(pollux == Approx(2.0).epsilon(0.15));
  CHECK(sia < pollux);
}

TEST_CASE("Sia is ahead of Pollux on three kinds of accelerators", "[sia]") {
  const auto [sia, pollux] = sia_and_pollux("three kinds", {});
  INFO("sia " << sia << " h, pollux " << pollux << " h");
  CHECK(pollux / sia > 1 + (1.0 / 0.6 - 1) / 2);
}

}  // namespace
}  // namespace hyperdc
