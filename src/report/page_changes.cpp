#include "report/page_changes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "results/json_difference.hpp"

namespace hyperdc {
namespace {

struct ComparedScenario {
  std::string name;
  const std::string* resolved = nullptr;
};

void write_text_or_null(JsonWriter& json, const std::optional<std::string>& text) {
  text ? json.text(*text) : json.null();
}

void write_compared(JsonWriter& json, const ComparedScenario& base,
                    const std::vector<ComparedScenario>& others, std::size_t left_out) {
  json.open_object();
  json.key("base").text(base.name);
  json.key("left_out").natural(left_out);
  json.key("scenarios").open_array();
  const std::vector<std::string> own = {"name", "description"};  // of every scenario
  for (const ComparedScenario& other : others) {
    const JsonDifferences found =
        json_differences(*base.resolved, *other.resolved, kMostChanges, own);
    json.open_object();
    json.key("name").text(other.name);
    json.key("all").natural(found.all);
    json.key("rows").open_array();
    for (const JsonDifference& row : found.rows) {
      json.open_array();
      json.text(row.path);
      write_text_or_null(json, row.base);
      write_text_or_null(json, row.other);
      json.close();
    }
    json.close();
    json.close();
  }
  json.close();
  json.close();
}

}  // namespace

void write_changes(JsonWriter& json, const PageContents& contents) {
  json.key("changes");
  std::vector<ComparedScenario> scenarios;
  std::set<std::string> seen;
  std::map<std::string, std::size_t> names;
  for (const StoredResult& run : contents.runs) {
    if (run.result.resolved_json.empty() || !seen.insert(run.result.sha256).second) continue;
    ++names[run.result.scenario];
    scenarios.push_back({run.result.scenario, &run.result.resolved_json});
  }
  if (scenarios.size() < 2) {
    json.null();
    return;
  }
  // Scenarios of one name, as with --set: the order of the runs tells them apart.
  std::map<std::string, std::size_t> count;
  for (ComparedScenario& one : scenarios) {
    if (names[one.name] > 1) one.name += " (" + std::to_string(++count[one.name]) + ")";
  }
  write_compared(json, scenarios.front(), {scenarios.begin() + 1, scenarios.end()}, 0);
}

void write_changes(JsonWriter& json, const PageStudy& study) {
  json.key("changes");
  const std::vector<std::string>& resolved = study.plan.scenarios;
  const std::vector<StudyVariation>& variations = study.plan.variations;
  const auto base =
      std::find_if(variations.begin(), variations.end(),
                   [&](const StudyVariation& one) { return one.name == study.comparison.base; });
  const auto at = static_cast<std::size_t>(base - variations.begin());
  if (at >= resolved.size() || resolved[at].empty()) {
    json.null();
    return;
  }
  std::vector<ComparedScenario> others;
  std::size_t left_out = 0;
  for (std::size_t v = 0; v < std::min(variations.size(), resolved.size()); ++v) {
    if (v == at || resolved[v].empty()) continue;
    if (others.size() == kMostComparedOnPage) {
      ++left_out;
    } else {
      others.push_back({variations[v].name, &resolved[v]});
    }
  }
  if (others.empty()) {
    json.null();
    return;
  }
  write_compared(json, {variations[at].name, &resolved[at]}, others, left_out);
}

}  // namespace hyperdc
