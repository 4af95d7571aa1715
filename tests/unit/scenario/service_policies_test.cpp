// Routers, admissions and clients as a scenario states them: defaults, all values, and problems.
#include <catch2/catch.hpp>

#include <hyperdc/policy/admission.hpp>
#include <hyperdc/policy/autoscaler.hpp>
#include <hyperdc/policy/router.hpp>

#include "files.hpp"
#include "scenario/description.hpp"
#include "scenario/json_text.hpp"
#include "scenario/policy_choice.hpp"
#include "scenario/resolve_service_policies.hpp"

using namespace hyperdc;
using test::has;

namespace {

/// A part of a scenario, decoded by its type at the path "x".
struct Part {
  Part(const TypeRef& type, std::string_view text)
      : json(decode(parse_builtin(text), *type, Path{}["x"], problems)) {}

  Sources sources;
  Problems problems{sources};
  Json json;
  LoadOptions options;
  Catalog catalog{{}, sources, problems};
  Resolution r{options, sources, problems, catalog, {}, {}};
  View view() const { return {&json, "x"}; }
};

constexpr Duration ms(std::int64_t n) {
  return {n * 1'000'000};
}

}  // namespace

TEST_CASE("a client without a word waits for ever, sends once and never stops") {
  Part part(client_type(), "{}");
  const ClientSpec spec = client_of(part.r, part.view());
  CHECK(test::print(part.problems.take()).empty());
  CHECK_FALSE(spec.timeout);
  CHECK(spec.retry.max_attempts == 1);
  CHECK_FALSE(spec.budget);
  CHECK_FALSE(spec.breaker);
}

TEST_CASE("the defaults of a client are those of the models") {
  Part part(client_type(), R"({"retry": {"max_attempts": 3, "budget": {}}, "breaker": {}})");
  const ClientSpec spec = client_of(part.r, part.view());
  CHECK(test::print(part.problems.take()).empty());
  const RetrySpec retry;
  CHECK(spec.retry.max_attempts == 3);
  CHECK(spec.retry.base == retry.base);
  CHECK(spec.retry.multiplier == retry.multiplier);
  CHECK(spec.retry.cap == retry.cap);
  CHECK(spec.retry.jitter == retry.jitter);
  const RetryBudgetSpec budget;
  REQUIRE(spec.budget);
  CHECK(spec.budget->ratio == budget.ratio);
  CHECK(spec.budget->min_per_s == budget.min_per_s);
  CHECK(spec.budget->window == budget.window);
  const BreakerSpec breaker;
  REQUIRE(spec.breaker);
  CHECK(spec.breaker->failure_rate == breaker.failure_rate);
  CHECK(spec.breaker->window_calls == breaker.window_calls);
  CHECK_FALSE(spec.breaker->window);
  CHECK(spec.breaker->minimum_calls == breaker.minimum_calls);
  CHECK(spec.breaker->open_for == breaker.open_for);
  CHECK(spec.breaker->probes == breaker.probes);
}

TEST_CASE("every value of a client arrives") {
  Part part(client_type(), R"({"timeout": "800 ms", "retry": {"max_attempts": 4,
    "backoff": "10 ms", "multiplier": 3, "max_backoff": "2 s", "jitter": "equal",
    "budget": {"ratio": 0.05, "min_rate": "120 /min", "window": "30 s"}},
    "breaker": {"failure_rate": 0.25, "window": "20 s", "minimum_calls": 7, "open": "5 s",
    "probes": 2}})");
  const ClientSpec spec = client_of(part.r, part.view());
  CHECK(test::print(part.problems.take()).empty());
  CHECK(spec.timeout == ms(800));
  CHECK(spec.retry.max_attempts == 4);
  CHECK(spec.retry.base == ms(10));
  CHECK(spec.retry.multiplier == 3);
  CHECK(spec.retry.cap == ms(2000));
  CHECK(spec.retry.jitter == Jitter::equal);
  CHECK(spec.budget->ratio == 0.05);
  CHECK(spec.budget->min_per_s == Approx(2));
  CHECK(spec.budget->window == ms(30'000));
  CHECK(spec.breaker->failure_rate == 0.25);
  CHECK(spec.breaker->window == ms(20'000));
  CHECK(spec.breaker->minimum_calls == 7);
  CHECK(spec.breaker->open_for == ms(5000));
  CHECK(spec.breaker->probes == 2);
  Part calls(client_type(), R"({"breaker": {"window_calls": 20}})");
  CHECK(client_of(calls.r, calls.view()).breaker->window_calls == 20);
}

TEST_CASE("problems of a client are reported together") {
  Part part(client_type(), R"({"timeout": 3, "retry": {"backoff": "1 s", "max_backoff": "0.5 s",
    "jitter": "ful", "budget": {"ratio": -1}}, "breaker": {"window": "1 s", "window_calls": 5,
    "failure_rate": 2, "half_open": 3}})");
  client_of(part.r, part.view());
  const Issues issues = part.problems.take();
  INFO(test::print(issues));
  CHECK(issues.size() == 8);
  CHECK(has(issues, "E020", "x.timeout"));
  CHECK(has(issues, "E011", "x.retry.max_attempts"));
  CHECK(has(issues, "E034", "x.retry.max_backoff"));
  CHECK(has(issues, "E013", "x.retry.jitter", "did you mean \"full\"?"));
  CHECK(has(issues, "E021", "x.retry.budget.ratio"));
  CHECK(has(issues, "E015", "x.breaker", "exclude each other"));
  CHECK(has(issues, "E021", "x.breaker.failure_rate"));
  CHECK(has(issues, "E012", "x.breaker.half_open"));
}

/// Every entry by its name alone: parameters arrive with their defaults, and the policy can be
/// made.
template <class Entries, class Context, class Of>
void check_all(const TypeRef& type, const Entries& entries, const Context& context, const Of& of) {
  for (const auto& entry : entries) {
    CAPTURE(entry.name);
    Part part(type, R"({"policy": ")" + std::string(entry.name) + "\"}");
    const PolicyChoice choice = of(part);
    CHECK(test::print(part.problems.take()).empty());
    CHECK(choice.policy == entry.name);
    CHECK(choice.params.all().size() == entry.params.size());
    CHECK(entry.make(choice.params, context) != nullptr);
  }
}

/// A service that may have the admission.
ServiceWorkload may_have(const View& admission) {
  ServiceWorkload service;
  for (const AdmissionEntry& entry : admissions()) {
    if (entry.name != admission["policy"].text()) continue;
    if (entry.scope != AdmissionScope::engine) continue;
    service.inference.emplace().slo_ttft = ms(500);
  }
  return service;
}

TEST_CASE("every router and admission can be written by its name and made") {
  check_all(router_type(), routers(), RouterContext{},
            [](const Part& part) { return router_of(part.view()); });
  check_all(region_router_type(), region_routers(), RouterContext{},
            [](const Part& part) { return region_router_of(part.view()); });
  check_all(admission_type(), admissions(), AdmissionContext{},
            [](Part& part) { return admission_of(part.r, part.view(), may_have(part.view())); });
}

TEST_CASE("parameters of routers arrive, and a router of the other kind is explained") {
  Part good(router_type(), R"({"policy": "power-of-two", "choices": 3, "refresh": "2 s"})");
  const PolicyChoice choice = router_of(good.view());
  CHECK(choice.params.integer("choices") == 3);
  CHECK(choice.params.duration("refresh") == ms(2000));
  Part other(router_type(), R"({"policy": "nearest"})");
  const Issues issues = other.problems.take();
  INFO(test::print(issues));
  CHECK(has(issues, "E013", "x.policy", "region_router"));
  Part limits(admission_type(), R"({"policy": "gradient-limit", "min": 30, "max": 10})");
  admission_of(limits.r, limits.view(), {});
  CHECK(has(limits.problems.take(), "E034", "x.max"));
}

TEST_CASE("an admission that cannot act where it is asked for is a problem") {
  const auto problems = [](const std::string& policy, const ServiceWorkload& service) {
    Part part(admission_type(), R"({"policy": ")" + policy + "\"}");
    admission_of(part.r, part.view(), service);
    return part.problems.take();
  };
  ServiceWorkload engine;
  engine.inference.emplace();
  for (const char* policy : {"codel", "adaptive-lifo", "deadline"}) {
    CHECK(has(problems(policy, engine), "E034", "x.policy", "token-deadline"));
    CHECK(problems(policy, {}).empty());
  }
  CHECK(problems("queue-limit", engine).empty());
  CHECK(has(problems("token-deadline", {}), "E034", "x.policy", "tokens"));
  CHECK(has(problems("token-deadline", engine), "E034", "x.policy", "slo"));
  engine.inference->slo_ttft = ms(500);
  CHECK(problems("token-deadline", engine).empty());
}

TEST_CASE("every autoscaler can be written by its name and made") {
  for (const AutoscalerEntry& entry : autoscalers()) {
    Part part(autoscaler_type(), fmt::format(R"({{"policy": "{}"}})", entry.name));
    const PolicyChoice choice = checked_choice_of(part.r, part.view(), autoscalers());
    CHECK(test::print(part.problems.take()).empty());
    CHECK(entry.make(choice.params, {}) != nullptr);
  }
}

TEST_CASE("parameters of an autoscaler that contradict each other are a problem") {
  Part lists(autoscaler_type(), R"({"policy": "hpa", "up_values": [4]})");
  checked_choice_of(lists.r, lists.view(), autoscalers());
  CHECK(has(lists.problems.take(), "E034", "x", "up_policies has 2 entries and up_values 1"));
  // A value that is wrong by itself is one problem, not two.
  Part wrong(autoscaler_type(), R"({"policy": "hpa", "up_values": ["many"]})");
  checked_choice_of(wrong.r, wrong.view(), autoscalers());
  const Issues issues = wrong.problems.take();
  INFO(test::print(issues));
  CHECK(issues.size() == 1);
  Part kind(autoscaler_type(), R"({"policy": "hpa", "up_policies": ["pod"]})");
  const Issues near = kind.problems.take();
  INFO(test::print(near));
  CHECK(near.size() == 1);
}

TEST_CASE("a latency that is not known is a problem where it is needed") {
  Part part(client_type(), "{}");
  part.r.scenario.regions.resize(2);
  part.r.scenario.regions[0].name = "east";
  part.r.scenario.regions[1].name = "west";
  CHECK(latency_of(part.r, part.view(), 1, 1));
  CHECK_FALSE(latency_of(part.r, part.view(), 0, 1));
  CHECK(has(part.problems.take(), "E037", "x", "from \"east\" to \"west\""));
}

TEST_CASE("a handoff does not ask for the bytes that a roofline with a problem would tell") {
  const auto issues_with = [](const std::string& iteration) {
    return test::issues_of_text(R"({"name": "s", "duration": "1 h",
      "regions": {"r": {"racks": {"a": {"server": "hgx-h100", "count": 1}}}}, "pools": {"p": {}},
      "workloads": {
        "ask": {"kind": "llm-inference", "demand": "1 /s", "instance": {"accelerators": 1},
                "requests": {"generate": {"prompt": 10, "output": 10}},
                "handoff": {"to": "tell", "rate": "1 GB/s"},
                "engine": {"blocks": 100, "iteration": )" +
                                iteration + R"(}},
        "tell": {"kind": "llm-inference", "instance": {"accelerators": 1},
                 "engine": {"blocks": 100, "iteration": {"linear": {"base": "1 ms"}}}}}})");
  };
  const Issues unknown =
      issues_with(R"({"roofline": {"software": "vllm"}}, "model": "llama-3-1-8b")");
  INFO(test::print(unknown));
  CHECK(unknown.size() == 1);
  CHECK(has(unknown, "E030", "workloads.ask.engine.iteration.roofline.software", "vllm"));
  CHECK(has(issues_with(R"({"linear": {"base": "1 ms"}})"), "E034", "workloads.ask.handoff",
            "nothing tells the bytes"));
}

TEST_CASE("who is called must have requests to draw") {
  const auto issues_with = [](const std::string& to) {
    return test::issues_of_text(R"({"name": "s", "duration": "1 h",
      "regions": {"r": {"racks": {"a": {"server": "hgx-h100", "count": 1}}}}, "pools": {"p": {}},
      "workloads": {
        "front": {"kind": "service", "demand": "1 /s", "service_time": "1 ms", "instance": {},
                  "calls": [{"to": ")" +
                                to + R"("}]},
        "ask": {"kind": "llm-inference", "instance": {"accelerators": 1},
                "requests": {"trace": {"file": "requests.csv"}},
                "handoff": {"to": "tell", "rate": "1 GB/s", "token_bytes": "1 kB"},
                "engine": {"blocks": 100, "iteration": {"linear": {"base": "1 ms"}}}},
        "tell": {"kind": "llm-inference", "instance": {"accelerators": 1},
                 "engine": {"blocks": 100, "iteration": {"linear": {"base": "1 ms"}}}}}})");
  };
  const std::string at = "workloads.front.calls.0.to";
  const Issues trace = issues_with("ask");
  INFO(test::print(trace));
  CHECK(has(trace, "E034", at, "serves a trace"));
  CHECK(has(issues_with("tell"), "E034", at, "what others hand over"));
}

TEST_CASE("a handoff needs a rate, or a fabric that both endpoints are on") {
  const auto issues_with = [](const std::string& handoff, const std::string& pools) {
    return test::issues_of_text(R"({"name": "s", "duration": "1 h",
      "regions": {"r": {"racks": {"a": {"server": "hgx-h100", "count": 1}}},
                  "q": {"racks": {"a": {"server": "hgx-h100", "count": 1}}}},
      "latency": {"pairs": {"r": {"q": "30 ms"}}},
      "pools": {"r": {"in": ["r"]}, "q": {"in": ["q"]}},
      "workloads": {
        "ask": {"kind": "llm-inference", "pools": ["r"], "demand": "1 /s",
                "requests": {"generate": {"prompt": 10, "output": 10}},
                "handoff": )" + handoff +
                                R"(, "instance": {"accelerators": 1},
                "engine": {"blocks": 100, "iteration": {"linear": {"base": "1 ms"}}}},
        "tell": {"kind": "llm-inference", "pools": )" +
                                pools + R"(, "instance": {"accelerators": 1},
                 "engine": {"blocks": 100, "iteration": {"linear": {"base": "1 ms"}}}}}})");
  };
  const std::string at = "workloads.ask.handoff.";
  CHECK(has(issues_with(R"({"to": "tell", "token_bytes": "1 kB"})", R"(["r"])"), "E011",
            at + "rate", "is missing"));
  CHECK(has(issues_with(R"({"to": "nobody"})", R"(["r"])"), "E011", at + "rate", "is missing"));
  const std::string fabric = R"({"to": "tell", "fabric": true})";
  const Issues none = issues_with(fabric, R"(["r"])");
  INFO(test::print(none));
  CHECK(has(none, "E034", at + "fabric", "region r has no fabric"));
  CHECK(has(none, "E034", "workloads.ask.handoff", "nothing tells the bytes"));
  CHECK(has(issues_with(fabric, R"(["r", "q"])"), "E034", at + "fabric", "several regions"));
}
