// Encoders, ranking and vision models of the catalog beside published counts and throughput; and
// what an endpoint of such a model refuses.
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>

#include "files.hpp"
#include "scenario/description.hpp"
#include "scenario/json_text.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_models.hpp"

using namespace hyperdc;
using test::has;

namespace {

AnyModelCard card_named(const std::string& name) {
  Sources sources;
  Problems problems(sources);
  Catalog catalog({}, sources, problems);
  const Json* entry = catalog.find(kModels, name);
  INFO(name);
  REQUIRE(entry != nullptr);
  const auto card = card_of_entry(View(entry, ""), problems);
  REQUIRE(card);
  return *card;
}

/// Ranking and retrieval on servers of eight accelerators; members of the engine and the workload.
struct Parts {
  std::string model = "dlrm-mlperf";
  std::string batching = "static";
  std::string engine = {}, workload = {}, top = {};
  std::string generate = R"("prompt": 200, "output": 1)";
  std::string iteration = R"({"roofline": {"software": "tensorrt-mlperf-3-0"}})";
  std::string server = "hgx-h100";
  int accelerators = 1;
};

std::string scenario_of(const Parts& parts) {
  return fmt::format(R"({{"name": "s", "duration": "1 s",
    "regions": {{"r": {{"racks": {{"a": {{"server": "{}", "count": 1}}}}}}}},
    "pools": {{"p": {{}}}},
    "workloads": {{"rank": {{"kind": "llm-inference", "demand": "10 /s",
      "requests": {{"generate": {{{}}}}},
      "engine": {{"model": "{}", "batching": "{}", "max_tokens": 8192, "iteration": {}{}}},
      "instance": {{"cores": 1, "accelerators": {}}},
      "replicas": {{"min": 1, "max": 1}}{}}}}}{}}})",
                     parts.server, parts.generate, parts.model, parts.batching, parts.iteration,
                     parts.engine, parts.accelerators, parts.workload, parts.top);
}

Issues issues_of(const Parts& parts) {
  return test::issues_of_text(scenario_of(parts));
}

Issues errors_of(const Parts& parts) {
  Issues issues = issues_of(parts);
  std::erase_if(issues, [](const Issue& issue) { return issue.warning; });
  return issues;
}

InferenceSpec endpoint_of(const Parts& parts) {
  const test::Files files;
  return *test::load(files.write("scenario.json", scenario_of(parts)))
              .scenario.services[0]
              .inference;
}

}  // namespace

TEST_CASE("parameters of encoders, ranking and vision models are those published") {
  struct Published {
    const char* name;
    double total, tolerance;
  };
  // bert-large: without pooler, biases and norms. dlrm: rows, and the MLPs without biases (3,713);
  // MLPerf's reference says 24 billion, 90 GiB in fp32.
  const auto of = GENERATE(values<Published>({
      {"bert-large", 335141888, 5e-3},
      {"bge-large-en-v1-5", 335141888, 5e-3},
      {"dlrm-mlperf", 24034227072.0 + 2365184, 0},
      {"dlrm-kaggle", 540201232.0 + 155136 + 319232, 0},
      {"resnet-50", 25557032, 0},
      {"vit-l-16", 304326632, 0},
  }));
  const double total = parameters_of(card_named(of.name)).total;
  INFO(of.name << " has " << total << ", published " << of.total);
  CHECK(std::fabs(total / of.total - 1) <= of.tolerance);
}

TEST_CASE("the top MLP of DLRM sees what MLPerf's reference says") {
  // 479 inputs: 128 and the products of 27 vectors. 13-512-256-128 and 479-1024-1024-512-256-1.
  const ModelWork work = work_of(card_named("dlrm-mlperf"));
  const double bottom = 13 * 512 + 512 * 256 + 256 * 128;
  const double top = 479 * 1024 + 1024 * 1024 + 1024 * 512 + 512 * 256 + 256;
  CHECK(work.linear_parameters == bottom + top);
  CHECK(work.further_flops == 2 * 351 * 128);
  CHECK(4 * work.table_bytes / 2 / (1ULL << 30) == Approx(89.5).epsilon(0.001));
  CHECK(work.gathered_bytes == 26 * 128 * 2);
}

TEST_CASE("throughput of full batches against MLPerf Inference 3.0 on H100", "[validation]") {
  // Offline, samples a second of eight accelerators; in 8 bits. A sample of DLRM has 270 items and
  // a text of BERT 177 tokens on average (from general knowledge).
  auto ranking = std::get<RecommenderCard>(card_named("dlrm-mlperf"));
  ranking.weights = ranking.rows = NumberFormat::fp8;
  auto encoder = std::get<EncoderCard>(card_named("bert-large"));
  encoder.weights = NumberFormat::fp8;
  auto vision = std::get<VisionCard>(card_named("resnet-50"));
  vision.weights = NumberFormat::fp8;
  struct Measured {
    ModelWork work;
    std::uint64_t samples, tokens;
    double per_second;
  };
  const InferenceSpec endpoint = endpoint_of({});
  const auto& roofline = std::get<RooflineSpec>(endpoint.engines[0].iteration);
  for (const Measured& of : {Measured{work_of(ranking), 1000, 270, 5.36682e6},
                             Measured{work_of(encoder), 256, 177, 73107.6},
                             Measured{work_of(vision), 2048, 1, 727437}}) {
    const RooflineTime time(of.work, roofline.chip, roofline.software, {});
    const std::uint64_t tokens = of.samples * of.tokens;
    const IterationLoad load{tokens, 0, 0, of.samples, tokens * (of.tokens + 1) / 2};
    const double predicted = 8 * static_cast<double>(of.samples) / to_seconds(time.of(load));
    INFO("predicted " << predicted << ", measured " << of.per_second);
    CHECK(std::fabs(predicted / of.per_second - 1) <= 0.25);
  }
}

TEST_CASE("an endpoint of a model of one pass keeps no cache and needs no blocks") {
  const InferenceSpec ranking = endpoint_of({});
  CHECK_FALSE(ranking.engines[0].rules.keeps_cache);
  CHECK(ranking.engines[0].rules.blocks == 0);
  CHECK(ranking.engines[0].rules.mode == BatchMode::whole_batches);
  CHECK(can_finish(ranking.engines[0].rules, 8192, 1));
  CHECK_FALSE(can_finish(ranking.engines[0].rules, 8193, 1));
  // Texts of more tokens than there are positions are refused.
  const InferenceSpec texts = endpoint_of({.model = "bge-large-en-v1-5"});
  CHECK(can_finish(texts.engines[0].rules, 512, 1));
  CHECK_FALSE(can_finish(texts.engines[0].rules, 513, 1));
  // Its time may be stated: then the model tells that there are no blocks.
  const InferenceSpec stated = endpoint_of({.iteration = R"({"linear": {"base": "1 ms"}})"});
  CHECK_FALSE(stated.engines[0].rules.keeps_cache);
}

TEST_CASE("weights and tables must fit, on as many accelerators as share them") {
  // 48.1 GB of tables in 16 bits: not in 0.9 of 48 GB less 2 GB, but half of them.
  Parts parts{.server = "l40s-8"};
  CHECK(has(errors_of(parts), "E034", "workloads.rank.engine.model", "has to hold"));
  parts.engine = R"(, "tensor_parallel": 2)";
  parts.accelerators = 2;
  CHECK(errors_of(parts).empty());
  // Matrices are copied, not shared: 4.7 MB beside half of the tables.
  parts.engine = R"(, "tensor_parallel": 2, "memory_share": 0.5)";
  CHECK(has(errors_of(parts), "E034", "workloads.rank.engine.model", "22.39 GiB"));
}

TEST_CASE("what has no meaning for a model of one pass is refused, all of it at once") {
  const Issues issues = errors_of({.batching = "chunked",
                                   .engine = R"(, "blocks": 100, "prefix_caching": true)",
                                   .workload = R"(, "router": {"policy": "least-kv"},
                                     "handoff": {"to": "rank", "rate": "1 GB/s"})",
                                   .generate = R"("prompt": 200, "output": {"uniform":
                                     {"low": 1, "high": 3}})"});
  INFO(test::print(issues));
  const std::string at = "workloads.rank.";
  CHECK(has(issues, "E034", at + "engine.batching", "\"static\""));
  CHECK(has(issues, "E034", at + "engine.blocks", "keeps no cache"));
  CHECK(has(issues, "E034", at + "engine.prefix_caching", "keeps no cache"));
  CHECK(has(issues, "E034", at + "requests.generate.output", "generates no tokens"));
  CHECK(has(issues, "E034", at + "router.policy", "least-loaded"));
  CHECK(has(issues, "E034", at + "handoff", "no cache to hand over"));
}

TEST_CASE("classes and autoscalers of a model of one pass know that it does not decode") {
  const Issues issues = errors_of({.workload = R"(, "classes": {"a": {"output": 2}, "b": {}},
      "autoscaler": {"policy": "hpa", "metric": "kv-utilization", "target": 0.5})"});
  INFO(test::print(issues));
  CHECK(has(issues, "E034", "workloads.rank.classes.a.output", "generates no tokens"));
  CHECK(has(issues, "E034", "workloads.rank.autoscaler.metric", "keeps no cache"));
  CHECK(issues.size() == 2);
  CHECK(has(errors_of({.workload = R"(, "autoscaler": {"policy": "hpa", "metric": "tpot-p95",
                "target": 0.5})"}),
            "E034", "workloads.rank.autoscaler.metric", "after which no token comes"));
}

TEST_CASE("what is about caches, parts of prompts and later tokens is refused of one pass") {
  const Issues issues = errors_of(
      {.engine = R"(, "block": 32, "chunked_prefill": false)",
       .workload = R"(, "slo": {"ttft": "1 s", "tpot": "1 s"},
         "classes": {"a": {"slo": {"tpot": "1 s"}}, "b": {}})",
       .generate = R"("prompt": 200, "output": 1, "prefix": {"groups": 2, "tokens": 9})"});
  INFO(test::print(issues));
  const std::string at = "workloads.rank.";
  CHECK(issues.size() == 5);
  CHECK(has(issues, "E034", at + "engine.block", "keeps no cache"));
  CHECK(has(issues, "E034", at + "engine.chunked_prefill", "whole anyhow"));
  CHECK(has(issues, "E034", at + "slo.tpot", "after which no token comes"));
  CHECK(has(issues, "E034", at + "classes.a.slo.tpot", "after which no token comes"));
  CHECK(has(issues, "E034", at + "requests.generate.prefix", "keeps no cache"));
}

TEST_CASE("outputs of a trace are its own, whatever a class says") {
  const test::Files files;
  files.write("r.csv", "arrival_ns,prompt,output\n0,10,1\n");
  std::string text = scenario_of({.workload = R"(, "classes": {"a": {"output": 1}, "b": {}})"});
  const std::string generate = R"("generate": {"prompt": 200, "output": 1})";
  text.replace(text.find(generate), generate.size(), R"("trace": {"file": "r.csv"})");
  text.erase(text.find(R"("demand": "10 /s",)"), 18);
  const Issues issues = test::issues_of(files.write("scenario.json", text));
  INFO(test::print(issues));
  CHECK(has(issues, "E016", "workloads.rank.classes.a.output", "have their tokens"));
  CHECK_FALSE(has(issues, "E034", "workloads.rank.classes.a.output"));
}

TEST_CASE("who cannot share a model is told") {
  CHECK(has(errors_of({.model = "resnet-50", .engine = R"(, "tensor_parallel": 2)"}), "E034",
            "workloads.rank.engine.tensor_parallel", "not modelled"));
  CHECK(has(errors_of({.model = "bert-large", .engine = R"(, "tensor_parallel": 3)"}), "E034",
            "workloads.rank.engine.tensor_parallel", "16 heads are not shared evenly by 3"));
  CHECK(has(errors_of({.engine = R"(, "data_parallel": 2)"}), "E034",
            "workloads.rank.engine.data_parallel", "groups share 0 experts"));
  CHECK(has(errors_of({.engine = R"(, "pipeline_parallel": 2)", .accelerators = 2}), "E034",
            "workloads.rank.engine.pipeline_parallel", "no stages"));
  CHECK(errors_of({.model = "bert-large", .engine = R"(, "tensor_parallel": 4)", .accelerators = 4})
            .empty());
}

TEST_CASE("texts that are too long on average are said before the run") {
  const Issues issues =
      errors_of({.model = "bert-large", .generate = R"("prompt": 600, "output": 1)"});
  CHECK(has(issues, "E034", "workloads.rank.requests.generate.prompt", "takes 512"));
  // Class by class, also where all of them together are short enough.
  const Issues classes = errors_of(
      {.model = "bert-large", .workload = R"(, "classes": {"a": {"prompt": 600}, "b": {}})"});
  CHECK(classes.size() == 1);
  CHECK(has(classes, "E034", "workloads.rank.classes.a.prompt", "600 tokens"));
}

TEST_CASE("nobody hands over to a model of one pass") {
  Parts parts;
  parts.top = R"(, "seed": 1)";
  std::string text = scenario_of(parts);
  const std::string other = R"("chat": {"kind": "llm-inference", "demand": "1 /s",
    "requests": {"generate": {"prompt": 9, "output": 9}}, "handoff": {"to": "rank",
    "rate": "1 GB/s", "token_bytes": "1 kB"}, "engine": {"blocks": 9,
    "iteration": {"linear": {"base": "1 ms"}}}, "instance": {"cores": 1},
    "replicas": {"min": 1, "max": 1}}, )";
  text.insert(text.find("\"rank\": {"), other);
  const Issues issues = test::issues_of_text(text);
  INFO(test::print(issues));
  CHECK(has(issues, "E034", "workloads.chat.handoff.to", "does not decode"));
}

TEST_CASE("outputs of a trace are of one token") {
  const test::Files files;
  (void)files.write("trace.csv", "arrival_ns,prompt,output\n0,5,1\n10,5,2\n");
  std::string text = scenario_of({});
  const std::string generate = R"("generate": {"prompt": 200, "output": 1})";
  text.replace(text.find(generate), generate.size(), R"("trace": {"file": "trace.csv"})");
  const std::string demand = R"("demand": "10 /s",)";
  text.erase(text.find(demand), demand.size());
  const Issues issues = test::issues_of(files.write("scenario.json", text));
  INFO(test::print(issues));
  CHECK(has(issues, "E034", "workloads.rank.requests.trace.file", "1 of 2 requests"));
}

TEST_CASE("contradictions in cards of one pass are said") {
  const Issues issues = test::issues_of_text(R"({"name": "s", "regions": {"r": {"racks": {"a":
    {"server": "hgx-h100", "count": 1}}}}, "pools": {"p": {}}, "model_types": {
    "texts": {"kind": "encoder", "layers": 2, "hidden": 10, "heads": 4, "intermediate": 16,
      "vocabulary": 32, "positions": 8},
    "rank": {"kind": "recommender", "inputs": 3, "bottom": [8, 4], "top": [2, 1],
      "tables": {"count": 3, "rows": 2, "dimension": 8, "lookups": 2}},
    "see": {"kind": "vision", "layers": 2, "parameters": 1000, "macs": 4}}})");
  INFO(test::print(issues));
  CHECK(issues.size() == 5);
  CHECK(has(issues, "E034", "model_types.texts.heads", "not shared evenly by 4"));
  CHECK(has(issues, "E034", "model_types.rank.bottom", "ends with 4 numbers and rows have 8"));
  CHECK(has(issues, "E034", "model_types.rank.tables.lookups", "fewer than the 3 tables"));
  CHECK(has(issues, "E034", "model_types.rank.tables.rows", "fewer than the 3 tables"));
  CHECK(has(issues, "E034", "model_types.see.macs", "not in billions"));
}
