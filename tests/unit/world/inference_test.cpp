// Endpoints of language models in a world: the same times as one iteration after the other, and
// nothing lost whatever happens to replicas.
#include <array>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/rng.hpp"
#include "support/load_example.hpp"
#include "support/model_endpoint.hpp"
#include "support/request_rows.hpp"
#include "support/slow_batcher.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

json endpoint(const std::string& batching, const json& linear) {
  return test::model_servers(
      1, {{"m",
           {{"kind", "llm-inference"},
            {"requests", {{"trace", {{"file", "requests.csv"}}}}},
            {"engine", {{"batching", batching}, {"iteration", {{"linear", linear}}}}},
            {"instance", {{"accelerators", 1}}}}}});
}

TEST_CASE("a run gives each request the times of one iteration after the other") {
  std::uint64_t preempted = 0;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    const RandomStream draws(seed, "inference");
    const auto below = [&](std::uint64_t n, std::uint64_t what) { return draws.below(n, what); };
    const test::TemporaryDirectory home;
    std::vector<test::ServedRequest> expected(200);
    std::string csv = "output,arrival_ns,prompt\n";
    std::int64_t now = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (below(4, 10 + 4 * i) > 0) {
        now += static_cast<std::int64_t>(below(400'000, 11 + 4 * i));
      }
      expected[i].arrival_ns = now;
      expected[i].prompt = 1 + below(300, 12 + 4 * i);
      expected[i].output = 1 + below(100, 13 + 4 * i);
      csv += std::to_string(expected[i].output) + "," + std::to_string(now) + "," +
             std::to_string(expected[i].prompt) + "\n";
    }
    home.write("requests.csv", csv);
    BatchRules rules;
    constexpr std::array modes{BatchMode::chunked, BatchMode::prefill_first,
                               BatchMode::whole_batches};
    constexpr std::array names{"chunked", "prefill-first", "static"};
    const std::size_t mode = below(3, 0);
    rules.mode = modes[mode];
    if (below(3, 6) == 0) rules.delay = Duration{1 + static_cast<std::int64_t>(below(9000, 7))};
    rules.max_sequences = static_cast<std::uint32_t>(2 + below(12, 1));
    rules.max_tokens = static_cast<std::uint32_t>(450 + below(600, 2));
    rules.block_tokens = static_cast<std::uint32_t>(1 + below(20, 3));
    rules.blocks = 420 / rules.block_tokens + below(60, 4);
    const bool whole = below(2, 5) == 0;
    json text = endpoint(names[mode], {{"base", "2 us"},
                                       {"prompt_token", whole ? "30 ns" : "30.25 ns"},
                                       {"sequence", "100 ns"},
                                       {"cached_token", whole ? "1 ns" : "0.37 ns"}});
    json& engine = text["workloads"]["m"]["engine"];
    engine["max_sequences"] = rules.max_sequences;
    engine["max_tokens"] = rules.max_tokens;
    engine["block"] = rules.block_tokens;
    engine["delay"] = std::to_string(rules.delay.ns) + " ns";
    engine["blocks"] = rules.blocks;
    const Scenario scenario = test::load_text(home, text);
    test::RequestRows rows;
    SimulateOptions options;
    options.request_log = &rows;
    const Simulation run = simulate(scenario, options);

    const LinearTime time({2000, whole ? 30 : 30.25, 100, whole ? 1 : 0.37});
    CHECK(time.stretch({0, 1, 9}).has_value() == whole);
    test::SlowBatcher(rules, time).serve(expected);
    INFO("seed " << seed);
    REQUIRE(rows.all.size() == expected.size());
    double tokens = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const RequestRow& row = rows.all[i];
      INFO("request " << i);
      REQUIRE(row.done.has_value() == !expected[i].refused);
      if (expected[i].refused) continue;
      REQUIRE(row.first_token->ns == expected[i].first_ns);
      REQUIRE(row.done->ns == expected[i].done_ns);
      REQUIRE(row.preemptions == expected[i].preemptions);
      preempted += row.preemptions;
      tokens += static_cast<double>(row.output);
    }
    CHECK(test::value(run, "workloads.m.output_tokens") == tokens);
  }
  CHECK(preempted > 100);
}

TEST_CASE("times to tokens by hand, as callers far away see them") {
  const test::TemporaryDirectory home;
  home.write("requests.csv", "arrival_ns,prompt,output\n1000000000,100,3\n2000000000,50,1\n");
  json text =
      endpoint("chunked", {{"base", "10 ms"}, {"prompt_token", "1 ms"}, {"sequence", "5 ms"}});
  text["workloads"]["m"]["engine"]["blocks"] = 100;
  text["workloads"]["m"]["slo"] = {{"ttft", "70 ms"}};
  const Simulation run = simulate(test::load_text(home, text), {});
  // 100 tokens: 10 + 100 ms; then 15 ms each. 50 tokens: 60 ms, and no token after the first. A
  // request and its answer travel for 0.5 ms each within a region.
  CHECK(test::value(run, "workloads.m.ttft.max") == 0.111);
  CHECK(test::value(run, "workloads.m.ttft.mean") == Approx((0.111 + 0.061) / 2));
  CHECK(test::value(run, "workloads.m.tpot.count") == 1);
  CHECK(test::value(run, "workloads.m.tpot.mean") == Approx(0.015));
  CHECK(test::value(run, "workloads.m.latency.max") == 0.141);
  CHECK(test::value(run, "workloads.m.attainment") == 0.5);
  CHECK(test::value(run, "workloads.m.prompt_tokens") == 150);
}

/// Requests that were refused; all others were answered.
double refused(const std::string& csv, const json& engine, const json& admission) {
  const test::TemporaryDirectory home;
  home.write("requests.csv", "arrival_ns,prompt,output\n" + csv);
  json text =
      endpoint("chunked", {{"base", "10 ms"}, {"prompt_token", "1 ms"}, {"sequence", "5 ms"}});
  json& m = text["workloads"]["m"];
  m["engine"].update(engine);
  m["admission"] = admission;
  m["slo"] = {{"ttft", "1 s"}};
  const Simulation run = simulate(test::load_text(home, text), {});
  const auto of = [&](const std::string& what) { return test::value(run, "workloads.m." + what); };
  CHECK(of("offered") == of("completed") + of("refused"));
  CHECK(of("failed") == of("refused"));
  return of("refused");
}

TEST_CASE("an engine is asked whether it takes who arrives, by hand") {
  const json none_waits = {{"policy", "queue-limit"}, {"limit", 0}};
  // One at a time, 110 ms: the second finds it busy, the third does not.
  CHECK(refused("1000000000,100,1\n1050000000,10,1\n2000000000,10,1\n",
                {{"max_sequences", 1}, {"blocks", 100}}, none_waits) == 1);
  // Seven blocks, which the first has until 1.14 s. The second waits for an iteration and is found
  // not to fit at 1.11 s; before, there were slots for the third too, and the fourth is refused.
  const std::string four = "1000000000,100,3\n1050000000,16,1\n1055000000,16,1\n1115000000,16,1\n";
  CHECK(refused(four, {{"blocks", 7}}, none_waits) == 1);
  CHECK(refused(four, {{"blocks", 70}}, none_waits) == 0);
  // 1,000 tokens, 100 in each 110 ms. At 1.5 s 500 are left, 550 ms; at 1.7 s 300, 330 ms.
  const json tenth = {{"blocks", 1000}, {"max_tokens", 100}, {"max_sequences", 4}};
  const std::string three = "1000000000,1000,1\n1500000000,1,1\n1700000000,1,1\n";
  CHECK(refused(three, tenth, {{"policy", "token-deadline"}}) == 1);
  CHECK(refused(three, tenth, {{"policy", "token-deadline"}, {"share", 0.56}}) == 0);
  CHECK(refused(three, tenth, {{"policy", "token-deadline"}, {"share", 0.3}}) == 2);
}

TEST_CASE("who calls an endpoint waits for all of its tokens") {
  const test::TemporaryDirectory home;
  json text = endpoint("chunked", {{"base", "10 ms"}});
  text["regions"]["r"]["racks"]["k"]["count"] = 2;
  text["workloads"]["m"]["requests"] = {{"generate", {{"prompt", 10}, {"output", 10}}}};
  text["workloads"]["m"]["engine"]["blocks"] = 100;
  text["workloads"]["front"] = {{"kind", "service"},
                                {"demand", "0.01 /s"},
                                {"service_time", "5 ms"},
                                {"instance", {{"cores", 1}}},
                                {"calls", {{{"to", "m"}}}}};
  const Simulation run = simulate(test::load_text(home, text), {});
  CHECK(test::value(run, "workloads.m.offered") == test::value(run, "workloads.front.offered"));
  // 100 ms of the engine, 5 ms of its caller, and 1 ms there and back for each.
  CHECK(test::value(run, "workloads.m.latency.p50") == Approx(0.101).epsilon(0.005));
  CHECK(test::value(run, "workloads.front.latency.p50") == Approx(0.107).epsilon(0.005));
}

TEST_CASE("an engine under a power cap is as slow as its server") {
  const auto tpot = [](const std::string& capping) {
    const Scenario scenario = test::load_example(
        "ups-loss", {{"duration", "\"3 min\""},
                     {"workloads.work.generate.count", "2500"},
                     {"regions.east.facility.devices.ups-a.outages", "[]"},
                     {"regions.east.facility.capping", capping},
                     {"workloads.chat",
                      R"({"kind": "llm-inference", "demand": "2 /s", "instance": {"cores": 32},
           "requests": {"generate": {"prompt": 10, "output": 100}},
           "engine": {"blocks": 1000, "iteration": {"linear": {"base": "6 ms"}}}})"}});
    const Simulation run = simulate(scenario, {});
    CHECK(test::value(run, "workloads.chat.completed") > 200);
    return test::value(run, "workloads.chat.tpot.p90");
  };
  CHECK(tpot(R"({"above": 1, "target": 0.98})") == Approx(0.006).epsilon(0.003));
  CHECK(tpot(R"({"above": 0.5, "target": 0.4})") > 0.008);
}

TEST_CASE("what a lost replica had is lost, and everybody is counted", "[property]") {
  const test::TemporaryDirectory home;
  std::uint64_t crashed = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    json text = endpoint(seed % 2 == 0 ? "chunked" : "prefill-first",
                         {{"base", "5 ms"}, {"prompt_token", "20 us"}, {"sequence", "1 ms"}});
    text["duration"] = "10 min";
    text["regions"]["r"]["racks"]["k"]["count"] = 4;
    json& m = text["workloads"]["m"];
    m["requests"] = {{"generate",
                      {{"prompt", {{"lognormal", {{"mean", 300}, {"cv", 1}}}}},
                       {"output", {{"exponential", {{"mean", 60}}}}}}}};
    m["demand"] = "8 /s";
    m["engine"]["blocks"] = 150;
    m["engine"]["max_tokens"] = 4096;
    m["replicas"] = {{"min", 3}, {"max", 4}};
    m["client"] = {{"timeout", "6 s"}, {"retry", {{"max_attempts", 3}}}};
    m["instance"]["drain"] = "2 s";
    m["autoscaler"] = {{"policy", "hpa"}, {"target", 0.4}};
    text["failures"]["f"] = {{"kind", "random"},
                             {"of", "server"},
                             {"time_to_failure", {{"exponential", {{"mean", "4 min"}}}}},
                             {"repair", {{"time", "20 s"}}}};
    SimulateOptions options;
    options.seed = seed;
    const Simulation run =
        simulate(test::load_text(home, text), options);  // its checks hold, or it throws
    crashed += static_cast<std::uint64_t>(test::value(run, "workloads.m.crashed"));
    CHECK(test::value(run, "workloads.m.completed") > 1000);
    CHECK(test::value(run, "workloads.m.p.kv_use.max") <= 1);
    CHECK(test::value(run, "workloads.m.ttft.count") ==
          test::value(run, "workloads.m.latency.count"));
  }
  CHECK(crashed > 20);
}

}  // namespace
}  // namespace hyperdc
