// Classes of requests to an endpoint: who goes first, what each asks for, and what is refused.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/model_endpoint.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

json with_classes(const json& requests, const json& classes) {
  return test::model_servers(
      1, {{"m",
           {{"kind", "llm-inference"},
            {"requests", requests},
            {"classes", classes},
            {"engine",
             {{"max_sequences", 1},
              {"blocks", 100},
              {"iteration", {{"linear", {{"base", "10 ms"}, {"prompt_token", "1 ms"}}}}}}},
            {"instance", {{"accelerators", 1}}}}}});
}

/// With requests that an engine serves one at a time, and that come faster than it can.
json crowded(const json& classes) {
  json text = with_classes({{"generate", {{"prompt", 90}, {"output", 1}}}}, classes);
  text["workloads"]["m"]["demand"] = "20 /s";
  text["duration"] = "2 min";
  return text;
}

TEST_CASE("the engine of an endpoint takes the most urgent class first") {
  const test::TemporaryDirectory home;
  json text = crowded({{"urgent", {{"share", 1}, {"priority", 5}, {"slo", {{"ttft", "300 ms"}}}}},
                       {"rest", {{"share", 3}, {"slo", {{"ttft", "10 s"}}}}}});
  const auto attained = [&](const char* scheduling, const std::string& of) {
    text["workloads"]["m"]["engine"]["scheduling"] = scheduling;
    const Simulation run = simulate(test::load_text(home, text), {});
    return test::value(run, "workloads.m.classes." + of);
  };
  // 100 ms each: half of what comes is served. A quarter is urgent: half of the capacity, and who
  // is on its way is not interrupted.
  CHECK(attained("priority", "urgent.ttft.p50") < 0.25);
  CHECK(attained("priority", "urgent.attainment") > 0.85);
  CHECK(attained("fcfs", "urgent.attainment") < 0.05);
  CHECK(attained("priority", "rest.ttft.max") > 20);
  CHECK(attained("priority", "rest.ttft.max") > attained("fcfs", "rest.ttft.max"));
}

TEST_CASE("a class has tokens and objectives of its own, by hand") {
  const test::TemporaryDirectory home;
  json text = with_classes({{"generate", {{"prompt", 90}, {"output", 1}}}},
                           {{"long", {{"prompt", 190}, {"output", 3}}}, {"short", json::object()}});
  json& m = text["workloads"]["m"];
  m["demand"] = "0.01 /s";
  m["slo"] = {{"ttft", "150 ms"}};
  m["classes"]["long"]["slo"] = {{"tpot", "9 ms"}};
  text["duration"] = "10 h";
  const Simulation run = simulate(test::load_text(home, text), {});
  const auto of = [&](const std::string& what) { return test::value(run, "workloads.m." + what); };
  // 10 + 190 ms, then 10 ms each; 10 + 90 ms. One ms to get there and back.
  CHECK(of("classes.long.ttft.p50") == Approx(0.201).epsilon(0.01));
  CHECK(of("classes.long.latency.p50") == Approx(0.221).epsilon(0.01));
  CHECK(of("classes.short.ttft.p50") == Approx(0.101).epsilon(0.01));
  // No long answer keeps 9 ms a token, whatever its first token.
  CHECK(of("classes.long.attainment") == 0);
  CHECK(of("classes.short.attainment") > 0.98);
  const double longs = of("classes.long.ttft.count"), shorts = of("classes.short.ttft.count");
  CHECK(of("prompt_tokens") == 190 * longs + 90 * shorts);
  CHECK(of("attainment") == Approx(of("good") / of("offered")));
}

TEST_CASE("who has no objective is no miss") {
  const test::TemporaryDirectory home;
  json text = crowded(
      {{"urgent", {{"priority", 5}, {"slo", {{"ttft", "300 ms"}}}}}, {"rest", json::object()}});
  text["workloads"]["m"]["engine"]["scheduling"] = "priority";
  const Simulation run = simulate(test::load_text(home, text), {});
  const double of_class = test::value(run, "workloads.m.classes.urgent.attainment");
  CHECK(of_class > 0);
  CHECK(test::value(run, "workloads.m.attainment") == Approx(of_class));
}

TEST_CASE("classes that tell an engine nothing are problems") {
  const test::TemporaryDirectory home;
  const auto problem = [&](const json& text) {
    const auto result = load_scenario(home.write("m.json", text.dump()), {});
    const auto* issues = std::get_if<Issues>(&result);
    REQUIRE(issues != nullptr);
    REQUIRE(issues->size() == 1);
    return issues->front().path + ": " + issues->front().message;
  };
  json text = crowded({{"one", {{"priority", 2}}}, {"other", {{"priority", 2}}}});
  text["workloads"]["m"]["engine"]["scheduling"] = "priority";
  CHECK(problem(text) == "workloads.m.engine.scheduling: all requests are as urgent as each other");
  home.write("requests.csv", "arrival_ns,prompt,output\n0,10,1\n");
  text = with_classes({{"trace", {{"file", "requests.csv"}}}}, {{"one", {{"output", 2}}}});
  CHECK(problem(text) ==
        "workloads.m.classes.one.output: the requests of a trace have their tokens");
}

}  // namespace
}  // namespace hyperdc
