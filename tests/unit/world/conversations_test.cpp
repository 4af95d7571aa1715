// Conversations with a model: what each turn brings, what a cache has of it, and how they end.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/model_endpoint.hpp"
#include "support/request_rows.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

/// Turns of 30 tokens that are answered with 10, ten seconds apart; few an hour begin.
json conversations(const json& of) {
  json text = test::model_servers(
      1, {{"m",
           {{"kind", "llm-inference"},
            {"demand", "0.001 /s"},
            {"requests", {{"generate", {{"prompt", 30}, {"output", 10}, {"conversation", of}}}}},
            {"engine",
             {{"blocks", 1000},
              {"block", 4},
              {"prefix_caching", true},
              {"iteration", {{"linear", {{"base", "1 ms"}, {"prompt_token", "1 ms"}}}}}}},
            {"instance", {{"accelerators", 1}}}}}});
  text["duration"] = "4 h";
  return text;
}

std::vector<RequestRow> rows_of(const json& text) {
  const test::TemporaryDirectory home;
  test::RequestRows rows;
  SimulateOptions options;
  options.request_log = &rows;
  simulate(test::load_text(home, text), options);
  std::vector<RequestRow> out;
  for (const auto& [number, row] : rows.all) out.push_back(row);
  return out;
}

TEST_CASE("a turn brings what was said before it, and finds it in the cache, by hand") {
  const auto rows = rows_of(conversations({{"turns", 3}, {"think", "10 s"}}));
  REQUIRE(rows.size() >= 6);
  for (std::size_t i = 0; i + 2 < rows.size() && i < 6; i += 3) {  // one after the other
    const RequestRow &first = rows[i], &second = rows[i + 1], &third = rows[i + 2];
    CHECK(first.prompt == 30);
    CHECK(second.prompt == 30 + 10 + 30);
    CHECK(third.prompt == 70 + 10 + 30);
    // 39 tokens were computed, the last answer's was not: nine whole blocks of four; then 79.
    CHECK(first.cached == 0);
    CHECK(second.cached == 36);
    CHECK(third.cached == 76);
    // The first takes 31 ms and nine times 1 ms, and is there half a ms later, where it came from.
    CHECK((*first.done - first.arrival).ns == 40'000'000);
    CHECK((second.arrival - *first.done).ns == 10'001'000'000);
    CHECK((*second.first_token - second.arrival).ns == (1 + 70 - 36) * 1'000'000);
  }
}

TEST_CASE("a conversation ends with its context, or with a turn that fails") {
  // 40, 80 and 120 tokens: the third is the last.
  json text = conversations({{"turns", 100}, {"think", "1 s"}, {"max_context", 100}});
  std::uint64_t longest = 0;
  for (const RequestRow& row : rows_of(text)) longest = std::max(longest, row.prompt);
  CHECK(longest == 110);
  // Nobody waits longer than 50 ms: a third turn without a cache takes 111 ms and is given up.
  text = conversations({{"turns", 100}, {"think", "1 s"}});
  text["workloads"]["m"]["engine"]["prefix_caching"] = false;
  text["workloads"]["m"]["client"] = {{"timeout", "100 ms"}};
  longest = 0;
  for (const RequestRow& row : rows_of(text)) longest = std::max(longest, row.prompt);
  CHECK(longest == 110);
}

TEST_CASE("who asks for conversations cannot ask otherwise too") {
  const test::TemporaryDirectory home;
  json text = conversations({{"turns", 3}, {"think", "10 s"}});
  json& m = text["workloads"]["m"];
  m["sessions"] = 5;
  m["requests"]["generate"]["prefix"] = {{"groups", 2}, {"tokens", 20}};
  const auto result = load_scenario(home.write("m.json", text.dump()), {});
  const auto* issues = std::get_if<Issues>(&result);
  REQUIRE(issues != nullptr);
  REQUIRE(issues->size() == 2);
  CHECK(issues->at(0).path + issues->at(1).path ==
        "workloads.m.requests.generate.prefixworkloads.m.sessions");
}

}  // namespace
}  // namespace hyperdc
