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

std::string decide_sentence(const PlanOutcome& plan) {
  std::size_t runs = 0;
  bool known = !plan.undecided.empty();
  for (const std::size_t candidate : plan.undecided) {
    for (const PlanMeasure& measure : plan.candidates[candidate].found.objectives) {
      if (measure.verdict != PlanVerdict::undecided) continue;
      known = known && measure.to_decide.has_value();
      runs = std::max(runs, measure.to_decide.value_or(0));
    }
  }
  if (plan.undecided.empty()) return {};
  if (!known || runs == 0) {
    return "It is so near to its limit that no sensible number of runs would decide.";
  }
  return fmt::format("About {} runs of each would decide, if means and noise stay as measured.",
                     runs);
}

void undecided_sentences(const PlanOutcome& plan, std::vector<std::string>& out) {
  const bool one = plan.undecided.size() == 1;
  if (!plan.undecided.empty()) {
    out.push_back(fmt::format("{} {} less and {} not decided: the intervals hold the limit.",
                              names_of(plan, plan.undecided), one ? "is" : "are",
                              one ? "is" : "are"));
    out.push_back(decide_sentence(plan));
  }
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

std::vector<std::string> plan_sentences(const PlanOutcome& plan) {
  std::vector<std::string> out;
  if (!plan.complete) out.emplace_back("Interrupted: this is what was measured so far.");
  if (!plan.answer) {
    if (!plan.complete) return out;
    out.emplace_back(plan.undecided.empty() ? "No candidate meets the objectives."
                                            : "No candidate is shown to meet the objectives.");
    if (!plan.undecided.empty()) {
      out.push_back(fmt::format("Not decided: {}.", names_of(plan, plan.undecided)));
      out.push_back(decide_sentence(plan));
    }
    return out;
  }
  const std::string name = candidate_name(plan, *plan.answer);
  if (plan.status == PlanStatus::found) {
    out.push_back(fmt::format("{} is the least that meets the objectives{}.", name,
                              plan.method == "halving" ? ", of those that were run" : ""));
  } else {
    out.push_back(
        fmt::format("{} meets the objectives; whether it is the least is undecided.", name));
  }
  if (!plan.failing.empty()) {
    out.push_back(fmt::format("One step less fails: {}.", names_of(plan, plan.failing)));
  } else if (plan.undecided.empty() && plan.complete && plan.status == PlanStatus::found) {
    out.emplace_back("There is nothing less to choose: a wider range may hold a lesser answer.");
  }
  undecided_sentences(plan, out);
  if (!plan.tied.empty()) {
    out.push_back(fmt::format("{} may cost no more: the difference is within the noise.",
                              names_of(plan, plan.tied)));
  }
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
  for (const PlanConfirmed& confirmed : plan.confirmed) {
    if (confirmed.confirmation != Confirmation::contradicts) continue;
    out.push_back(
        fmt::format("Fresh seeds contradict the verdict on {}: more seeds are the remedy.",
                    candidate_name(plan, confirmed.candidate)));
  }
  return out;
}

}  // namespace hyperdc
