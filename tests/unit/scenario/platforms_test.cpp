// Managed platforms: what a workload may say of its own.
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
