// Adapters and models in a world: the same times as one iteration after the other, and who asks for
// which.
#include "world/service/model_variants.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/rng.hpp"
#include "support/model_endpoint.hpp"
#include "support/request_rows.hpp"
#include "support/slow_batcher.hpp"
#include "support/temporary_directory.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

/// One replica; five variants, two loaded and three on the host, 1 us a load and 3 from storage.
json engine_with(const char* share) {
  return {{"max_sequences", 10},
          {"max_tokens", 300},
          {"blocks", 90},
          {"load_rate", "1 GB/s"},
          {share,
           {{"count", 5}, {"bytes", "3 kB"}, {"max_loaded", 2}, {"host", 3}, {"rate", "3 GB/s"}}},
          {"iteration",
           {{"linear",
             {{"base", "2 us"},
              {"prompt_token", "30 ns"},
              {"sequence", "100 ns"},
              {"cached_token", "1 ns"}}}}}};
}

json endpoint(const json& engine) {
  return {{"kind", "llm-inference"},
          {"engine", engine},
          {"instance", {{"accelerators", 1}}},
          {"replicas", {{"min", 1}, {"max", 1}}},
          {"router", {{"policy", "least-loaded"}}}};
}

TEST_CASE("a run with variants is one iteration after the other") {
  const bool turns[] = {false, true};
  for (const bool in_turns : turns) {
    const test::TemporaryDirectory home;
    const RandomStream draws(7, "variants");
    const VariantDraws variants({5, 1}, "chat", 3);
    std::vector<test::ServedRequest> expected(300);
    std::string csv = "arrival_ns,prompt,output\n";
    std::int64_t now = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      test::ServedRequest& request = expected[i];
      now += static_cast<std::int64_t>(draws.below(200'000, 3 * i));
      request.arrival_ns = now;
      request.prompt = 1 + draws.below(200, 3 * i + 1);
      request.output = 1 + draws.below(80, 3 * i + 2);
      request.variant = variants.of(i);
      csv += std::to_string(now) + "," + std::to_string(request.prompt) + "," +
             std::to_string(request.output) + "\n";
    }
    home.write("requests.csv", csv);
    json chat = endpoint(engine_with(in_turns ? "models" : "adapters"));
    chat["requests"] = {{"trace", {{"file", "requests.csv"}}}};
    test::RequestRows rows;
    SimulateOptions options;
    options.seed = 3;
    options.request_log = &rows;
    const Simulation run =
        simulate(test::load_text(home, test::model_servers(1, {{"chat", chat}})), options);
    BatchRules rules;
    rules.max_sequences = 10;
    rules.max_tokens = 300;
    rules.blocks = 90;
    if (in_turns) rules.variants.share = VariantRules::Share::in_turns;
    rules.variants.max_loaded = 2;
    rules.variants.host = 3;
    rules.variants.load = Duration{1000};
    rules.variants.fetch = Duration{3000};
    const LinearTime time({2000, 30, 100, 1});
    test::SlowBatcher one_by_one(rules, time);
    one_by_one.serve(expected);
    REQUIRE(rows.all.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      INFO("request " << i);
      REQUIRE(rows.all[i].first_token->ns == expected[i].first_ns);
      REQUIRE(rows.all[i].done->ns == expected[i].done_ns);
    }
    const std::string of = std::string("workloads.chat.") + (in_turns ? "model" : "adapter");
    CHECK(one_by_one.loads() > 20);
    CHECK(test::value(run, of + "_loads") == static_cast<double>(one_by_one.loads()));
    CHECK(test::value(run, of + "_loading") ==
          Approx(static_cast<double>(one_by_one.loading_ns) * 1e-9));
    const double found = test::value(run, "workloads.chat.found_loaded");
    CHECK(found + test::value(run, "workloads.chat.found_unloaded") == 300);
    CHECK(test::value(run, "workloads.chat.loaded_share") == Approx(found / 300));
  }
}

TEST_CASE("variants move nothing else that is drawn") {
  const test::TemporaryDirectory home;
  const auto mean_latency = [&](const json& adapters) {
    json engine = engine_with("adapters");
    engine["adapters"] = adapters;
    engine.erase("load_rate");
    json chat = endpoint(engine);
    chat["demand"] = "3 /s";
    chat["requests"] = {{"generate",
                         {{"prompt", {{"lognormal", {{"mean", 100}, {"cv", 1}}}}},
                          {"output", {{"exponential", {{"mean", 30}}}}},
                          {"conversation",
                           {{"turns", {{"exponential", {{"mean", 3}}}}},
                            {"think", {{"exponential", {{"mean", "5 s"}}}}}}}}}};
    const Simulation run =
        simulate(test::load_text(home, test::model_servers(1, {{"chat", chat}})), {});
    return test::value(run, "workloads.chat.latency.mean");
  };
  // All are loaded, in no time.
  const double with = mean_latency(
      {{"count", 4}, {"bytes", "1 B"}, {"max_loaded", 4}, {"rate", "1 PB/s"}, {"popularity", 0}});
  CHECK(with == mean_latency(nullptr));
}

TEST_CASE("turns of a conversation ask for the same adapter") {
  const test::TemporaryDirectory home;
  json engine = engine_with("adapters");
  engine["prefix_caching"] = true;
  engine["blocks"] = 100'000;
  json chat = endpoint(engine);
  // Ten conversations, one after the other: each loads its adapter once at most, if all turns have
  // the same, as no other one is there.
  chat["demand"]["piecewise"]["points"] = {{{"at", "0 s"}, {"rate", "0.1 /s"}},
                                           {{"at", "10 min"}, {"rate", "0 /s"}}};
  chat["requests"] = {
      {"generate",
       {{"prompt", 50},
        {"output", 50},
        {"conversation", {{"turns", 10}, {"think", "100 ms"}, {"max_context", 100'000}}}}}};
  const Simulation run =
      simulate(test::load_text(home, test::model_servers(1, {{"chat", chat}})), {});
  const double turns = test::value(run, "workloads.chat.completed");
  CHECK(turns > 300);
  CHECK(test::value(run, "workloads.chat.adapter_loads") <= turns / 10);
  // All but the first turn of each find their context, which is keyed by the adapter.
  CHECK(test::value(run, "workloads.chat.prefix_hit_rate") > 0.85);
}

TEST_CASE("the k-th variant is asked for in proportion to a power of k") {
  const VariantDraws draws({100, 1}, "chat", 1);
  std::vector<double> counts(100);
  for (std::uint64_t i = 0; i < 100'000; ++i) counts.at(draws.of(i)) += 1;
  double harmonic = 0;
  for (int k = 1; k <= 100; ++k) harmonic += 1.0 / k;
  CHECK(counts[0] == Approx(100'000 / harmonic).epsilon(0.03));
  CHECK(counts[9] == Approx(10'000 / harmonic).epsilon(0.1));
  const VariantDraws alike({4, 0}, "chat", 1);
  std::vector<double> quarters(4);
  for (std::uint64_t i = 0; i < 100'000; ++i) quarters.at(alike.of(i)) += 1;
  for (const double count : quarters) CHECK(count == Approx(25'000).epsilon(0.03));
}

TEST_CASE("who decodes has the adapters of who hands over") {
  const test::TemporaryDirectory home;
  json chat = endpoint(engine_with("adapters"));
  chat["demand"] = "5 /s";
  chat["requests"] = {{"generate", {{"prompt", 100}, {"output", 20}}}};
  chat["handoff"] = {{"to", "decode"}, {"rate", "1 GB/s"}, {"token_bytes", "1 kB"}};
  json decode = endpoint(engine_with("adapters"));
  const auto load = [&](const json& workloads) {
    return load_scenario(home.write("h.json", test::model_servers(2, workloads).dump()), {});
  };
  const auto loaded = load({{"chat", chat}, {"decode", decode}});
  REQUIRE(std::holds_alternative<Loaded>(loaded));
  const Simulation run = simulate(std::get<Loaded>(loaded).scenario, {});
  // With one request at a time nearly each is admitted alone, in the same order at both.
  const auto of = [&](const char* endpoint, const char* what) {
    return test::value(run, std::string("workloads.") + endpoint + "." + what);
  };
  CHECK(of("decode", "adapter_loads") == Approx(of("chat", "adapter_loads")).epsilon(0.02));
  CHECK(of("decode", "adapter_loads") > 100);
  decode["engine"]["adapters"]["count"] = 6;
  const auto other = load({{"chat", chat}, {"decode", decode}});
  REQUIRE(std::holds_alternative<Issues>(other));
  const Issues& issues = std::get<Issues>(other);
  CHECK(issues.front().code == "E034");
  CHECK(issues.front().path == "workloads.chat.handoff.to");
  CHECK(issues.front().message.find("6 adapters, and this endpoint 5 adapters") !=
        std::string::npos);
}

}  // namespace
}  // namespace hyperdc
