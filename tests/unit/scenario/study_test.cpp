// Studies: what their designs make of what varies, and what is wrong with them.
#include "scenario/study.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "files.hpp"
#include "scenario/study_design.hpp"

using namespace hyperdc;
using test::Files;
using test::has;

namespace {

Result<Study> read_study(const Files& files, const std::string& rest) {
  files.write("base.json", test::small_scenario());
  return load_study(files.write(
      "s.json", R"({"name": "s", "base": "base.json", "replications": 3, )" + rest + "}"));
}

Study good_study(const Files& files, const std::string& rest) {
  Result<Study> study = read_study(files, rest);
  if (auto* issues = std::get_if<Issues>(&study)) FAIL(test::print(*issues));
  return std::get<Study>(std::move(study));
}

std::vector<std::string> names(const Study& study) {
  std::vector<std::string> out;
  for (const Variation& variation : study.variations) out.push_back(variation.name);
  return out;
}

}  // namespace

TEST_CASE("a grid is every value with every other, the last fastest") {
  const Files files;
  const Study study = good_study(files, R"("vary": {
    "every": {"at": "workloads.w.arrivals", "values": [{"every": "1 s"}, {"every": "2 s"}]},
    "count": {"at": "workloads.w.generate.count", "range": [10, 30, 10]}})");
  CHECK(names(study) ==
        std::vector<std::string>{
            R"(every={"every": "1 s"},count=10)", R"(every={"every": "1 s"},count=20)",
            R"(every={"every": "1 s"},count=30)", R"(every={"every": "2 s"},count=10)",
            R"(every={"every": "2 s"},count=20)", R"(every={"every": "2 s"},count=30)"});
  CHECK(study.replications == 3);
  CHECK_FALSE(study.first_seed);
  // Each is what --set would make of the base.
  const auto loaded = load_variation(study, study.variations[4], {});
  REQUIRE(ok(loaded));
  LoadOptions set;
  set.overrides = {{"workloads.w.arrivals", R"({"every": "2 s"})"},
                   {"workloads.w.generate.count", "20"}};
  CHECK(std::get<Loaded>(loaded).scenario.sha256 ==
        test::load(files.path("base.json"), set).scenario.sha256);
}

TEST_CASE("values may go together, and be told apart by their policy") {
  const Files files;
  const Study study = good_study(files, R"("design": "together", "vary": {
    "scheduler": {"at": "pools.p.scheduler", "values": [{"policy": "fifo"}, {"policy": "sjf"}]},
    "count": {"at": "workloads.w.generate.count", "values": [10, 20]}})");
  CHECK(names(study) ==
        std::vector<std::string>{"scheduler=fifo,count=10", "scheduler=sjf,count=20"});
}

TEST_CASE("variations may be listed; the base goes first") {
  const Files files;
  const Study study = good_study(files, R"("seed": 7, "variations": {
    "more": {"workloads.w.generate.count": 20},
    "shortest": {"pools.p.scheduler": {"policy": "sjf"}, "workloads.w.generate.count": 30}})");
  CHECK(names(study) == std::vector<std::string>{"base", "more", "shortest"});
  CHECK(study.variations[0].overrides.empty());
  REQUIRE(study.variations[2].parameters.size() == 2);
  CHECK(study.variations[2].parameters[0].label == "sjf");
  CHECK(study.first_seed == 7);
}

TEST_CASE("a Latin hypercube has one sample in each part, and the same ones again") {
  const std::vector<DesignKnob> knobs = {{"a", 0}, {"b", 0}, {"c", 5}};
  const auto points = design_points(knobs, Design::latin_hypercube, 20, 3);
  REQUIRE(points.size() == 20);
  for (const std::size_t knob : {0U, 1U}) {
    std::set<int> parts;
    for (const auto& point : points) parts.insert(static_cast<int>(point[knob].share * 20));
    CHECK(parts.size() == 20);
  }
  std::vector<int> counts(5, 0);
  for (const auto& point : points) ++counts[point[2].value];
  CHECK(counts == std::vector<int>(5, 4));
  // A knob more leaves the others as they are; another seed does not.
  const auto fewer = design_points({knobs[0]}, Design::latin_hypercube, 20, 3);
  const auto other = design_points({knobs[0]}, Design::latin_hypercube, 20, 4);
  bool differs = false;
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(fewer[i][0].share == points[i][0].share);
    differs = differs || other[i][0].share != points[i][0].share;
  }
  CHECK(differs);
}

TEST_CASE("Sobol points are those of Joe and Kuo, shifted, and balanced") {
  // new-joe-kuo-6: the corner, 1/2, then 3/4 1/4, then 1/4 3/4; the differences in bits stay.
  const auto points = design_points({{"a", 0}, {"b", 0}}, Design::sobol, 16, 1);
  const auto part = [&](std::size_t point, std::size_t knob) {
    return static_cast<int>(points[point][knob].share * 4);
  };
  CHECK((part(0, 0) ^ part(1, 0)) == 2);
  CHECK((part(0, 1) ^ part(1, 1)) == 2);
  CHECK((part(0, 0) ^ part(2, 0)) == 3);
  CHECK((part(0, 1) ^ part(2, 1)) == 1);
  CHECK((part(0, 0) ^ part(3, 0)) == 1);
  CHECK((part(0, 1) ^ part(3, 1)) == 3);
  std::set<std::pair<int, int>> squares;  // of 16 points one in each of 4 x 4
  for (std::size_t i = 0; i < 16; ++i) squares.insert({part(i, 0), part(i, 1)});
  CHECK(squares.size() == 16);
  const auto other = design_points({{"a", 0}, {"b", 0}}, Design::sobol, 16, 2);
  CHECK(other[0][0].share != points[0][0].share);
}

TEST_CASE("random samples are even over what lies between") {
  const Files files;
  const Study study = good_study(files, R"("design": {"random": 2000}, "vary": {
    "count": {"at": "workloads.w.generate.count", "between": [0.5, 4.5], "scale": "integer"},
    "cores": {"at": "workloads.w.generate.cores", "between": [0.01, 1], "scale": "log"}})");
  REQUIRE(study.variations.size() == 2000);
  std::map<std::string, int> counts;
  int small = 0;
  for (const Variation& variation : study.variations) {
    ++counts[variation.parameters[0].label];
    small += std::stod(variation.parameters[1].label) < 0.1 ? 1 : 0;
  }
  REQUIRE(counts.size() == 4);  // 1, 2, 3, 4
  for (const auto& [_, count] : counts) CHECK(count == Approx(500).margin(80));
  CHECK(small == Approx(1000).margin(90));  // half of the decades
}

TEST_CASE("what is wrong with a study is said all at once, in its own file") {
  const Files files;
  const auto wrong = [&](const std::string& rest) {
    const Result<Study> study = read_study(files, rest);
    return std::holds_alternative<Issues>(study) ? std::get<Issues>(study) : Issues{};
  };
  const Issues several = wrong(R"("sed": 1, "vary": {
    "a": {"at": "x", "range": [1, 3]}, "b": {"at": "x", "range": [3, 1, 1]},
    "c": {"at": "x", "between": [2, 1]}, "d": {"at": "x", "values": []},
    "e": {"at": "x", "range": [1, 2, 1], "values": [1]}})");
  INFO(test::print(several));
  CHECK(has(several, "E012", "sed", "seed"));
  CHECK(has(several, "E034", "vary.a.range", "[100, 400, 50]"));
  CHECK(has(several, "E034", "vary.b.range"));
  CHECK(has(several, "E034", "vary.c.between", "larger"));
  CHECK(several.size() >= 6);
  CHECK(has(wrong(R"("vary": {"a": {"at": "x", "between": [1, 2]}})"), "E034", "design",
            "latin-hypercube"));
  CHECK(has(wrong(R"("design": "together", "vary": {"a": {"at": "x", "values": [1]},
                     "b": {"at": "y", "values": [1, 2]}})"),
            "E034", "design", "equally many"));
  CHECK(has(wrong(R"("vary": {"a": {"at": "x", "range": [1, 1000, 1]},
                     "b": {"at": "y", "range": [1, 1000, 1]}})"),
            "E034", "vary", "1000000 variations"));
  CHECK(has(wrong(R"("variations": {"base": {"x": 1}})"), "E034", "variations.base"));
}

TEST_CASE("what a variation sets and the base has not is reported where the study says it") {
  const Files files;
  const Study study = good_study(files, R"("vary": {
    "a": {"at": "workloads.w.generate.cont", "values": [1, 2]}})");
  const auto loaded = load_variation(study, study.variations[0], {});
  REQUIRE_FALSE(ok(loaded));
  const Issues& issues = std::get<Issues>(loaded);
  REQUIRE(issues.size() == 1);
  CHECK(has(issues, "E009", "workloads.w.generate.cont", "count"));
  CHECK(issues[0].place.file == files.path("s.json"));
  CHECK(issues[0].place.line == 2);
}

TEST_CASE("a value of a study keeps its label and itself apart") {
  const Files files;
  const Study study = good_study(files, R"("vary": {"scheduler": {"at": "pools.p.scheduler",
    "values": [{"policy": "sjf"}, {"policy": "fifo"}, {"policy": "sjf", "x": 1}]}})");
  CHECK(names(study) == std::vector<std::string>{"sjf.1", "fifo", "sjf.2"});
  CHECK(study.variations[2].parameters[0].json == R"({"policy": "sjf", "x": 1})");
  CHECK(study.variations[2].overrides[0].value == R"({"policy": "sjf", "x": 1})");
  // A label that a number makes may be there already.
  const Study near = good_study(files, R"("vary": {"a": {"at": "description",
    "values": [8, "8", "8.1"]}})");
  CHECK(names(near) == std::vector<std::string>{"8.2", "8.3", "8.1"});
}

TEST_CASE("null in a study takes a key away, as --set does") {
  const Files files;
  const Study listed = good_study(files, R"("variations": {"free": {"pools.p.racks": null}})");
  REQUIRE(listed.variations[1].overrides.size() == 1);
  CHECK(listed.variations[1].overrides[0].value == "null");
  LoadOptions set;
  set.overrides = {{"pools.p.racks", "null"}};
  const auto loaded = load_variation(listed, listed.variations[1], {});
  REQUIRE(ok(loaded));
  CHECK(std::get<Loaded>(loaded).scenario.sha256 ==
        test::load(files.path("base.json"), set).scenario.sha256);
  const Study varied = good_study(files, R"("vary": {"racks": {"at": "pools.p.racks",
    "values": [null, ["here.a"]]}})");
  CHECK(varied.variations[0].name == "null");
  CHECK(varied.variations[0].overrides[0].value == "null");
}

TEST_CASE("a study sets no path twice, and --set no path of a study") {
  const Files files;
  const auto wrong = [&](const std::string& rest) {
    const Result<Study> study = read_study(files, rest);
    return std::holds_alternative<Issues>(study) ? std::get<Issues>(study) : Issues{};
  };
  CHECK(has(wrong(R"("vary": {"a": {"at": "pools.p.scheduler", "values": [1]},
                              "b": {"at": "/pools/p/scheduler/policy", "values": [1]}})"),
            "E034", "vary.b.at", "\"a\" varies this already"));
  CHECK(has(wrong(R"("variations": {"v": {"pools.p": {}, "/pools/p/racks": []}})"), "E034",
            "variations.v./pools/p/racks", "already"));
  CHECK(has(wrong(R"("vary": {"a": {"at": "seed", "values": [1, 2]}})"), "E034", "vary.a.at",
            "replications"));
  CHECK(has(wrong(R"("vary": {"a": {"at": "pools..p", "values": [1]}})"), "E009", "vary.a.at"));
  CHECK(has(wrong(R"("vary": {"a": {"at": "pools.p.scheduler", "values": [3, 3]}})"), "E034",
            "vary.a.values", "twice"));
  CHECK(has(wrong(R"("vary": {"a": {"at": "x", "range": [1000000000000, 1000000000001, 0.1]}})"),
            "E034", "vary.a.range", "too small"));
  CHECK(has(wrong(R"("vary": {"a": {"at": "x", "values": ["1,b=2", "1"]},
                              "b": {"at": "y", "values": ["3", "2,b=3"]}})"),
            "E034", "vary", "two variations are called"));
  CHECK(has(wrong(R"("stop": {"within": 0.1}, "variations": {"v": {"x": 1}})"), "E034", "stop",
            "metrics"));
  const Study study = good_study(
      files, R"("vary": {"a": {"at": "pools.p.scheduler", "values": [{"policy": "fifo"}]}})");
  const Issues set = check_overrides(study, {{"duration", "\"1 h\""}, {"pools.p", "{}"}});
  REQUIRE(set.size() == 1);
  CHECK(has(set, "E034", "pools.p", "pools.p.scheduler"));
}

TEST_CASE("what is no study is called what it is") {
  const Files files;
  const std::string scenario = files.write("base.json", test::small_scenario());
  CHECK(has(std::get<Issues>(load_study(scenario)), "E034", "", "a scenario, not a study"));
  files.write("s.json", R"({"name": "s", "base": "base.json", "variations": {"v": {"seed": 1}}})");
  const std::string twice = files.write(
      "t.json", R"({"name": "t", "base": "s.json", "variations": {"v": {"duration": "1 h"}}})");
  CHECK(has(std::get<Issues>(load_study(twice)), "E034", "base", "a study itself"));
}

TEST_CASE("the samples of a study do not depend on the seed of its runs") {
  const Files files;
  const std::string rest = R"("design": {"random": 3}, "vary": {
    "count": {"at": "workloads.w.generate.count", "between": [1, 1000], "scale": "integer"}})";
  const Study unsaid = good_study(files, rest);
  const Study one = good_study(files, R"("seed": 1, )" + rest);
  const Study two = good_study(files, R"("seed": 2, )" + rest);
  CHECK(unsaid.variations[0].overrides[0].value == one.variations[0].overrides[0].value);
  CHECK(two.variations[0].overrides[0].value != one.variations[0].overrides[0].value);
}
