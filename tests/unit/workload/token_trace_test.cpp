// Requests to language models from files: the published traces against numbers that were computed
// from the same files with numpy, and what is wrong with others.
#include "workload/token_trace.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "workload_files.hpp"

namespace hyperdc {
namespace {

const std::string kData = std::string(HYPERDC_SOURCE_DIR) + "/scenarios/examples/data/";

TokenTrace read(TokenFormat format, const std::string& file) {
  auto result = read_token_trace({format, kData + file, {}});
  if (const auto* issues = std::get_if<Issues>(&result)) FAIL(issues->front().message);
  return std::get<TokenTrace>(std::move(result));
}

struct Moments {
  double mean = 0, deviation = 0, least = 1e18, most = 0;
};

Moments moments(const TokenTrace& trace, std::uint64_t TokenRequest::*field) {
  Moments out;
  const auto n = static_cast<double>(trace.rows.size());
  for (const TokenRequest& row : trace.rows) {
    const auto x = static_cast<double>(row.*field);
    out.mean += x / n;
    out.least = std::min(out.least, x);
    out.most = std::max(out.most, x);
  }
  for (const TokenRequest& row : trace.rows) {
    out.deviation += std::pow(static_cast<double>(row.*field) - out.mean, 2) / n;
  }
  out.deviation = std::sqrt(out.deviation);
  return out;
}

// Printed with three digits.
void check(const Moments& found, const Moments& expected) {
  CHECK(std::abs(found.mean - expected.mean) < 6e-4);
  CHECK(std::abs(found.deviation - expected.deviation) < 6e-4);
  CHECK(found.least == expected.least);
  CHECK(found.most == expected.most);
}

double span_s(const TokenTrace& trace) {
  return to_seconds(trace.rows.back().at - trace.rows.front().at);
}

TEST_CASE("Azure 2023 as shipped") {
  const TokenTrace code =
      read(TokenFormat::azure_2023, "llm-azure2023/AzureLLMInferenceTrace_code.csv.gz");
  REQUIRE(code.rows.size() == 8'819);
  check(moments(code, &TokenRequest::prompt), {2047.848, 1973.765, 3, 7437});
  check(moments(code, &TokenRequest::output), {27.883, 59.859, 6, 1899});
  CHECK(span_s(code) == Approx(3435.948).margin(5e-4));
  CHECK(code.rows[0].at.ns == 0);
  CHECK(code.rows[1].at.ns == 52'000'000);
  CHECK(code.ids.empty());
  const TokenTrace conversation =
      read(TokenFormat::azure_2023, "llm-azure2023/AzureLLMInferenceTrace_conv.first1800s.csv.gz");
  REQUIRE(conversation.rows.size() == 10'108);
  check(moments(conversation, &TokenRequest::prompt), {1243.25, 1182.365, 2, 14050});
  check(moments(conversation, &TokenRequest::output), {217.347, 168.524, 7, 1000});
  CHECK(span_s(conversation) == Approx(1799.899).margin(5e-4));
}

TEST_CASE("Mooncake's conversations as shipped") {
  const TokenTrace trace =
      read(TokenFormat::mooncake, "llm-mooncake/conversation_trace.first1800s.jsonl.gz");
  REQUIRE(trace.rows.size() == 5'719);
  check(moments(trace, &TokenRequest::prompt), {12870.116, 16704.073, 891, 123192});
  check(moments(trace, &TokenRequest::output), {345.725, 250.788, 1, 2000});
  CHECK(span_s(trace) == 1797);
  CHECK(trace.ids.size() == 146'464);
  const PrefixIds second = trace.prefix(trace.rows[1]);
  CHECK(second.tokens == 7322);
  CHECK(second.tokens_each == 512);
  REQUIRE(second.ids.size() == 15);
  CHECK(second.ids[0] == 0);
  CHECK(second.ids[1] == 14);
}

TEST_CASE("dates before the first, and in any number of digits") {
  testing::TempDir home;
  const std::string file = home.write("a.csv",
                                      "GeneratedTokens,TIMESTAMP,ContextTokens\n"
                                      "1,2023-11-16 18:00:01.5,10\n"
                                      "2,2023-11-16 18:00:00,20\n"
                                      "3,2023-11-16 18:00:01.500000001,30\n");
  const auto result = read_token_trace({TokenFormat::azure_2023, file, {}});
  const auto& rows = std::get<TokenTrace>(result).rows;
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].prompt == 20);
  CHECK(rows[0].at.ns == 0);
  CHECK(rows[1].at.ns == 1'500'000'000);
  CHECK(rows[2].at.ns == 1'500'000'001);
}

std::string problems(TokenFormat format, const std::string& text,
                     std::optional<std::uint64_t> prefix_block = {}) {
  testing::TempDir home;
  const auto result = read_token_trace({format, home.write("a", text), prefix_block});
  REQUIRE(std::holds_alternative<Issues>(result));
  std::string out;
  for (const Issue& issue : std::get<Issues>(result)) {
    out += issue.code + ":" + std::to_string(issue.place.line) + ":" +
           std::to_string(issue.place.column) + " " + issue.message + "\n";
  }
  return out;
}

TEST_CASE("a column names the first blocks of prompts") {
  testing::TempDir home;
  const std::string file = home.write("a.csv",
                                      "prefix,arrival_ns,prompt,output\n"
                                      "7;8,5,20,1\n"
                                      ",6,20,1\n"
                                      "7,4,9,1\n");
  const auto result = read_token_trace({TokenFormat::csv, file, 10});
  const auto& trace = std::get<TokenTrace>(result);
  REQUIRE(trace.rows.size() == 3);
  const PrefixIds first = trace.prefix(trace.rows[0]), second = trace.prefix(trace.rows[1]);
  CHECK(first.tokens == 9);
  CHECK(first.ids[0] == 7);
  CHECK(second.tokens == 20);
  CHECK(second.ids[1] == 8);
  CHECK(trace.prefix(trace.rows[2]).tokens == 0);
}

TEST_CASE("what is wrong with a column of blocks") {
  const auto csv = [](const std::string& row) {
    return problems(TokenFormat::csv, "prefix,arrival_ns,prompt,output\n" + row + "\n", 10);
  };
  CHECK(csv("1;2;3,0,20,1") == "E065:2:1 prefix: 3 blocks for a prompt of 20 tokens\n");
  for (const char* list : {"1;", ";1", "1;;2", "1 2", "x", "1;-2"}) {
    CHECK(csv(std::string(list) + ",0,20,1") ==
          "E064:2:1 prefix: \"" + std::string(list) + "\" is no list of blocks\n");
  }
  CHECK(problems(TokenFormat::csv, "prefix,arrival_ns,prompt,output\n1,0,20,1\n,1,1,1\n") ==
        "E062:2:1 the column prefix needs \"prefix_block\"\n");
  CHECK(problems(TokenFormat::csv, "arrival_ns,prompt,output\n0,20,1\n", 8) ==
        "E062:2:1 there is no column prefix for \"prefix_block\"\n");
}

TEST_CASE("what is wrong with requests is said with its place, all of it") {
  const std::string good =
      R"({"timestamp": 0, "input_length": 513, "output_length": 5, "hash_ids": [0, 1]})"
      "\n";
  const auto mooncake = [&](const std::string& line) {
    return problems(TokenFormat::mooncake, good + line + "\n");
  };
  CHECK(mooncake(R"({"timestamp": 0, "input_length": 513, "output_length": 5, "hash_ids": [0]})") ==
        "E064:2:59 hash_ids: 1 for a prompt of 513 tokens\n");
  CHECK(mooncake(R"({"timestamp": 0.5, "input_length": 0})") ==
        "E064:2:15 timestamp: \"0.5\" is not a whole number\n");
  CHECK(mooncake(R"({"timestamp": 0, "input_length": 0})") ==
        "E065:2:34 input_length: \"0\" is outside the range\n");
  CHECK(mooncake(R"({"timestamp": 0, "timestamp": 1})") ==
        "E062:2:18 \"timestamp\": field repeated\n");
  CHECK(mooncake(R"({"time": 0})") == "E062:2:2 \"time\": unknown field\n");
  CHECK(mooncake(R"({"timestamp": 0})") == "E062:2:1 \"input_length\": field missing\n");
  CHECK(mooncake(R"({"timestamp" 0})") == "E063:2:14 a colon is missing\n");
  CHECK(mooncake(R"({"hash_ids": [1, 2)") == "E063:2:19 hash_ids: the list does not end\n");
  CHECK(mooncake("[1]\n{}") ==
        "E063:2:1 a line is {\"timestamp\": ..., ...}\nE063:3:2 the name of a field is missing\n");
  CHECK(mooncake(good.substr(0, good.size() - 1) + " 1") == "E063:2:79 something follows the }\n");
  CHECK(problems(TokenFormat::mooncake, "\n") == "E067:0:0 there are no requests in this file\n");
  const std::string header = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  CHECK(problems(TokenFormat::azure_2023, header + "2023-11-16 25:00:00,1,1\n") ==
        "E064:2:1 TIMESTAMP: \"2023-11-16 25:00:00\" is not a date\n");
  CHECK(problems(TokenFormat::azure_2023, header + "2023-11-16 05:00:00.,1,0\n") ==
        "E064:2:1 TIMESTAMP: \"2023-11-16 05:00:00.\" is not a date\n"
        "E065:2:24 GeneratedTokens: \"0\" is outside the range\n");
  CHECK(problems(TokenFormat::azure_2023, header + "1950-01-01,1,1\n2199-01-01,1,1\n") ==
        "E065:3:1 TIMESTAMP: decades from the first row\n");
}

}  // namespace
}  // namespace hyperdc
