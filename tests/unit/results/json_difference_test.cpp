// Differences of resolved scenarios by hand.
#include "results/json_difference.hpp"

#include <catch2/catch.hpp>

namespace hyperdc {
namespace {

std::string text(const JsonDifferences& differences) {
  std::string out;
  for (const JsonDifference& one : differences.rows) {
    out += one.path + ": " + one.base.value_or("(none)") + " -> " + one.other.value_or("(none)") +
           "\n";
  }
  return out;
}

TEST_CASE("the least parts that differ are found, in the order of the base") {
  const char* base = R"({"name": "a", "x": {"policy": "hpa", "target": 0.8, "sync": "15 s"},
                         "list": [1, {"at": "2 s"}, 3], "same": [1, 2], "short": [1]})";
  const char* other = R"({"name": "b", "new": {"deep": [1]}, "same": [1.0, 2], "short": [1, 2],
                          "x": {"target": 0.6, "mode": null, "policy": "predictive"},
                          "list": [1, {"at": "4 s"}, 3]})";
  const JsonDifferences all = json_differences(base, other, 100, {"name"});
  CHECK(text(all) ==
        "x.policy: hpa -> predictive\n"
        "x.target: 0.8 -> 0.6\n"
        "x.sync: 15 s -> (none)\n"
        "x.mode: (none) -> null\n"
        "list[1].at: 2 s -> 4 s\n"
        "short: [1] -> [1,2]\n"
        "new: (none) -> {\"deep\":[1]}\n");
  CHECK(all.all == 7);
  const JsonDifferences some = json_differences(base, other, 2);
  CHECK(text(some) == "name: a -> b\nx.policy: hpa -> predictive\n");
  CHECK(some.all == 8);
  CHECK(json_differences(base, base, 9).all == 0);
}

TEST_CASE("only the outermost keys are left out") {
  CHECK(text(json_differences(R"({"a": {"name": 1}})", R"({"a": {"name": 2}})", 9, {"name"})) ==
        "a.name: 1 -> 2\n");
}

TEST_CASE("long values are cut where a character ends") {
  const std::string old = "{\"x\": \"" + std::string(kMostValueText - 1, 'a') + "\u00b5\"}";
  const JsonDifferences cut = json_differences(old, R"({"x": "b"})", 9);
  REQUIRE(cut.rows.size() == 1);
  CHECK(*cut.rows[0].base == std::string(kMostValueText - 1, 'a') + "…");
  CHECK(*cut.rows[0].other == "b");
}

TEST_CASE("what is no JSON differs from nothing") {
  CHECK(json_differences("", "{}", 9).all == 0);
  CHECK(json_differences("{\"a\": 1}", "{", 9).all == 0);
  CHECK(json_differences("[1]", "[2]", 9).all == 0);
}

}  // namespace
}  // namespace hyperdc
