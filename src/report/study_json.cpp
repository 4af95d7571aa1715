// The comparison of a study as JSON, schema hyperdc.comparison/1.
#include "report/study_screens.hpp"
#include "report/study_words.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {
namespace {

std::string_view direction_name(Better better) {
  switch (better) {
    case Better::lower:
      return "lower";
    case Better::higher:
      return "higher";
    case Better::neither:
      break;
  }
  return "neither";
}

void write_optional(JsonWriter& json, std::string_view key, std::optional<double> value) {
  json.key(key);
  value ? json.number(*value) : json.null();
}

void write_range(JsonWriter& json, std::string_view key, const Interval& interval, double factor) {
  json.key(key).open_array(true);
  json.number(interval.low * factor);
  json.number(interval.high * factor);
  json.close();
}

void write_mean(JsonWriter& json, std::string_view key, const Moments& moments,
                const Interval& interval) {
  json.key(key).open_object(true);
  json.key("mean").number(moments.mean);
  json.key("deviation").number(moments.deviation);
  write_range(json, "interval", interval, 1);
  json.close();
}

void write_difference(JsonWriter& json, const StudyDifference& row) {
  json.open_object();
  json.key("metric").text(row.metric);
  json.key("unit").text(row.unit);
  json.key("better").text(direction_name(better_of(metric_parts(row.metric))));
  json.key("verdict").text(word_of(verdict_of(row)));
  json.key("finding").text(name_of(row.finding));
  write_mean(json, "base", row.pairs.a, row.base);
  write_mean(json, "variation", row.pairs.b, row.other);
  write_mean(json, "difference", row.pairs.difference, row.interval);
  write_range(json, "t_interval", row.t, 1);
  write_range(json, "bootstrap_interval", row.bootstrap, 1);
  json.key("relative");
  if (row.relative) {
    const double base = row.pairs.a.mean < 0 ? -row.pairs.a.mean : row.pairs.a.mean;
    json.open_object(true);
    json.key("mean").number(*row.relative);
    write_range(json, "interval", row.interval, 1 / base);
    json.close();
  } else {
    json.null();
  }
  json.key("p").number(row.pairs.p);
  json.key("adjusted_p").number(row.adjusted_p);
  write_optional(json, "effect_size", row.pairs.effect);
  json.key("margin_share").number(row.margin_share);
  json.key("margin").number(row.margin);
  write_optional(json, "variance_ratio", row.pairs.variance_ratio);
  write_optional(json, "skewness", row.pairs.difference.skewness);
  write_optional(json, "coverage", row.coverage);
  json.key("skewed").boolean(row.skewed());
  json.key("seeds_to_decide");
  row.seeds_to_decide ? json.natural(*row.seeds_to_decide) : json.null();
  json.close();
}

void write_variation(JsonWriter& json, const StudyComparison& comparison,
                     const ComparedVariation& variation) {
  json.open_object();
  json.key("name").text(variation.variation.name);
  json.key("base").text(variation.base);
  json.key("scenario_sha256").text(variation.variation.scenario_sha256);
  json.key("parameters").open_object();
  for (const VariedValue& value : variation.variation.parameters) {
    json.key(value.name).raw(value.json);
  }
  json.close();
  json.key("seeds").open_array(true);
  for (const std::uint64_t seed : variation.seeds) json.natural(seed);
  json.close();
  json.key("differences").open_array();
  for (const StudyDifference& row : variation.differences) write_difference(json, row);
  json.close();
  write_texts(json, "sentences", comparison_sentences(variation));
  write_texts(json, "warnings", comparison_warnings(comparison, variation));
  json.close();
}

}  // namespace

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).open_array();
  for (const std::string& text : texts) json.text(text);
  json.close();
}

void write_refused(JsonWriter& json, std::string_view key, const StudyComparison& comparison) {
  json.key(key).open_array();
  for (const NotComparable& refused : comparison.refused) {
    json.open_object();
    json.key("variation").text(refused.variation);
    json.key("metric").text(refused.metric);
    json.key("reason").text(refused.reason);
    json.key("hint").text(refused.hint);
    json.close();
  }
  json.close();
}

std::string comparison_json(const StudyComparison& comparison) {
  const StudyComparisonOptions& options = comparison.options;
  JsonWriter json;
  json.open_object();
  json.key("schema").text(kComparisonSchema);
  json.key("study").text(comparison.study);
  json.key("base").text(comparison.base);
  json.key("confidence").number(options.confidence);
  json.key("interval_method").text(name_of(options.method));
  json.key("correction").text("holm");
  json.key("comparisons").natural(comparison.comparisons);
  json.key("power").number(options.power);
  json.key("bootstrap").open_object(true);
  json.key("resamples").natural(options.resamples);
  json.key("seed").natural(options.bootstrap_seed);
  json.close();
  write_optional(json, "median_variance_ratio", median_variance_ratio(comparison));
  json.key("variations").open_array();
  for (const ComparedVariation& variation : comparison.variations) {
    write_variation(json, comparison, variation);
  }
  json.close();
  if (comparison.choice) {
    const StudyChoice& choice = *comparison.choice;
    json.key("choice").open_object();
    json.key("metric").text(choice.metric);
    json.key("variation").text(choice.variation);
    json.key("among").natural(choice.among);
    const auto part = [&](std::string_view key, const std::vector<std::uint64_t>& seeds,
                          const StudyDifference& difference) {
      json.key(key).open_object();
      json.key("seeds").open_array(true);
      for (const std::uint64_t seed : seeds) json.natural(seed);
      json.close();
      json.key("difference");
      write_difference(json, difference);
      json.close();
    };
    part("search", choice.searched, choice.search);
    part("fresh", choice.unseen, choice.fresh);
    json.close();
  }
  write_refused(json, "not_compared", comparison);
  json.close();
  return json.finish();
}

}  // namespace hyperdc
