// PlanJudge: verdicts on candidates, each run only as often as its verdict needs.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "experiment/plan_search.hpp"

namespace hyperdc {

/// More candidates than the problem allows.
class PlanExhausted {};

class PlanJudge {
 public:
  struct Entry {
    PlanFinding found;
    std::vector<CandidateSeed> seeds;
    std::size_t looked = 0;  // looks that were taken
    bool draws = true;
    bool dropped = false;
  };

  /// `claims`: candidates whose verdicts share the error.
  PlanJudge(const PlanProblem& problem, CandidateRuns& runs, std::size_t claims);

  /// Takes all looks that the verdict needs. PlanExhausted, PlanStopped, PlanFailed.
  PlanVerdict judge(const PlanPoint& at) { return advance(at, looks_.size()); }
  /// The same, but at most the first `looks` of them.
  PlanVerdict advance(const PlanPoint& at, std::size_t looks);
  /// One look more, for the costs alone where it has a verdict. False: it has had all.
  bool more(const PlanPoint& at);
  /// On the seeds that the search never uses, as many as its verdict used.
  PlanFinding fresh(const PlanPoint& at, double confidence);

  const PlanProblem& problem() const { return problem_; }
  const std::vector<std::size_t>& looks() const { return looks_; }
  double look_confidence() const { return look_confidence_; }
  const std::map<PlanPoint, Entry>& all() const { return all_; }
  Entry& at(const PlanPoint& point) { return all_.at(point); }
  std::size_t runs() const { return run_count_; }

  /// What knobs alone cost; nothing where metrics count too.
  std::optional<double> known_cost(const PlanPoint& at) const;
  bool costs_are_known() const { return problem_.metric_weights.empty(); }
  /// Cost by seed of a candidate that was run; nothing: some seed has none.
  std::optional<std::vector<double>> seed_costs(const PlanPoint& at) const;

 private:
  double knob_cost(const PlanPoint& at) const;
  /// Nothing: some metric has no value.
  std::optional<double> seed_cost(const PlanPoint& at, const CandidateSeed& seed) const;
  PlanFinding finding(const PlanPoint& at, const std::vector<CandidateSeed>& seeds, bool draws,
                      double confidence) const;
  PlanMeasure measure(std::size_t objective, const std::vector<CandidateSeed>& seeds, bool draws,
                      double confidence) const;
  CandidateBatch run(const PlanPoint& at, std::size_t begin, std::size_t end);
  void set_cost(const PlanPoint& at, const std::vector<CandidateSeed>& seeds, bool draws,
                PlanFinding& out) const;
  void keep(const PlanPoint& at, Entry entry);

  const PlanProblem& problem_;
  CandidateRuns& runs_;
  std::vector<std::size_t> looks_;
  double look_confidence_ = 0;
  std::map<PlanPoint, Entry> all_;
  std::size_t run_count_ = 0;
};

/// One axis at a time, line by line (plan_walk.cpp).
void walk_lines(PlanJudge& judge, std::size_t axis);
/// Candidates that a walk may judge at most.
std::size_t walk_claims(const PlanProblem& problem, std::size_t axis);
/// True when the order of the monotone knobs says that `more` is no harder to meet with than
/// `less`.
bool in_order(const PlanProblem& problem, const PlanPoint& less, const PlanPoint& more);
/// Every line whose least is not known: more than a step lies between what fails and what meets on
/// it. What is doubted is neither.
std::vector<PlanStretch> open_stretches(const PlanJudge& judge, std::size_t axis,
                                        const std::set<PlanPoint>& doubted);
/// Half of the candidates after each look (plan_halving.cpp).
void halve(PlanJudge& judge);

}  // namespace hyperdc
