// Plans as studies state them: what a knob becomes, and what is wrong with one.
#include "scenario/study_plan.hpp"

#include <catch2/catch.hpp>

#include "files.hpp"
#include "scenario/merge.hpp"

using namespace hyperdc;
using test::Files;
using test::has;

namespace {

Result<PlanStudy> read_plan_study(const Files& files, const std::string& plan) {
  files.write("base.json", test::small_scenario());
  return load_plan_study(
      files.write("s.json", R"({"name": "s", "base": "base.json", "plan": )" + plan + "}"));
}

PlanStudy good_plan(const Files& files, const std::string& plan) {
  auto study = read_plan_study(files, plan);
  if (auto* issues = std::get_if<Issues>(&study)) FAIL(test::print(*issues));
  return std::get<PlanStudy>(std::move(study));
}

Issues bad_plan(const std::string& plan) {
  const Files files;
  auto study = read_plan_study(files, plan);
  REQUIRE_FALSE(ok(study));
  return std::get<Issues>(study);
}

}  // namespace

TEST_CASE("a plan's knobs are lists of values in order") {
  const Files files;
  const PlanStudy study = good_plan(files, R"({
    "knobs": {
      "count": {"at": "workloads.w.generate.count", "also": ["/a/b"], "range": [10, 30, 10]},
      "every": {"at": "workloads.w.arrivals.every", "between": [0.1, 0.4], "resolution": 0.1,
                "unit": "s"},
      "how": {"at": "pools.p.scheduler", "values": [{"policy": "fifo"}, {"policy": "sjf"}],
              "monotone": false}},
    "minimize": {"sum": {"count": 2, "every": 1, "cost.total": 0.5}},
    "objectives": [{"metric": "workloads.w.wait.mean", "at_most": "1 min"}],
    "confidence": 0.9, "replications": {"first": 4, "most": 20}})");
  const PlanSpec& plan = study.plan;
  REQUIRE(plan.knobs.size() == 3);
  CHECK(plan.knobs[0].values == std::vector<std::string>{"10", "20", "30"});
  CHECK(plan.knobs[0].at == std::vector<std::string>{"workloads.w.generate.count", "/a/b"});
  CHECK(plan.knobs[1].labels == std::vector<std::string>{"0.1 s", "0.2 s", "0.3 s", "0.4 s"});
  CHECK(plan.knobs[1].values[2] == "\"0.3 s\"");
  CHECK(plan.knobs[2].labels == std::vector<std::string>{"fifo", "sjf"});
  CHECK(plan.knobs[2].numbers.empty());
  CHECK_FALSE(plan.knobs[2].monotone);
  REQUIRE(plan.minimize.size() == 3);
  CHECK(plan.minimize[0].knob == 0);
  CHECK(plan.minimize[0].weight == 2);
  CHECK_FALSE(plan.minimize[2].knob);
  CHECK(plan.confidence == 0.9);
  CHECK(plan.first == 4);
  CHECK(plan.most == 20);

  // A candidate sets every path of a knob to the same value.
  const std::vector<std::size_t> point{1, 3, 0};
  const Variation variation = plan_variation(plan, point);
  CHECK(variation.name == "count=20,every=0.4 s,how=fifo");
  REQUIRE(variation.overrides.size() == 5);
  CHECK(variation.overrides[1].path == "/a/b");
  CHECK(variation.overrides[1].value == "20");
  CHECK(variation.overrides[4].path == "objectives");
}

TEST_CASE("a plan's knob has no value twice, however it is written") {
  const Issues issues = bad_plan(R"({"knobs": {"count": {"at": "workloads.w.generate.count",
    "values": [1, 1.0, 2]}}, "objectives": [{"metric": "m", "at_most": 1}]})");
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].message == "the same value twice");
}

TEST_CASE("a single knob is what is minimised") {
  const Files files;
  const PlanStudy numbers =
      good_plan(files, R"({"knobs": {"a": {"at": "x", "range": [5, 7, 1]}}})");
  CHECK(numbers.plan.minimize.front().knob == 0);
  CHECK(numbers.plan.knobs[0].numbers == std::vector<double>{5, 6, 7});
  CHECK(numbers.plan.first == 8);
  CHECK(numbers.plan.most == 64);
  const PlanStudy listed =
      good_plan(files, R"({"knobs": {"a": {"at": "x", "values": ["small", "large"]}}})");
  CHECK(listed.plan.knobs[0].numbers == std::vector<double>{1, 2});  // its place in the list
}

TEST_CASE("what is wrong with a plan, all at once") {
  const Issues issues = bad_plan(R"({
    "knobs": {
      "a": {"at": "x.y", "range": [5, 1, 1]},
      "b": {"at": "/x/y", "values": [1, null]},
      "c": {"range": [1, 2, 1]},
      "d": {"at": "z", "between": [2, 1], "resolution": 0.1},
      "e": {"at": "w", "between": [1, 2]},
      "f": {"at": "v", "range": [0, 1e9, 1]}},
    "minimize": "costs",
    "replications": {"first": 10, "most": 5}})");
  INFO(test::print(issues));
  CHECK(has(issues, "E034", "plan.knobs.a.range", "no value"));
  CHECK(has(issues, "E034", "plan.knobs.b.at", "set twice"));
  CHECK(has(issues, "E010", "plan.knobs.b.values.1"));
  CHECK(has(issues, "E011", "plan.knobs.c.at"));
  CHECK(has(issues, "E034", "plan.knobs.d.between"));
  CHECK(has(issues, "E011", "plan.knobs.e.resolution"));
  CHECK(has(issues, "E035", "plan.knobs.f.range"));
  CHECK(has(issues, "E030", "plan.minimize", "costs"));
  CHECK(has(issues, "E034", "plan.replications"));
}

TEST_CASE("a path belongs to one knob, however it is written, and none to objectives or seed") {
  const Issues issues = bad_plan(R"({
    "knobs": {
      "a": {"at": "x.y", "also": ["x.y.z"], "values": [1, 2]},
      "b": {"at": "/x", "values": [1, 2]},
      "c": {"at": "/seed", "values": [1, 2]},
      "d": {"at": "/objectives/0/at_most", "values": [1, 2]},
      "e": {"at": "x_y", "values": [1, 2]}},
    "minimize": "e"})");
  INFO(test::print(issues));
  CHECK(has(issues, "E034", "plan.knobs.a.also.0", "set twice"));
  CHECK(has(issues, "E034", "plan.knobs.b.at", "set twice"));
  CHECK(has(issues, "E034", "plan.knobs.c.at", "objectives or seeds"));
  CHECK(has(issues, "E034", "plan.knobs.d.at", "objectives or seeds"));
  CHECK(issues.size() == 4);
  CHECK(paths_overlap("a.b", "/a/b/c"));
  CHECK_FALSE(paths_overlap("a.b", "a.bc"));
}

TEST_CASE("more of a monotone knob does not cost less") {
  const std::string down = R"("at": "x", "range": [8, 1, -1])";
  CHECK(has(bad_plan(R"({"knobs": {"a": {)" + down + "}}}"), "E034", "plan.knobs.a",
            "not cost less"));
  CHECK(has(bad_plan(R"({"knobs": {"a": {"at": "x", "values": [1, 4, 2]}}})"), "E034",
            "plan.knobs.a", "not cost less"));
  CHECK(has(bad_plan(R"({"knobs": {"a": {"at": "x", "range": [1, 8, 1]}},
                         "minimize": {"sum": {"a": -1}}})"),
            "E034", "plan.knobs.a", "not cost less"));
  const Files files;
  good_plan(files, R"({"knobs": {"a": {)" + down + R"(, "monotone": false}}})");
  good_plan(files, R"({"knobs": {"a": {)" + down + R"(}}, "minimize": {"sum": {"a": -1}}})");
  good_plan(files, R"({"knobs": {"a": {)" + down + R"(}}, "minimize": "cost.total"})");
  good_plan(files, R"({"knobs": {"a": {"at": "x", "values": [2, 2.5, 3]}}})");
}

TEST_CASE("numbers of a range at the edge of what a double holds") {
  const Files files;
  const PlanStudy tiny =
      good_plan(files, R"({"knobs": {"a": {"at": "x", "range": [1e-310, 2e-310, 1e-310]}}})");
  CHECK(tiny.plan.knobs[0].numbers == std::vector<double>{1e-310, 2e-310});
  const PlanStudy huge = good_plan(
      files, R"({"knobs": {"a": {"at": "x", "range": [1.7e308, 1.79769313486231e308, 9e306]}}})");
  CHECK(huge.plan.knobs[0].numbers.size() == 2);
  // Steps below twelve digits are still different values.
  const PlanStudy fine = good_plan(
      files, R"({"knobs": {"a": {"at": "x", "range": [1, 1.0000000000008, 0.0000000000004]}}})");
  const std::vector<double>& numbers = fine.plan.knobs[0].numbers;
  REQUIRE(numbers.size() == 3);
  CHECK(numbers[0] < numbers[1]);
  CHECK(numbers[1] < numbers[2]);
}

TEST_CASE("a plan says what is least of several, and of numbers only") {
  CHECK(has(bad_plan(R"({"knobs": {"a": {"at": "x", "range": [1, 2, 1]},
                                   "b": {"at": "y", "range": [1, 2, 1]}}})"),
            "E011", "plan", "least"));
  CHECK(has(bad_plan(R"({"knobs": {"a": {"at": "x", "values": ["s"]},
                                   "b": {"at": "y", "range": [1, 2, 1]}}, "minimize": "a"})"),
            "E034", "plan.minimize", "no numbers"));
  CHECK(
      has(bad_plan(R"({"knobs": {"racks": {"at": "x", "range": [1, 2, 1]}}, "minimize": "rack"})"),
          "E030", "plan.minimize", "racks"));
}

TEST_CASE("a plan is not swept, and a sweep is not planned") {
  const Files files;
  files.write("base.json", test::small_scenario());
  const std::string plan = files.write("p.json", R"({"name": "p", "base": "base.json",
    "plan": {"knobs": {"a": {"at": "x", "range": [1, 2, 1]}}}})");
  const std::string sweep = files.write("v.json", R"({"name": "v", "base": "base.json",
    "vary": {"a": {"at": "x", "values": [1]}}})");
  CHECK(is_plan_study(plan));
  CHECK_FALSE(is_plan_study(sweep));
  const auto swept = load_study(plan);
  REQUIRE_FALSE(ok(swept));
  CHECK(has(std::get<Issues>(swept), "E016", "plan", "hyperdc plan"));
  const auto planned = load_plan_study(sweep);
  REQUIRE_FALSE(ok(planned));
  CHECK(has(std::get<Issues>(planned), "E011", "plan", "hyperdc sweep"));
}
