// Distributions that were written, read back, and made coarser.
#include "results/distribution.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include <hyperdc/core/assert.hpp>

#include "results/store.hpp"
#include "results/stored_result.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

RunResult with_distributions() {
  RunResult out;
  out.distributions = {{"workloads.a,b.latency", "s", {{0, 0, 2}, {0.125, 0.25, 7}, {0.3, 0.3, 1}}},
                       {"workloads.x.slowdown", "1", {{1, 1, 18'446'744'073'709'551'615U}}}};
  return out;
}

TEST_CASE("distributions that were written and read back are written the same") {
  const RunResult result = with_distributions();
  const std::string csv = distributions_csv(result);
  CHECK(csv ==
        "metric,unit,from,to,count\n"
        "\"workloads.a,b.latency\",s,0,0,2\n"
        "\"workloads.a,b.latency\",s,0.125,0.25,7\n"
        "\"workloads.a,b.latency\",s,0.3,0.3,1\n"
        "workloads.x.slowdown,1,1,1,18446744073709551615\n");
  RunResult back;
  back.distributions = distributions_from_csv(csv);
  REQUIRE(back.distributions.size() == 2);
  CHECK(distributions_csv(back) == csv);
  CHECK(distributions_from_csv("metric,unit,from,to,count\n").empty());
  CHECK(to_json(result) == to_json(RunResult{}));  // result.json does not know of them
}

TEST_CASE("a file of distributions that is not one is refused with its line") {
  const std::string head = "metric,unit,from,to,count\n";
  const auto refused = [&](const std::string& lines, const char* why) {
    CHECK_THROWS_WITH(distributions_from_csv(head + lines), why);
  };
  CHECK_THROWS_WITH(distributions_from_csv(""), "it is empty");
  CHECK_THROWS_WITH(distributions_from_csv("metric,from\n"),
                    "line 1 is not metric,unit,from,to,count");
  refused("a,s,1,2\n", "line 2 has 4 values and not 5");
  refused("a,s,1,2,3\na,s,1,two,3\n", "line 3 holds what is not a number");
  refused("a,s,1,2,-3\n", "line 2 holds what is not a number");
  refused("a,s,1,2,1.5\n", "line 2 holds what is not a number");
  refused("a,s,2,1,3\n", "line 2 is not from a number to a greater one");
  refused("a,s,-2,1,3\n", "line 2 is not from a number to a greater one");
  refused("a,s,nan,1,3\n", "line 2 is not from a number to a greater one");
  refused("a,s,1,inf,3\n", "line 2 is not from a number to a greater one");
  refused("a,s,1,2,0\n", "line 2 counts no samples, or too many");
  refused("a,s,1,2,18446744073709551615\na,s,3,4,1\n", "line 3 counts no samples, or too many");
  refused("a,s,3,4,1\na,s,1,2,1\n", "line 3 lies below the line before it");
  refused("a,s,1,2,1\nb,s,1,2,1\na,s,3,4,1\n", "line 4 has a again");
}

TEST_CASE("a result without distributions is read, one with a broken file is not") {
  const test::TemporaryDirectory directory;
  const std::filesystem::path root = directory.path();
  RunResult result = with_distributions();
  result.resolved_json = "{}";
  write_file((root / "result.json").string(), to_json(result));
  CHECK(read_stored_result(root.string()).result.distributions.empty());
  write_file((root / "distributions.csv").string(), distributions_csv(result));
  CHECK(read_stored_result(root.string()).result.distributions.size() == 2);
  write_file((root / "distributions.csv").string(), "metric,unit,from,to,count\nx\n");
  CHECK_THROWS_WITH(read_stored_result(root.string()),
                    Catch::Contains("distributions.csv: line 2 has 1 values and not 5"));
}

TEST_CASE("quantiles are the middle of their bin, within the extremes") {
  const ResultDistribution one{"x", "s", {{1, 1, 1}, {0.5, 2, 6}, {4, 8, 92}, {7, 7, 1}}};
  CHECK(samples_of(one) == 100);
  CHECK(quantile_of(one, 0) == 1);
  CHECK(quantile_of(one, 0.01) == 1);
  CHECK(quantile_of(one, 0.02) == 1.25);
  CHECK(quantile_of(one, 0.07) == 1.25);
  CHECK(quantile_of(one, 0.08) == 6);
  CHECK(quantile_of(one, 0.99) == 6);
  CHECK(quantile_of(one, 1) == 7);
  CHECK(known_quantile_of(one, 0.99) == 6);
  CHECK_FALSE(known_quantile_of(one, 0.999));  // of 100 samples that is the greatest
  CHECK(known_quantile_of(one, 1) == 7);
  const ResultDistribution single{"x", "s", {{3, 3, 1}}};
  CHECK(known_quantile_of(single, 0.5) == 3);
  CHECK_FALSE(known_quantile_of(single, 0.9));
  CHECK_THROWS_AS(quantile_of(ResultDistribution{}, 0.5), InvariantError);
}

TEST_CASE("coarsened distributions keep extremes and samples") {
  ResultDistribution many{"x", "s", {}};
  for (int i = 0; i < 1000; ++i) many.bins.push_back({1.0 * i, i + 1.0, 1U + i % 3U});
  for (const std::size_t most : {std::size_t{3}, std::size_t{10}, std::size_t{999}}) {
    const ResultDistribution few = coarsened(many, most);
    CHECK(few.bins.size() == most);
    CHECK(samples_of(few) == samples_of(many));
    CHECK(few.bins.front().count == many.bins.front().count);
    CHECK(few.bins.back().from == 999);
    for (std::size_t i = 1; i < few.bins.size(); ++i) {
      CHECK(few.bins[i].from == few.bins[i - 1].to);
    }
  }
  CHECK(coarsened(many, 1000).bins.size() == 1000);
}

}  // namespace
}  // namespace hyperdc
