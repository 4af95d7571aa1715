// Mutated scenarios end in issues or in a scenario, never in a crash: the deterministic companion
// of tests/fuzz/scenario_fuzz.cpp.
#include <catch2/catch.hpp>

#include "core/rng.hpp"
#include "core/text.hpp"
#include "files.hpp"

using namespace hyperdc;

namespace {

const std::vector<std::string> kTokens = {"{",
                                          "}",
                                          "[",
                                          "]",
                                          ",",
                                          ":",
                                          "\"",
                                          "null",
                                          "true",
                                          "-1",
                                          "0",
                                          "1e308",
                                          "1e999",
                                          "\"\"",
                                          "NaN",
                                          "\\u0000",
                                          "\xff",
                                          "\"5 s\"",
                                          "{}",
                                          "[]",
                                          "\"policy\"",
                                          "\"x\": ",
                                          "9007199254740993"};

/// One to four edits: a byte changed, a piece removed, doubled or moved, a token put in.
std::string mutate(std::string text, const RandomStream& stream, std::uint64_t k) {
  const std::uint64_t edits = 1 + stream.below(4, k, 0);
  for (std::uint64_t e = 0; e < edits && !text.empty(); ++e) {
    const std::uint64_t a = 1 + e * 8;
    const std::size_t at = stream.below(text.size(), k, a);
    const std::size_t length = 1 + stream.below(24, k, a + 1);
    switch (stream.below(5, k, a + 2)) {
      case 0:
        text[at] = static_cast<char>(stream.below(256, k, a + 3));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      case 3:
        text.insert(stream.below(text.size(), k, a + 4), text.substr(at, length));
        break;
      default:
        text.insert(at, kTokens[stream.below(kTokens.size(), k, a + 5)]);
    }
  }
  return text;
}

}  // namespace

TEST_CASE("three thousand mutated scenarios do no harm") {
  const test::Files files;
  files.write("jobs.csv", "submit_s,run_s,cores\n0,10,1\n");
  const std::string seeds[] = {
      test::small_scenario(R"(, "objectives": [{"metric": "m", "at_most": "5 s"}])"),
      test::small_scenario("", R"(, "scheduler": {"policy": "sjf"}, "demand_points": [0.5])",
                           R"(, "trace": {"format": "csv", "file": "jobs.csv", "limit": 1})")};
  const RandomStream stream(1, "mutation");
  int good = 0;
  for (std::uint64_t k = 0; k < 3000; ++k) {
    const std::string file = files.write("s.json", mutate(seeds[k % 2], stream, k));
    LoadOptions options;
    options.check_traces = k % 3 == 0;
    const auto result = load_scenario(file, options);
    if (ok(result)) {
      ++good;
      continue;
    }
    const Issues& issues = std::get<Issues>(result);
    REQUIRE_FALSE(issues.empty());
    for (const Issue& issue : issues) {
      REQUIRE_FALSE(issue.message.empty());
      REQUIRE(is_utf8(issue.message + issue.hint));
      REQUIRE(issue.code.size() == 4);
    }
  }
  CHECK(good > 0);
  CHECK(good < 3000);
}
