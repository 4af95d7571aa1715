// Demand curves and arrivals as scenarios write them: what they mean, what is wrong with them, and
// that recursion works in decoding, merging, overrides, schema and reference.
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>

#include "files.hpp"
#include "scenario/description.hpp"
#include "scenario/json_text.hpp"
#include "scenario/merge.hpp"
#include "scenario/resolve_demand.hpp"
#include "workload/demand/demand_curve.hpp"

using namespace hyperdc;
using test::Files;

namespace {

/// A file with a demand, arrivals and what they refer to: as a scenario will hold them.
TypeRef file_type_with_demand() {
  const TypeRef region = object_type(
      "region", "A region.", {defaulted("utc_offset", utc_offset_type(), "\"0 s\"", "Clock.")});
  return object_type("small file", "A file.",
                     {optional("duration", quantity_type(Dimension::time, "7 d", {0, 1e9}), "End."),
                      defaulted("regions", map_type(region), "{}", "Regions."),
                      defaulted("files", free_map_type(text_type("x")), "{}", "Hashes."),
                      optional("demand", demand_type(), "Demand."),
                      optional("arrivals", request_arrivals_type(), "Arrivals.")});
}

/// What a text means, or what is wrong with it.
struct Outcome {
  std::shared_ptr<DemandCurve> curve;
  RequestArrivalSpec arrivals;
  Issues issues;
  std::string resolved;

  double at_h(double hours) const { return curve->rate(SimTime{} + seconds(3600 * hours)); }
};

Outcome outcome(const std::string& text, const Files& files, const std::string& patch = "",
                const std::vector<Override>& overrides = {}) {
  const TypeRef type = file_type_with_demand();
  Sources sources;
  Problems problems(sources);
  Json raw = parse_builtin(text);
  if (!patch.empty()) merge(raw, parse_builtin(patch), type.get());
  apply_overrides(raw, *type, overrides, sources, problems);
  Json spec = decode(raw, *type, {}, problems);
  const LoadOptions options;
  Catalog catalog({}, sources, problems);
  Resolution r{options, sources, problems, catalog, View(&spec, ""), {}};
  r.opened["demand.trace.file"] = files.path("trace.csv");
  r.opened["arrivals.replay.file"] = files.path("trace.csv");
  Outcome out;
  if (r.spec["demand"].json() != nullptr) {
    const DemandSpec demand = demand_of(r, r.spec["demand"]);
    out.curve = std::make_shared<DemandCurve>(demand, 1);
  }
  out.arrivals = request_arrivals_of(r, r.spec["arrivals"]);
  out.issues = problems.take();
  out.resolved = print_json(spec);
  return out;
}

Outcome good(const std::string& text, const std::string& patch = "",
             const std::vector<Override>& overrides = {}) {
  const Files files;
  Outcome out = outcome(text, files, patch, overrides);
  if (!out.issues.empty()) FAIL(test::print(out.issues));
  return out;
}

Outcome meaning(const std::string& curve, const std::string& more = "") {
  return good(R"({"demand": )" + curve + more + "}");
}

std::string problems_of_demand(const std::string& curve, const std::string& more = "") {
  const Files files;
  return test::print(outcome(R"({"demand": )" + curve + more + "}", files).issues);
}

}  // namespace

TEST_CASE("a bare rate is a constant") {
  CHECK(meaning("\"120 /min\"").at_h(5) == Approx(2));
  CHECK(meaning(R"({"constant": "2 /s"})").at_h(5) == 2);
}

TEST_CASE("a sum of a day and a flash crowd, as in the first example") {
  const Outcome out = meaning(R"({"sum": [
    {"diurnal": {"mean": "250000 /s", "peak_to_mean": 1.8}},
    {"flash": {"at": "2 d 9 h", "factor": 5, "decay": "40 min"}}]})");
  CHECK(out.at_h(14) == Approx(450000));
  CHECK(out.at_h(2) == Approx(50000));
  const double before = 250000 * (1 + 0.8 * std::cos(2 * 3.14159265358979 * (9 - 14) / 24));
  CHECK(out.at_h(57) == Approx(5 * before));
}

TEST_CASE("every term and the keys beside it") {
  CHECK(meaning(R"({"piecewise": {"points": [{"at": "0 s", "rate": "1 /s"},
    {"at": "2 h", "rate": "3 /s"}], "interpolation": "linear"}})")
            .at_h(1) == Approx(2));
  CHECK(meaning(R"({"product": ["10 /s", {"piecewise": {"points": [{"at": "0 s", "factor": 1},
    {"at": "12 h", "factor": 3}], "repeat": "1 d"}}]})")
            .at_h(37) == 30);
  CHECK(meaning(R"({"product": ["10 /s", {"weekly": {"factors": [1, 2, 3, 4, 5, 6, 7],
    "first_day": "friday"}}]})")
            .at_h(25) == 60);
  CHECK(
      meaning(R"({"product": ["10 /s", {"growth": {"form": "linear", "by": 1, "every": "1 d"}}]})")
          .at_h(48) == Approx(30));
  CHECK(meaning(R"({"product": ["10 /s", {"growth": {"form": "exponential", "factor": 3,
    "every": "1 d"}}]})")
            .at_h(48) == Approx(90));
  CHECK(meaning(R"({"product": ["10 /s", {"growth": {"form": "logistic", "factor": 3,
    "midpoint": "1 d", "width": "1 h"}}]})")
            .at_h(24) == Approx(20));
  CHECK(meaning(R"({"event": {"at": "1 h", "for": "1 h", "rate": "7 /s", "every": "3 h"}})")
            .at_h(4.5) == 7);
  CHECK(meaning(R"({"sum": ["10 /s", {"event": {"at": "1 h", "for": "1 h", "factor": 0.5}}]})")
            .at_h(1.5) == 5);
  CHECK(meaning(R"({"flash": {"at": "1 h", "rise": "1 h", "hold": "1 h", "rate": "8 /s"}})")
            .at_h(1.5) == 4);
  const Outcome noisy = meaning(R"({"product": ["10 /s", {"noise": {"cv": 0.3,
    "correlation_time": "10 min"}}]})");
  CHECK(noisy.at_h(1) != 10);
  CHECK(meaning(R"({"diurnal": {"mean": "10 /s", "peak_to_mean": 2, "peak": "20 h"},
    "utc_offset": "-5 h"})")
            .at_h(25) == Approx(20));
  CHECK(meaning(R"({"diurnal": {"mean": "10 /s", "peak_to_mean": 2, "peak": "20 h"},
    "time_zone": "us"})",
                R"(, "regions": {"us": {"utc_offset": "-5 h"}})")
            .at_h(1) == Approx(20));
  CHECK(meaning(R"({"diurnal": {"mean": "10 /s", "peak_to_mean": 2}, "shift": "2 h", "scale": 3,
    "clip": {"at_most": "55 /s"}})")
            .at_h(16) == 55);
}

TEST_CASE("a trace of demand") {
  const Files files;
  files.write("trace.csv", "timestamp,value\n2014-07-01 00:00:00,3600\n2014-07-01 00:30:00,900\n");
  const Outcome out = outcome(R"({"demand": {"trace": {"file": "trace.csv", "value": "count",
    "time_column": "timestamp", "value_column": "value", "end": "repeat"}}})",
                              files);
  CHECK(test::print(out.issues).empty());
  CHECK(out.at_h(0.25) == 2);
  CHECK(out.at_h(1.75) == 0.5);
  files.write("trace.csv", "timestamp,value\n2014-07-01 00:00:00,x\n");
  CHECK(test::has(
      outcome(R"({"demand": {"trace": {"file": "trace.csv", "value": "rate"}}})", files).issues,
      "E064", "demand.trace", "\"x\" is not a number"));
}

TEST_CASE("what contradicts itself is reported") {
  const auto says = [](const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  };
  says(problems_of_demand(R"({"weekly": {"factors": [1, 1, 1, 1, 1, 1, 1]}})"), "without a rate");
  says(problems_of_demand(R"({"product": ["1 /s", "2 /s"]})"), "the product of two rates is none");
  says(problems_of_demand(R"({"product": [{"noise": {"cv": 1, "correlation_time": "1 min"},
    "clip": {"at_most": "1 /s"}}, "1 /s"]})"),
       "a factor has no rate to cut off");
  says(problems_of_demand(
           R"({"constant": "1 /s", "clip": {"at_least": "3 /s", "at_most": "2 /s"}})"),
       "at_most is below at_least");
  says(problems_of_demand(R"({"piecewise": {"points": [{"at": "1 h", "rate": "1 /s"},
    {"at": "1 h", "rate": "2 /s"}]}})"),
       "not later than the point before");
  says(problems_of_demand(R"({"piecewise": {"points": [{"at": "0 h", "rate": "1 /s"},
    {"at": "1 h", "factor": 2}]}})"),
       "some points have a rate, some a factor");
  says(problems_of_demand(R"({"piecewise": {"points": [{"at": "0 h", "rate": "1 /s"},
    {"at": "1 h", "rate": "2 /s"}], "repeat": "1 h"}})"),
       "do not fit");
  says(problems_of_demand(R"({"flash": {"at": "1 h", "rate": "1 /s"}})"), "over at once");
  says(problems_of_demand(
           R"({"event": {"at": "1 h", "for": "2 h", "rate": "1 /s", "every": "1 h"}})"),
       "begins again before it is over");
  says(problems_of_demand(R"({"constant": "1 /s", "time_zone": "mars"})",
                          R"(, "regions": {"us": {}})"),
       "there is no region called \"mars\"");
  says(problems_of_demand(R"({"product": ["1 /s", {"growth": {"form": "exponential", "factor": 10,
    "every": "1 h"}}]})",
                          R"(, "duration": "1 d")"),
       "more than 1e9 times");
  says(problems_of_demand("5"), "has no unit");
  says(problems_of_demand("{}"), "an object without its key");
  says(problems_of_demand(R"({"scale": 2})"), "an object without its key");
  says(problems_of_demand(R"({"constant": "1 /s", "noise": {"cv": 1, "correlation_time": "1 s"}})"),
       "more than one key");
  says(problems_of_demand(R"({"sum": [{"sum": [{"diurnall": {}}]}]})"),
       "demand.sum.0.sum.0.diurnall: unknown key");
  says(problems_of_demand(R"({"sum": [{"sum": [{"constant": "1 W"}]}]})"),
       "demand.sum.0.sum.0.constant");
  says(problems_of_demand(R"({"constant": "1 /s", "scael": 2})"), "did you mean \"scale\"");
  says(problems_of_demand(R"({"weekly": {"factors": [1, 2]}})"), "2 entries; at least 7");
}

TEST_CASE("a curve is merged by its variant, keys beside it by themselves") {
  const std::string base = R"({"demand": {"diurnal": {"mean": "10 /s", "peak_to_mean": 2},
    "scale": 2}})";
  CHECK(good(base, R"({"demand": {"diurnal": {"peak": "20 h"}}})").at_h(20) == Approx(40));
  CHECK(good(base, R"({"demand": {"scale": 3}})").at_h(14) == Approx(60));
  CHECK(good(base, R"({"demand": {"scale": null}})").at_h(14) == Approx(20));
  CHECK(good(base, R"({"demand": {"constant": "1 /s"}})").at_h(14) == 1);
  CHECK(good(base, R"({"demand": "4 /s"})").at_h(14) == 4);
  CHECK(good(R"({"demand": "4 /s"})", R"({"demand": {"scale": 3}})").at_h(0) == 12);
  CHECK(good(R"({"demand": "4 /s"})", "", {{"demand.scale", "3"}}).at_h(0) == 12);
  CHECK(
      good(R"({"demand": {"sum": ["4 /s", "5 /s"]}})", "", {{"demand.sum.1.scale", "3"}}).at_h(0) ==
      19);
  CHECK(good(R"({"demand": {"sum": ["4 /s", {"sum": ["5 /s"]}]}})", "",
             {{"demand.sum.1.sum.0", "6 /s"}})
            .at_h(0) == 10);
}

TEST_CASE("the resolved form says the same again") {
  const std::string first = meaning(R"({"sum": ["60 /min", {"sum": [{"flash": {"at": "1 h",
    "hold": "1 h", "factor": 2}}], "shift": "30 min"}, {"constant": "1 /s"}], "scale": 2})")
                                .resolved;
  CHECK(good(first).resolved == first);
  CHECK(good(first).at_h(2) == 8);
}

TEST_CASE("deep nesting is read") {
  std::string text = "\"1 /s\"";
  for (int depth = 0; depth < 20; ++depth) text = R"({"sum": [)" + text + R"(, "1 /s"]})";
  CHECK(meaning(text).at_h(0) == 21);
}

TEST_CASE("arrivals: every kind") {
  const auto arrivals = [](const std::string& text) {
    return good(R"({"arrivals": )" + text + "}").arrivals;
  };
  CHECK(std::holds_alternative<PoissonRequests>(arrivals(R"({"poisson": {}})")));
  CHECK(std::get<GammaRequests>(arrivals(R"({"gamma": {"cv": 2}})")).cv == 2);
  CHECK(std::get<WeibullRequests>(arrivals(R"({"weibull": {"cv": 3}})")).cv == 3);
  const auto markov = std::get<MarkovRequests>(arrivals(R"({"markov": {"states": [
    {"factor": 0.5, "mean": "10 min"}, {"factor": 4, "mean": "1 min"}]}})"));
  CHECK(markov.states.at(0).mean_s == 600);
  CHECK(markov.states.at(1).factor == 4);
  const auto hawkes =
      std::get<HawkesRequests>(arrivals(R"({"hawkes": {"branching": 0.4, "decay": "2 s"}})"));
  CHECK(hawkes.branching == 0.4);
  CHECK(hawkes.decay_s == 2);
  const auto closed = std::get<ClosedRequests>(arrivals(R"({"closed": {"users":
    {"diurnal": {"mean": 100, "peak_to_mean": 1.5}}, "think": {"exponential": {"mean": "7 s"}},
    "session": {"requests": 10, "pause": "1 h"}}})"));
  CHECK(DemandCurve(closed.users, 1).rate(SimTime{} + seconds(14 * 3600)) == Approx(150));
  CHECK(std::get<Exponential>(closed.think_s).mean == 7);
  CHECK(std::get<Constant>(*closed.session_requests).value == 10);

  const Files files;
  files.write("trace.csv", "1\n2\n3\n");
  const Outcome replay = outcome(R"({"arrivals": {"replay": {"file": "trace.csv",
    "header": false, "time_unit": "1 s"}}})",
                                 files);
  CHECK(test::print(replay.issues).empty());
  CHECK(std::get<ReplayRequests>(replay.arrivals).unit_s == 1);
  CHECK(test::has(outcome(R"({"arrivals": {"markov": {"states": [{"factor": 0, "mean": "1 s"},
    {"factor": 0, "mean": "1 s"}]}}})",
                          files)
                      .issues,
                  "E034", "arrivals.markov.states"));
}
