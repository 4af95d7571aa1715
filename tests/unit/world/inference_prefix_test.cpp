// Prefix caching in a world: the same times as one iteration after the other, and hit rates that
// are known otherwise.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/rng.hpp"
#include "support/load_example.hpp"
#include "support/model_endpoint.hpp"
#include "support/request_rows.hpp"
#include "support/slow_batcher.hpp"
#include "support/temporary_directory.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

/// One replica for so many seconds; `requests` and `engine` as in a scenario.
Scenario endpoint(const std::string& requests, const std::string& engine) {
  return test::load_example("llm-endpoint",
                            {{"warmup", "\"0 s\""},
                             {"workloads.chat.demand", "null"},
                             {"workloads.chat.autoscaler", "null"},
                             {"workloads.chat.replicas", "{\"min\": 1, \"max\": 1}"},
                             {"workloads.chat.requests", requests},
                             {"workloads.chat.engine", engine}});
}

/// One replica that serves requests.csv, which is there; names in it stand for 40 tokens.
Scenario endpoint_in(const test::TemporaryDirectory& home, const nlohmann::json& engine) {
  const std::string scenarios = HYPERDC_SOURCE_DIR "/scenarios/";
  nlohmann::json text;
  std::ifstream(scenarios + "examples/llm-endpoint.json") >> text;
  text["warmup"] = "0 s";
  nlohmann::json& chat = text["workloads"]["chat"];
  chat.erase("demand");
  chat.erase("autoscaler");
  chat["replicas"] = {{"min", 1}, {"max", 1}};
  chat["requests"] = {{"trace", {{"prefix_block", 40}, {"file", "requests.csv"}}}};
  chat["engine"] = engine;
  LoadOptions options;
  options.catalog_dirs = {scenarios + "catalog"};
  return test::load_text(home, text, options);
}

TEST_CASE("a run with prefix caching is one iteration after the other") {
  std::uint64_t cached = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RandomStream draws(seed, "prefixes");
    const test::TemporaryDirectory home;
    const std::vector<std::vector<std::uint64_t>> chains{{1, 2, 3}, {1, 2, 4, 5}, {6}, {}};
    std::vector<test::ServedRequest> expected(150);
    std::string csv = "arrival_ns,prompt,output,prefix\n";
    std::int64_t now = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      test::ServedRequest& request = expected[i];
      now += static_cast<std::int64_t>(draws.below(400'000, 4 * i));
      request.arrival_ns = now;
      request.prompt = 161 + draws.below(200, 4 * i + 1);
      request.output = 1 + draws.below(80, 4 * i + 2);
      const auto& ids = chains[draws.below(4, 4 * i + 3)];
      request.prefix = {ids, 40, ids.size() * 40};
      csv += std::to_string(now) + "," + std::to_string(request.prompt) + "," +
             std::to_string(request.output) + ",";
      for (std::size_t k = 0; k < ids.size(); ++k) {
        csv += (k > 0 ? ";" : "") + std::to_string(ids[k]);
      }
      csv += "\n";
    }
    home.write("requests.csv", csv);
    BatchRules rules;
    rules.max_sequences = 10;
    rules.max_tokens = 300;
    rules.blocks = 90;
    rules.prefix_caching = true;
    const Scenario scenario = endpoint_in(home, {{"max_sequences", 10},
                                                 {"max_tokens", 300},
                                                 {"blocks", 90},
                                                 {"prefix_caching", true},
                                                 {"iteration",
                                                  {{"linear",
                                                    {{"base", "2 us"},
                                                     {"prompt_token", "30 ns"},
                                                     {"sequence", "100 ns"},
                                                     {"cached_token", "1 ns"}}}}}});
    test::RequestRows rows;
    SimulateOptions options;
    options.request_log = &rows;
    const Simulation run = simulate(scenario, options);
    test::SlowBatcher(rules, LinearTime({2000, 30, 100, 1})).serve(expected);
    INFO("seed " << seed);
    REQUIRE(rows.all.size() == expected.size());
    double hits = 0, prompts = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const RequestRow& row = rows.all[i];
      INFO("request " << i);
      REQUIRE(row.first_token->ns == expected[i].first_ns);
      REQUIRE(row.done->ns == expected[i].done_ns);
      REQUIRE(row.cached == expected[i].cached);
      hits += static_cast<double>(row.cached);
      prompts += static_cast<double>(row.prompt);
    }
    CHECK(test::value(run, "workloads.chat.cached_tokens") == hits);
    CHECK(test::value(run, "workloads.chat.prefix_hit_rate") == Approx(hits / prompts));
    cached += static_cast<std::uint64_t>(hits);
  }
  CHECK(cached > 50'000);
}

// 49,889 blocks of 512 of 73.6 million tokens; .3409 of blocks where the last token counts too
// (tests/unit/ai/prefix_cache_test.cpp).
TEST_CASE("one engine with room for all hits what Mooncake's trace has in common") {
  const Simulation run = simulate(
      endpoint(R"({"generate": null, "trace": {"format": "mooncake",
                   "file": "data/llm-mooncake/conversation_trace.first1800s.jsonl.gz"}})",
               R"({"max_sequences": 4096, "max_tokens": 1000000, "blocks": 1000000, "block": 512,
                   "prefix_caching": true, "iteration": {"linear": {"base": "1 ms"}}})"),
      {});
  CHECK(test::value(run, "workloads.chat.completed") == 5719);
  CHECK(test::value(run, "workloads.chat.cached_tokens") == 49'889.0 * 512);
  CHECK(test::value(run, "workloads.chat.prefix_hit_rate") == Approx(0.347034).margin(1e-6));
}

TEST_CASE("requests of a group begin with the same tokens") {
  const auto hits = [](const char* prefix) {
    Scenario scenario =
        test::load_example("llm-endpoint", {{"warmup", "\"0 s\""},
                                            {"duration", "\"20 min\""},
                                            {"workloads.chat.replicas", "{\"min\": 1, \"max\": 1}"},
                                            {"workloads.chat.autoscaler", "null"},
                                            {"workloads.chat.demand", "\"2 /s\""},
                                            {"workloads.chat.requests.generate.prompt", "1600"},
                                            {"workloads.chat.requests.generate.prefix", prefix},
                                            {"workloads.chat.engine.blocks", "100000"},
                                            {"workloads.chat.engine.prefix_caching", "true"}});
    return test::value(simulate(scenario, {}), "workloads.chat.prefix_hit_rate");
  };
  // 800 of 1,600 tokens, for all but the first of each of ten; 807 make no further block of 16.
  CHECK(hits(R"({"groups": 10, "tokens": 800})") == Approx(0.5).margin(0.005));
  CHECK(hits(R"({"groups": 10, "tokens": 807})") == hits(R"({"groups": 10, "tokens": 800})"));
  // All of it, but for the block with the last token.
  CHECK(hits(R"({"groups": 1, "tokens": 1e6})") == Approx(1584.0 / 1600).margin(0.001));
}

/// Share of the tokens of prompts that was cached, of those that came in each five minutes.
std::vector<double> hits_by_time(const std::string& example, bool scale_out, bool restart) {
  std::vector<Override> set;
  if (!scale_out) set.push_back({"workloads.chat.autoscaler", "null"});
  if (!restart) set.push_back({"failures", "null"});
  test::RequestRows rows;
  SimulateOptions options;
  options.request_log = &rows;
  simulate(test::load_example(example, set), options);
  constexpr std::int64_t kWindow = 300 * kNsPerSecond;
  std::vector<double> cached(6), prompts(6);
  for (const auto& [number, row] : rows.all) {
    const auto window = static_cast<std::size_t>(row.arrival.ns / kWindow);
    cached.at(window) += static_cast<double>(row.cached);
    prompts.at(window) += static_cast<double>(row.prompt);
  }
  for (std::size_t i = 0; i < cached.size(); ++i) cached[i] /= prompts[i];
  return cached;
}

TEST_CASE("the hit rate falls with replicas that are new and with restarts, less by prefix") {
  const auto quiet = hits_by_time("llm-prefix", false, false);
  const auto scaled = hits_by_time("llm-prefix", true, false);
  const auto restarted = hits_by_time("llm-prefix", false, true);
  CHECK(scaled[1] == quiet[1]);  // until 10 min
  CHECK(scaled[2] < 0.75 * quiet[2]);
  CHECK(scaled[3] < 0.9 * quiet[3]);
  // Until 20 min, but for those that are lost then and try again.
  CHECK(restarted[3] == Approx(quiet[3]).epsilon(0.001));
  CHECK(restarted[4] < 0.65 * quiet[4]);
  const auto aware = hits_by_time("llm-prefix-aware", true, true);
  CHECK(aware[1] > 1.5 * quiet[1]);
  CHECK(aware[2] > 2 * scaled[2]);
  CHECK(aware[4] < 0.6 * aware[3]);  // what is lost is lost
  CHECK(aware[5] > 1.5 * restarted[5]);
}

}  // namespace
}  // namespace hyperdc
