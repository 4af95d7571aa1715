#include "results/baseline.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "results/json_writer.hpp"
#include "results/statistics.hpp"

namespace hyperdc {
namespace {

constexpr std::string_view kBaselineEnd = ".baseline.json";
constexpr double kSlack = 1e-9;  // of a bound, for the rounding of the difference

struct Measured {
  const ResultMetric* first = nullptr;  // nothing: no run has it
  std::vector<double> values;           // by run; empty unless each has one
  std::string reason;                   // why there is none
};

/// The metrics of several runs by name.
class RunMetrics {
 public:
  explicit RunMetrics(std::span<const RunResult> runs) {
    for (const RunResult& run : runs) runs_.emplace_back(run);
  }

  Measured find(const std::string& name) const {
    Measured out;
    for (const MetricIndex& run : runs_) {
      const ResultMetric* metric = run.find(name);
      if (out.first == nullptr) out.first = metric;
      if (metric != nullptr && metric->value) {
        out.values.push_back(*metric->value);
      } else if (metric != nullptr && out.reason.empty()) {
        out.reason = metric->reason;
      }
    }
    if (out.values.size() != runs_.size()) out.values.clear();
    return out;
  }

 private:
  std::vector<MetricIndex> runs_;
};

std::optional<double> mean_of(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return moments_of(values).mean;
}

std::optional<double> allowed_by(const Tolerance& tolerance, double before) {
  if (tolerance.exact) return 0.0;
  if (!tolerance.absolute && !tolerance.relative) return std::nullopt;
  return std::max(tolerance.absolute.value_or(0),
                  tolerance.relative.value_or(0) * std::fabs(before));
}

MetricChange change_without_numbers(const BaselineMetric& metric, const Measured& now,
                                    MetricChange out) {
  if (now.first == nullptr) {
    out.reason = "the scenario has no such metric any more";
  } else if (now.first->unit != metric.unit) {
    out.reason = "its unit was " + metric.unit + " and is " + now.first->unit;
  } else if (now.values.empty() && !metric.values.empty()) {
    out.reason = "it has no value any more: " + now.reason;
  } else if (metric.values.empty() && !now.values.empty()) {
    out.reason = "it had no value";
  }
  if (!out.reason.empty()) {
    out.state = MetricChange::State::moved;
    out.excess = std::numeric_limits<double>::infinity();
  }
  return out;
}

/// Everything but the verdict of a statistical tolerance, which needs the p-values of the others.
MetricChange change_of(const BaselineMetric& metric, const Measured& now) {
  MetricChange out;
  out.metric = metric.name;
  out.unit = metric.unit;
  out.tolerance = metric.tolerance;
  out.place = metric.place;
  out.before = mean_of(metric.values);
  out.now = mean_of(now.values);
  out = change_without_numbers(metric, now, std::move(out));
  if (!out.reason.empty() || !out.before || metric.values == now.values) return out;
  out.state = MetricChange::State::within;
  const double difference = std::fabs(*out.now - *out.before);
  if (metric.tolerance.statistical) {
    HYPERDC_CHECK(metric.values.size() >= 2, "a statistical tolerance needs two seeds");
    const PairedStatistics pairs = paired_statistics(metric.values, now.values);
    out.p = pairs.p;
    out.half_width = half_width_of(pairs.difference, metric.tolerance.statistical->confidence);
    return out;
  }
  out.allowed = allowed_by(metric.tolerance, *out.before);
  out.excess =
      *out.allowed > 0 ? difference / *out.allowed : std::numeric_limits<double>::infinity();
  if (metric.tolerance.exact || difference > *out.allowed * (1 + kSlack)) {
    out.state = MetricChange::State::moved;
  }
  return out;
}

void judge_statistical(std::vector<MetricChange>& changes) {
  std::vector<MetricChange*> tested;
  std::vector<double> p;
  for (MetricChange& change : changes) {
    if (!change.tolerance.statistical || !change.reason.empty() || !change.before) continue;
    tested.push_back(&change);
    p.push_back(change.p.value_or(1));  // identical: certainly no difference
  }
  const std::vector<double> adjusted = holm_adjusted(p);
  for (std::size_t i = 0; i < tested.size(); ++i) {
    MetricChange& change = *tested[i];
    if (!change.p) continue;
    change.p = adjusted[i];
    const StatisticalTolerance& tolerance = *change.tolerance.statistical;
    const double difference = std::fabs(*change.now - *change.before);
    const double margin = tolerance.margin * std::fabs(*change.before);
    if (adjusted[i] > 1 - tolerance.confidence || difference <= margin * (1 + kSlack)) continue;
    change.state = MetricChange::State::moved;
    const double noise = std::max(margin, *change.half_width);
    change.excess = noise > 0 ? difference / noise : std::numeric_limits<double>::infinity();
  }
}

bool same_objective(const BaselineObjective& before, const ResultObjective& now) {
  return before.metric == now.metric && before.at_most == now.at_most &&
         before.at_least == now.at_least;
}

void refresh(Baseline& out, std::span<const RunResult> runs) {
  HYPERDC_CHECK(!runs.empty(), "a baseline is made of runs");
  out.seed = runs.front().seed;
  out.replications = runs.size();
  out.scenario_sha256 = runs.front().sha256;
  out.fingerprints.clear();
  out.hourly_fingerprints.clear();
  for (const RunResult& run : runs) out.fingerprints.push_back(hex16(run.fingerprint));
  for (const std::uint64_t hour : runs.front().hourly_fingerprints) {
    out.hourly_fingerprints.push_back(hex16(hour));
  }
  out.objectives.clear();
  for (const ObjectiveChange& change : compare_objectives(nullptr, runs, {})) {
    out.objectives.push_back({change.objective.metric,
                              change.objective.at_most,
                              change.objective.at_least,
                              change.met_in == change.of,
                              {}});
  }
}

void write_metric(JsonWriter& json, const BaselineMetric& metric) {
  json.key(metric.name).open_object(true);
  json.key("value");
  if (metric.values.empty()) {
    json.null();
  } else {
    json.number(moments_of(metric.values).mean);
  }
  json.key("unit").text(metric.unit);
  json.key("tolerance");
  write_tolerance(json, metric.tolerance);
  if (metric.values.size() > 1) {
    json.key("values").open_array(true);
    for (const double value : metric.values) json.number(value);
    json.close();
  }
  json.close();
}

void write_objective(JsonWriter& json, const BaselineObjective& objective) {
  json.open_object(true);
  json.key("metric").text(objective.metric);
  if (objective.at_most) json.key("at_most").number(*objective.at_most);
  if (objective.at_least) json.key("at_least").number(*objective.at_least);
  json.key("met").boolean(objective.met);
  json.close();
}

}  // namespace

BaselineComparison compare_baseline(const Baseline& baseline, std::span<const RunResult> runs) {
  HYPERDC_CHECK(runs.size() == baseline.replications, "runs of other seeds than the baseline's");
  BaselineComparison out;
  const RunMetrics measured(runs);
  for (const BaselineMetric& metric : baseline.metrics) {
    out.metrics.push_back(change_of(metric, measured.find(metric.name)));
  }
  judge_statistical(out.metrics);
  std::vector<std::string> fingerprints;
  for (const RunResult& run : runs) fingerprints.push_back(hex16(run.fingerprint));
  out.same_fingerprints = fingerprints == baseline.fingerprints;
  out.same_scenario = runs.front().sha256 == baseline.scenario_sha256;
  const std::vector<std::uint64_t>& hours = runs.front().hourly_fingerprints;
  out.hours_before = baseline.hourly_fingerprints.size();
  out.hours_now = hours.size();
  while (out.identical_hours < std::min(out.hours_before, out.hours_now) &&
         hex16(hours[out.identical_hours]) == baseline.hourly_fingerprints[out.identical_hours]) {
    ++out.identical_hours;
  }
  return out;
}

std::vector<ObjectiveChange> compare_objectives(const Baseline* baseline,
                                                std::span<const RunResult> runs,
                                                std::span<const SourcePlace> places) {
  std::vector<ObjectiveChange> out;
  std::vector<bool> still_there(baseline == nullptr ? 0 : baseline->objectives.size(), false);
  const std::size_t count = runs.empty() ? 0 : runs.front().objectives.size();
  for (std::size_t i = 0; i < count; ++i) {
    ObjectiveChange change;
    change.objective = runs.front().objectives[i];
    change.of = runs.size();
    for (const RunResult& run : runs) {
      const ResultObjective& one = run.objectives.at(i);
      if (one.met) ++change.met_in;
      if (!one.met && change.objective.met) change.objective = one;
    }
    if (i < places.size()) change.place = places[i];
    bool known = false;
    for (std::size_t b = 0; b < still_there.size(); ++b) {
      if (!same_objective(baseline->objectives[b], change.objective)) continue;
      still_there[b] = true;
      known = known || !baseline->objectives[b].met;
    }
    const bool met = change.met_in == change.of;
    change.state = met     ? ObjectiveChange::State::met
                   : known ? ObjectiveChange::State::known
                           : ObjectiveChange::State::missed;
    change.was_known = met && known;
    out.push_back(std::move(change));
  }
  for (std::size_t b = 0; b < still_there.size(); ++b) {
    if (still_there[b]) continue;
    ObjectiveChange change;
    change.state = ObjectiveChange::State::gone;
    change.objective.metric = baseline->objectives[b].metric;
    change.objective.at_most = baseline->objectives[b].at_most;
    change.objective.at_least = baseline->objectives[b].at_least;
    change.place = baseline->objectives[b].place;
    out.push_back(std::move(change));
  }
  return out;
}

bool moved(const BaselineComparison& comparison) {
  return std::any_of(
      comparison.metrics.begin(), comparison.metrics.end(),
      [](const MetricChange& change) { return change.state == MetricChange::State::moved; });
}

Baseline make_baseline(std::span<const RunResult> runs, std::span<const BaselinePick> picks) {
  Baseline out;
  refresh(out, runs);
  const RunMetrics measured(runs);
  for (const BaselinePick& pick : picks) {
    Measured now = measured.find(pick.metric);
    HYPERDC_CHECK(now.first != nullptr, "a new baseline of a metric that no run has");
    out.metrics.push_back(
        {pick.metric, now.first->unit, std::move(now.values), pick.tolerance, {}});
  }
  return out;
}

Baseline updated_baseline(const Baseline& old, std::span<const RunResult> runs) {
  Baseline out = old;
  refresh(out, runs);
  const RunMetrics measured(runs);
  out.metrics.clear();
  for (const BaselineMetric& metric : old.metrics) {
    Measured now = measured.find(metric.name);
    if (now.first == nullptr) continue;
    out.metrics.push_back(
        {metric.name, now.first->unit, std::move(now.values), metric.tolerance, metric.place});
  }
  return out;
}

std::string baseline_of(const std::string& scenario_file) {
  const std::filesystem::path path(scenario_file);
  return (path.parent_path() / (path.stem().string() + std::string(kBaselineEnd))).string();
}

bool is_baseline_name(const std::string& file) {
  return file.size() > kBaselineEnd.size() && file.ends_with(kBaselineEnd);
}

std::string to_json(const Baseline& baseline) {
  JsonWriter json;
  json.open_object();
  json.key("schema").text(kBaselineSchema);
  if (!baseline.description.empty()) json.key("description").text(baseline.description);
  json.key("seed").natural(baseline.seed);
  json.key("replications").natural(baseline.replications);
  json.key("scenario_sha256").text(baseline.scenario_sha256);
  json.key("metrics").open_object();
  for (const BaselineMetric& metric : baseline.metrics) write_metric(json, metric);
  json.close();
  json.key("objectives").open_array();
  for (const BaselineObjective& objective : baseline.objectives) write_objective(json, objective);
  json.close();
  for (const bool hourly : {false, true}) {
    json.key(hourly ? "hourly_fingerprints" : "fingerprints").open_array(true);
    for (const std::string& one : hourly ? baseline.hourly_fingerprints : baseline.fingerprints) {
      json.text(one);
    }
    json.close();
  }
  json.close();
  return json.finish();
}

void write_tolerance(JsonWriter& json, const Tolerance& tolerance) {
  json.open_object(true);
  if (tolerance.exact) json.key("exact").boolean(true);
  if (tolerance.absolute) json.key("absolute").number(*tolerance.absolute);
  if (tolerance.relative) json.key("relative").number(*tolerance.relative);
  if (tolerance.statistical) {
    json.key("statistical").open_object(true);
    json.key("confidence").number(tolerance.statistical->confidence);
    json.key("margin").number(tolerance.statistical->margin);
    json.close();
  }
  json.close();
}

}  // namespace hyperdc
