// Endpoints of fluid fidelity: numbers that can be written down, and what they refuse.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/load_example.hpp"
#include "support/model_endpoint.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

/// One replica that serves one request at a time, 1 s each: 0.8 /s for 5 h after 1 h.
json one_by_one() {
  return {{"kind", "llm-inference"},
          {"fidelity", "fluid"},
          {"demand", "0.8 /s"},
          {"requests", {{"generate", {{"prompt", 10}, {"output", 1}}}}},
          {"slo", {{"ttft", "1 h"}}},
          {"engine",
           {{"max_sequences", 1},
            {"max_tokens", 100},
            {"blocks", 10},
            {"iteration", {{"linear", {{"base", "1 s"}}}}}}},
          {"instance", {{"accelerators", 1}}},
          {"sensors", {{"scrape", "1 min"}, {"window", "1 min"}}},
          {"replicas", {{"min", 1}, {"max", 1}}}};
}

RunResult run_endpoint(const json& endpoint, std::uint64_t seed = 1) {
  const test::TemporaryDirectory home;
  json text = test::model_servers(8, {{"m", endpoint}});
  text["duration"] = "6 h";
  text["warmup"] = "1 h";
  text["seed"] = seed;
  return test::run_seeds(test::load_text(home, text), 1).front();
}

double endpoint_of(const RunResult& result, const std::string& name) {
  return test::metric(result, "workloads.m." + name);
}

TEST_CASE("a fluid endpoint of one request at a time is M/D/1") {
  const RunResult result = run_endpoint(one_by_one());
  CHECK(endpoint_of(result, "offered") == 0.8 * 18000);
  CHECK(endpoint_of(result, "completed") == 0.8 * 18000);
  CHECK(endpoint_of(result, "prompt_tokens") == 10 * 0.8 * 18000);
  CHECK(endpoint_of(result, "output_tokens") == 0.8 * 18000);
  CHECK(endpoint_of(result, "attainment") == Approx(1).epsilon(1e-3));
  CHECK(endpoint_of(result, "p.in_system") == Approx(0.8 + 1.6).epsilon(0.05));
  CHECK(endpoint_of(result, "p.utilization.mean") == Approx(0.8).epsilon(5e-3));
  CHECK(endpoint_of(result, "latency.mean") == Approx(1 + 2).epsilon(0.05));
  CHECK(endpoint_of(result, "ttft.mean") == Approx(1 + 2).epsilon(0.05));
  CHECK(endpoint_of(result, "p.kv_use.mean") == Approx(0.8 * 0.1).epsilon(0.01));  // one block
}

TEST_CASE("what is outside of a fluid engine is in its latency and its first token") {
  json slow = one_by_one();
  slow["engine"]["request_time"] = "250 ms";
  const RunResult plain = run_endpoint(one_by_one()), other = run_endpoint(slow);
  for (const char* metric : {"latency.mean", "ttft.mean"}) {
    CHECK(endpoint_of(other, metric) == Approx(endpoint_of(plain, metric) + 0.25).epsilon(2e-3));
  }
}

TEST_CASE("requests that no engine could finish are refused by a fluid one") {
  // 10 blocks of 16 tokens: 160, of prompts between 100 and 200 three in five
  json some = one_by_one();
  some["engine"]["max_tokens"] = 300;
  some["requests"]["generate"]["prompt"] = {{"uniform", {{"low", 100}, {"high", 200}}}};
  const RunResult result = run_endpoint(some);
  CHECK(endpoint_of(result, "refused") == Approx(0.4 * 0.8 * 18000).epsilon(0.02));
  CHECK(endpoint_of(result, "completed") == Approx(0.6 * 0.8 * 18000).epsilon(0.02));
  some["requests"]["generate"]["prompt"] = 200;
  const RunResult none = run_endpoint(some);
  CHECK(endpoint_of(none, "completed") == 0);
  CHECK(endpoint_of(none, "refused") == 0.8 * 18000);
}

TEST_CASE("a fluid endpoint beyond its capacity has a backlog, which goes to the first token") {
  // 2 /s at 1 /s for all of 6 h: who comes at t waits t
  json over = one_by_one();
  over["demand"] = "2 /s";
  const RunResult result = run_endpoint(over);
  CHECK(endpoint_of(result, "completed") == Approx(18000).epsilon(2e-3));
  CHECK(endpoint_of(result, "p.in_system") ==
        Approx(3 * 3600).epsilon(0.01));  // from its beginning
  CHECK(endpoint_of(result, "p.utilization.mean") == Approx(1).epsilon(1e-3));
}

TEST_CASE("a fluid endpoint that no autoscaler watches does not depend on the seed") {
  const RunResult one = run_endpoint(one_by_one(), 1), two = run_endpoint(one_by_one(), 2);
  CHECK(endpoint_of(one, "latency.p99") == endpoint_of(two, "latency.p99"));
  CHECK(endpoint_of(one, "ttft.mean") == endpoint_of(two, "ttft.mean"));
}

TEST_CASE("what needs single requests is refused of a fluid endpoint, by its key") {
  const auto problems = [](const json& workloads) {
    const test::TemporaryDirectory home;
    const Result<Loaded> loaded =
        load_scenario(home.write("m.json", test::model_servers(2, workloads).dump()), {});
    std::vector<std::string> found;
    if (const auto* issues = std::get_if<Issues>(&loaded)) {
      for (const Issue& issue : *issues) found.push_back(issue.code + " " + issue.path);
    }
    return found;
  };
  CHECK(problems({{"m", one_by_one()}}).empty());
  json talks = one_by_one();
  talks["requests"]["generate"]["conversation"] = {{"turns", 3}, {"think", "5 s"}};
  CHECK(problems({{"m", talks}}) ==
        std::vector<std::string>{"E045 workloads.m.requests.generate.conversation"});
  json sorts = one_by_one();
  sorts["classes"] = {{"a", json::object()}, {"b", json::object()}};
  CHECK(problems({{"m", sorts}}) == std::vector<std::string>{"E045 workloads.m.classes"});
  json adapted = one_by_one();
  adapted["engine"]["adapters"] = {
      {"count", 4}, {"bytes", "1 MB"}, {"max_loaded", 2}, {"rate", "1 GB/s"}};
  CHECK(problems({{"m", adapted}}) == std::vector<std::string>{"E045 workloads.m.engine.adapters"});
  json routed = one_by_one();
  routed["router"] = {{"policy", "least-kv"}};
  CHECK(problems({{"m", routed}}) == std::vector<std::string>{"E045 workloads.m.router"});
  // Prompts here, tokens there.
  json prompts = one_by_one(), tokens = one_by_one();
  prompts["handoff"] = {{"to", "d"}, {"rate", "50 GB/s"}, {"token_bytes", "1 kB"}};
  prompts["requests"]["generate"]["output"] = 5;
  for (const char* key : {"requests", "demand", "slo"}) tokens.erase(key);
  CHECK(problems({{"m", prompts}, {"d", tokens}}) ==
        std::vector<std::string>{"E045 workloads.m.handoff", "E045 workloads.m.handoff.to"});
}

}  // namespace
}  // namespace hyperdc
