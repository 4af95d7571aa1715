// Endpoints of models whose keys, data and priorities do not fit together.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "files.hpp"
#include "support/model_endpoint.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;
using test::has;

json endpoint(const json& more = json::object()) {
  json out = {{"kind", "llm-inference"},
              {"demand", "1 /s"},
              {"requests", {{"generate", {{"prompt", 10}, {"output", 10}}}}},
              {"engine",
               {{"max_sequences", 4},
                {"max_tokens", 100},
                {"blocks", 100},
                {"iteration", {{"linear", {{"base", "1 ms"}}}}}}},
              {"instance", {{"accelerators", 1}}},
              {"replicas", {{"min", 1}, {"max", 1}}}};
  out.merge_patch(more);
  return out;
}

Issues issues_of(const json& workloads, const test::Files& files = {}) {
  const Issues issues =
      test::issues_of(files.write("m.json", test::model_servers(2, workloads).dump()));
  UNSCOPED_INFO(test::print(issues));
  return issues;
}

/// With a table that has these rows, in which four sequences decode.
Issues issues_of_table(const std::string& rows, const json& more = json::object()) {
  const test::Files files;
  files.write("t.csv", "prompt,sequences,context,ns\n" + rows);
  json m = endpoint(more);
  m["engine"]["iteration"] = {{"table", {{"file", "t.csv"}}}};
  return issues_of({{"m", m}}, files);
}

const std::string kFile = "workloads.m.engine.iteration.table.file";

}  // namespace

TEST_CASE("a servegen trace needs lengths, and others have theirs") {
  const test::Files files;
  files.write("c.csv", "0,1,1,Gamma,1,1\n");
  files.write("r.csv", "arrival_ns,prompt,output\n0,10,2\n");
  json m = endpoint({{"demand", nullptr}});
  m["requests"] = {{"trace", {{"format", "servegen"}, {"file", "c.csv"}}}};
  m["requests"]["trace"]["prefix_block"] = 16;
  Issues issues = issues_of({{"m", m}}, files);
  const std::string trace = "workloads.m.requests.trace.";
  CHECK(has(issues, "E011", trace + "prompt", "has no lengths"));
  CHECK(has(issues, "E011", trace + "output", "has no lengths"));
  CHECK(has(issues, "E016", trace + "prefix_block"));
  CHECK(has(issues, "E034", trace + "file", "end after 600 s"));  // of an hour: a warning
  m["requests"] = {{"trace", {{"file", "r.csv"}, {"scale", 2}, {"prompt", 9}}}};
  issues = issues_of({{"m", m}}, files);
  CHECK(issues.size() == 2);
  CHECK(has(issues, "E016", trace + "scale", "servegen"));
  CHECK(has(issues, "E016", trace + "prompt", "servegen"));
  // Classes may have lengths of their own.
  m["requests"] = {
      {"trace", {{"format", "servegen"}, {"file", "c.csv"}, {"prompt", 9}, {"output", 9}}}};
  m["classes"] = {{"a", {{"prompt", 20}}}, {"b", json::object()}};
  CHECK(issues_of({{"m", m}}, files).size() == 1);  // the warning
}

TEST_CASE("a table of iteration times has two values of each, where the engine asks for them") {
  const Issues one = issues_of_table("0,0,0,1000\n0,4,10,2000\n");
  CHECK(has(one, "E034", kFile, "one prompt, 0"));
  CHECK(has(one, "E034", kFile, "one context, 10"));
  CHECK_FALSE(has(one, "E034", kFile, "one sequences"));
  CHECK(has(issues_of_table("0,0,0,1000\n100,0,0,2000\n"), "E034", kFile, "one sequences, 0"));
  const std::string whole =
      "0,0,0,1000\n100,0,0,2000\n0,4,10,2000\n0,4,20,2100\n100,4,10,4000\n100,4,20,4100\n";
  CHECK(issues_of_table(whole).empty());
  // Contexts beyond the last: of 10 and 11 tokens, and no further than the cache reaches.
  json longer = {{"requests", {{"generate", {{"prompt", 11}}}}}};
  CHECK(has(issues_of_table(whole, longer), "E034", kFile, "ends at context = 20"));
  longer["engine"] = {{"blocks", 1}};
  CHECK(issues_of_table(whole, longer).empty());
}

TEST_CASE("times of a table that cannot be counted are a problem of the scenario") {
  CHECK(has(issues_of_table("0,0,0,1\n1,0,0,1e12\n0,4,10,1\n0,4,20,1\n1,4,10,1\n1,4,20,1\n"),
            "E034", kFile, "146 years"));
}

TEST_CASE("priorities are for those that read them, and who reads them needs some") {
  const json ranked = {{"classes", {{"a", {{"priority", 2}}}, {"b", json::object()}}}};
  const json reads = {{"engine", {{"scheduling", "priority"}}}};
  const json tail = endpoint({{"demand", nullptr}, {"requests", nullptr}});
  const json handoff = {{"handoff", {{"to", "tail"}, {"rate", "1 GB/s"}, {"token_bytes", "1 kB"}}}};
  const auto with = [](json a, const json& b) {
    a.merge_patch(b);
    return a;
  };
  const Issues unread = issues_of({{"m", endpoint(ranked)}});
  CHECK(unread.size() == 1);
  CHECK(has(unread, "E016", "workloads.m.classes.a.priority", "nothing goes by"));
  CHECK(issues_of({{"m", endpoint(with(ranked, reads))}}).empty());
  CHECK(issues_of({{"m", endpoint(with(ranked, {{"admission", {{"policy", "priority"}}}}))}})
            .empty());
  // Who decodes may read them too, if there are any.
  CHECK(issues_of({{"m", endpoint(with(ranked, handoff))}, {"tail", with(tail, reads)}}).empty());
  const Issues none = issues_of({{"m", endpoint(handoff)}, {"tail", with(tail, reads)}});
  CHECK(none.size() == 1);
  CHECK(has(none, "E016", "workloads.tail.engine.scheduling", "as urgent as each other"));
}

TEST_CASE("a misspelt handoff is one problem") {
  const json m = endpoint({{"handoff", {{"to", "tial"}, {"rate", "1 GB/s"}}},
                           {"classes", {{"a", {{"priority", 2}}}, {"b", json::object()}}}});
  const json tail = endpoint(
      {{"demand", nullptr}, {"requests", nullptr}, {"engine", {{"scheduling", "priority"}}}});
  const Issues issues = issues_of({{"m", m}, {"tail", tail}});
  CHECK(issues.size() == 1);
  CHECK(has(issues, "E030", "workloads.m.handoff.to", "tail"));
}

TEST_CASE("a share of the memory says nothing beside stated blocks") {
  const Issues issues = issues_of({{"m", endpoint({{"engine", {{"memory_share", 0.5}}}})}});
  CHECK(issues.size() == 1);
  CHECK(has(issues, "E016", "workloads.m.engine.memory_share", "blocks"));
}

}  // namespace hyperdc
