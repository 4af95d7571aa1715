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
  CHECK(study.variations[2].parameters[0].second == "sjf");
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

TEST_CASE("Sobol points are those of Joe and Kuo") {
  // new-joe-kuo-6: after the corner 1/2, then 3/4 1/4, then 1/4 3/4; of the third axis 3/4 too.
  const auto points = design_points({{"a", 0}, {"b", 0}}, Design::sobol, 3, 1);
  CHECK(points[0][0].share == 0.5);
  CHECK(points[0][1].share == 0.5);
  CHECK(points[1][0].share == 0.75);
  CHECK(points[1][1].share == 0.25);
  CHECK(points[2][0].share == 0.25);
  CHECK(points[2][1].share == 0.75);
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
    ++counts[variation.parameters[0].second];
    small += std::stod(variation.parameters[1].second) < 0.1 ? 1 : 0;
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
