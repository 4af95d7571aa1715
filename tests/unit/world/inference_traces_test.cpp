// Published traces of requests to language models, replayed as they are: what comes out of a run is
// what is in the file.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/load_example.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

/// Served at once, one iteration a token.
Simulation replay(const std::string& format, const std::string& file) {
  const std::string requests = R"({"trace": {"format": ")" + format + R"(", "file": "data/)" +
                               file + R"("}, "generate": null})";
  const Scenario scenario = test::load_example(
      "llm-endpoint",
      {{"warmup", "\"0 s\""},
       {"workloads.chat.demand", "null"},
       {"workloads.chat.requests", requests},
       {"workloads.chat.engine",
        R"({"max_sequences": 4096, "max_tokens": 1000000, "blocks": 100000000, "block": 16,
            "iteration": {"linear": {"base": "1 ms"}}})"}});
  return simulate(scenario, {});
}

struct Expected {
  double requests, prompt_mean, output_mean;
};

void check(const Simulation& run, const Expected& e) {
  CHECK(test::value(run, "workloads.chat.offered") == e.requests);
  CHECK(test::value(run, "workloads.chat.completed") == e.requests);
  CHECK(test::value(run, "workloads.chat.prompt_tokens") / e.requests ==
        Approx(e.prompt_mean).margin(6e-4));
  CHECK(test::value(run, "workloads.chat.output_tokens") / e.requests ==
        Approx(e.output_mean).margin(6e-4));
}

TEST_CASE("a run of Azure 2023 and of Mooncake has the requests and tokens of the files") {
  check(replay("azure-2023", "llm-azure2023/AzureLLMInferenceTrace_code.csv.gz"),
        {8819, 2047.848, 27.883});
  check(replay("azure-2023", "llm-azure2023/AzureLLMInferenceTrace_conv.first1800s.csv.gz"),
        {10108, 1243.25, 217.347});
  check(replay("mooncake", "llm-mooncake/conversation_trace.first1800s.jsonl.gz"),
        {5719, 12870.116, 345.725});
}

}  // namespace
}  // namespace hyperdc
