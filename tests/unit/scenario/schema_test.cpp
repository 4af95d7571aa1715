// The schema, the reference pages and the table of errors come from one description.
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <hyperdc/policy/admission.hpp>
#include <hyperdc/policy/allocator.hpp>
#include <hyperdc/policy/autoscaler.hpp>
#include <hyperdc/policy/node_autoscaler.hpp>
#include <hyperdc/policy/placement.hpp>
#include <hyperdc/policy/procurement.hpp>
#include <hyperdc/policy/router.hpp>
#include <hyperdc/policy/scheduler.hpp>

#include "files.hpp"
#include "scenario/describe.hpp"
#include "scenario/description.hpp"

using namespace hyperdc;
using test::Files;

namespace {

/// Validates files against the schema with python3-jsonschema, as draft-07 and as 2020-12. One line
/// a file and draft: "ok" or "bad".
constexpr const char* kValidator = R"(
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
for cls in (jsonschema.Draft7Validator, jsonschema.Draft202012Validator):
    cls.check_schema(schema)
    for name in sys.argv[2:]:
        print("ok" if cls(schema).is_valid(json.load(open(name))) else "bad")
)";

std::string validate(const Files& files, const std::vector<std::string>& names) {
  std::string command =
      "/usr/bin/python3 " + files.path("validate.py") + " " + files.path("schema.json");
  for (const std::string& name : names) command += " " + name;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  char buffer[256];
  while (fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
  CHECK(pclose(pipe) == 0);
  return out;
}

std::string repeat(const std::string& text, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

void visit(const Type& type, std::vector<const Field*>& fields) {
  for (const Field& field : type.fields) fields.push_back(&field);
  for (const Field& field : type.fields) visit(*field.type, fields);
  for (const Variant& variant : type.variants) {
    for (const Field& field : variant.fields) {
      fields.push_back(&field);
      visit(*field.type, fields);
    }
  }
  if (type.item) visit(*type.item, fields);
}

}  // namespace

TEST_CASE("the schema accepts what the program accepts, as draft-07 and as 2020-12") {
  const Files files;
  files.write("validate.py", kValidator);
  files.write("schema.json", scenario_schema());
  std::vector<std::string> good = {files.write("small.json", test::small_scenario())};
  good.push_back(files.write("resolved.json", test::load(good[0]).scenario.resolved_json));
  good.push_back(files.write("patch.json", R"({"$schema": "x", "extends": "small.json",
    "pools": {"p": {"scheduler": {"policy": "sjf"}, "queue_limit": null, "racks": null}},
    "workloads": {"w": {"generate": {"run": {"gamma": {"cv": 2}}}}}})"));
  good.push_back(files.write("null.json", test::small_scenario(R"(, "series_step": null)")));
  for (const auto& entry :
       std::filesystem::directory_iterator(HYPERDC_SOURCE_DIR "/scenarios/examples")) {
    if (entry.path().extension() == ".json") good.push_back(entry.path().string());
  }
  CHECK(validate(files, good) == repeat("ok\n", 2 * good.size()));

  const std::vector<std::string> bad = {
      files.write("b0.json", "{}"),
      files.write("b1.json", test::small_scenario(R"(, "sed": 1)")),
      files.write("b2.json", test::small_scenario(R"(, "warmup": 5)")),
      files.write("b3.json", test::small_scenario("", R"(, "scheduler": {"policy": "fgd"})")),
      files.write("b4.json", test::small_scenario("", "", "")),
      files.write("b5.json", test::small_scenario(R"(, "objectives": [{"metric": "x"}])")),
      files.write("b6.json", test::small_scenario(R"(, "seed": -1)")),
      files.write("b7.json", test::small_scenario("", R"(}, "UPPER": {)")),
      files.write("b8.json", R"({"extends": "a.json", "pools": {"p": {"tiess": "listed"}}})"),
      files.write("b9.json", test::small_scenario("", "", R"(, "shuffle": true, "generate":
        {"run": "1 s"}, "arrivals": {"every": "1 s"})"))};
  CHECK(validate(files, bad) == repeat("bad\n", 2 * bad.size()));
}

TEST_CASE("every key has a sentence and appears in the reference") {
  const std::string reference = scenario_reference();
  const TypeRef type = scenario_type();
  std::vector<const Field*> fields;
  visit(*type, fields);
  REQUIRE(fields.size() > 100);
  for (const Field* field : fields) {
    INFO(field->name);
    CHECK(field->doc.size() >= 7);
    CHECK(field->doc.back() == '.');
  }
  for (const char* key : {"duration", "pue", "inflate_to", "host_power", "lognormal", "poisson",
                          "cpus_are_members", "demand_points", "power_reason"}) {
    INFO(key);
    CHECK(reference.find(std::string("`").append(key).append("`")) != std::string::npos);
  }
}

TEST_CASE("the reference of policies has every policy and parameter") {
  const std::string reference = policy_reference();
  const auto check = [&](const auto& entries) {
    for (const auto& entry : entries) {
      CHECK(reference.find(std::string("### ").append(entry.name).append("\n")) !=
            std::string::npos);
      for (const ParamSpec& spec : entry.params) {
        CHECK(reference.find(std::string("`").append(spec.name).append("`")) != std::string::npos);
      }
    }
  };
  check(schedulers());
  check(placements());
  check(allocators());
  check(autoscalers());
  check(node_autoscalers());
  check(routers());
  check(region_routers());
  check(admissions());
  check(procurements());
  CHECK(units_reference().find("| `Gbit/s` | data rate | 125000000 B/s |") != std::string::npos);
}

TEST_CASE("every code in the sources is explained, each once") {
  std::set<std::string> used;
  for (const char* folder : {"/src/scenario", "/src/workload", "/src/experiment"}) {
    for (const auto& file :
         std::filesystem::directory_iterator(std::string(HYPERDC_SOURCE_DIR) + folder)) {
      std::ifstream in(file.path());
      std::stringstream text;
      text << in.rdbuf();
      const std::string source = text.str();
      for (std::size_t at = source.find("\"E0"); at != std::string::npos;
           at = source.find("\"E0", at + 1)) {
        if (source.substr(at + 5, 1) == "\"") used.insert(source.substr(at + 1, 4));
      }
    }
  }
  REQUIRE(used.size() > 30);
  const std::string reference = errors_reference();
  for (const std::string& code : used) {
    INFO(code);
    CHECK(explain_error(code).substr(0, 5) == code + ":");
    const std::size_t first = reference.find(std::string("## ").append(code));
    REQUIRE(first != std::string::npos);
    CHECK(reference.find(std::string("## ").append(code), first + 1) == std::string::npos);
  }
  CHECK(explain_error("E999").empty());
  CHECK(explain_error("").empty());
}
