// Baseline: what the runs of a scenario measured when somebody accepted it, and how far each metric
// may move before `check` says so.
//
// Computes: with one seed the value, with several the mean over seeds, before and now.
//   exact        moved unless each seed has the very same value
//   absolute a   moved when |now - before| > a (in the unit of the metric)
//   relative r   moved when |now - before| > r |before|; beside an absolute the larger one is
//   allowed statistical  moved when the paired t test of the same seeds, corrected by Holm's method
//   over the
//                statistical metrics of the scenario, has p <= 1 - confidence, and the mean
//                difference exceeds margin |before|
// Bounds are inclusive, with a billionth of them as slack for the rounding of the difference.
// Sources: those of results/statistics.hpp. Valid: statistical needs two seeds or more.
// Leaves out: one-sided tolerances: a metric that gets better has moved too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/issue.hpp>

#include "results/run_result.hpp"

namespace hyperdc {

class JsonWriter;

inline constexpr std::string_view kBaselineSchema = "hyperdc.baseline/1";

struct StatisticalTolerance {
  double confidence = 0.99;
  double margin = 0;  // share of the value before: smaller differences count as none
};

/// `exact` or `statistical` alone; or one or both of the others.
struct Tolerance {
  bool exact = false;
  std::optional<double> absolute;
  std::optional<double> relative;
  std::optional<StatisticalTolerance> statistical;
};

struct BaselineMetric {
  std::string name, unit;
  std::vector<double> values;  // by seed; empty: it had no value
  Tolerance tolerance;
  SourcePlace place;
};

struct BaselineObjective {
  std::string metric;
  std::optional<double> at_most, at_least;
  bool met = false;  // with every seed
  SourcePlace place;
};

struct Baseline {
  std::string description;
  std::uint64_t seed = 1;          // the first
  std::uint64_t replications = 1;  // seeds
  std::string scenario_sha256;     // of the resolved scenario and its files
  std::vector<BaselineMetric> metrics;
  std::vector<BaselineObjective> objectives;
  std::vector<std::string> fingerprints;         // by seed, as hex16 writes them
  std::vector<std::string> hourly_fingerprints;  // of the first seed
};

/// What became of a metric of the baseline.
struct MetricChange {
  enum class State { identical, within, moved };
  std::string metric, unit;
  State state = State::identical;
  Tolerance tolerance;
  std::optional<double> before, now;  // means over seeds
  std::optional<double> allowed;      // largest |now - before|; nothing: see tolerance
  std::optional<double> half_width;   // of the difference, at the confidence of the tolerance
  std::optional<double> p;            // adjusted
  std::string reason;                 // of a move that numbers do not show
  double excess = 0;                  // |now - before| / allowed; infinite where 0 is allowed
  SourcePlace place;                  // in the baseline
};

/// What became of an objective.
struct ObjectiveChange {
  enum class State {
    met,
    missed,
    known,  // missed, and so it is in the baseline
    gone,   // of the baseline, but not of the scenario
  };
  State state = State::met;
  ResultObjective objective;  // `value`: of the first seed that misses it, or of the first
  std::size_t met_in = 0, of = 0;
  bool was_known = false;  // met now, and missed in the baseline
  SourcePlace place;       // in the scenario; of one that is gone in the baseline
};

struct BaselineComparison {
  std::vector<MetricChange> metrics;  // in the order of the baseline
  bool same_fingerprints = false;
  bool same_scenario = false;       // its resolved form and its files
  std::size_t identical_hours = 0;  // of the first seed
  std::size_t hours_before = 0, hours_now = 0;
};

/// `runs`: complete, of the baseline's seeds in their order.
BaselineComparison compare_baseline(const Baseline& baseline, std::span<const RunResult> runs);

/// The objectives of the scenario, then those of the baseline that are gone. `baseline` may be
/// null: then every miss is one. `places`: of the scenario's objectives.
std::vector<ObjectiveChange> compare_objectives(const Baseline* baseline,
                                                std::span<const RunResult> runs,
                                                std::span<const SourcePlace> places);

bool moved(const BaselineComparison& comparison);

/// A metric that a new baseline has.
struct BaselinePick {
  std::string metric;
  Tolerance tolerance;
};
Baseline make_baseline(std::span<const RunResult> runs, std::span<const BaselinePick> picks);

/// `old` with what `runs` measured. The description, the tolerances and the choice of metrics are
/// kept; a metric that no run has any more is left out. With one seed a statistical tolerance means
/// nothing: `old` has as many seeds as `runs`, or none is statistical.
Baseline updated_baseline(const Baseline& old, std::span<const RunResult> runs);

/// "x/NAME.baseline.json" of "x/NAME.json".
std::string baseline_of(const std::string& scenario_file);
/// NAME.baseline.json, in whatever folder.
bool is_baseline_name(const std::string& file);

/// The file, keys in a fixed order.
std::string to_json(const Baseline& baseline);
void write_tolerance(JsonWriter& json, const Tolerance& tolerance);

}  // namespace hyperdc
