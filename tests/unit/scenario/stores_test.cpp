// Stores of weights: what a scenario may not ask of them, each with a reason.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "files.hpp"

using namespace hyperdc;
using test::has;

namespace {

struct StoreParts {
  std::string stores = R"({"w": {"rate": "50 GB/s"}})";
  std::string engine = R"("model": "llama-3-1-8b", "load_from": "w")";
  std::string regions = R"("r": {"racks": {"a": {"server": "hgx-h100", "count": 1}}})";
  std::string pool = "{}";
};

Issues issues_of(const StoreParts& parts) {
  return test::issues_of_text(fmt::format(
      R"({{"name": "s", "duration": "1 s", "stores": {}, "regions": {{{}}}, "pools": {{"p": {}}},
    "workloads": {{"chat": {{"kind": "llm-inference", "demand": "10 /s",
      "requests": {{"generate": {{"prompt": 200, "output": 100}}}},
      "engine": {{{}, "blocks": 100, "iteration": {{"linear": {{"base": "1 ms"}}}}}},
      "instance": {{"cores": 1, "accelerators": 1}},
      "replicas": {{"min": 1, "max": 1}}}}}}}})",
      parts.stores, parts.regions, parts.pool, parts.engine));
}

}  // namespace

TEST_CASE("weights come from a store or at a rate, and from a store that is there") {
  CHECK(issues_of({}).empty());
  const Issues both =
      issues_of({.engine = R"("model": "llama-3-1-8b", "load_from": "w", "load_rate": "1 GB/s")"});
  CHECK(both.size() == 1);
  CHECK(has(both, "E015", "workloads.chat.engine.load_from", "a rate of its own"));
  // The rate is then that of adapters which the host does not keep.
  CHECK(issues_of({.engine = R"("model": "llama-3-1-8b", "load_from": "w", "load_rate": "1 GB/s",
                       "adapters": {"count": 9, "bytes": "1 MB", "max_loaded": 2, "host": 4,
                                    "rate": "1 GB/s"})"})
            .empty());
  CHECK(has(issues_of({.engine = R"("model": "llama-3-1-8b", "load_from": "w",
                       "models": {"count": 9, "max_loaded": 2, "rate": "1 GB/s"})"}),
            "E034", "workloads.chat.engine.load_from", "none of them loaded"));
  CHECK(has(issues_of({.engine = R"("model": "llama-3-1-8b", "load_from": "v")"}), "E030",
            "workloads.chat.engine.load_from", "no store called \"v\""));
  CHECK(has(issues_of({.engine = R"("load_from": "w", "max_sequences": 4)"}), "E016",
            "workloads.chat.engine.load_from", "no model tells the bytes"));
  CHECK(has(issues_of({.engine = R"("model": "llama-3-1-8b", "load_rate": "1 GB/s",
                                    "local_rate": "9 GB/s")"}),
            "E016", "workloads.chat.engine.local_rate", "what they read from a store"));
  CHECK(has(issues_of({.engine = R"("model": "llama-3-1-8b", "load_from": "w",
                                    "local_rate": "9 GB/s")",
                       .pool = R"({"nodes": {"policy": "cluster-autoscaler", "min": 1}})"}),
            "E034", "workloads.chat.engine.local_rate", "what they kept is gone"));
}

TEST_CASE("a warm replica is no later than one from nothing") {
  const auto text = [](const char* start, const char* load) {
    return test::issues_of_text(fmt::format(
        R"({{"name": "s", "duration": "1 s", "stores": {{"w": {{"rate": "50 GB/s", "client_rate":
      "1 GB/s"}}}}, "regions": {{"r": {{"racks": {{"a": {{"server": "hgx-h100", "count": 1}}}}}}}},
      "pools": {{"p": {{}}}}, "workloads": {{"chat": {{"kind": "llm-inference", "demand": "10 /s",
      "requests": {{"generate": {{"prompt": 200, "output": 100}}}},
      "engine": {{{} "blocks": 100,
        "iteration": {{"linear": {{"base": "1 ms"}}}}}},
      "instance": {{"cores": 1, "accelerators": 1, "start": "10 s"}},
      "warm_pool": {{"size": 1, "start": "{}"}}}}}}}})",
        load, start));
  };
  CHECK(text("10 s", "").empty());
  const Issues late = text("11 s", "");
  CHECK(late.size() == 1);
  CHECK(has(late, "E034", "workloads.chat.warm_pool.start", "one from nothing after 10 s"));
  CHECK(
      text("26 s", R"("model": "llama-3-1-8b", "load_from": "w",)").empty());  // 16.06 GB at 1 GB/s
  CHECK(has(text("27 s", R"("model": "llama-3-1-8b", "load_from": "w",)"), "E034",
            "workloads.chat.warm_pool.start", "from nothing after 26"));
  CHECK(text("18 s", R"("model": "llama-3-1-8b", "load_rate": "2 GB/s",)").empty());
}

TEST_CASE("a store belongs to one region, that of its readers") {
  const std::string two = R"("r": {"racks": {"a": {"server": "hgx-h100", "count": 1}}},
                             "q": {"racks": {"b": {"server": "hgx-h100", "count": 1}}})";
  const std::string here = R"({"in": ["r"]})";
  CHECK(has(issues_of({.regions = two, .pool = here}), "E011", "stores.w.region", "is missing"));
  CHECK(has(
      issues_of(
          {.stores = R"({"w": {"rate": "1 GB/s", "region": "x"}})", .regions = two, .pool = here}),
      "E030", "stores.w.region", "no region called \"x\""));
  CHECK(has(
      issues_of(
          {.stores = R"({"w": {"rate": "1 GB/s", "region": "q"}})", .regions = two, .pool = here}),
      "E034", "workloads.chat.engine.load_from", "is in q, and pool \"p\" in r"));
  const Issues idle = issues_of(
      {.stores = R"({"w": {"rate": "1 GB/s", "region": "r"}})", .regions = two, .pool = here});
  CHECK(idle.size() == 1);
  CHECK(has(idle, "E051", "regions.q.racks.b", "in no pool"));
  CHECK(has(issues_of({.stores = R"({"w": {"rate": "1 GB/s", "client_rate": "2 GB/s"}})"}), "E034",
            "stores.w.client_rate", "more than all of them together"));
}
