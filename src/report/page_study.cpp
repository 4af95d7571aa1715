// The study of the page: what varies, every metric of every variation with its interval, and the
// comparison with the base in the numbers and words of `compare`.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include "report/format.hpp"
#include "report/page_changes.hpp"
#include "report/page_parts.hpp"
#include "report/page_tornado.hpp"
#include "report/study_screens.hpp"
#include "report/study_words.hpp"

namespace hyperdc {
namespace {

/// Values of compared metrics are on the page seed by seed up to so many.
constexpr std::size_t kMostSeedValues = 100'000;

std::string metric_row_label(const std::string& metric) {
  const MetricParts parts = metric_parts(metric);
  const std::string label = metric_label(parts, metric);
  return parts.owner.empty() || parts.info == nullptr ? label : parts.owner + " " + label;
}

std::vector<double> values_of(const StudyTable& table, std::size_t variation, std::size_t metric) {
  std::vector<double> values;
  for (std::size_t s = 0; s < table.seeds.size(); ++s) {
    if (const auto value = table.at(variation, s, metric)) values.push_back(*value);
  }
  return values;
}

void write_variations(JsonWriter& json, const PageStudy& study) {
  json.key("variations").open_array();
  for (std::size_t v = 0; v < study.table.variations.size(); ++v) {
    const StudyVariation& variation = study.table.variations[v];
    json.open_object();
    json.key("name").text(variation.name);
    json.key("sha256").text(variation.scenario_sha256);
    json.key("parameters").open_array();
    for (const VariedValue& value : variation.parameters) {
      json.open_array();
      json.text(value.name);
      json.text(value.label);
      json.close();
    }
    json.close();
    json.key("objectives").open_array();
    if (v < study.objectives.size()) {
      for (const PageObjective& objective : study.objectives[v]) {
        json.open_object();
        // A metric may have several limits.
        json.key("metric").text(objective.metric + " " + objective.limit);
        json.key("label").text(metric_row_label(objective.metric) + " " + objective.limit);
        json.key("met").natural(objective.met);
        json.key("runs").natural(objective.runs);
        json.close();
      }
    }
    json.close();
    json.close();
  }
  json.close();
}

/// One row a metric: what it is, and by variation [mean, low, high, seeds, "text"] or null.
void write_metric(JsonWriter& json, const PageStudy& study, std::size_t m, bool compared,
                  bool with_seeds) {
  const StudyTable& table = study.table;
  const StudyMetric& metric = table.metrics[m];
  const MetricParts parts = metric_parts(metric.name);
  const Show show = show_of(metric.name, metric.unit);
  std::vector<std::vector<double>> values;
  std::vector<double> means, halves;
  for (std::size_t v = 0; v < table.variations.size(); ++v) {
    values.push_back(values_of(table, v, m));
    if (values.back().empty()) continue;
    const Moments moments = moments_of(values.back());
    means.push_back(moments.mean);
    if (moments.n > 1) {
      halves.push_back(half_width_of(moments, study.comparison.options.confidence));
    }
  }
  if (means.empty()) return;
  const RowScale scale = row_scale(means, halves, show);
  json.open_object();
  json.key("name").text(metric.name);
  json.key("label").text(metric_row_label(metric.name));
  json.key("owner").text(parts.owner);
  json.key("unit").text(metric.unit);
  json.key("show").text(name_of(show));
  json.key("better").text(name_of(better_of(parts)));
  json.key("meaning").text(parts.info == nullptr ? "" : parts.info->meaning);
  json.key("compact").boolean(compared);
  json.key("shown_unit").text(scale.unit);
  json.key("values").open_array();
  for (const std::vector<double>& of : values) {
    if (of.empty()) {
      json.null();
      continue;
    }
    const Moments moments = moments_of(of);
    const double half =
        moments.n > 1 ? half_width_of(moments, study.comparison.options.confidence) : 0;
    json.open_array();
    json.number(moments.mean);
    json.number(moments.mean - half);
    json.number(moments.mean + half);
    json.natural(moments.n);
    json.text(in_scale(moments.mean, scale));
    json.close();
  }
  json.close();
  if (with_seeds) {
    json.key("seeds").open_array();
    for (const std::vector<double>& of : values) {
      json.open_array();
      for (const double value : of) json.number(value);
      json.close();
    }
    json.close();
  }
  json.close();
}

/// Metrics that are compared, or that would be.
std::set<std::string> compared_metrics(const PageStudy& study) {
  std::set<std::string> compared;
  for (const ComparedVariation& variation : study.comparison.variations) {
    for (const StudyDifference& row : variation.differences) compared.insert(row.metric);
  }
  if (compared.empty()) {
    for (const std::string& name : compact_metrics(study.table)) compared.insert(name);
  }
  return compared;
}

void write_metrics_table(JsonWriter& json, const PageStudy& study,
                         const std::set<std::string>& compared) {
  const bool with_seeds =
      compared.size() * study.table.seeds.size() * study.table.variations.size() <= kMostSeedValues;
  json.key("metrics").open_array();
  for (std::size_t m = 0; m < study.table.metrics.size(); ++m) {
    const bool here = compared.count(study.table.metrics[m].name) > 0;
    write_metric(json, study, m, here, here && with_seeds);
  }
  json.close();
}

void write_range(JsonWriter& json, std::string_view key, const Interval& interval) {
  json.key(key).open_array();
  json.number(interval.low);
  json.number(interval.high);
  json.close();
}

void write_row(JsonWriter& json, const StudyDifference& row, const std::string& label) {
  const Show show = show_of(row.metric, row.unit);
  const DifferenceText text = difference_text(row, show);
  const std::vector<double> means = {row.pairs.a.mean, row.pairs.b.mean};
  const std::vector<double> halves = {(row.base.high - row.base.low) / 2,
                                      (row.other.high - row.other.low) / 2};
  const RowScale scale = row_scale(means, halves, show);
  const std::string unit = scale.unit.empty() ? "" : " " + scale.unit;
  json.open_object();
  json.key("metric").text(row.metric);
  json.key("label").text(label);
  json.key("base").text(in_scale(means[0], scale) + unit);
  json.key("other").text(in_scale(means[1], scale) + unit);
  json.key("difference").open_array();
  for (const std::string& part : {text.mean, text.low, text.high}) json.text(part);
  json.close();
  json.key("mean").number(row.pairs.difference.mean);
  write_range(json, "interval", row.interval);
  json.key("relative");
  if (row.relative) {
    const double base = std::fabs(row.pairs.a.mean);
    json.open_array();
    json.number(*row.relative);
    json.number(row.interval.low / base);
    json.number(row.interval.high / base);
    json.close();
  } else {
    json.null();
  }
  json.key("verdict").text(word_of(verdict_of(row)));
  json.key("p").number(row.adjusted_p);
  json.key("margin").number(row.margin_share);
  write_optional_number(json, "effect", row.pairs.effect);
  json.key("skewed").boolean(row.skewed());
  write_optional_number(
      json, "seeds_to_decide",
      row.seeds_to_decide ? std::optional<double>(*row.seeds_to_decide) : std::nullopt);
  json.close();
}

void write_comparison(JsonWriter& json, const StudyComparison& comparison) {
  json.key("comparison").open_object();
  json.key("base").text(comparison.base);
  json.key("confidence").number(comparison.options.confidence);
  json.key("method").text(name_of(comparison.options.method));
  json.key("comparisons").natural(comparison.comparisons);
  write_optional_number(json, "median_variance_ratio", median_variance_ratio(comparison));
  json.key("left_out")
      .natural(comparison.variations.size() > kMostComparedOnPage
                   ? comparison.variations.size() - kMostComparedOnPage
                   : 0);
  json.key("variations").open_array();
  std::size_t written = 0;
  for (const ComparedVariation& variation : comparison.variations) {
    if (written++ == kMostComparedOnPage) break;
    json.open_object();
    json.key("name").text(variation.variation.name);
    json.key("seeds").natural(variation.seeds.size());
    json.key("rows").open_array();
    const std::vector<std::string> labels = row_labels(variation);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      write_row(json, variation.differences[i], labels[i]);
    }
    json.close();
    write_texts(json, "sentences", comparison_sentences(variation));
    write_texts(json, "warnings", comparison_warnings(comparison, variation));
    json.close();
  }
  json.close();
  write_refused(json, "refused", comparison);
  json.close();
}

}  // namespace

void write_study(JsonWriter& json, const PageStudy& study) {
  json.open_object();
  json.key("file").text(study.file);
  json.key("name").text(study.plan.name);
  json.key("description").text(study.plan.description);
  json.key("runs").natural(study.plan.runs.size());
  json.key("done").natural(study.runs_done);
  json.key("seeds").text(seed_list(study.table.seeds));
  json.key("seed_count").natural(study.table.seeds.size());
  write_variations(json, study);
  const std::set<std::string> compared = compared_metrics(study);
  write_metrics_table(json, study, compared);
  write_comparison(json, study.comparison);
  write_tornado(json, study, compared);
  write_changes(json, study);
  // The base as it was run; what varies is in the parameters.
  json.key("resolved");
  if (study.plan.scenarios.empty() || study.plan.scenarios.front().empty()) {
    json.null();
  } else {
    json.raw(study.plan.scenarios.front());
  }
  json.close();
}

}  // namespace hyperdc
