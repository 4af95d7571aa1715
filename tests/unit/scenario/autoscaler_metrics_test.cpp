// Metrics of engines where there are none, or where they could never start a replica.
#include <catch2/catch.hpp>
#include <string>

#include "files.hpp"

using namespace hyperdc;
using test::has;

namespace {

/// A service "web", and an endpoint "llm" that hands its requests over to "tail".
Issues issues_of(const std::string& web, const std::string& llm, const std::string& tail,
                 const std::string& replicas = R"({"min": 1, "max": 4})") {
  const std::string engine =
      R"("engine": {"blocks": 100, "iteration": {"linear": {"base": "1 ms"}}}, "instance": {},)"
      R"( "replicas": )" +
      replicas;
  return test::issues_of_text(R"({"name": "s", "duration": "1 h",
    "regions": {"r": {"racks": {"a": {"server": "hgx-h100", "count": 1}}}}, "pools": {"p": {}},
    "workloads": {
      "web": {"kind": "service", "demand": "1 /s", "service_time": "1 s", "instance": {},
              "replicas": {"min": 1, "max": 4}, "autoscaler": )" +
                              web + R"(},
      "llm": {"kind": "llm-inference", "demand": "1 /s",
              "requests": {"generate": {"prompt": 10, "output": 10}},
              "handoff": {"to": "tail", "rate": "1 GB/s", "token_bytes": "1 kB"},
              "autoscaler": )" +
                              llm + ", " + engine + R"(},
      "tail": {"kind": "llm-inference", "autoscaler": )" +
                              tail + ", " + engine + "}}}");
}

const std::string kCache = R"({"policy": "hpa", "metric": "kv-utilization", "target": 0.5})";

}  // namespace

TEST_CASE("each part of an endpoint goes by what it shows") {
  const Issues issues = issues_of(
      R"({"policy": "hpa"})", R"({"policy": "keda", "metric": "ttft-p95", "target": 0.5})",
      R"({"policy": "hpa", "metric": "tokens-per-replica", "target": 500,
                    "also_metrics": ["tpot-p99"], "also_targets": [0.05]})");
  INFO(test::print(issues));
  CHECK(issues.empty());
}

TEST_CASE("metrics that a service or a part of an endpoint does not have") {
  const Issues issues = issues_of(
      R"({"policy": "hpa", "metric": "kv-utilization", "target": 0.5,
          "also_metrics": ["queue-per-replica", "ttft-p99"], "also_targets": [1, 1]})",
      R"({"policy": "step", "metric": "tpot-p95"})",
      R"({"policy": "target-tracking", "metric": "ttft-p95"})");
  INFO(test::print(issues));
  CHECK(issues.size() == 4);
  const std::string none = "is measured by the engines of llm-inference";
  CHECK(has(issues, "E034", "workloads.web.autoscaler.metric", none));
  CHECK(has(issues, "E034", "workloads.web.autoscaler.also_metrics.1", none));
  CHECK(has(issues, "E034", "workloads.llm.autoscaler.metric", "handed over"));
  CHECK(has(issues, "E034", "workloads.tail.autoscaler.metric", "prompts are computed"));
}

TEST_CASE("a forecast or a sum of times to tokens means nothing") {
  const Issues issues =
      issues_of(R"({"policy": "hpa"})", R"({"policy": "seasonal", "metric": "ttft-p95"})", kCache);
  INFO(test::print(issues));
  CHECK(issues.size() == 1);
  CHECK(has(issues, "E013", "workloads.llm.autoscaler.metric", "ttft-p95"));
}

TEST_CASE("at no replica engines show nothing") {
  const std::string zero = R"({"min": 0, "max": 4})";
  const Issues issues =
      issues_of(R"({"policy": "hpa"})",
                R"({"policy": "keda", "metric": "kv-utilization", "target": 0.5})", kCache, zero);
  INFO(test::print(issues));
  CHECK(issues.size() == 2);
  CHECK(has(issues, "E034", "workloads.llm.autoscaler.metric", "none would ever start"));
  CHECK(has(issues, "E034", "workloads.tail.autoscaler.metric", "none would ever start"));
  const std::string woken = R"({"policy": "keda", "metric": "kv-utilization", "target": 0.5,
                                "activation_metric": "concurrency"})";
  CHECK(issues_of(R"({"policy": "hpa"})", woken, woken, zero).empty());
}

TEST_CASE("of several metrics the one that shows a load wakes an endpoint, in any order") {
  const std::string zero = R"({"min": 0, "max": 4})";
  const auto of = [&](const std::string& first, const std::string& second) {
    const std::string both = R"({"policy": "hpa", "metric": ")" + first +
                             R"(", "target": 0.5, "also_metrics": [")" + second +
                             R"("], "also_targets": [0.5]})";
    return issues_of(R"({"policy": "hpa"})", both, both, zero);
  };
  CHECK(of("concurrency", "kv-utilization").empty());
  CHECK(of("kv-utilization", "concurrency").empty());
  CHECK(has(of("kv-utilization", "tokens-per-replica"), "E034", "workloads.llm.autoscaler.metric",
            "none would ever start"));
}

TEST_CASE("where every request asks for one token there is no time between tokens") {
  const auto of = [](const char* output) {
    return test::issues_of_text(std::string(R"({"name": "s", "duration": "1 h",
      "regions": {"r": {"racks": {"a": {"server": "hgx-h100", "count": 1}}}}, "pools": {"p": {}},
      "workloads": {"llm": {"kind": "llm-inference", "demand": "1 /s", "instance": {},
        "requests": {"generate": {"prompt": 10, "output": )") +
                                output + R"(}}, "replicas": {"min": 1, "max": 4},
        "engine": {"blocks": 100, "iteration": {"linear": {"base": "1 ms"}}},
        "autoscaler": {"policy": "hpa", "metric": "tpot-p95", "target": 0.5}}}})");
  };
  CHECK(of("2").empty());
  CHECK(has(of("1"), "E034", "workloads.llm.autoscaler.metric", "asks for one token"));
}

TEST_CASE("sla-planner plans for endpoints of models that are never without a replica") {
  const std::string planner = R"({"policy": "sla-planner"})";
  CHECK(issues_of(R"({"policy": "hpa"})", planner, planner).empty());
  const Issues issues = issues_of(planner, planner, kCache, R"({"min": 0, "max": 4})");
  INFO(test::print(issues));
  CHECK(has(issues, "E034", "workloads.web.autoscaler.policy", "plans by tokens"));
  CHECK(has(issues, "E034", "workloads.llm.autoscaler.policy", "nothing shows the lengths"));
}
