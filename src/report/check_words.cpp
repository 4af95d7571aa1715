#include "report/check_words.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <utility>

#include <hyperdc/core/units.hpp>

#include "core/text.hpp"
#include "report/comparison.hpp"
#include "report/diagnostics.hpp"
#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "report/screen.hpp"
#include "report/study_words.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMostMoved = 20;
constexpr double kHour = 3600;
constexpr double kDefaultRelative = 0.02, kDefaultShare = 0.005, kDefaultMargin = 0.01;

/// Of a share near the whole, two per cent of it would hide that what is missing has doubled.
Tolerance default_tolerance(const ResultMetric& metric, bool several) {
  Tolerance out;
  const bool large_share =
      show_of(metric.name, metric.unit) == Show::share && metric.value.value_or(0) >= 0.5;
  if (several) {
    out.statistical = StatisticalTolerance{0.99, kDefaultMargin};
  } else if (large_share) {
    out.absolute = kDefaultShare;
  } else {
    out.relative = kDefaultRelative;
  }
  return out;
}

/// With the sign that a number of people's has not.
std::string signed_value(double value, Show show) {
  return (value < 0 ? "-" : "+") + for_people(std::fabs(value), show);
}

/// In the measure that the tolerance has: points of a share, unless it is relative.
std::string difference_words(double before, double difference, Show show, bool relative) {
  if (show == Show::share && (!relative || before == 0))
    return fmt::format("{:+.3g} pp", difference * 100);
  if (before == 0) return signed_value(difference, show);
  return fmt::format("{:+.3g} %", difference / std::fabs(before) * 100);
}

std::string allowed_words(const MetricChange& change, Show show) {
  const Tolerance& tolerance = change.tolerance;
  if (tolerance.statistical) {
    if (!change.p) return percent_text(tolerance.statistical->confidence);
    return fmt::format("p = {:.2g} at {}", *change.p,
                       percent_text(tolerance.statistical->confidence));
  }
  if (change.allowed && *change.allowed == 0) return "allowed 0";
  std::string text;
  if (tolerance.relative) text = fmt::format("±{:.4g} %", *tolerance.relative * 100);
  if (tolerance.absolute) {
    const std::string amount = show == Show::share
                                   ? fmt::format("{:.4g} pp", *tolerance.absolute * 100)
                                   : for_people(*tolerance.absolute, show);
    text += fmt::format("{}±{}", text.empty() ? "" : " or ", amount);
  }
  return "allowed " + (tolerance.exact ? std::string("0") : text);
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return plural(count, one, many);
}

std::size_t moved_count(const CheckedScenario& scenario, MetricChange::State state) {
  if (!scenario.diff) return 0;
  return static_cast<std::size_t>(
      std::count_if(scenario.diff->metrics.begin(), scenario.diff->metrics.end(),
                    [&](const MetricChange& change) { return change.state == state; }));
}

std::size_t objectives_in(const CheckedScenario& scenario, ObjectiveChange::State state) {
  return static_cast<std::size_t>(
      std::count_if(scenario.objectives.begin(), scenario.objectives.end(),
                    [&](const ObjectiveChange& change) { return change.state == state; }));
}

std::string failed_words(const CheckedScenario& scenario) {
  std::vector<std::string> parts;
  const std::size_t moved = moved_count(scenario, MetricChange::State::moved);
  if (moved > 0) parts.push_back(counted(moved, "metric", "metrics") + " moved");
  const std::size_t missed = objectives_in(scenario, ObjectiveChange::State::missed);
  if (missed > 0) parts.push_back(counted(missed, "objective", "objectives") + " missed");
  const std::size_t gone = objectives_in(scenario, ObjectiveChange::State::gone);
  if (gone > 0) parts.push_back(counted(gone, "objective", "objectives") + " gone");
  if (!scenario.diff) parts.emplace_back("no baseline");
  if (scenario.exact && moved == 0 && scenario.diff && !scenario.diff->same_fingerprints) {
    parts.emplace_back("other events than before (--exact)");
  }
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string passed_words(const CheckedScenario& scenario) {
  std::string text;
  if (scenario.diff && !scenario.diff->same_fingerprints) {
    const std::size_t within = moved_count(scenario, MetricChange::State::within);
    text = within == 0 ? "other events, the same numbers"
                       : counted(within, "metric", "metrics") + " moved within tolerance";
  } else if (moved_count(scenario, MetricChange::State::within) > 0) {
    text = counted(moved_count(scenario, MetricChange::State::within), "metric", "metrics") +
           " moved within tolerance";
  }
  const std::size_t known = objectives_in(scenario, ObjectiveChange::State::known);
  if (known > 0) {
    text += fmt::format("{}{} known to be missed", text.empty() ? "" : ", ",
                        counted(known, "objective", "objectives"));
  }
  return text;
}

std::string updated_words(const CheckedScenario& scenario) {
  if (scenario.update == CheckedScenario::Update::unchanged) return "baseline unchanged";
  if (!scenario.diff) return "baseline written";
  const std::string what = failed_words(scenario);
  return "baseline written" + (what.empty() ? std::string() : ": " + what);
}

}  // namespace

std::vector<BaselinePick> default_picks(std::span<const RunResult> runs) {
  std::vector<BaselinePick> out;
  std::set<std::string> known;
  const MetricIndex metrics(runs.front());
  const auto add = [&](const std::string& name) {
    const ResultMetric* metric = metrics.find(name);
    if (metric == nullptr || !known.insert(name).second) return;
    out.push_back({name, default_tolerance(*metric, runs.size() > 1)});
  };
  const Comparison comparison = compare_results(runs.first(1), Detail::full);
  for (const ComparedRow& row : compact_rows(comparison.rows)) add(row.metric);
  for (const ResultObjective& objective : runs.front().objectives) add(objective.metric);
  if (!out.empty()) return out;
  for (const ResultMetric& metric : runs.front().metrics) {
    if (metric.value) add(metric.name);
  }
  return out;
}

ChangeWords change_words(const MetricChange& change) {
  const Show show = show_of(change.metric, change.unit);
  ChangeWords out;
  out.allowed = allowed_words(change, show);
  if (!change.reason.empty() || !change.before || !change.now) {
    if (change.before) out.before = for_people(*change.before, show);
    if (change.now) out.now = for_people(*change.now, show);
    out.difference = change.reason;
    out.allowed.clear();
    return out;
  }
  const double difference = *change.now - *change.before;
  const bool by_share = change.tolerance.relative.has_value();
  const std::vector<double> values = {*change.before, *change.now};
  const std::vector<double> halves = {std::fabs(difference), std::fabs(difference)};
  const RowScale scale = row_scale(values, halves, show);
  const std::string unit = scale.unit.empty() ? scale.unit : " " + scale.unit;
  if (show == Show::share) {  // a small one would be rounded to hundredths of a per cent
    out.before = fmt::format("{:.4g} %", *change.before * 100);
    out.now = fmt::format("{:.4g} %", *change.now * 100);
    out.difference = difference_words(*change.before, difference, show, by_share);
    return out;
  }
  out.before = in_scale(*change.before, scale) + unit;
  out.now = in_scale(*change.now, scale) + unit;
  out.difference = difference_words(*change.before, difference, show, by_share);
  return out;
}

std::string objective_sentence(const CheckedScenario& scenario, const ObjectiveChange& change) {
  const std::string limit = limit_text(change.objective);
  if (change.state == ObjectiveChange::State::gone) {
    return fmt::format("objective is gone from the scenario: {} {}", change.objective.metric,
                       limit);
  }
  std::string text = "objective";
  if (change.place.line > 0) {
    text += change.place.file == scenario.file
                ? fmt::format(" at line {}", change.place.line)
                : fmt::format(" at {}:{}", change.place.file, change.place.line);
  }
  const Show show = show_of(change.objective.metric, change.objective.unit);
  text += fmt::format(": {} {}, {}", change.objective.metric,
                      change.objective.value ? for_people(*change.objective.value, show)
                                             : std::string("has no value"),
                      limit);
  const std::string margin = margin_text(change.objective);
  if (!margin.empty()) text += ", " + margin;
  if (change.of > 1) {
    text += fmt::format(", missed with {} of {} seeds", change.of - change.met_in, change.of);
  }
  if (change.state == ObjectiveChange::State::known) text += " (known)";
  return text;
}

std::string divergence_sentence(const BaselineComparison& diff) {
  if (diff.same_fingerprints) {
    return moved(diff) ? "the same events as before: what is computed from them moved" : "";
  }
  if (diff.hours_before == 0) return "other events than before";
  const std::string counts =
      fmt::format("{} of {} hourly fingerprints", diff.identical_hours, diff.hours_before);
  if (diff.identical_hours == 0) return fmt::format("differs within the first hour ({})", counts);
  return fmt::format(
      "identical until {} ({})",
      format_for_people(static_cast<double>(diff.identical_hours) * kHour, Dimension::time),
      counts);
}

std::string result_words(const CheckedScenario& scenario) {
  switch (scenario.status) {
    case CheckStatus::passed:
      return scenario.update == CheckedScenario::Update::none ? passed_words(scenario)
                                                              : updated_words(scenario);
    case CheckStatus::failed:
      return failed_words(scenario);
    case CheckStatus::skipped:
      return "skipped: " + scenario.reason;
    case CheckStatus::invalid:
      return "invalid: " + issue_counts(scenario.issues);
    case CheckStatus::crashed:
    case CheckStatus::not_run:
      return scenario.reason;
  }
  return {};
}

std::string accept_command(const CheckedScenario& scenario) {
  std::string text = fmt::format("hyperdc check {}", shell_word(scenario.file));
  if (scenario.baseline_file != baseline_of(scenario.file)) {
    text += " --baseline " + shell_word(scenario.baseline_file);
  }
  return text + " --update";
}

std::string count_words(const CheckReport& report) {
  constexpr std::pair<CheckStatus, const char*> kWords[] = {
      {CheckStatus::passed, "passed"},   {CheckStatus::failed, "failed"},
      {CheckStatus::invalid, "invalid"}, {CheckStatus::crashed, "crashed"},
      {CheckStatus::skipped, "skipped"}, {CheckStatus::not_run, "not run"}};
  std::string text;
  for (const auto& [status, word] : kWords) {
    const std::size_t count = count_of(report, status);
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, word);
  }
  return text.empty() ? "nothing to check" : text;
}

MovedMetrics moved_metrics(const CheckedScenario& scenario) {
  MovedMetrics out;
  if (!scenario.diff) return out;
  for (const MetricChange& change : scenario.diff->metrics) {
    if (change.state == MetricChange::State::moved) out.shown.push_back(&change);
  }
  if (out.shown.size() <= kMostMoved) return out;
  std::stable_sort(
      out.shown.begin(), out.shown.end(),
      [](const MetricChange* a, const MetricChange* b) { return a->excess > b->excess; });
  out.more = out.shown.size() - kMostMoved;
  out.shown.resize(kMostMoved);
  return out;
}

std::vector<std::string> check_labels(const CheckReport& report) {
  std::set<std::string> folders;
  for (const CheckedScenario& one : report.scenarios) folders.insert(check_folder(one));
  std::vector<std::string> out;
  for (const CheckedScenario& one : report.scenarios) {
    out.push_back(folders.size() > 1 ? one.file : check_name(one));
  }
  return out;
}

}  // namespace hyperdc
