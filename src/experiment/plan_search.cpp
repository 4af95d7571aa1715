#include "experiment/plan_search.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <hyperdc/core/assert.hpp>

#include "experiment/plan_judge.hpp"

namespace hyperdc {
namespace {

constexpr double kMostLines = 1000;

/// The monotone knob with the most values: along it there are the fewest lines.
std::optional<std::size_t> axis_of(const PlanProblem& problem) {
  std::optional<std::size_t> axis;
  for (std::size_t k = 0; k < problem.sizes.size(); ++k) {
    if (!problem.monotone[k]) continue;
    if (!axis || problem.sizes[k] > problem.sizes[*axis]) axis = k;
  }
  if (!axis) return axis;
  double lines = 1;
  for (std::size_t k = 0; k < problem.sizes.size(); ++k) {
    if (k != *axis) lines *= static_cast<double>(problem.sizes[k]);
  }
  return lines <= kMostLines ? axis : std::nullopt;
}

/// What follows from the verdicts.
class PlanAnswer {
 public:
  PlanAnswer(PlanJudge& judge, std::optional<std::size_t> axis, PlanOutcome& out)
      : judge_(judge), problem_(judge.problem()), axis_(axis), out_(out) {}

  /// Chooses, and gives costs that the noise hides more seeds, which may change the choice.
  void choose() {
    do {
      descend();
    } while (answer_ && tell_costs_apart());
  }

  void write() {
    answer_ = cheapest();
    check_order();
    if (answer_) out_.nothing_less = nothing_less();
    for (const auto& [point, entry] : judge_.all()) {
      if (answer_ && point == *answer_) out_.answer = out_.candidates.size();
      out_.candidates.push_back({point, {}, entry.found, entry.dropped, on_frontier(point, entry)});
    }
    for (std::size_t i = 0; i < out_.candidates.size(); ++i) sort_in(i);
    std::stable_sort(out_.frontier.begin(), out_.frontier.end(),
                     [&](std::size_t a, std::size_t b) { return cost(a) < cost(b); });
    if (!out_.answer) {
      const bool all = axis_ || static_cast<double>(out_.candidates.size()) == out_.grid;
      const bool none = all && out_.undecided.empty() && !out_.exhausted && out_.complete;
      out_.status = none ? PlanStatus::none : PlanStatus::undecided;
      return;
    }
    // Without the order the answer is still the least where the grid has nothing less at all.
    const bool order = (!out_.not_monotone && !out_.costs_not_monotone) ||
                       (out_.nothing_less && judge_.costs_are_known());
    const bool sure = out_.undecided.empty() && out_.tied.empty() && !out_.exhausted && order;
    out_.status = sure && out_.complete ? PlanStatus::found : PlanStatus::undecided;
  }

  void confirm() {
    if (!out_.answer) return;
    std::vector<std::size_t> which{*out_.answer};
    which.insert(which.end(), out_.failing.begin(), out_.failing.end());
    const double claims = static_cast<double>(which.size() * problem_.objectives.size());
    out_.confirm_confidence = 1 - (1 - problem_.confidence) / claims;
    for (const std::size_t candidate : which) confirm(candidate);
    std::erase_if(out_.failing, [&](std::size_t i) {
      return std::find(out_.contradicted.begin(), out_.contradicted.end(), i) !=
             out_.contradicted.end();
    });
  }

  /// What is open on each line, when all is known that will be.
  void stretch() {
    if (!axis_ || out_.not_monotone || out_.status != PlanStatus::undecided) return;
    std::set<PlanPoint> doubted;
    for (const std::size_t i : out_.contradicted) doubted.insert(out_.candidates[i].point);
    for (PlanStretch& open : open_stretches(judge_, *axis_, doubted)) {
      if (may_hold_less(open)) out_.open.push_back(std::move(open));
    }
  }

 private:
  /// Goes down while a neighbour is less and meets.
  void descend() {
    answer_ = cheapest();
    while (answer_) {
      neighbours_ = neighbours(*answer_);
      for (const PlanPoint& point : neighbours_) judge_.judge(point);
      const std::optional<PlanPoint> better = cheapest();
      if (better == answer_) return;
      answer_ = better;
    }
  }

  /// One look more for each that may cost less than the answer, and for the answer; false: none has
  /// any left, or costs are known.
  bool tell_costs_apart() {
    if (judge_.costs_are_known()) return false;
    std::vector<PlanPoint> rivals;
    for (const auto& [point, entry] : judge_.all()) {
      const bool rival = on_frontier(point, entry) || is_open(point, entry.found.verdict);
      if (rival && point != *answer_ && may_cost_less(point)) rivals.push_back(point);
    }
    bool more = false;
    for (const PlanPoint& point : rivals) {
      const std::size_t ours = judge_.at(*answer_).looked;
      const std::size_t theirs = judge_.at(point).looked;
      if (theirs <= ours && judge_.more(point)) more = true;
      if (ours <= theirs && judge_.more(*answer_)) more = true;
    }
    return more;
  }

  /// Of what meets; what does not may have none.
  double cost(std::size_t candidate) const { return *out_.candidates[candidate].found.cost; }
  bool costs_less(std::size_t candidate) const {
    const std::optional<double>& its = out_.candidates[candidate].found.cost;
    return its && *its < cost(*out_.answer);
  }

  /// By its mean, where costs are measured: of those from which nothing can be taken away, since
  /// noise may make more of a knob look cheaper.
  std::optional<PlanPoint> cheapest() const {
    std::optional<PlanPoint> best;
    double least = 0;
    for (const auto& [point, entry] : judge_.all()) {
      if (entry.found.verdict != PlanVerdict::meets) continue;
      if (best && *entry.found.cost >= least) continue;
      if (!judge_.costs_are_known() && !on_frontier(point, entry)) continue;
      best = point;
      least = *entry.found.cost;
    }
    return best;
  }

  /// One step down in each knob whose order counts. Where none does, a step to both sides, if it
  /// is not known to be dearer.
  std::vector<PlanPoint> neighbours(const PlanPoint& at) const {
    std::vector<PlanPoint> out;
    for (std::size_t k = 0; k < at.size(); ++k) {
      PlanPoint next = at;
      if (at[k] > 0) {
        --next[k];
        if (problem_.monotone[k] || (!axis_ && maybe_less(next, at))) out.push_back(next);
      }
      if (axis_ || problem_.monotone[k] || at[k] + 1 >= problem_.sizes[k]) continue;
      next[k] = at[k] + 1;
      if (maybe_less(next, at)) out.push_back(next);
    }
    return out;
  }

  bool maybe_less(const PlanPoint& a, const PlanPoint& b) const {
    const auto one = judge_.known_cost(a);
    return !one || *one < *judge_.known_cost(b);
  }

  /// What verdicts and costs of two candidates say against the order of the knobs.
  void check_order() {
    std::vector<const std::pair<const PlanPoint, PlanJudge::Entry>*> meet;
    for (const auto& one : judge_.all()) {
      if (one.second.found.verdict == PlanVerdict::meets) meet.push_back(&one);
    }
    const double pairs = static_cast<double>(meet.size() * meet.size());
    for (const auto* less : meet) {
      for (const auto& [point, entry] : judge_.all()) {
        if (point == less->first || !in_order(problem_, less->first, point)) continue;
        if (entry.found.verdict == PlanVerdict::fails) out_.not_monotone = true;
        if (entry.found.verdict != PlanVerdict::meets || judge_.costs_are_known()) continue;
        const double confidence = 1 - (1 - problem_.confidence) / pairs;
        const auto difference = cost_difference(less->first, point, confidence);
        if (difference && difference->interval.low > 0) out_.costs_not_monotone = true;
      }
    }
  }

  /// True when no candidate of the grid costs less than the answer.
  bool nothing_less() const {
    if (!judge_.costs_are_known()) {
      const bool ordered = std::find(problem_.monotone.begin(), problem_.monotone.end(), false) ==
                           problem_.monotone.end();
      return ordered && std::count(answer_->begin(), answer_->end(), 0U) ==
                            static_cast<std::ptrdiff_t>(answer_->size());
    }
    PlanPoint least;
    for (std::size_t k = 0; k < problem_.sizes.size(); ++k) {
      const std::vector<double>& costs = problem_.knob_costs[k];
      const auto low = std::min_element(costs.begin(), costs.end());
      least.push_back(static_cast<std::size_t>(low - costs.begin()));
    }
    return *judge_.known_cost(*answer_) <= *judge_.known_cost(least);
  }

  /// The order says that it fails: one with no less of any monotone knob does.
  bool implied_to_fail(const PlanPoint& point) const {
    if (out_.not_monotone) return false;
    return std::any_of(judge_.all().begin(), judge_.all().end(), [&](const auto& other) {
      return other.second.found.verdict == PlanVerdict::fails &&
             in_order(problem_, point, other.first);
    });
  }

  /// Meets, and no other that meets has less of a monotone knob, and more of none.
  bool on_frontier(const PlanPoint& point, const PlanJudge::Entry& entry) const {
    if (entry.found.verdict != PlanVerdict::meets) return false;
    return std::none_of(judge_.all().begin(), judge_.all().end(), [&](const auto& other) {
      if (other.second.found.verdict != PlanVerdict::meets || other.first == point) return false;
      for (std::size_t k = 0; k < point.size(); ++k) {
        const std::size_t theirs = other.first[k];
        if (problem_.monotone[k] ? theirs > point[k] : theirs != point[k]) return false;
      }
      return true;
    });
  }

  void sort_in(std::size_t i) {
    const PlanCandidate& candidate = out_.candidates[i];
    if (candidate.frontier) out_.frontier.push_back(i);
    const PlanVerdict verdict = candidate.found.verdict;
    if (i == out_.answer) return;
    const bool rival = candidate.frontier || is_open(candidate.point, verdict);
    const bool less = rival && may_cost_less(candidate.point);
    if (rival) tell_difference(i);
    if (less) (candidate.frontier ? out_.tied : out_.undecided).push_back(i);
    if (!out_.answer || verdict != PlanVerdict::fails) return;
    const bool near =
        std::find(neighbours_.begin(), neighbours_.end(), candidate.point) != neighbours_.end();
    if (near && (axis_ || costs_less(i))) out_.failing.push_back(i);
  }

  /// Nobody knows whether it meets: also what halving dropped.
  bool is_open(const PlanPoint& point, PlanVerdict verdict) const {
    return (verdict == PlanVerdict::undecided || verdict == PlanVerdict::unknown) &&
           !implied_to_fail(point);
  }

  /// False: by what knobs cost, by their order, or as shown by the seeds that both have, the answer
  /// costs no more.
  bool may_cost_less(const PlanPoint& point) const {
    if (!answer_) return true;
    if (judge_.costs_are_known()) {
      return *judge_.known_cost(point) < *judge_.known_cost(*answer_);
    }
    if (in_order(problem_, *answer_, point)) return false;
    const auto difference = cost_difference(point, *answer_, judge_.look_confidence());
    if (!difference) return true;
    const Interval& interval = difference->interval;
    return !(interval.low > 0) && (interval.low < 0 || interval.high > 0);
  }

  void tell_difference(std::size_t i) {
    const PlanPoint& point = out_.candidates[i].point;
    if (!answer_ || judge_.costs_are_known() || in_order(problem_, *answer_, point)) return;
    auto difference = cost_difference(point, *answer_, judge_.look_confidence());
    if (!difference) return;
    difference->candidate = i;
    difference->dearer = difference->interval.low > 0;
    out_.differences.push_back(*difference);
  }

  /// How much more `a` costs than `b`, on the seeds that both have; nothing: some have no cost.
  std::optional<PlanCostDifference> cost_difference(const PlanPoint& a, const PlanPoint& b,
                                                    double confidence) const {
    std::optional<std::vector<double>> ours = judge_.seed_costs(a);
    std::optional<std::vector<double>> theirs = judge_.seed_costs(b);
    if (!ours || !theirs) return std::nullopt;
    PlanCostDifference out;
    // What draws nothing costs the same with every seed.
    if (!judge_.at(a).draws) ours->resize(theirs->size(), ours->front());
    if (!judge_.at(b).draws) theirs->resize(ours->size(), theirs->front());
    out.seeds = std::min(ours->size(), theirs->size());
    ours->resize(out.seeds);
    theirs->resize(out.seeds);
    if (out.seeds < 2) {
      out.interval = {ours->front() - theirs->front(), ours->front() - theirs->front()};
    } else {
      out.interval = t_interval(paired_statistics(*theirs, *ours).difference, confidence);
    }
    return out;
  }

  /// Lines on which something less than the answer may meet, for all that is known.
  bool may_hold_less(const PlanStretch& open) const {
    if (!answer_ || answer_is_contradicted(out_)) return true;
    PlanPoint point = open.line;
    point[open.knob] = open.fails ? *open.fails + 1 : 0;
    if (!judge_.costs_are_known()) return !in_order(problem_, *answer_, point);
    return *judge_.known_cost(point) < *judge_.known_cost(*answer_);
  }

  void confirm(std::size_t i) {
    PlanConfirmed out;
    out.candidate = i;
    const PlanCandidate& candidate = out_.candidates[i];
    out.fresh = judge_.fresh(candidate.point, out_.confirm_confidence);
    out.exact = !judge_.at(candidate.point).draws;
    out.confirmation = confirmation(candidate.found.verdict, out.fresh);
    if (out.confirmation == Confirmation::contradicts) {
      out_.status = PlanStatus::undecided;
      out_.contradicted.push_back(i);
    }
    out_.confirmed.push_back(std::move(out));
  }

  static Confirmation confirmation(PlanVerdict verdict, const PlanFinding& fresh) {
    if (fresh.verdict == verdict) return Confirmation::holds;
    PlanVerdict side = PlanVerdict::meets;
    for (const PlanMeasure& measure : fresh.objectives) {
      if (!measure.mean) {  // on neither side, unless another objective is on the bad one
        if (side == PlanVerdict::meets) side = PlanVerdict::unknown;
      } else if (side_of(*measure.mean, measure.bound) == PlanVerdict::fails) {
        side = PlanVerdict::fails;
      }
    }
    return side == verdict ? Confirmation::leans : Confirmation::contradicts;
  }

  PlanJudge& judge_;
  const PlanProblem& problem_;
  std::optional<std::size_t> axis_;
  PlanOutcome& out_;
  std::optional<PlanPoint> answer_;
  std::vector<PlanPoint> neighbours_;
};

}  // namespace

PlanOutcome search_plan(const PlanProblem& problem, CandidateRuns& runs) {
  HYPERDC_CHECK(!problem.sizes.empty() && !problem.objectives.empty(), "something to search");
  const std::optional<std::size_t> axis = axis_of(problem);
  PlanJudge judge(problem, runs, axis ? walk_claims(problem, *axis) : problem.candidates);
  PlanOutcome out;
  out.method = !axis ? "halving" : problem.sizes.size() == 1 ? "bisection" : "staircase";
  out.confidence = problem.confidence;
  out.look_confidence = judge.look_confidence();
  out.looks = judge.looks();
  out.costs_measured = !judge.costs_are_known();
  out.grid = 1;
  for (const std::size_t size : problem.sizes) out.grid *= static_cast<double>(size);
  PlanAnswer answer(judge, axis, out);
  try {
    try {
      if (axis) {
        walk_lines(judge, *axis);
      } else {
        halve(judge);
      }
      answer.choose();
    } catch (const PlanExhausted&) {
      out.exhausted = true;
    }
  } catch (const PlanStopped&) {
    out.complete = false;
  }
  answer.write();
  try {
    if (out.complete) answer.confirm();
  } catch (const PlanStopped&) {
    out.complete = false;
    out.status = PlanStatus::undecided;
  }
  answer.stretch();
  out.runs = judge.runs();
  return out;
}

}  // namespace hyperdc
