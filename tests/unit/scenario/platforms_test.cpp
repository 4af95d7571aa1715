// Managed platforms: what a workload may say of its own.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "files.hpp"

using namespace hyperdc;
using test::has;

namespace {

Issues platform_issues(const std::string& platform, const std::string& beside = "") {
  return test::issues_of_text(test::small_scenario("", "",
                                                   R"(, "generate": {"count": 10,
    "run": "1 min"}, "arrivals": {"every": "1 s"}, "platform": )" +
                                                       platform + beside));
}

}  // namespace

TEST_CASE("a platform says aloud what of it is from memory") {
  const test::Files files;
  const std::string file =
      files.write("s.json", test::small_scenario("", "", R"(, "generate": {"count": 1,
        "run": "1 min"}, "arrivals": {"every": "1 s"}, "platform": {"type": "vertex-ai"})"));
  const Loaded loaded = test::load(file);
  bool billing = false;
  for (const Assumption& assumption : loaded.scenario.assumptions) {
    billing = billing || assumption.path == "platforms.vertex-ai.billing";
  }
  CHECK(billing);
}

TEST_CASE("platforms that cannot be are refused with the nearest right thing") {
  const Issues unknown = platform_issues(R"({"type": "sagemakr"})");
  INFO(test::print(unknown));
  REQUIRE(unknown.size() == 1);
  const std::string at = unknown[0].path.substr(0, unknown[0].path.rfind('.'));
  CHECK(has(unknown, "E030", at + ".type", "did you mean \"sagemaker\"?"));
  CHECK(has(platform_issues(R"({"type": "sagemaker", "keep_alive": "2 h"})"), "E034",
            at + ".keep_alive", "at most 1 h"));
  CHECK(has(platform_issues(R"({"type": "vertex-ai", "keep_alive": "1 min"})"), "E034",
            at + ".keep_alive", "gives servers back at once"));
  CHECK(has(platform_issues(R"({"type": "bare"})", R"(, "departures": false)"), "E034", at,
            "never leave"));
  CHECK(has(platform_issues(R"({"image": "10 GB"})"), "E011", at + ".type", "is missing"));
  CHECK(has(platform_issues(R"({"type": "bare", "spot": {"max_wait": "1 d"}})"), "E034",
            at + ".spot", "has no spot servers"));
  CHECK(has(platform_issues(R"({"type": "bare", "checkpoints": {"size": "1 GB"}})"), "E034",
            at + ".checkpoints", "no notice"));
  CHECK(has(platform_issues(R"({"type": "sagemaker",
      "checkpoints": {"size": "20 GB", "every": "30 s"}})"),
            "E034", at + ".checkpoints.every", "at least 40 s"));
}

TEST_CASE("spot jobs that may be interrupted for ever need an end") {
  std::string text = test::small_scenario("", "", R"(, "generate": {"count": 10, "run": "1 min"},
    "arrivals": {"every": "1 s"}, "platform": {"type": "vertex-ai", "spot": {}})");
  CHECK(test::issues_of_text(text).empty());
  const std::string duration = R"("duration": "1 h",)";
  text.erase(text.find(duration), duration.size());
  CHECK(has(test::issues_of_text(text), "E033", "workloads.w.platform.spot", "may never end"));
}

TEST_CASE("steps that cannot follow each other are refused, all of them") {
  const std::string step = R"({"kind": "jobs", "pool": "p", "generate": {"run": "1 min"})";
  const Issues issues = test::issues_of_text(test::small_scenario("", "", R"(, "generate": {
    "run": "1 min", "count": 5}, "arrivals": {"every": "1 s"}, "platform": {"type": "bare",
    "after": ["w", "b", "b"]}}, "b": )" + step + R"(, "platform": {"type": "bare", "after": ["c"]}},
    "c": )" + step + R"(, "platform": {"type": "bare", "after": ["b"]})"));
  INFO(test::print(issues));
  CHECK(has(issues, "E034", "workloads.w.arrivals", "when those before them are done"));
  CHECK(has(issues, "E034", "workloads.w.generate.count", "as many jobs as the steps before"));
  CHECK(has(issues, "E030", "workloads.w.platform.after.0", "other workload on a platform"));
  CHECK(has(issues, "E034", "workloads.w.platform.after.2", "named twice"));
  CHECK(has(issues, "E034", "workloads.b.platform.after", "comes after itself"));
  CHECK(has(issues, "E034", "workloads.c.platform.after", "comes after itself"));
}

TEST_CASE("a preset of an autoscaler is that of its platform with the changes over it") {
  const test::Files files;
  const auto service = [&](const std::string& autoscaler) {
    return files.write("s.json", test::small_scenario("", "",
                                                      R"(, "generate": {"count": 1,
      "run": "1 min"}, "arrivals": {"every": "1 s"}}, "e": {"kind": "service", "pools": ["p"],
      "demand": "1 /s", "service_time": "1 s", "instance": {"cores": 1, "start": "1 min"},
      "replicas": {"min": 1, "initial": 1, "max": 3}, "autoscaler": )" +
                                                          autoscaler));
  };
  const Loaded loaded = test::load(service(
      R"({"policy": "preset", "preset": "sagemaker", "changes": {"target": 5, "warmup": "1 s"}})"));
  const PolicyChoice& choice = loaded.scenario.services.at(0).autoscaler;
  CHECK(choice.policy == "target-tracking");
  CHECK(choice.params.text("metric") == "requests-per-replica");
  CHECK(choice.params.number("target") == 5);
  CHECK(choice.params.duration("warmup") == whole_seconds(1));
  CHECK(choice.params.duration("out_cooldown") == whole_seconds(300));
  CHECK(
      std::any_of(loaded.scenario.assumptions.begin(), loaded.scenario.assumptions.end(),
                  [](const Assumption& a) { return a.path == "platforms.sagemaker.autoscaling"; }));
  const auto issues = [&](const std::string& autoscaler) {
    return test::issues_of(service(autoscaler));
  };
  const std::string at = "workloads.e.autoscaler";
  CHECK(has(issues(R"({"policy": "preset", "preset": "sagemaker"})"), "E011",
            at + ".changes.target", "is missing"));
  CHECK(has(issues(R"({"policy": "preset", "preset": "bare"})"), "E030", at + ".preset",
            "no preset called"));
  CHECK(has(issues(R"({"policy": "preset", "preset": "azure-ml", "changes": {"policy": "step"}})"),
            "E034", at + ".changes.policy", "another policy"));
  CHECK(has(issues(R"({"policy": "preset", "preset": "azure-ml", "changes": {"target": 1}})"),
            "E016", at + ".target", "does not apply"));
  CHECK(has(issues(R"({"policy": "preset"})"), "E011", at + ".preset", "is missing"));
}
