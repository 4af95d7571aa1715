#include "results/summary.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace hyperdc;

namespace {

RunResult run(const std::string& scenario, std::uint64_t seed, std::optional<double> wait) {
  RunResult result;
  result.scenario = scenario;
  result.seed = seed;
  result.metrics.push_back({"wait", "s", wait, wait ? "" : "no samples"});
  result.metrics.push_back({"jobs", "jobs", 7.0, ""});
  return result;
}

}  // namespace

TEST_CASE("mean and interval by hand") {
  // Mean 4, sample variance 10/4, standard error sqrt(2.5 / 5), t(0.975, 4) = 2.7764.
  const double values[] = {2, 3, 4, 5, 6};
  const MeanInterval interval = mean_interval(values);
  CHECK(interval.mean == 4);
  CHECK(*interval.half_width == Approx(2.7764451 * std::sqrt(0.5)).epsilon(1e-7));
  const double alone[] = {2};
  CHECK_FALSE(mean_interval(alone).half_width);
  const double equal[] = {0.1, 0.1, 0.1};
  CHECK(mean_interval(equal).mean == 0.1);
  CHECK(*mean_interval(equal).half_width == 0);
}

TEST_CASE("a summary has a row for each scenario and metric, in order") {
  std::vector<RunResult> runs = {run("b", 1, 10), run("b", 2, 14), run("a", 1, {}), run("a", 2, 3)};
  const std::vector<SummaryRow> rows = summarise(runs);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].scenario == "b");
  CHECK(rows[0].metric == "wait");
  CHECK(rows[0].n == 2);
  CHECK(*rows[0].mean == 12);
  CHECK(*rows[0].half_width == Approx(12.7062047 * 2).epsilon(1e-7));  // s = 2 sqrt 2, n = 2
  CHECK(*rows[0].min == 10);
  CHECK(*rows[0].max == 14);
  CHECK(rows[1].metric == "jobs");
  CHECK(rows[2].scenario == "a");
  CHECK(rows[2].n == 1);
  CHECK(*rows[2].mean == 3);
  CHECK_FALSE(rows[2].half_width);
}

TEST_CASE("interrupted runs do not enter a summary") {
  std::vector<RunResult> runs = {run("a", 1, 10), run("a", 2, 1000)};
  runs[1].complete = false;
  const std::vector<SummaryRow> rows = summarise(runs);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].n == 1);
  CHECK(*rows[0].mean == 10);
}

TEST_CASE("differences are paired by seed, whatever the order of the runs") {
  std::vector<RunResult> runs = {run("a", 1, 10), run("a", 2, 20), run("b", 2, 25),
                                 run("b", 1, 13)};
  const auto difference = paired_difference(runs, "a", "b", "wait");
  REQUIRE(difference);
  CHECK(difference->mean == 4);                                        // (3 + 5) / 2
  CHECK(*difference->half_width == Approx(12.7062047).epsilon(1e-7));  // s = sqrt 2, n = 2
}

TEST_CASE("what cannot be paired gives no difference") {
  std::vector<RunResult> runs = {run("a", 1, 10), run("b", 2, 25)};
  CHECK_FALSE(paired_difference(runs, "a", "b", "wait"));  // other seeds
  runs[1].seed = 1;
  CHECK(paired_difference(runs, "a", "b", "wait"));
  CHECK_FALSE(paired_difference(runs, "a", "b", "nothing"));
  runs[1].complete = false;
  CHECK_FALSE(paired_difference(runs, "a", "b", "wait"));
  runs[1] = run("b", 1, {});
  CHECK_FALSE(paired_difference(runs, "a", "b", "wait"));
}
