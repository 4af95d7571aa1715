// Engines of endpoints: what accelerators may share, and what a scenario may not ask of them.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "files.hpp"

using namespace hyperdc;
using test::has;

namespace {

struct ChatParts {
  std::string model = R"("llama-3-1-8b")";
  std::string engine = {};
  std::string iteration = R"({"roofline": {"software": "vllm-0-15"}})";
  int accelerators = 1;
};

std::string chat_scenario(const ChatParts& parts) {
  return fmt::format(R"({{"name": "s", "duration": "1 s",
    "regions": {{"r": {{"racks": {{"a": {{"server": "hgx-h100", "count": 1}}}}}}}},
    "pools": {{"p": {{}}}},
    "workloads": {{"chat": {{"kind": "llm-inference", "demand": "10 /s",
      "requests": {{"generate": {{"prompt": 200, "output": 100}}}},
      "engine": {{"model": {}, "iteration": {}{}}},
      "instance": {{"cores": 1, "accelerators": {}}},
      "replicas": {{"min": 1, "max": 1}}}}}}}})",
                     parts.model, parts.iteration, parts.engine, parts.accelerators);
}

Issues chat_issues(const ChatParts& parts) {
  return test::issues_of_text(chat_scenario(parts));
}

BatchRules chat_rules(const ChatParts& parts) {
  const test::Files files;
  return test::load(files.write("scenario.json", chat_scenario(parts)))
      .scenario.services[0]
      .inference->engines[0]
      .rules;
}

}  // namespace

TEST_CASE("stages of a pipeline have the blocks that are beside their layers") {
  // Of 80 GB, 90 % less 16.06 GB of weights and the reserve: blocks of 2 MiB.
  const std::uint64_t one = chat_rules({}).blocks;
  const std::uint64_t two =
      chat_rules({.engine = R"(, "pipeline_parallel": 2)", .accelerators = 2}).blocks;
  // Each of two has half of the weights, and half of each block.
  CHECK(two > 2 * one);
  CHECK(static_cast<double>(two - 2 * one) == Approx(16.06e9 / (1 << 21)).epsilon(0.01));
}

TEST_CASE("pipelines are refused where they make no sense") {
  const auto refused = [](const ChatParts& parts, const char* key, const char* reason) {
    const Issues issues = chat_issues(parts);
    INFO(test::print(issues));
    return has(issues, "E034", std::string("workloads.chat.") + key, reason);
  };
  CHECK(refused({.engine = R"(, "pipeline_parallel": 33)", .accelerators = 33},
                "engine.pipeline_parallel", "33 stages of 32 layers"));
  CHECK(refused({.engine = R"(, "pipeline_parallel": 2)", .accelerators = 1},
                "instance.accelerators", "2 of them work in parallel"));
  CHECK(refused({.model = R"("gpt-oss-20b")",
                 .engine = R"(, "pipeline_parallel": 2, "data_parallel": 2)",
                 .accelerators = 4},
                "engine.pipeline_parallel", "have no stages"));
  CHECK(chat_issues({.engine = R"(, "pipeline_parallel": 4)", .accelerators = 4}).empty());
}

TEST_CASE("whole experts are refused where there are none to share, or not evenly") {
  const auto refused = [](const ChatParts& parts, const char* code, const char* reason) {
    const Issues issues = chat_issues(parts);
    INFO(test::print(issues));
    return has(issues, code, "workloads.chat.engine.expert_parallel", reason);
  };
  const std::string whole = R"(, "expert_parallel": true)";
  CHECK(refused({.engine = whole + R"(, "tensor_parallel": 2)", .accelerators = 2}, "E034",
                "the model has no experts"));
  CHECK(refused({.model = R"("gpt-oss-20b")", .engine = whole}, "E034", "has all experts anyway"));
  CHECK(refused(
      {.model = R"("gpt-oss-20b")", .engine = whole + R"(, "data_parallel": 3)", .accelerators = 3},
      "E034", "32 experts of the model are not shared evenly by 3"));
  const std::string linear = R"({"linear": {"base": "5 ms"}})";
  CHECK(refused({.model = "null", .engine = whole + R"(, "blocks": 100)", .iteration = linear},
                "E016", "are stated"));
  CHECK(refused({.model = R"("gpt-oss-20b")",
                 .engine = whole + R"(, "tensor_parallel": 2)",
                 .iteration = linear,
                 .accelerators = 2},
                "E016", "the iteration time is stated"));
  CHECK(chat_issues({.model = R"("gpt-oss-20b")",
                     .engine = whole + R"(, "data_parallel": 2)",
                     .accelerators = 2})
            .empty());
}

TEST_CASE("host memory holds whole blocks, whose bytes the model or the scenario tells") {
  const auto with = [](const char* more) {
    return std::string(R"(, "host_memory": {"size": "1 GiB", "rate": "20 GiB/s")") + more + "}";
  };
  // 128 KiB a token, 16 of them a block: 2 MiB.
  const BatchRules rules = chat_rules({.engine = with("")});
  CHECK(rules.host_blocks == 512);
  CHECK(static_cast<double>(rules.host_block_parts) / kNsParts ==
        Approx(1e9 / (20 * 512)).epsilon(1e-6));
  const std::string linear = R"({"linear": {"base": "5 ms"}})";
  const std::string blocks = R"(, "blocks": 100)";
  const BatchRules stated = chat_rules({.model = "null",
                                        .engine = blocks + with(R"(, "token_bytes": "1 MiB")"),
                                        .iteration = linear});
  CHECK(stated.host_blocks == 64);
  const auto refused = [](const ChatParts& parts, const char* code, const char* key,
                          const char* reason) {
    const Issues issues = chat_issues(parts);
    INFO(test::print(issues));
    return has(issues, code, std::string("workloads.chat.engine.host_memory") + key, reason);
  };
  CHECK(refused({.engine = with(R"(, "token_bytes": "1 MiB")")}, "E016", ".token_bytes",
                "the model tells"));
  CHECK(refused({.model = "null", .engine = blocks + with(""), .iteration = linear}, "E034", "",
                "nothing tells the bytes"));
  CHECK(refused({.engine = R"(, "host_memory": {"size": "1 MB", "rate": "1 GB/s"})"}, "E034",
                ".size", "a block of the cache has"));
  CHECK(refused({.model = "null",
                 .engine = R"(, "blocks": 100, "prefix_caching": true, "host_memory":
                   {"size": "1 PB", "rate": "1 GB/s", "token_bytes": "1 B"})",
                 .iteration = linear},
                "E034", ".size", "blocks with prefix caching"));
  CHECK(refused({.model = "null",
                 .engine = R"(, "blocks": 100, "block": 1000000, "host_memory":
                   {"size": "1 PB", "rate": "1 MB/s", "token_bytes": "1 MB"})",
                 .iteration = linear},
                "E034", ".rate", "a block takes"));
}

TEST_CASE("speculation: what an iteration gives, and what a drafter needs") {
  const auto with = [](const char* more) {
    return std::string(R"(, "speculation": {"tokens": 4, "acceptance": 0.5)") + more + "}";
  };
  const BatchRules rules = chat_rules({.engine = with("")});
  CHECK(rules.drafts == 4);
  CHECK(rules.growth == 1984);  // 1 + 1/2 + 1/4 + 1/8 + 1/16 tokens
  // 7B more: 13.48 GB of weights, and 512 KiB a token beside 128.
  const BatchRules drafted = chat_rules({.engine = with(R"(, "draft": {"model": "llama-2-7b"})")});
  CHECK(static_cast<double>(drafted.blocks) ==
        Approx((static_cast<double>(rules.blocks) * (2 << 20) - 13.48e9) / (10 << 20))
            .epsilon(0.001));
  const auto refused = [](const ChatParts& parts, const char* code, const char* key,
                          const char* reason) {
    const Issues issues = chat_issues(parts);
    INFO(test::print(issues));
    return has(issues, code, std::string("workloads.chat.engine.speculation") + key, reason);
  };
  CHECK(refused({.engine = with("") + R"(, "max_sequences": 512)"}, "E034", ".tokens",
                "512 sequences with 5 tokens each, of 2048"));
  CHECK(refused({.engine = with(R"(, "draft": {"model": "bert-large"})")}, "E034", ".draft.model",
                "generates no tokens"));
  CHECK(refused({.model = "null",
                 .engine = R"(, "blocks": 100)" + with(R"(, "draft": {"time": "1 ms"})"),
                 .iteration = R"({"linear": {"base": "5 ms"}})"},
                "E016", ".draft", "with drafts"));
}

TEST_CASE("adapters: bytes by rank or stated, and their places are taken from the cache") {
  const auto with = [](const char* more) {
    return std::string(R"(, "adapters": {"count": 20, "max_loaded": 8, "rate": "10 GB/s")") + more +
           "}";
  };
  const double block = 2 << 20;  // bytes: 16 tokens of 128 KiB
  const auto blocks = [](const std::string& engine) {
    return static_cast<double>(chat_rules({.engine = engine}).blocks);
  };
  const BatchRules ranked = chat_rules({.engine = with(R"(, "rank": 16)")});
  CHECK(ranked.variants.together());
  CHECK(ranked.variants.max_loaded == 8);
  CHECK(ranked.variants.host_has_all());
  CHECK(ranked.variants.load.ns == 8'388'608);  // 2 x 41,943,040 bytes
  CHECK(blocks("") - static_cast<double>(ranked.blocks) ==
        Approx(8 * 83'886'080 / block).margin(1));
  CHECK(blocks("") - blocks(with(R"(, "bytes": "1 GB")")) == Approx(8e9 / block).margin(1));
  const BatchRules kept = chat_rules(
      {.engine = R"(, "load_rate": "1 GB/s")" + with(R"(, "bytes": "1 GB", "host": 9)")});
  CHECK(kept.variants.host == 9);
  CHECK(kept.variants.fetch.ns == 1'000'000'000);

  const auto refused = [](const ChatParts& parts, const char* code, const char* key,
                          const char* reason) {
    const Issues issues = chat_issues(parts);
    INFO(test::print(issues));
    return has(issues, code, std::string("workloads.chat.engine.") + key, reason);
  };
  const std::string linear = R"({"linear": {"base": "5 ms"}})";
  CHECK(refused({.model = "null",
                 .engine = R"(, "blocks": 100)" + with(R"(, "rank": 16)"),
                 .iteration = linear},
                "E034", "adapters.rank", "nothing tells the matrices"));
  CHECK(refused({.engine = with(R"(, "bytes": "1 GB", "host": 7)")}, "E034", "adapters.host",
                "8 are loaded"));
  CHECK(refused({.engine = with(R"(, "bytes": "1 GB", "host": 9)")}, "E034", "adapters.host",
                "nothing tells the rate"));
  CHECK(refused({.engine = with(R"(, "bytes": "10 GB")")}, "E034", "model", "has to hold"));
  CHECK(refused({.engine = R"(, "adapters": {"count": 9, "bytes": "5 GB", "max_loaded": 1,
                                              "rate": "1 MB/s"})"},
                "E034", "adapters.rate", "an adapter takes"));
  CHECK(refused({.engine = R"(, "adapters": {"count": 7, "bytes": "1 MB", "max_loaded": 8,
                                              "rate": "1 GB/s"})"},
                "E034", "adapters.max_loaded", "of which there are 7"));
  CHECK(chat_issues({.engine = with(R"(, "bytes": "1 GB")")}).empty());
  CHECK(chat_issues({.engine = R"(, "blocks": 100)" + with(R"(, "rank": 16)"), .iteration = linear})
            .empty());                                     // the model tells the matrices
  CHECK_FALSE(chat_issues({.engine = with("")}).empty());  // neither
  CHECK_FALSE(chat_issues({.engine = with(R"(, "bytes": "1 GB", "rank": 16)")}).empty());
}

TEST_CASE("models in turns: the weights of as many as are loaded are in memory") {
  const auto with = [](const char* more) {
    return std::string(R"(, "models": {"count": 20, "max_loaded": 3, "rate": "16 GB/s")") + more +
           "}";
  };
  const BatchRules one = chat_rules({}), three = chat_rules({.engine = with("")});
  CHECK(three.variants.in_turns());
  CHECK(to_seconds(three.variants.load) == Approx(16.06 / 16).epsilon(0.001));
  CHECK(static_cast<double>(one.blocks - three.blocks) ==
        Approx(2 * 16.06e9 / (2 << 20)).epsilon(0.001));
  const auto refused = [](const ChatParts& parts, const char* code, const char* key,
                          const char* reason) {
    const Issues issues = chat_issues(parts);
    INFO(test::print(issues));
    return has(issues, code, std::string("workloads.chat.engine.") + key, reason);
  };
  CHECK(
      refused({.engine = with(R"(, "bytes": "1 GB")")}, "E016", "models.bytes", "the model tells"));
  CHECK(refused({.engine = R"(, "load_rate": "1 GB/s")" + with("")}, "E016", "load_rate",
                "the host has all"));
  CHECK(refused({.model = "null",
                 .engine = R"(, "blocks": 100)" + with(""),
                 .iteration = R"({"linear": {"base": "5 ms"}})"},
                "E034", "models", "nothing tells the bytes of a model"));
  const ChatParts both{.engine = with("") + R"(, "adapters": {"count": 9, "bytes": "1 MB",
                                                "max_loaded": 18, "rate": "1 GB/s"})"};
  CHECK(refused(both, "E015", "models", "adapters of one model or several"));
  CHECK(refused(both, "E034", "adapters.max_loaded", "of which there are 9"));
}
