// The screen of a compared study, approved by eye, and the JSON that it is a picture of.
#include "report/study_screens.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/study_tables.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

namespace {

constexpr std::size_t kSeeds = 12;

/// `base` with noise that all variations share, times `factor`, plus noise of its own.
std::vector<double> values(double base, double factor, double own) {
  const double shared[kSeeds] = {-3, 1, 2, -1, 0, 3, -2, 1, -1, 2, -2, 0};
  const double apart[kSeeds] = {1, -1, 0, 2, -2, 1, -1, 0, -2, 2, 1, -1};
  std::vector<double> out;
  for (std::size_t i = 0; i < kSeeds; ++i) {
    out.push_back(base * (1 + 0.02 * shared[i]) * factor + base * own * apart[i]);
  }
  return out;
}

StudyTable table() {
  StudyTable study = empty_study({"base", "carbon-aware"}, kSeeds,
                                 {{"cost.total", "USD"},
                                  {"workloads.web.latency.p99", "s"},
                                  {"workloads.web.attainment", "1"},
                                  {"regions.east.energy", "J"},
                                  {"workloads.web.rejected", "requests"}});
  study.variations[1].parameters = {{"policy", "carbon", "\"carbon\""}, {"limit", "0.5", "0.5"}};
  put(study, 0, 0, values(1.203e6, 1, 0));
  put(study, 1, 0, values(1.203e6, 0.997, 0.002));
  put(study, 0, 1, values(0.0421, 1, 0));
  put(study, 1, 1, values(0.0421, 1.135, 0.01));
  put(study, 0, 2, values(0.912, 1, 0));
  put(study, 1, 2, values(0.912, 0.996, 0.01));
  put(study, 0, 3, values(4e12, 1, 0));
  put(study, 1, 3, values(4e12, 0.896, 0.001));
  put(study, 0, 4, std::vector<double>(kSeeds, 0));
  put(study, 1, 4, std::vector<double>{3, 4, 5, 3, 4, 5, 3, 4, 5, 3, 4, 6});
  return study;
}

StudyComparisonOptions options() {
  StudyComparisonOptions out;
  out.base = "base";
  out.margins["cost.total"] = 0.01;
  return out;
}

std::string screen_of(const StudyTable& study, const StudyComparisonOptions& with) {
  return comparison_screen(compare_study(study, with), TextStyle{false, true});
}

void check_lines(const std::string& screen) {
  std::istringstream lines(screen);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(display_width(line) <= 100);
    CHECK((line.empty() || line.back() != ' '));
  }
}

}  // namespace

TEST_CASE("the screen of a compared study") {
  const std::string screen = screen_of(table(), options());
  check_lines(screen);
  CHECK(screen ==
        R"( carbon-aware against base · 12 paired seeds · 95 % intervals, Holm over 5 comparisons
 policy = carbon, limit = 0.5

 metric                  base  carbon-aware  difference
 cost              1 203 kUSD    1 199 kUSD     -0.30 %   [-0.48,  -0.12]  same, within 1 %
 web latency, p99    42.10 ms      47.78 ms     +13.5 %   [+12.5,  +14.5]  worse
 web within slo        91.2 %        90.8 %     -0.4 pp    [-1.2,   +0.5]  undecided
 east energy        1 111 MWh       996 MWh    -10.40 %  [-10.65, -10.15]  lower
 web rejected            0.00          4.08        +4.1    [+3.5,   +4.7]  worse

 Real differences: carbon-aware is worse in web latency p99, web rejected; lower in east energy.
 The same, within the margin: cost.
 Undecided with 12 seeds; what would decide: web within slo (about 100 seeds).

 Verdicts of higher, lower, better or worse hold together with 95 % (Holm); each interval stands
   alone. Seeds to decide: with 80 % power, if the difference stays as measured. Common random
   numbers: the variance of differences is 6.52 % of that of independent runs (median).
)");
}

TEST_CASE("a stream without Unicode gets the same screen in ASCII, one with colour its inks") {
  const StudyComparison comparison = compare_study(table(), options());
  const std::string ascii = comparison_screen(comparison, TextStyle{false, false});
  check_lines(ascii);
  for (const char c : ascii) CHECK(static_cast<unsigned char>(c) < 0x80);
  const std::string colour = comparison_screen(comparison, TextStyle{true, true});
  CHECK(colour.find("\x1b[31mworse\x1b[0m") != std::string::npos);
  CHECK(colour.find("\x1b[33mundecided\x1b[0m") != std::string::npos);
}

TEST_CASE("all that the screen says is in the JSON") {
  const StudyComparison comparison = compare_study(table(), options());
  const auto json = nlohmann::json::parse(comparison_json(comparison));
  CHECK(json["schema"] == "hyperdc.comparison/1");
  CHECK(json["base"] == "base");
  CHECK(json["confidence"] == 0.95);
  CHECK(json["comparisons"] == 5);
  CHECK(json["median_variance_ratio"].get<double>() == Approx(0.0652).epsilon(0.01));
  CHECK(json["not_compared"].empty());
  const auto& variation = json["variations"][0];
  CHECK(variation["name"] == "carbon-aware");
  CHECK(variation["parameters"]["limit"] == 0.5);
  CHECK(variation["seeds"].size() == kSeeds);
  const std::string screen = comparison_screen(comparison, TextStyle{false, true});
  for (const auto& sentence : variation["sentences"]) {
    CHECK(screen.find(sentence.get<std::string>()) != std::string::npos);
  }
  const auto& latency = variation["differences"][1];
  CHECK(latency["metric"] == "workloads.web.latency.p99");
  CHECK(latency["unit"] == "s");
  CHECK(latency["better"] == "lower");
  CHECK(latency["verdict"] == "worse");
  CHECK(latency["finding"] == "higher");
  CHECK(latency["base"]["mean"].get<double>() == Approx(0.0421));
  CHECK(latency["relative"]["mean"].get<double>() == Approx(0.135));
  CHECK(latency["relative"]["interval"][0].get<double>() == Approx(0.125).margin(0.0005));
  CHECK(latency["difference"]["interval"] == latency["t_interval"]);
  CHECK(latency["bootstrap_interval"] != latency["t_interval"]);
  CHECK(latency["adjusted_p"].get<double>() > latency["p"].get<double>());
  CHECK(latency["seeds_to_decide"].is_null());
  CHECK(variation["differences"][2]["seeds_to_decide"].get<int>() > 12);
  CHECK(variation["differences"][4]["relative"].is_null());
}

TEST_CASE("long names, large changes and foreign bytes stay within the screen") {
  const std::string service(70, 'w');
  StudyTable study = empty_study({"a-base-with-a-long-name", "variation \x1b[31m of many words"}, 5,
                                 {{"workloads." + service + ".latency.p99", "s"},
                                  {"workloads." + service + ".cost", "USD"},
                                  {"unknown.metric", "furlong"}});
  for (const std::size_t m : {0U, 1U, 2U}) {
    put(study, 0, m, {0.0011, 0.0012, 0.0009, 0.001, 0.0013});
    put(study, 1, m, {123456, 234567, 150000, 198765, 150001});
  }
  StudyComparisonOptions with;
  with.base = "a-base-with-a-long-name";
  const std::string screen = screen_of(study, with);
  check_lines(screen);
  CHECK(screen.find('\x1b') == std::string::npos);
  CHECK(screen.find("higher") != std::string::npos);  // of what nobody knows, neither is better
  const auto json = nlohmann::json::parse(comparison_json(compare_study(study, with)));
  CHECK(json["variations"][0]["differences"][2]["better"] == "neither");
}

TEST_CASE("two metrics that read the same have their whole names") {
  const std::vector<StudyMetric> metrics = {{"workloads.x.availability", "1"},
                                            {"pools.x.availability", "1"},
                                            {"workloads.x.cost", "USD"}};
  StudyTable study = empty_study({"a", "b"}, 3, metrics);
  for (const std::size_t m : {0U, 1U, 2U}) {
    put(study, 0, m, {0.1, 0.2, 0.3});
    put(study, 1, m, {0.2, 0.3, 0.5});
  }
  StudyComparisonOptions with;
  with.base = "a";
  const std::string screen = screen_of(study, with);
  CHECK(screen.find(" workloads.x.availability ") != std::string::npos);
  CHECK(screen.find(" pools.x.availability ") != std::string::npos);
  CHECK(screen.find(" x cost ") != std::string::npos);
}

TEST_CASE("skewed differences and few seeds are warned of") {
  StudyTable study = empty_study({"a", "b"}, 12, {{"workloads.w.wait.mean", "s"}});
  put(study, 0, 0, std::vector<double>(12, 10));
  put(study, 1, 0, {11, 11, 12, 11, 11, 12, 11, 11, 12, 11, 11, 40});
  StudyComparisonOptions with;
  with.base = "a";
  const std::string screen = screen_of(study, with);
  check_lines(screen);
  CHECK(screen.find("undecided (skewed)") != std::string::npos);
  CHECK(screen.find("Skewed differences: w wait mean.") != std::string::npos);
  study.seeds.resize(4);
  study.values = {10, 10, 10, 10, 11, 12, 13, 11};
  CHECK(screen_of(study, with).find("With fewer than 10 seeds") != std::string::npos);
  with.method = IntervalMethod::bootstrap;
  CHECK(screen_of(study, with).find("Bootstrap intervals of fewer than 20") != std::string::npos);
}

TEST_CASE("what is not compared is listed with its reason, once for many variations") {
  StudyTable study = empty_study({"a", "b", "c", "d"}, 3, {{"x", "s"}, {"y", "s"}});
  for (const std::size_t v : {0U, 1U, 2U, 3U}) put(study, v, 0, {1, 2, 3});
  put(study, 0, 1, {1, 2});
  for (const std::size_t v : {1U, 2U}) put(study, v, 1, {1, 2, 3});
  cell(study, 3, 0, 0).reset();
  StudyComparisonOptions with;
  with.base = "a";
  const std::string screen = screen_of(study, with);
  check_lines(screen);
  CHECK(screen.find(R"( NOT COMPARED
 ✗ b y: a has a value of it in 2 of 3 runs (and 1 variation more)
 ✗ d: seeds must be the same on both sides: d has no seed 1; finish it: hyperdc sweep STUDY --resume
)") != std::string::npos);
  const auto json = nlohmann::json::parse(comparison_json(compare_study(study, with)));
  CHECK(json["not_compared"].size() == 3);  // b y, c y, d
  with.base = "z";
  CHECK(screen_of(study, with).find("no variation \"z\"; it has a, b, c, d") != std::string::npos);
}

TEST_CASE("the metrics of a planner are those of the compact screen") {
  const std::vector<std::string> names = compact_metrics(table());
  CHECK(names == std::vector<std::string>{"workloads.web.rejected", "workloads.web.attainment",
                                          "workloads.web.latency.p99", "regions.east.energy",
                                          "cost.total"});
}
