#include "report/plan_screens.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "report/screen.hpp"
#include "report/table.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kAllRows = 16;   // so many candidates are all shown
constexpr std::size_t kMostRows = 40;  // of more, the frontier and what is near the answer
constexpr std::size_t kWidestValue = 18;

std::string percent(double share) {
  return fmt::format("{:.4g} %", share * 100);
}

/// "1.83 ±0.12 s", its digits as its own half width needs.
std::string with_half(double value, double half, Show show) {
  const RowScale scale = row_scale(std::array{value}, std::array{half}, show);
  const std::string unit = scale.unit.empty() ? "" : " " + scale.unit;
  if (!(half > 0)) return for_people(value, show);
  return fmt::format("{} ±{}{}", in_scale(value, scale), in_scale(half, scale), unit);
}

std::string measure_text(const PlanMeasure& measure) {
  if (!measure.mean) return measure.reason;
  const double half = (measure.interval.high - measure.interval.low) / 2;
  return with_half(*measure.mean, half, show_of(measure.metric, measure.unit));
}

std::string bound_text(const PlanMeasure& measure) {
  ResultObjective objective;
  objective.metric = measure.metric;
  objective.unit = measure.unit;
  objective.at_most = measure.bound.at_most;
  objective.at_least = measure.bound.at_least;
  return limit_text(objective);
}

Ink verdict_ink(PlanVerdict verdict) {
  if (verdict == PlanVerdict::meets) return Ink::good;
  return verdict == PlanVerdict::fails ? Ink::bad : Ink::warn;
}

class PlanScreen {
 public:
  PlanScreen(const PlanOutcome& plan, const TextStyle& style) : plan_(plan), style_(style) {}

  std::string render() const {
    std::string out = title() + words();
    if (plan_.candidates.empty()) return out;
    out += below_blank(objectives()) + below_blank(candidates());
    if (!plan_.confirmed.empty()) out += below_blank(confirmed());
    return out + below_blank(footer());
  }

 private:
  std::string title() const {
    const Ink ink = Ink::strong;
    return paragraph(style_,
                     printable(fmt::format(
                         "{} · the least {} · {} of {} candidates run, {} runs · {}", plan_.study,
                         minimized(), plan_.candidates.size(), grouped(plan_.grid),
                         grouped(static_cast<double>(plan_.runs)), percent(plan_.confidence))),
                     ink);
  }

  std::string minimized() const {
    std::string text;
    for (const auto& [name, weight] : plan_.minimize) {
      text += text.empty() ? "" : " + ";
      text += weight == 1 ? name : fmt::format("{:.6g} {}", weight, name);
    }
    return text;
  }

  std::string words() const {
    std::string out;
    bool first = true;
    for (const std::string& sentence : plan_sentences(plan_)) {
      const bool found = plan_.status == PlanStatus::found;
      out += paragraph(style_, printable(sentence),
                       !first  ? Ink::plain
                       : found ? Ink::good
                               : Ink::warn);
      first = false;
    }
    for (const std::string& warning : plan_warnings(plan_)) {
      out += paragraph(style_, printable(warning), Ink::warn);
    }
    return out;
  }

  std::string objectives() const {
    std::string out;
    const auto& all = plan_.candidates.front().found.objectives;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string number = all.size() == 1 ? "" : fmt::format("{} ", i + 1);
      out += paragraph(style_, printable(fmt::format("objective {}{}: {}, mean over seeds", number,
                                                     all[i].metric, bound_text(all[i]))));
    }
    return out;
  }

  /// All of few; of many the frontier, the neighbours of the answer and what is undecided.
  std::vector<std::size_t> rows() const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < plan_.candidates.size(); ++i) {
      const auto in = [&](const std::vector<std::size_t>& some) {
        return std::find(some.begin(), some.end(), i) != some.end();
      };
      const bool shown = plan_.candidates.size() <= kAllRows || plan_.candidates[i].frontier ||
                         in(plan_.failing) || in(plan_.undecided) || in(plan_.contradicted);
      if (shown) out.push_back(i);
    }
    if (plan_.knobs.size() > 1) {
      std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
        return plan_.candidates[a].found.cost.value_or(HUGE_VAL) <
               plan_.candidates[b].found.cost.value_or(HUGE_VAL);
      });
    }
    if (out.size() > kMostRows) out.resize(kMostRows);
    return out;
  }

  /// The objective that decides: the first that is not met, or that is nearest to its limit.
  std::size_t binding(const PlanFinding& found) const {
    std::size_t out = 0;
    double nearest = HUGE_VAL;
    for (std::size_t i = 0; i < found.objectives.size(); ++i) {
      const PlanMeasure& measure = found.objectives[i];
      if (measure.verdict != PlanVerdict::meets) return i;
      for (const auto& limit : {measure.bound.at_most, measure.bound.at_least}) {
        if (!limit) continue;
        const double scale = *limit == 0 ? 1 : std::abs(*limit);
        const double distance = std::abs(*measure.mean - *limit) / scale;
        if (distance >= nearest) continue;
        nearest = distance;
        out = i;
      }
    }
    return out;
  }

  std::string cost_text(const PlanFinding& found) const {
    if (!found.cost) return "no value";
    const bool metric = plan_.minimize.size() == 1 && found.cost_half_width;
    const Show show =
        metric ? show_of(plan_.minimize.front().first, plan_.cost_unit) : Show::number;
    const std::string text = found.cost_half_width
                                 ? with_half(*found.cost, *found.cost_half_width, show)
                                 : fmt::format("{:.6g}", *found.cost);
    const bool unit = !metric && !plan_.cost_unit.empty();
    return unit ? fmt::format("{} {}", text, plan_.cost_unit) : text;
  }

  /// Those of the verdict, and those of the cost where these are more.
  static std::string runs_text(const PlanFinding& found) {
    if (found.cost_runs <= found.runs) return fmt::format("{}", found.runs);
    return fmt::format("{} ({})", found.runs, found.cost_runs);
  }

  /// A single knob that is minimised is its own cost.
  bool shows_cost() const {
    return plan_.minimize.size() != 1 || plan_.knobs.size() != 1 ||
           plan_.minimize.front().first != plan_.knobs.front().name;
  }

  std::string candidates() const {
    const auto& asked = plan_.candidates.front().found.objectives;
    Table table(style_);
    table.column(Align::left, 1);
    std::vector<std::string> titles{""};
    for (const PlanKnobInfo& knob : plan_.knobs) {
      table.column(Align::right, 1);
      titles.push_back(shorten(printable(knob.name), kWidestValue));
    }
    table.column(Align::right);
    const std::string metric = asked.size() == 1 ? asked.front().metric : "nearest objective";
    const MetricParts parts = metric_parts(metric);
    titles.push_back(asked.size() == 1 ? metric_label(parts, metric) : metric);
    if (asked.size() > 1) {
      table.column(Align::left, 1);
      titles.emplace_back("");
    }
    if (shows_cost()) {
      table.column(Align::right);
      titles.emplace_back("cost");
    }
    table.column(Align::right);
    titles.emplace_back("runs");
    table.column(Align::left);
    titles.emplace_back("");
    table.header(titles);
    const std::vector<std::size_t> shown = rows();
    for (const std::size_t i : shown) table.row(cells(i));
    std::string out = table.render();
    if (shown.size() < plan_.candidates.size()) {
      out += paragraph(style_,
                       fmt::format("and {} more candidates: --format json",
                                   plan_.candidates.size() - shown.size()),
                       Ink::faint);
    }
    return out;
  }

  std::vector<Cell> cells(std::size_t i) const {
    const PlanCandidate& candidate = plan_.candidates[i];
    const bool answer = plan_.answer == i;
    const Ink ink = answer ? Ink::strong : Ink::plain;
    std::vector<Cell> out{{answer ? "→" : ""}};
    for (const std::string& value : candidate.values) {
      out.push_back({shorten(printable(value), kWidestValue), ink});
    }
    const std::size_t which = binding(candidate.found);
    out.push_back({measure_text(candidate.found.objectives[which]), ink});
    if (candidate.found.objectives.size() > 1) out.push_back({fmt::format("({})", which + 1)});
    if (shows_cost()) out.push_back({cost_text(candidate.found), ink});
    out.push_back({runs_text(candidate.found)});
    std::string verdict(name_of(candidate.found.verdict));
    if (candidate.dropped) verdict = "dropped";
    const auto& doubted = plan_.contradicted;
    if (std::find(doubted.begin(), doubted.end(), i) != doubted.end()) {
      verdict = candidate.found.verdict == PlanVerdict::meets ? "met, contradicted"
                                                              : "failed, contradicted";
    }
    if (candidate.frontier && plan_.knobs.size() > 1) verdict += ", frontier";
    out.push_back({verdict, verdict_ink(candidate.found.verdict)});
    return out;
  }

  std::string confirmed() const {
    Table table(style_);
    table.column(Align::left, 1);
    for (int i = 0; i < 2; ++i) table.column(Align::right);
    table.column(Align::right);
    table.column(Align::left);
    table.header({"CONFIRMED", "search", "fresh seeds", "runs", ""});
    for (const PlanConfirmed& one : plan_.confirmed) {
      const PlanCandidate& candidate = plan_.candidates[one.candidate];
      for (std::size_t i = 0; i < one.fresh.objectives.size(); ++i) {
        const std::string number =
            one.fresh.objectives.size() == 1 ? "" : fmt::format(" ({})", i + 1);
        const std::string name = candidate_name(plan_, one.candidate) + number;
        const bool last = i + 1 == one.fresh.objectives.size();
        table.row({{shorten(printable(name), 36)},
                   {measure_text(candidate.found.objectives[i])},
                   {measure_text(one.fresh.objectives[i])},
                   {fmt::format("{}", one.fresh.runs)},
                   last ? confirmation_cell(one, candidate.found.verdict) : Cell{""}});
      }
    }
    return table.render();
  }

  static Cell confirmation_cell(const PlanConfirmed& one, PlanVerdict verdict) {
    const std::string what = verdict == PlanVerdict::meets ? "meets" : "fails";
    if (one.exact) return {what + ", without chance", Ink::good};
    switch (one.confirmation) {
      case Confirmation::holds:
        return {what + ", again", Ink::good};
      case Confirmation::leans:
        return {what + " on average", Ink::warn};
      case Confirmation::contradicts:
        break;
    }
    return {"contradicts", Ink::bad};
  }

  std::string footer() const {
    std::string looks;
    for (const std::size_t look : plan_.looks) {
      looks += fmt::format("{}{}", looks.empty() ? "" : ", ", look);
    }
    std::string text = fmt::format(
        "Looked at after {} seeds. Intervals of the search: {} each, so that all verdicts hold "
        "together with {}; of fresh seeds: {}.",
        looks, percent(plan_.look_confidence), percent(plan_.confidence),
        percent(plan_.confirm_confidence));
    if (plan_.costs_measured) {
      text += fmt::format(
          " Costs: means over the runs of a row (in brackets where they are more than its verdict "
          "needed), decided or not, ± half of their {} interval; compared with the answer's at {}, "
          "on the seeds that both have.",
          percent(plan_.confidence), percent(plan_.look_confidence));
    }
    return paragraph(style_, text, Ink::faint);
  }

  const PlanOutcome& plan_;
  const TextStyle& style_;
};

}  // namespace

std::string plan_screen(const PlanOutcome& plan, const TextStyle& style) {
  return PlanScreen(plan, style).render();
}

}  // namespace hyperdc
