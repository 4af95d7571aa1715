// The walk of a plan: bisection along one monotone knob, for every combination of the others, each
// line bounded by what the verdicts so far imply.
//
// A candidate that meets implies that all meet which have no less of any monotone knob and the same
// of the others; one that fails, that all fail which have no more. On a line the last that fails
// and the first that meets close in on each other; candidates that are undecided lie between them,
// and both their ends are found by bisection too.
#include <algorithm>
#include <cmath>
#include <set>

#include "experiment/plan_judge.hpp"

namespace hyperdc {
namespace {

using Index = std::ptrdiff_t;

/// What is known of a line: indices along its axis.
struct LineKnown {
  Index fails = -1;           // the last that fails
  Index meets = 0;            // the first that meets; the length of the line: none
  std::set<Index> undecided;  // in between
};

bool same_line(const PlanPoint& a, const PlanPoint& b, std::size_t axis) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (k != axis && a[k] != b[k]) return false;
  }
  return true;
}

/// No less of each monotone knob but the axis, the same of the others. An axis that is no knob:
/// all knobs.
bool implies(const PlanProblem& problem, const PlanPoint& less, const PlanPoint& more,
             std::size_t axis) {
  for (std::size_t k = 0; k < less.size(); ++k) {
    if (k == axis) continue;
    if (problem.monotone[k] ? less[k] > more[k] : less[k] != more[k]) return false;
  }
  return true;
}

bool is_open(PlanVerdict verdict) {
  return verdict == PlanVerdict::undecided || verdict == PlanVerdict::unknown;
}

LineKnown known_of(const PlanJudge& judge, const PlanPoint& line, std::size_t axis,
                   const std::set<PlanPoint>& doubted = {}) {
  LineKnown known;
  known.meets = static_cast<Index>(judge.problem().sizes[axis]);
  for (const auto& [point, entry] : judge.all()) {
    const auto index = static_cast<Index>(point[axis]);
    const PlanVerdict verdict = entry.found.verdict;
    if (doubted.count(point) != 0) {
      if (same_line(point, line, axis)) known.undecided.insert(index);
    } else if (verdict == PlanVerdict::meets && implies(judge.problem(), point, line, axis)) {
      known.meets = std::min(known.meets, index);
    } else if (verdict == PlanVerdict::fails && implies(judge.problem(), line, point, axis)) {
      known.fails = std::max(known.fails, index);
    } else if (is_open(verdict) && same_line(point, line, axis)) {
      known.undecided.insert(index);
    }
  }
  std::erase_if(known.undecided,
                [&](Index index) { return index <= known.fails || index >= known.meets; });
  return known;
}

/// Which to judge next; nothing when the line is known as well as it can be.
std::optional<Index> next_on(const LineKnown& known, Index size) {
  const Index below = known.undecided.empty() ? known.fails : *known.undecided.rbegin();
  if (known.meets - below > 1) {
    return known.meets == size ? size - 1 : below + (known.meets - below) / 2;
  }
  if (known.undecided.empty()) return std::nullopt;
  const Index first = *known.undecided.begin();
  if (first - known.fails > 1) return known.fails + (first - known.fails) / 2;
  return std::nullopt;
}

/// The next combination of the other knobs, the last fastest; false: there is none.
bool next_line(const PlanProblem& problem, std::size_t axis, PlanPoint& line) {
  for (std::size_t k = line.size(); k > 0; --k) {
    if (k - 1 == axis) continue;
    if (++line[k - 1] < problem.sizes[k - 1]) return true;
    line[k - 1] = 0;
  }
  return false;
}

/// Where nothing meets this rests on the order alone: the least of each combination without order
/// is judged too, so that a list that is the wrong way round is seen.
void judge_least(PlanJudge& judge) {
  std::set<PlanPoint> least;
  for (const auto& [point, entry] : judge.all()) {
    if (entry.found.verdict != PlanVerdict::fails) return;
    PlanPoint low = point;
    for (std::size_t k = 0; k < low.size(); ++k) {
      if (judge.problem().monotone[k]) low[k] = 0;
    }
    least.insert(low);
  }
  for (const PlanPoint& point : least) {
    if (judge.judge(point) == PlanVerdict::meets) return;
  }
}

}  // namespace

std::size_t walk_claims(const PlanProblem& problem, std::size_t axis) {
  double lines = 1;
  for (std::size_t k = 0; k < problem.sizes.size(); ++k) {
    if (k != axis) lines *= static_cast<double>(problem.sizes[k]);
  }
  // Twice a bisection for the two ends of what is undecided, the top, and the neighbours.
  double bisection = 0;
  for (double rest = static_cast<double>(problem.sizes[axis]); rest > 1; rest /= 2) ++bisection;
  const double most =
      lines * (2 * bisection + 1) + static_cast<double>(lines > 1 ? problem.sizes.size() : 0);
  return static_cast<std::size_t>(std::min(most, static_cast<double>(problem.candidates)));
}

bool in_order(const PlanProblem& problem, const PlanPoint& less, const PlanPoint& more) {
  return implies(problem, less, more, problem.sizes.size());
}

std::vector<PlanStretch> open_stretches(const PlanJudge& judge, std::size_t axis,
                                        const std::set<PlanPoint>& doubted) {
  const PlanProblem& problem = judge.problem();
  const auto size = static_cast<Index>(problem.sizes[axis]);
  std::vector<PlanStretch> out;
  PlanPoint line(problem.sizes.size(), 0);
  do {
    const LineKnown known = known_of(judge, line, axis, doubted);
    if (known.meets - known.fails <= 1) continue;
    PlanStretch& open = out.emplace_back();
    open.line = line;
    open.knob = axis;
    if (known.fails >= 0) open.fails = static_cast<std::size_t>(known.fails);
    if (known.meets < size) open.meets = static_cast<std::size_t>(known.meets);
    open.candidates = static_cast<std::size_t>(known.meets - known.fails - 1);
  } while (next_line(problem, axis, line));
  return out;
}

void walk_lines(PlanJudge& judge, std::size_t axis) {
  const PlanProblem& problem = judge.problem();
  const auto size = static_cast<Index>(problem.sizes[axis]);
  PlanPoint line(problem.sizes.size(), 0);
  do {
    for (;;) {
      const LineKnown known = known_of(judge, line, axis);
      if (known.fails >= known.meets) break;  // the order does not hold: the answer tells
      const std::optional<Index> next = next_on(known, size);
      if (!next) break;
      PlanPoint point = line;
      point[axis] = static_cast<std::size_t>(*next);
      judge.judge(point);
    }
  } while (next_line(problem, axis, line));
  judge_least(judge);
}

}  // namespace hyperdc
