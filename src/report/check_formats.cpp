// A checked suite for machines: JSON, Markdown, annotations.
#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include "report/check_screens.hpp"
#include "report/check_words.hpp"
#include "report/markdown.hpp"
#include "report/terminal.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {
namespace {

std::string_view status_word(CheckStatus status) {
  switch (status) {
    case CheckStatus::passed:
      return "passed";
    case CheckStatus::failed:
      return "failed";
    case CheckStatus::skipped:
      return "skipped";
    case CheckStatus::invalid:
      return "invalid";
    case CheckStatus::crashed:
      return "crashed";
    case CheckStatus::not_run:
      return "not-run";
  }
  return {};
}

std::string_view state_word(MetricChange::State state) {
  switch (state) {
    case MetricChange::State::identical:
      return "identical";
    case MetricChange::State::within:
      return "within";
    case MetricChange::State::moved:
      return "moved";
  }
  return {};
}

std::string_view state_word(ObjectiveChange::State state) {
  switch (state) {
    case ObjectiveChange::State::met:
      return "met";
    case ObjectiveChange::State::missed:
      return "missed";
    case ObjectiveChange::State::known:
      return "known";
    case ObjectiveChange::State::gone:
      return "gone";
  }
  return {};
}

void write_number(JsonWriter& json, std::string_view key, const std::optional<double>& value) {
  json.key(key);
  if (value) {
    json.number(*value);
  } else {
    json.null();
  }
}

void write_place(JsonWriter& json, const SourcePlace& place) {
  json.key("file").text(place.file);
  json.key("line").integer(place.line);
}

void write_change(JsonWriter& json, const MetricChange& change) {
  json.open_object(true);
  json.key("metric").text(change.metric);
  json.key("unit").text(change.unit);
  json.key("state").text(state_word(change.state));
  write_number(json, "before", change.before);
  write_number(json, "now", change.now);
  json.key("tolerance");
  write_tolerance(json, change.tolerance);
  if (change.allowed) json.key("allowed").number(*change.allowed);
  if (change.half_width) json.key("half_width").number(*change.half_width);
  if (change.p) json.key("p").number(*change.p);
  if (!change.reason.empty()) json.key("reason").text(change.reason);
  write_place(json, change.place);
  json.close();
}

void write_objective_change(JsonWriter& json, const ObjectiveChange& change) {
  json.open_object(true);
  json.key("metric").text(change.objective.metric);
  if (change.objective.at_most) json.key("at_most").number(*change.objective.at_most);
  if (change.objective.at_least) json.key("at_least").number(*change.objective.at_least);
  json.key("unit").text(change.objective.unit);
  json.key("state").text(state_word(change.state));
  write_number(json, "value", change.objective.value);
  json.key("met_in").natural(change.met_in);
  json.key("of").natural(change.of);
  write_place(json, change.place);
  json.close();
}

void write_diff(JsonWriter& json, const CheckedScenario& scenario) {
  json.key("baseline").open_object();
  json.key("file").text(scenario.baseline_file);
  json.key("exists").boolean(scenario.diff.has_value());
  json.key("update").text(scenario.update == CheckedScenario::Update::none        ? "none"
                          : scenario.update == CheckedScenario::Update::unchanged ? "unchanged"
                                                                                  : "written");
  if (scenario.diff) {
    const BaselineComparison& diff = *scenario.diff;
    json.key("same_fingerprints").boolean(diff.same_fingerprints);
    json.key("same_scenario").boolean(diff.same_scenario);
    json.key("identical_hours").natural(diff.identical_hours);
    json.key("hours_before").natural(diff.hours_before);
    json.key("hours_now").natural(diff.hours_now);
    json.key("metrics").open_array();
    for (const MetricChange& change : diff.metrics) write_change(json, change);
    json.close();
  }
  json.close();
}

void write_problem(JsonWriter& json, const Issue& issue) {
  json.open_object(true);
  json.key("severity").text(issue.warning ? "warning" : "error");
  json.key("code").text(issue.code);
  json.key("path").text(issue.path);
  json.key("message").text(issue.message);
  json.key("hint").text(issue.hint);
  write_place(json, issue.place);
  json.close();
}

void write_checked(JsonWriter& json, const CheckedScenario& scenario) {
  json.open_object();
  json.key("name").text(check_name(scenario));
  json.key("file").text(scenario.file);
  json.key("status").text(status_word(scenario.status));
  json.key("summary").text(result_words(scenario));
  json.key("reason").text(scenario.reason);
  json.key("fingerprints").open_array(true);
  for (const std::string& one : scenario.fingerprints) json.text(one);
  json.close();
  write_diff(json, scenario);
  json.key("objectives").open_array();
  for (const ObjectiveChange& change : scenario.objectives) write_objective_change(json, change);
  json.close();
  json.key("notes").open_array();
  for (const std::string& note : scenario.notes) json.text(note);
  json.close();
  json.key("issues").open_array();
  for (const Issue& issue : scenario.issues) write_problem(json, issue);
  json.close();
  if (scenario.status == CheckStatus::failed) json.key("accept").text(accept_command(scenario));
  json.close();
}

std::string_view markdown_sign(CheckStatus status) {
  switch (status) {
    case CheckStatus::passed:
      return "✅";
    case CheckStatus::skipped:
    case CheckStatus::not_run:
      return "⚪";
    case CheckStatus::failed:
    case CheckStatus::invalid:
    case CheckStatus::crashed:
      break;
  }
  return "❌";
}

/// How bad, then the issue.
struct Ranked {
  double badness = 0;
  Issue issue;
};

Ranked ranked(double badness, std::string title, std::string message, SourcePlace place) {
  Ranked out;
  out.badness = badness;
  out.issue.code = std::move(title);
  out.issue.message = std::move(message);
  out.issue.place = std::move(place);
  return out;
}

void rank_scenario(const CheckedScenario& scenario, std::vector<Ranked>& out) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kMost = std::numeric_limits<double>::max();
  const std::string name = check_name(scenario);
  const SourcePlace whole{scenario.file, 0, 0, 0};
  if (scenario.status == CheckStatus::crashed) {
    out.push_back(ranked(kInfinity, name + " could not finish", scenario.reason, whole));
  }
  if (scenario.status != CheckStatus::failed) return;
  for (const ObjectiveChange& change : scenario.objectives) {
    if (!objective_fails(change)) continue;
    const bool gone = change.state == ObjectiveChange::State::gone;
    out.push_back(ranked(kMost, fmt::format("{}: objective {}", name, gone ? "gone" : "missed"),
                         objective_sentence(scenario, change),
                         change.place.line > 0 ? change.place : whole));
  }
  if (!scenario.diff) {
    out.push_back(
        ranked(0, name + ": no baseline", "write it: " + accept_command(scenario), whole));
    return;
  }
  bool any = false;
  for (const MetricChange& change : scenario.diff->metrics) {
    if (change.state != MetricChange::State::moved) continue;
    any = true;
    const ChangeWords words = change_words(change);
    const std::string text = change.reason.empty()
                                 ? fmt::format("{}: {} → {}, {}, {}", change.metric, words.before,
                                               words.now, words.difference, words.allowed)
                                 : fmt::format("{}: {}", change.metric, change.reason);
    // Above any finite excess only an objective.
    out.push_back(
        ranked(std::min(change.excess, kMost / 2), name + ": baseline moved", text, change.place));
  }
  if (!any && scenario.exact && !scenario.diff->same_fingerprints) {
    out.push_back(
        ranked(0, name + ": other events than before", divergence_sentence(*scenario.diff), whole));
  }
}

}  // namespace

std::string check_json(const CheckReport& report) {
  JsonWriter json;
  json.open_object();
  json.key("schema").text(kCheckSchema);
  json.key("complete").boolean(!report.interrupted);
  json.key("counts").open_object(true);
  for (const CheckStatus status :
       {CheckStatus::passed, CheckStatus::failed, CheckStatus::invalid, CheckStatus::crashed,
        CheckStatus::skipped, CheckStatus::not_run}) {
    json.key(status_word(status)).natural(count_of(report, status));
  }
  json.close();
  json.key("scenarios").open_array();
  for (const CheckedScenario& one : report.scenarios) write_checked(json, one);
  json.close();
  json.close();
  return json.finish();
}

std::string check_markdown(const CheckReport& report) {
  std::string out = fmt::format("### hyperdc check: {}\n\n", count_words(report));
  out += "| | scenario | result |\n|---|---|---|\n";
  const std::vector<std::string> labels = check_labels(report);
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < report.scenarios.size(); ++i) {
    const CheckedScenario& one = report.scenarios[i];
    if (out.size() > kMostMarkdown / 2) {
      ++left_out;
      continue;
    }
    out += fmt::format("| {} | {} | {} |\n", markdown_sign(one.status), markdown_text(labels[i]),
                       markdown_text(result_words(one)));
  }
  if (left_out > 0) out += fmt::format("\nand {} more scenarios\n", left_out);
  left_out = 0;
  for (const CheckedScenario& one : report.scenarios) {
    const std::string details = check_details(one, TextStyle{false, true});
    if (details.empty()) continue;
    // A fence longer than any that a name could hold.
    const std::string part =
        fmt::format("\n**{}** ({})\n\n`````text\n{}`````\n", markdown_text(check_name(one)),
                    markdown_text(one.file), details);
    if (out.size() + part.size() > kMostMarkdown) {
      ++left_out;
    } else {
      out += part;
    }
  }
  if (left_out > 0) out += fmt::format("\nand details of {} more scenarios\n", left_out);
  return out + "\n";
}

Issues check_annotations(const CheckReport& report) {
  std::vector<Ranked> all;
  for (const CheckedScenario& one : report.scenarios) rank_scenario(one, all);
  std::stable_sort(all.begin(), all.end(),
                   [](const Ranked& a, const Ranked& b) { return a.badness > b.badness; });
  Issues out;
  for (Ranked& one : all) out.push_back(std::move(one.issue));
  return out;
}

}  // namespace hyperdc
