// Nothing in the schemas of studies and baselines is without effect: each row of docs/features.md
// about them is run with and without its change, and what it names must move. Every key has a row.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cli/command_line.hpp"
#include "scenario/load.hpp"
#include "support/feature_rows.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;
using test::FeatureRow;

std::vector<FeatureRow> study_rows() {
  std::vector<FeatureRow> table = test::feature_rows("");
  std::erase_if(table, [](const FeatureRow& row) { return row.kind == "base"; });
  return table;
}

/// The standard output of a command; `code` is its exit code.
std::string said(const std::vector<std::string>& arguments, int& code) {
  std::ostringstream out, err;
  const std::map<std::string, std::string> environment{{"LANG", "C.UTF-8"}};
  Console console{out, err, {false, environment}, {false, environment}};
  code = run_command_line(arguments, console);
  INFO(err.str());
  if (code > 1) FAIL("exit code " << code);
  return out.str();
}

/// The files of one measurement.
class Bench {
 public:
  Bench() {
    const json base = source("tests/property/study/base.json");
    json slower = base;
    slower["workloads"]["w"]["generate"]["run"]["exponential"]["mean"] = "1.2 s";
    home_.write("base.json", base.dump());
    home_.write("slower.json", slower.dump());
    json checked = base;
    checked["objectives"].push_back({{"metric", "workloads.w.wait.p95"}, {"at_most", "1 ms"}});
    home_.write("checked.json", checked.dump());
  }

  static json source(const std::string& path) {
    std::ifstream in(std::string(HYPERDC_SOURCE_DIR) + "/" + path);
    return json::parse(in);
  }

  /// What the row's metric is when the file of the row has these patches.
  std::string reading(const FeatureRow& row, const std::vector<json>& patches) {
    return row.kind == "baseline" ? gate(row, patches) : study(row, patches);
  }

 private:
  std::string study(const FeatureRow& row, const std::vector<json>& patches) {
    json text = source(row.base);
    for (const json& patch : patches) text.merge_patch(patch);
    const std::string file = home_.write("study.json", text.dump());
    int code = 0;
    if (row.metric == "the runs") {
      return json::parse(said({"sweep", file, "--list", "--format", "json"}, code))["runs"].dump();
    }
    if (row.metric == "the plan") return plan(file);
    const std::string store = home_.path("runs.sqlite");
    std::filesystem::remove(store);
    said({"sweep", file, "--out", store, "--jobs", "1"}, code);
    if (row.metric == "the export") {
      const json all = json::parse(said({"export", store, "--format", "canonical"}, code));
      std::string out = all["name"].dump() + all["description"].dump();
      for (const json& one : all["runs"]) out += one["variation"].dump() + one["seed"].dump();
      return out;
    }
    REQUIRE(row.metric == "the verdicts");
    std::string out;
    const json all = json::parse(said({"compare", store, "--format", "json"}, code));
    for (const json& variation : all["variations"]) {
      for (const json& one : variation["differences"]) {
        out += one["metric"].dump() + one["finding"].dump();
      }
    }
    return out;
  }

  std::string plan(const std::string& file) {
    int code = 0;
    const std::string store = home_.path("plan.sqlite");
    std::filesystem::remove(store);
    const json all =
        json::parse(said({"plan", file, "--out", store, "--format", "json", "--jobs", "1"}, code));
    json out;
    for (const char* key : {"method", "status", "answer", "undecided"}) out[key] = all[key];
    for (const json& one : all["candidates"]) {
      json seen;
      for (const char* key : {"values", "verdict", "first_seed", "runs", "cost"}) {
        seen[key] = one[key];
      }
      for (const json& objective : one["objectives"]) seen["means"].push_back(objective["mean"]);
      out["candidates"].push_back(seen);
    }
    return out.dump();
  }

  std::string gate(const FeatureRow& row, const std::vector<json>& patches) {
    const std::string base = home_.path("checked.json");
    const std::string file = home_.path("baseline.json");
    int code = 0;
    std::filesystem::remove(file);
    said({"check", base, "--baseline", file, "--update", "--seeds", "4"}, code);
    json text = json::parse(home_.read("baseline.json"));
    for (const json& patch : patches) text.merge_patch(patch);
    home_.write("baseline.json", text.dump());
    if (row.metric == "the file") {
      said({"check", base, "--baseline", file, "--update"}, code);
      return home_.read("baseline.json");
    }
    REQUIRE(row.metric == "the gate");
    const json all =
        json::parse(said({"check", base, "--baseline", file, "--format", "json"}, code));
    const json& one = all["scenarios"][0];
    json out = {{"code", code}, {"fingerprints", one["fingerprints"]}, {"notes", one["notes"]}};
    const json& diff = one["baseline"];
    for (const char* key : {"same_fingerprints", "same_scenario", "hours_before"}) {
      out[key] = diff[key];
    }
    for (const json& metric : diff["metrics"]) {
      out["metrics"].push_back({metric["metric"], metric["state"]});
    }
    for (const json& objective : one["objectives"]) {
      out["objectives"].push_back({objective["metric"], objective["state"]});
    }
    return out.dump();
  }

  test::TemporaryDirectory home_;
};

TEST_CASE("every row about studies, plans and baselines moves what it names", "[property]") {
  const std::vector<FeatureRow> table = study_rows();
  REQUIRE(table.size() > 60);
  Bench bench;
  std::map<std::string, std::string> known;  // what many rows begin from is run once
  for (const FeatureRow& row : table) {
    INFO(row.key << ": " << row.change << " given " << row.given);
    const json given = json::parse(row.given), change = json::parse(row.change);
    std::string& before = known[row.base + "\n" + row.given + "\n" + row.metric];
    if (before.empty()) before = bench.reading(row, {given});
    const bool moves = bench.reading(row, {given, change}) != before;
    INFO(row.metric << " stays " << before.substr(0, 1000));
    CHECK(moves);
  }
}

/// "tolerance.exact" of every object that the schema defines; of one that has no keys of its own
/// but those of its alternatives, these.
void collect_definition_keys(const json& schema, std::set<std::string>& keys,
                             const std::string& name) {
  if (const auto properties = schema.find("properties"); properties != schema.end()) {
    for (const auto& [key, type] : properties->items()) keys.insert(name + "." + key);
  }
  for (const char* alternatives : {"anyOf", "allOf", "oneOf"}) {
    const auto some = schema.find(alternatives);
    if (some == schema.end()) continue;
    for (const json& one : *some) collect_definition_keys(one, keys, name);
  }
}

TEST_CASE("every key of a study and of a baseline has a row", "[property]") {
  std::set<std::string> with_row;
  for (const FeatureRow& row : study_rows()) with_row.insert(row.key);
  std::set<std::string> keys;
  for (const json& schema : {json::parse(study_schema()), json::parse(baseline_schema())}) {
    for (const auto& [name, definition] : schema.at("definitions").items()) {
      collect_definition_keys(definition, keys, name);
    }
  }
  // What the file is: the first for editors, the second refused when it is another.
  const std::set<std::string> facts{"study.$schema", "baseline.schema"};
  REQUIRE(keys.size() > 60);
  for (const std::string& key : keys) {
    INFO(key);
    CHECK((facts.count(key) == 1 || with_row.count(key) == 1));
  }
  for (const std::string& key : with_row) {
    INFO(key << " is no key of the schema");
    CHECK(keys.count(key) == 1);
  }
}

}  // namespace
}  // namespace hyperdc
