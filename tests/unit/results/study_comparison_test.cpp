#include "results/study_comparison.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "support/study_tables.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

namespace {

StudyComparisonOptions against(std::string base) {
  StudyComparisonOptions options;
  options.base = std::move(base);
  return options;
}

/// Two metrics, four seeds: "wait" differs by 10 -+ a little, "cost" by nothing that shows.
StudyTable two_variations() {
  StudyTable table = empty_study({"base", "new"}, 4, {{"wait", "s"}, {"cost", "USD"}});
  put(table, 0, 0, {100, 120, 80, 140});
  put(table, 1, 0, {110, 131, 90, 149});
  put(table, 0, 1, {50, 51, 49, 50});
  put(table, 1, 1, {51, 50, 49, 51});
  return table;
}

}  // namespace

TEST_CASE("a paired difference stands out where the means alone do not") {
  const StudyComparison result = compare_study(two_variations(), against("base"));
  CHECK(result.refused.empty());
  CHECK(result.comparisons == 2);
  REQUIRE(result.variations.size() == 1);
  CHECK(result.variations[0].seeds == std::vector<std::uint64_t>{1, 2, 3, 4});
  REQUIRE(result.variations[0].differences.size() == 2);
  const StudyDifference& wait = result.variations[0].differences[0];
  // Differences 10 11 10 9: mean 10, s = sqrt(2/3), t(0.95, 3) = 3.18245.
  CHECK(wait.pairs.difference.mean == 10);
  CHECK(wait.interval.high - 10 == Approx(3.1824463 * std::sqrt(2.0 / 3 / 4)));
  CHECK(*wait.relative == Approx(10.0 / 110));
  CHECK(wait.finding == Finding::higher);
  CHECK(wait.adjusted_p == Approx(2 * wait.pairs.p));
  CHECK(*wait.pairs.variance_ratio < 0.001);
  CHECK(wait.base.high > wait.other.low);  // the intervals of the means overlap
  const StudyDifference& cost = result.variations[0].differences[1];
  CHECK(cost.finding == Finding::undecided);
  CHECK(cost.adjusted_p == Approx(cost.pairs.p));
  // Differences 1 -1 0 1: mean 0.25, s^2 = 2.75 / 3. One of two is left to decide: level 0.95.
  CHECK(cost.seeds_to_decide == replications_for_effect(std::sqrt(2.75 / 3), 0.25, 0.95, 0.8));
  CHECK(*cost.seeds_to_decide > 100);
}

TEST_CASE("the same is what lies within the margin with its whole interval") {
  StudyComparisonOptions options = against("base");
  // The cost differs by 0.25 -+ 1.52 of 50: within 4 %, not within 3 %.
  options.margins["cost"] = 0.04;
  const auto finding_of_cost = [&] {
    return compare_study(two_variations(), options).variations[0].differences[1];
  };
  CHECK(finding_of_cost().finding == Finding::same);
  CHECK(finding_of_cost().margin == Approx(2));
  options.margins["cost"] = 0.03;
  CHECK(finding_of_cost().finding == Finding::undecided);
  // An interval of half the margin on each side decides whatever the difference is: sooner here.
  CHECK(finding_of_cost().seeds_to_decide ==
        replications_for_width(std::sqrt(2.75 / 3), 0.75, 0.95));
  // A difference that is real but within the margin is the same.
  options.margin = 0.2;
  const auto wait = compare_study(two_variations(), options).variations[0].differences[0];
  CHECK(wait.adjusted_p < 0.05);
  CHECK(wait.finding == Finding::same);
}

TEST_CASE("without a margin only what never differs is the same") {
  StudyTable table = empty_study({"a", "b"}, 3, {{"jobs", "jobs"}, {"lost", "jobs"}});
  put(table, 0, 0, {5, 6, 7});
  put(table, 1, 0, {5, 6, 7});
  put(table, 0, 1, {0, 0, 0});
  put(table, 1, 1, {2, 2, 2});
  const StudyComparison result = compare_study(table, against("a"));
  const auto& rows = result.variations[0].differences;
  CHECK(rows[0].finding == Finding::same);
  CHECK(rows[1].finding == Finding::higher);  // always by 2
  CHECK(rows[1].adjusted_p == 0);
  CHECK_FALSE(rows[1].relative);  // of 0
  CHECK_FALSE(rows[1].coverage);
}

TEST_CASE("Holm's correction is over all variations and metrics that are asked for") {
  // Differences 1 2 3 4 5: t = 3 / (1.5811 / sqrt 5) = 4.2426, p = 0.01324, for each variation.
  const auto study = [](std::size_t variations) {
    std::vector<std::string> names = {"base"};
    for (std::size_t i = 1; i <= variations; ++i) names.push_back("v" + std::to_string(i));
    StudyTable table = empty_study(std::move(names), 5, {{"x", "1"}});
    put(table, 0, 0, {0, 0, 0, 0, 0});
    for (std::size_t i = 1; i <= variations; ++i) put(table, i, 0, {1, 2, 3, 4, 5});
    return table;
  };
  const StudyComparison three = compare_study(study(3), against("base"));
  CHECK(three.variations[2].differences[0].pairs.p == Approx(0.0132356).epsilon(1e-5));
  CHECK(three.variations[2].differences[0].adjusted_p == Approx(3 * 0.0132356).epsilon(1e-5));
  CHECK(three.variations[2].differences[0].finding == Finding::higher);
  const StudyComparison four = compare_study(study(4), against("base"));
  CHECK(four.variations[0].differences[0].finding == Finding::undecided);
  StudyComparisonOptions one = against("base");
  one.variations = {"v2"};
  const StudyComparison alone = compare_study(study(4), one);
  REQUIRE(alone.variations.size() == 1);
  CHECK(alone.variations[0].variation.name == "v2");
  CHECK(alone.variations[0].differences[0].finding == Finding::higher);
}

TEST_CASE("what is not comparable is refused, with a reason") {
  StudyTable table = empty_study({"base", "holes", "ok", "empty"}, 4,
                                 {{"wait", "s"}, {"only-ok", "1"}, {"ttft", "s"}, {"ttft", "ms"}});
  for (const std::size_t v : {0U, 1U, 2U}) put(table, v, 0, {1, 2, 3, 5});
  put(table, 2, 1, {1, 2, 3, 4});
  cell(table, 1, 1, 0).reset();
  cell(table, 1, 2, 0).reset();
  cell(table, 2, 0, 1).reset();
  const StudyComparison result = compare_study(table, against("base"));
  REQUIRE(result.refused.size() == 4);
  CHECK(result.refused[0].metric == "ttft");
  CHECK(result.refused[0].reason == "it is in s in some runs and in ms in others");
  CHECK(result.refused[1].variation == "holes");
  CHECK(result.refused[1].metric.empty());
  CHECK(result.refused[1].reason ==
        "seeds must be the same on both sides: holes has no seeds 2, 3");
  CHECK(result.refused[2].variation == "ok");
  CHECK(result.refused[2].metric == "only-ok");
  CHECK(result.refused[2].reason == "base has no value of it, ok has a value of it in 3 of 4 runs");
  CHECK(result.refused[3].variation == "empty");
  CHECK(result.refused[3].reason ==
        "seeds must be the same on both sides: empty has no seeds 1, 2, 3, 4");
  REQUIRE(result.variations.size() == 1);
  CHECK(result.variations[0].differences.size() == 1);
  CHECK(result.comparisons == 1);
}

TEST_CASE("names that the study has not are refused, and so is a single seed") {
  StudyComparisonOptions options = against("bass");
  StudyComparison result = compare_study(two_variations(), options);
  REQUIRE(result.refused.size() == 1);
  CHECK(result.refused[0].reason == "the study has no variation \"bass\"");
  CHECK(result.refused[0].hint == "it has base, new");
  CHECK(result.variations.empty());

  options = against("base");
  options.metrics = {"waits", "cost", "cost"};
  options.variations = {"new", "newer", "base"};
  result = compare_study(two_variations(), options);
  REQUIRE(result.refused.size() == 3);
  CHECK(result.refused[0].metric == "waits");
  CHECK(result.refused[1].variation == "newer");
  CHECK(result.refused[2].reason == "it is the base itself");
  CHECK(result.comparisons == 1);

  StudyTable one = empty_study({"base", "new"}, 1, {{"wait", "s"}});
  put(one, 0, 0, {1});
  put(one, 1, 0, {2});
  result = compare_study(one, against("base"));
  REQUIRE(result.refused.size() == 1);
  CHECK(result.refused[0].reason == "one seed has no uncertainty to judge by");

  CHECK(compare_study(empty_study({"base"}, 3, {}), against("base")).refused.size() == 1);
}

TEST_CASE("a seed that no variation has done is left out of all pairs") {
  StudyTable table = two_variations();
  for (const std::size_t v : {0U, 1U}) {
    for (const std::size_t m : {0U, 1U}) cell(table, v, 3, m).reset();
  }
  const StudyComparison result = compare_study(table, against("base"));
  CHECK(result.refused.empty());
  CHECK(result.variations[0].seeds == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(result.variations[0].differences[0].pairs.difference.n == 3);
}

TEST_CASE("with the bootstrap its interval decides too") {
  // 11 small differences up and one large: the t interval holds 0, the bootstrap does not.
  StudyTable table = empty_study({"a", "b"}, 12, {{"x", "1"}});
  put(table, 0, 0, std::vector<double>(12, 10));
  put(table, 1, 0, {11, 11, 12, 11, 11, 12, 11, 11, 12, 11, 11, 40});
  StudyComparisonOptions options = against("a");
  const StudyDifference t = compare_study(table, options).variations[0].differences[0];
  options.method = IntervalMethod::bootstrap;
  const StudyDifference other = compare_study(table, options).variations[0].differences[0];
  CHECK(t.interval.low == t.t.low);
  CHECK(other.interval.low == t.bootstrap.low);
  CHECK(t.t.low < 0);
  CHECK(t.bootstrap.low > 0);
  // Holm's p-value is that of the t test, so the bootstrap alone makes nothing real.
  CHECK(other.finding == Finding::undecided);
  CHECK(t.skewed());
  CHECK(*t.coverage < 0.6);
}

TEST_CASE("studies are joined by variation, seed, and metric with its unit") {
  StudyTable a = empty_study({"base", "x"}, 2, {{"wait", "s"}});
  put(a, 0, 0, {1, 2});
  put(a, 1, 0, {3, 4});
  StudyTable b = empty_study({"base"}, 3, {{"cost", "USD"}, {"wait", "s"}});
  put(b, 0, 0, {5, 6, 7});
  put(b, 0, 1, {8, 9, 10});
  const StudyTable tables[] = {a, b};
  const StudyTable all = joined_studies(tables);
  REQUIRE(all.variations.size() == 3);
  CHECK(all.variations[0].name == "policies/base");
  CHECK(all.variations[1].name == "x");
  CHECK(all.variations[2].name == "policies#2/base");
  CHECK(all.seeds == std::vector<std::uint64_t>{1, 2, 3});
  REQUIRE(all.metrics.size() == 2);
  CHECK(all.at(0, 1, 0) == 2.0);
  CHECK_FALSE(all.at(0, 2, 0));
  CHECK_FALSE(all.at(0, 0, 1));
  CHECK(all.at(1, 0, 0) == 3.0);
  CHECK(all.at(2, 2, 0) == 10.0);
  CHECK(all.at(2, 0, 1) == 5.0);
  // A unit that differs stays apart, and comparing it is refused.
  b.metrics[1].unit = "ms";
  const StudyTable others[] = {a, b};
  const StudyTable apart = joined_studies(others);
  CHECK(apart.metrics.size() == 3);
  CHECK(compare_study(apart, against("policies/base")).refused[0].reason ==
        "it is in s in some runs and in ms in others");
}

TEST_CASE("a choice is confirmed on seeds that had no part in it") {
  // On the first half "lucky" is the least by chance, on the other half it is as the base.
  StudyTable table = empty_study({"base", "lucky", "same"}, 8, {{"wait", "s"}});
  put(table, 0, 0, {10, 11, 10, 11, 10, 11, 10, 11});
  put(table, 1, 0, {5, 7, 5, 6, 10, 11, 11, 10});
  put(table, 2, 0, {10, 11, 11, 10, 10, 11, 10, 11});
  const auto choice = choose_variation(table, against("base"), "wait", true);
  REQUIRE(choice);
  CHECK(choice->variation == "lucky");
  CHECK(choice->among == 2);
  CHECK(choice->searched == std::vector<std::uint64_t>{1, 2, 3, 4});
  CHECK(choice->unseen == std::vector<std::uint64_t>{5, 6, 7, 8});
  CHECK(choice->search.pairs.difference.mean == Approx(-4.75));
  CHECK(choice->search.finding == Finding::lower);
  CHECK(choice->fresh.pairs.difference.mean == 0);
  CHECK(choice->fresh.finding == Finding::undecided);
  const auto largest = choose_variation(table, against("base"), "wait", false);
  REQUIRE(largest);
  CHECK(largest->variation == "same");
  CHECK_FALSE(choose_variation(empty_study({"base", "b"}, 3, {{"wait", "s"}}), against("base"),
                               "wait", true));
}
