#include "report/check_screens.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "report/check_words.hpp"
#include "report/screen.hpp"
#include "report/table.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kWidestMetric = 48, kNarrowestMetric = 16, kWidestScenario = 60;

struct Sign {
  const char* text;
  Ink ink;
};

Sign sign_of(CheckStatus status) {
  switch (status) {
    case CheckStatus::passed:
      return {"✓", Ink::good};
    case CheckStatus::skipped:
    case CheckStatus::not_run:
      return {"–", Ink::faint};
    case CheckStatus::failed:
    case CheckStatus::invalid:
    case CheckStatus::crashed:
      break;
  }
  return {"✗", Ink::bad};
}

Table moves_table(const std::vector<const MetricChange*>& moves, const TextStyle& style,
                  std::size_t metric_width) {
  Table table(style);
  table.column(Align::left, 3);
  table.column(Align::left, 1);
  table.column(Align::right, 2);
  table.column(Align::left, 1);
  table.column(Align::right, 1);
  table.column(Align::right, 2);
  table.column(Align::left, 2);
  for (const MetricChange* change : moves) {
    const ChangeWords words = change_words(*change);
    if (!change->reason.empty()) continue;
    table.row({{"~", Ink::bad},
               {shorten(printable(change->metric), metric_width)},
               {words.before},
               {"→", Ink::faint},
               {words.now},
               {words.difference, Ink::bad},
               {words.allowed, Ink::faint}});
  }
  return table;
}

std::string moves_text(const CheckedScenario& scenario, const TextStyle& style) {
  const MovedMetrics moved = moved_metrics(scenario);
  std::size_t width = kWidestMetric;
  while (width > kNarrowestMetric &&
         moves_table(moved.shown, style, width).width() > kScreenWidth) {
    --width;
  }
  std::string out = moves_table(moved.shown, style, width).render();
  for (const MetricChange* change : moved.shown) {
    if (change->reason.empty()) continue;
    out += paragraph(
        style, fmt::format("  ~ {}: {}", printable(change->metric), printable(change->reason)),
        Ink::bad);
  }
  if (moved.more > 0) {
    out += paragraph(style, fmt::format("  ~ and {} more: --format json", moved.more), Ink::bad);
  }
  return out;
}

std::string objectives_text(const CheckedScenario& scenario, const TextStyle& style) {
  std::string out;
  for (const ObjectiveChange& change : scenario.objectives) {
    const bool known = change.state == ObjectiveChange::State::known;
    if (change.was_known) {
      out += paragraph(style,
                       fmt::format("  ✓ objective is met, and the baseline knows it as missed: {}",
                                   printable(change.objective.metric)),
                       Ink::good);
    }
    if (!known && !objective_fails(change)) continue;
    out += paragraph(
        style,
        fmt::format("  {} {}", known ? "–" : "✗", printable(objective_sentence(scenario, change))),
        known ? Ink::faint : Ink::bad);
  }
  return out;
}

/// Why the numbers are others: the question that everybody asks first.
std::string cause_text(const CheckedScenario& scenario, const TextStyle& style) {
  if (!scenario.diff) return {};
  const std::string divergence = divergence_sentence(*scenario.diff);
  if (divergence.empty()) return {};
  return line(style, "  " + divergence) +
         line(style, scenario.diff->same_scenario
                         ? "  the scenario is the one of the baseline: the program changed"
                         : "  the scenario changed too: its file, one that it reads, or a default");
}

bool has_details(const CheckedScenario& scenario) {
  if (scenario.status == CheckStatus::failed) return true;
  const bool drifted = scenario.diff && !divergence_sentence(*scenario.diff).empty();
  return scenario.status == CheckStatus::passed &&
         (!scenario.notes.empty() || drifted ||
          std::any_of(scenario.objectives.begin(), scenario.objectives.end(),
                      [](const ObjectiveChange& change) {
                        return change.state != ObjectiveChange::State::met || change.was_known;
                      }));
}

std::string list_text(const CheckReport& report, const TextStyle& style, bool times) {
  Table table(style);
  table.column(Align::left, 1);
  table.column(Align::left, 1);
  if (times) table.column(Align::right, 2);
  table.column(Align::left, 2);
  const std::vector<std::string> labels = check_labels(report);
  std::string out;
  for (std::size_t i = 0; i < report.scenarios.size(); ++i) {
    const CheckedScenario& one = report.scenarios[i];
    const Sign sign = sign_of(one.status);
    std::vector<Cell> row = {{sign.text, sign.ink},
                             {shorten(printable(labels[i]), kWidestScenario)}};
    if (times) {
      row.push_back(
          {one.fingerprints.empty() ? "" : fmt::format("{:.1f} s", one.wall_s), Ink::faint});
    }
    row.push_back({printable(result_words(one)), sign.ink == Ink::good ? Ink::plain : sign.ink});
    table.row(std::move(row));
  }
  return table.render();
}

}  // namespace

std::string check_details(const CheckedScenario& scenario, const TextStyle& style) {
  if (!has_details(scenario)) return {};
  std::string out = moves_text(scenario, style) + objectives_text(scenario, style);
  for (const std::string& note : scenario.notes) {
    out += paragraph(style, "  " + printable(note), Ink::warn);
  }
  const bool updated = scenario.update != CheckedScenario::Update::none;
  if (!scenario.diff && !updated) {
    out += paragraph(style, fmt::format("  there is no {}", printable(scenario.baseline_file)),
                     Ink::bad);
  }
  out += cause_text(scenario, style);
  if (scenario.status == CheckStatus::failed) {
    // In one line, however long: it is there to be copied.
    out += line(style, fmt::format("  {}: {}", scenario.diff ? "accept" : "write it",
                                   printable(accept_command(scenario))));
  }
  return out;
}

std::string check_screen(const CheckReport& report, const TextStyle& style, bool times) {
  std::string out = list_text(report, style, times);
  for (const CheckedScenario& one : report.scenarios) {
    const std::string details = check_details(one, style);
    if (details.empty()) continue;
    out += below_blank(
        line(style, printable(fmt::format("{} ({})", check_name(one), one.file)), Ink::strong));
    out += details;
  }
  return out + "\n" + count_words(report) + "\n";
}

}  // namespace hyperdc
