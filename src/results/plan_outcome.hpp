// PlanOutcome: what a plan found, with everything that its screen and its JSON say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/sequential.hpp"

namespace hyperdc {

/// An objective of a candidate.
struct PlanMeasure {
  std::string metric, unit;
  Bound bound;
  std::optional<double> mean;  // over seeds; nothing: `reason`
  Interval interval;           // of the mean, at the confidence of the stage
  PlanVerdict verdict = PlanVerdict::undecided;
  std::string reason;                    // why there is no value
  std::optional<std::size_t> to_decide;  // runs that would, of what is undecided
};

/// What one or several seeds of a candidate say.
struct PlanFinding {
  PlanVerdict verdict = PlanVerdict::undecided;
  std::size_t runs = 0;
  std::uint64_t first_seed = 0;  // and those that follow it
  std::vector<PlanMeasure> objectives;
  std::optional<double> cost;  // of what is minimised, the mean over seeds
  std::optional<double> cost_half_width;
  std::size_t cost_runs = 0;  // that the cost rests on: more than `runs` where costs were near
};

using PlanPoint = std::vector<std::size_t>;  // index of the value, by knob

struct PlanCandidate {
  PlanPoint point;
  std::vector<std::string> values;  // as people read them, by knob
  PlanFinding found;                // on the seeds of the search
  bool dropped = false;             // of successive halving: others looked better
  bool frontier = false;            // no candidate that meets is below it in every knob
};

/// What fresh seeds say of a verdict.
enum class Confirmation { holds, leans, contradicts };
std::string_view name_of(Confirmation confirmation);

struct PlanConfirmed {
  std::size_t candidate = 0;  // of PlanOutcome::candidates
  PlanFinding fresh;
  Confirmation confirmation = Confirmation::leans;
  bool exact = false;  // it draws nothing at random: other seeds give the same
};

enum class PlanStatus { found, undecided, none };
std::string_view name_of(PlanStatus status);

/// Values of one knob, the others fixed, of which nobody knows whether they meet: those between.
struct PlanStretch {
  PlanPoint line;  // of the others
  std::size_t knob = 0;
  std::optional<std::size_t> fails;  // the last value that is shown to fail
  std::optional<std::size_t> meets;  // the first that is shown to meet
  std::size_t candidates = 0;        // in between
  std::vector<std::string> values;   // as people read them, by knob; of `knob`: empty
  std::string fails_value, meets_value;
};

/// How much more a candidate costs than the answer, on the seeds that both have.
struct PlanCostDifference {
  std::size_t candidate = 0;
  std::size_t seeds = 0;
  Interval interval;    // at the confidence of a look
  bool dearer = false;  // shown to cost more
};

struct PlanKnobInfo {
  std::string name;
  std::vector<std::string> paths;
  std::string least, most;  // values as people read them
  std::size_t values = 0;
  bool monotone = true;
};

struct PlanOutcome {
  std::string study, description;
  std::string method;  // "bisection", "staircase", "halving"
  PlanStatus status = PlanStatus::none;
  bool complete = true;             // false: interrupted
  bool exhausted = false;           // more candidates than allowed would have been needed
  bool not_monotone = false;        // verdicts contradict what the study says of its knobs
  bool costs_not_monotone = false;  // what costs metrics say contradicts it
  bool nothing_less = false;        // no candidate of the grid costs less than the answer
  bool costs_measured = false;      // a metric is minimised: costs are means over seeds
  double confidence = 0.95;
  double look_confidence = 0.95;     // of the intervals that decide, after sharing
  double confirm_confidence = 0.95;  // of those of the fresh seeds
  std::vector<std::size_t> looks;
  std::vector<PlanKnobInfo> knobs;
  std::vector<std::pair<std::string, double>> minimize;  // name, weight
  std::string cost_unit;
  double grid = 0;                        // candidates that there are
  std::vector<PlanCandidate> candidates;  // that were run, in the order of their knobs
  std::optional<std::size_t> answer;
  std::vector<std::size_t> failing;    // neighbours of the answer, below it
  std::vector<std::size_t> undecided;  // or unknown, and may be the least
  std::vector<PlanStretch> open;       // of lines that may hold something less than the answer
  std::vector<PlanCostDifference> differences;  // where costs are measured
  std::vector<std::size_t> contradicted;  // answer and neighbours whose fresh seeds say otherwise
  std::vector<std::size_t> tied;          // meet, and their cost cannot be told from the answer's
  std::vector<std::size_t> frontier;      // by cost
  std::vector<PlanConfirmed> confirmed;
  std::size_t runs = 0;                  // all of them
  std::optional<std::uint64_t> windows;  // that a trace has, where seeds replay its windows
};

/// In words: the answer, what is undecided, what would decide. Without it, why there is none.
std::vector<std::string> plan_sentences(const PlanOutcome& plan);
/// True when the answer met the objectives, and its fresh seeds say otherwise.
bool answer_is_contradicted(const PlanOutcome& plan);
/// What to doubt.
std::vector<std::string> plan_warnings(const PlanOutcome& plan);
/// "racks=3,large=2"; of a single knob "racks=3".
std::string candidate_name(const PlanOutcome& plan, std::size_t candidate);

}  // namespace hyperdc
