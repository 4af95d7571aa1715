#include "results/plan_outcome.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace hyperdc {
namespace {

std::string names_of(const PlanOutcome& plan, const std::vector<std::size_t>& candidates) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < candidates.size() && i < kShown; ++i) {
    const char* between = i == 0 ? "" : i + 1 == candidates.size() ? " and " : ", ";
    text += between + candidate_name(plan, candidates[i]);
  }
  if (candidates.size() > kShown) text += fmt::format(" and {} more", candidates.size() - kShown);
  return text;
}

/// Why it is not known whether a candidate meets.
enum class OpenKind { undecided, unknown, dropped };

std::vector<std::size_t> open_of(const PlanOutcome& plan, OpenKind kind) {
  std::vector<std::size_t> out;
  for (const std::size_t i : plan.undecided) {
    const PlanCandidate& candidate = plan.candidates[i];
    const OpenKind its = candidate.dropped                                 ? OpenKind::dropped
                         : candidate.found.verdict == PlanVerdict::unknown ? OpenKind::unknown
                                                                           : OpenKind::undecided;
    if (its == kind) out.push_back(i);
  }
  return out;
}

/// "is less and ", "may cost less and ": nothing where there is no answer that it could undercut.
std::string less_text(const PlanOutcome& plan, std::size_t count) {
  if (!plan.answer) return "";
  if (plan.costs_measured) return "may cost less and ";
  return count == 1 ? "is less and " : "are less and ";
}

std::string decide_sentence(const PlanOutcome& plan, const std::vector<std::size_t>& candidates) {
  std::size_t runs = 0;
  bool known = !candidates.empty();
  for (const std::size_t candidate : candidates) {
    for (const PlanMeasure& measure : plan.candidates[candidate].found.objectives) {
      if (measure.verdict != PlanVerdict::undecided) continue;
      known = known && measure.to_decide.has_value();
      runs = std::max(runs, measure.to_decide.value_or(0));
    }
  }
  if (!known || runs == 0) {
    return "It is so near to its limit that no sensible number of runs would decide.";
  }
  // A search and its confirmation take as many seeds each.
  if (plan.windows && *plan.windows / 2 < runs) {
    return fmt::format(
        "About {} runs of each would decide, and as many confirm it; the trace has only {} "
        "windows.",
        runs, *plan.windows);
  }
  return fmt::format("About {} runs of each would decide, if means and noise stay as measured.",
                     runs);
}

/// What is said when no candidate meets, and none is undecided. Of what was not run only an order
/// or nothing can be said.
std::string none_sentence(const PlanOutcome& plan) {
  const bool whole = static_cast<double>(plan.candidates.size()) >= plan.grid;
  if (whole) return "No candidate meets the objectives.";
  if (plan.exhausted || plan.method == "halving") {
    return fmt::format("None of the {} of {} candidates that were run meets.",
                       plan.candidates.size(), plan.grid);
  }
  std::string ordered, others, most;
  std::size_t monotone = 0;
  for (const PlanKnobInfo& knob : plan.knobs) {
    std::string& names = knob.monotone ? ordered : others;
    names += (names.empty() ? "" : " and ") + knob.name;
    most += fmt::format("{}{}={}", most.empty() ? "" : ",", knob.name, knob.most);
    monotone += knob.monotone ? 1 : 0;
  }
  const std::string order =
      fmt::format("if {} {} monotone none meets.", ordered, monotone == 1 ? "is" : "are");
  if (others.empty()) return fmt::format("{}, the most, fails: {}", most, order);
  return fmt::format("With each {} the most fails: {}", others, order);
}

void contradicted_sentences(const PlanOutcome& plan, std::vector<std::string>& out) {
  std::vector<std::size_t> others = plan.contradicted;
  std::erase_if(others, [&](std::size_t i) { return i == plan.answer; });
  if (others.empty()) return;
  const bool one = others.size() == 1;
  out.push_back(fmt::format("{} failed, and on fresh seeds {} not: whether {} less is undecided.",
                            names_of(plan, others), one ? "does" : "do",
                            one ? "it is" : "they are"));
}

void undecided_sentences(const PlanOutcome& plan, std::vector<std::string>& out) {
  const std::vector<std::size_t> full = open_of(plan, OpenKind::undecided);
  if (!full.empty()) {
    out.push_back(plan.answer ? fmt::format("{} {}{} not decided: the intervals hold the limit.",
                                            names_of(plan, full), less_text(plan, full.size()),
                                            full.size() == 1 ? "is" : "are")
                              : fmt::format("Not decided: {}.", names_of(plan, full)));
    out.push_back(decide_sentence(plan, full));
  }
  const std::vector<std::size_t> unknown = open_of(plan, OpenKind::unknown);
  if (!unknown.empty()) {
    const auto& measures = plan.candidates[unknown.front()].found.objectives;
    const auto without = std::find_if(measures.begin(), measures.end(),
                                      [](const PlanMeasure& one) { return !one.mean; });
    out.push_back(fmt::format("{} {}cannot be judged: {} has {}.", names_of(plan, unknown),
                              less_text(plan, unknown.size()), without->metric, without->reason));
    out.emplace_back("Longer runs, or an objective that always has a value, would tell.");
  }
  const std::vector<std::size_t> dropped = open_of(plan, OpenKind::dropped);
  if (dropped.empty()) return;
  out.push_back(fmt::format("{} {}{} dropped before being decided: others looked better.",
                            names_of(plan, dropped), less_text(plan, dropped.size()),
                            dropped.size() == 1 ? "was" : "were"));
}

std::string stretch_text(const PlanOutcome& plan, const PlanStretch& open) {
  std::string others;
  for (std::size_t k = 0; k < plan.knobs.size(); ++k) {
    if (k == open.knob) continue;
    others +=
        fmt::format("{}{}={}", others.empty() ? "with " : ",", plan.knobs[k].name, open.values[k]);
  }
  const std::string& knob = plan.knobs[open.knob].name;
  const std::string start = others.empty() ? knob : others + " " + knob;
  if (open.fails && open.meets) {
    return fmt::format("{} between {} (fails) and {} (meets)", start, open.fails_value,
                       open.meets_value);
  }
  if (open.meets) return fmt::format("{} below {} (meets)", start, open.meets_value);
  if (open.fails) return fmt::format("{} above {} (fails)", start, open.fails_value);
  return fmt::format("{}, all of it", start);
}

void stretch_sentence(const PlanOutcome& plan, std::vector<std::string>& out) {
  constexpr std::size_t kShown = 5;
  if (plan.open.empty()) return;
  std::string text;
  for (std::size_t i = 0; i < plan.open.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : "; ") + stretch_text(plan, plan.open[i]);
  }
  if (plan.open.size() > kShown) {
    text += fmt::format("; and {} more lines", plan.open.size() - kShown);
  }
  out.push_back(fmt::format("Open: {}.", text));
}

void tied_sentences(const PlanOutcome& plan, std::vector<std::string>& out) {
  if (plan.tied.empty()) return;
  std::size_t seeds = 0;
  for (const PlanCostDifference& one : plan.differences) {
    const bool tied =
        std::find(plan.tied.begin(), plan.tied.end(), one.candidate) != plan.tied.end();
    if (tied) seeds = seeds == 0 ? one.seeds : std::min(seeds, one.seeds);
  }
  out.push_back(fmt::format(
      "{} may cost no more: the answer is the cheapest by its mean, and the difference is within "
      "the noise of the {} seeds that both have (raise \"most\").",
      names_of(plan, plan.tied), seeds));
}

}  // namespace

std::string_view name_of(Confirmation confirmation) {
  switch (confirmation) {
    case Confirmation::holds:
      return "holds";
    case Confirmation::leans:
      return "leans";
    case Confirmation::contradicts:
      break;
  }
  return "contradicts";
}

std::string_view name_of(PlanStatus status) {
  switch (status) {
    case PlanStatus::found:
      return "found";
    case PlanStatus::undecided:
      return "undecided";
    case PlanStatus::none:
      break;
  }
  return "none";
}

std::string candidate_name(const PlanOutcome& plan, std::size_t candidate) {
  std::string text;
  for (std::size_t k = 0; k < plan.knobs.size(); ++k) {
    text += fmt::format("{}{}={}", k == 0 ? "" : ",", plan.knobs[k].name,
                        plan.candidates[candidate].values[k]);
  }
  return text;
}

bool answer_is_contradicted(const PlanOutcome& plan) {
  return plan.answer && std::find(plan.contradicted.begin(), plan.contradicted.end(),
                                  *plan.answer) != plan.contradicted.end();
}

std::vector<std::string> plan_sentences(const PlanOutcome& plan) {
  std::vector<std::string> out;
  if (!plan.complete) out.emplace_back("Interrupted: this is what was measured so far.");
  if (!plan.answer) {
    if (!plan.complete) {
      stretch_sentence(plan, out);
      return out;
    }
    out.push_back(plan.undecided.empty() ? none_sentence(plan)
                                         : "No candidate is shown to meet the objectives.");
    undecided_sentences(plan, out);
    stretch_sentence(plan, out);
    return out;
  }
  const std::string name = candidate_name(plan, *plan.answer);
  if (plan.status == PlanStatus::found) {
    out.push_back(fmt::format("{} is the least that meets the objectives{}.", name,
                              plan.method == "halving" ? ", of those that were run" : ""));
  } else if (answer_is_contradicted(plan)) {
    out.push_back(fmt::format(
        "Whether {} meets the objectives is undecided: it did in the search, and on fresh seeds "
        "it does not.",
        name));
  } else {
    out.push_back(
        fmt::format("{} meets the objectives; whether it is the least is undecided.", name));
  }
  if (!plan.failing.empty()) {
    out.push_back(fmt::format("One step less fails: {}.", names_of(plan, plan.failing)));
  } else if (plan.nothing_less && plan.status == PlanStatus::found) {
    out.emplace_back("There is nothing less to choose: a wider range may hold a lesser answer.");
  }
  contradicted_sentences(plan, out);
  undecided_sentences(plan, out);
  stretch_sentence(plan, out);
  tied_sentences(plan, out);
  return out;
}

std::vector<std::string> plan_warnings(const PlanOutcome& plan) {
  std::vector<std::string> out;
  if (plan.exhausted) {
    out.emplace_back("More candidates would have been needed than \"candidates\" allows.");
  }
  if (plan.not_monotone) {
    out.emplace_back(
        "Verdicts contradict the order of a knob that is called monotone: say \"monotone\": "
        "false.");
  }
  if (plan.costs_not_monotone) {
    out.emplace_back(
        "More of a knob that is called monotone costs less: say \"monotone\": false, or minimise "
        "something else.");
  }
  if (plan.answer) {
    const PlanFinding& found = plan.candidates[*plan.answer].found;
    for (const PlanMeasure& measure : found.objectives) {
      if (!measure.mean || found.runs < 2 || measure.interval.low < measure.interval.high) continue;
      out.push_back(fmt::format(
          "{} is the same in all {} runs of the answer: that it is never worse is not shown, raise "
          "\"first\".",
          measure.metric, found.runs));
    }
  }
  if (!plan.contradicted.empty()) {
    out.push_back(fmt::format("Fresh seeds contradict the search on {}: raise \"first\".",
                              names_of(plan, plan.contradicted)));
  }
  return out;
}

}  // namespace hyperdc
