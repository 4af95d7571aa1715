// The runs of the page: what happened, in words and numbers, the time series, and everything that
// says where the numbers come from.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "core/text.hpp"
#include "report/comparison.hpp"
#include "report/format.hpp"
#include "report/page_breakdown.hpp"
#include "report/page_changes.hpp"
#include "report/page_distributions.hpp"
#include "report/page_fine.hpp"
#include "report/page_parts.hpp"
#include "report/page_places.hpp"
#include "report/page_series.hpp"
#include "report/page_tables.hpp"
#include "report/run_title.hpp"
#include "report/screen.hpp"
#include "report/summary_many.hpp"
#include "results/resolved.hpp"

namespace hyperdc {
namespace {

void write_objectives_of(JsonWriter& json, const RunResult& result) {
  json.key("objectives").open_array();
  for (const ResultObjective& one : result.objectives) {
    json.open_object();
    json.key("metric").text(one.metric);
    json.key("label").text(objective_label(one.metric));
    json.key("limit").text(limit_text(one));
    json.key("value");
    one.value ? json.text(for_people(*one.value, show_of(one.metric, one.unit))) : json.null();
    json.key("margin").text(one.value ? margin_text(one) : "");
    json.key("met").boolean(one.met);
    json.close();
  }
  json.close();
}

void write_metrics_of(JsonWriter& json, const RunResult& result) {
  std::map<std::string, std::size_t> compact;  // where on the compact screen
  RunResult alone = result;
  alone.series = {};
  for (const ComparedRow& row : compare_results(std::vector{alone}, Detail::compact).rows) {
    compact.emplace(row.metric, compact.size());
  }
  json.key("metrics").open_array();
  for (const ResultMetric& metric : result.metrics) {
    const MetricParts parts = metric_parts(metric.name);
    const Show show = show_of(metric.name, metric.unit);
    json.open_object();
    json.key("name").text(metric.name);
    json.key("label").text(metric_label(parts, metric.name));
    json.key("owner").text(parts.owner);
    json.key("scope").text(parts.scope);
    json.key("quantity")
        .text(parts.statistic.empty() ? "" : metric.name.substr(0, metric.name.rfind('.')));
    json.key("statistic").text(parts.statistic);
    json.key("unit").text(metric.unit);
    json.key("show").text(name_of(show));
    write_optional_number(json, "value", metric.value);
    json.key("text").text(metric.value ? for_people(*metric.value, show) : "–");
    if (!metric.value) json.key("reason").text(metric.reason);
    json.key("meaning").text(parts.info == nullptr ? "" : parts.info->meaning);
    const auto rank = compact.find(metric.name);
    json.key("rank").integer(rank == compact.end() ? -1 : static_cast<std::int64_t>(rank->second));
    json.close();
  }
  json.close();
}

void write_packed(JsonWriter& json, std::string_view key, const std::vector<double>& values) {
  if (!values.empty()) json.key(key).text(packed_floats(values));
}

void write_series(JsonWriter& json, const ResultTable& table, std::size_t most_values) {
  const auto [series, fine] = levels_of(table, most_values);
  json.key("series").open_object();
  json.key("rows").natural(series.rows);
  json.key("points").natural(series.to_s.size());
  json.key("envelope").boolean(series.envelope);
  json.key("from").text(packed_doubles(series.from_s));
  json.key("to").text(packed_doubles(series.to_s));
  json.key("columns").open_array();
  for (const PageSeriesColumn& column : series.columns) {
    json.open_object();
    json.key("name").text(column.name);
    json.key("label").text(column.label);
    json.key("panel").text(column.panel);
    json.key("unit").text(column.unit);
    json.key("show").text(name_of(column.show));
    json.key("zero").boolean(column.all_zero);
    if (!column.all_zero) {
      write_packed(json, "low", column.low);
      write_packed(json, "high", column.high);
      write_packed(json, "mean", column.mean);
    }
    json.close();
  }
  json.close();
  write_fine(json, fine);
  json.close();
}

void write_origin(JsonWriter& json, const StoredResult& run) {
  const RunResult& result = run.result;
  json.key("checks").open_array();
  for (const ResultCheck& check : result.checks) {
    json.open_object();
    json.key("name").text(check.name);
    json.key("text").text(check.text);
    json.close();
  }
  json.close();
  json.key("assumptions").open_array();
  for (const ResultAssumption& assumption : result.assumptions) {
    json.open_object();
    json.key("path").text(assumption.path);
    json.key("text").text(assumption.text);
    json.close();
  }
  json.close();
  json.key("files").open_array();
  for (const ResultFile& file : result.files) {
    json.open_object();
    json.key("path").text(file.path);
    json.key("sha256").text(file.sha256);
    json.close();
  }
  json.close();
  json.key("machine");
  run.run_json.empty() ? json.null() : json.raw(run.run_json);
}

void write_bill(JsonWriter& json, const RunResult& result) {
  json.key("bill").open_array();
  for (const ResultCharge& charge : result.bill) {
    json.open_object();
    json.key("region").text(charge.region);
    json.key("account").text(charge.account);
    json.key("item").text(charge.item);
    json.key("quantity").number(charge.quantity);
    json.key("amount").text(
        fmt::format("{} {}", for_people(charge.quantity, Show::count), charge.unit));
    write_optional_number(json, "usd", charge.usd);
    json.key("cost").text(charge.usd ? fmt::format("{:.2f}", *charge.usd) : charge.reason);
    json.key("source").text(charge.source);
    json.close();
  }
  json.close();
}

void write_run(JsonWriter& json, const StoredResult& run, std::size_t most_values,
               std::size_t most_bins, std::size_t most_place_bytes) {
  const RunResult& result = run.result;
  json.open_object();
  json.key("directory").text(run.directory);
  json.key("scenario").text(result.scenario);
  const ResolvedFacts facts = resolved_facts(result);
  json.key("description").text(facts.description);
  json.key("provider").text(provider_text(result, facts));
  json.key("seed").natural(result.seed);
  json.key("sha256").text(result.sha256);
  json.key("fingerprint").text(hex16(result.fingerprint));
  json.key("span").text(span_text(result));
  json.key("warmup_s").number(facts.warmup_s);
  json.key("simulated_s").number(result.simulated_s);
  json.key("events").text(grouped(static_cast<double>(result.events)));
  json.key("complete").boolean(result.complete);
  json.key("command").text(result.files.empty()
                               ? ""
                               : fmt::format("hyperdc run {} --seed {}",
                                             shell_word(result.files.front().path), result.seed));
  json.key("verdict").text(run_verdict(result));
  write_objectives_of(json, result);
  write_tables(json, result);
  write_metrics_of(json, result);
  write_series(json, result.series, most_values);
  write_distributions(json, result, most_bins);
  write_breakdowns(json, result);
  write_bill(json, result);
  write_places(json, result.places.get(), most_place_bytes);
  write_origin(json, run);
  json.close();
}

/// Scenarios side by side, as `run` prints them.
void write_side_by_side(JsonWriter& json, const std::vector<RunResult>& results) {
  const Comparison comparison = compare_results(results, Detail::full);
  const Comparison compact = compare_results(results, Detail::compact);
  std::map<std::string, std::size_t> ranks;  // where on the compact screen
  for (const ComparedRow& row : compact.rows) ranks.emplace(row.metric, ranks.size());
  json.open_object();
  json.key("sentence").text(verdict_sentence(compact));
  json.key("paired").boolean(comparison.paired);
  json.key("scenarios").open_array();
  for (std::size_t i = 0; i < comparison.scenarios.size(); ++i) {
    json.open_object();
    json.key("name").text(comparison.scenarios[i]);
    json.key("seeds").text(seed_list(comparison.seeds[i]));
    json.close();
  }
  json.close();
  json.key("rows").open_array();
  for (const ComparedRow& row : comparison.rows) {
    const RowScale scale = scale_of(row);
    Notes notes;
    json.open_object();
    json.key("metric").text(row.metric);
    json.key("label").text(row.label);
    json.key("owner").text(row.parts.owner);
    json.key("unit").text(scale.unit);
    json.key("show").text(name_of(row.show));
    json.key("better").text(name_of(row.better));
    const auto rank = ranks.find(row.metric);
    json.key("rank").integer(rank == ranks.end() ? -1 : static_cast<std::int64_t>(rank->second));
    json.key("verdict").text(word_of(row.verdict));
    json.key("best").open_array();
    for (const std::size_t best : row.best) json.natural(best);
    json.close();
    json.key("values").open_array();
    for (std::size_t s = 0; s < row.values.size(); ++s) {
      json.open_object();
      write_optional_number(json, "mean", row.values[s].mean);
      write_optional_number(json, "half", row.values[s].half_width);
      if (row.values[s].half_width) {
        json.key("half_text").text(in_scale(*row.values[s].half_width, scale));
      }
      json.key("text").text(row.values[s].mean ? in_scale(*row.values[s].mean, scale) : "–");
      json.close();
    }
    json.close();
    json.close();
  }
  json.close();
  json.close();
}

}  // namespace

std::string objective_label(const std::string& metric) {
  const MetricParts parts = metric_parts(metric);
  const std::string label = metric_label(parts, metric);
  return parts.owner.empty() || parts.info == nullptr ? label : parts.owner + " " + label;
}

std::string run_verdict(const RunResult& result) {
  if (result.objectives.empty()) return "No objectives were stated for this run.";
  const std::size_t all = result.objectives.size();
  const auto missed = static_cast<std::size_t>(std::ranges::count_if(
      result.objectives, [](const ResultObjective& one) { return !one.met; }));
  if (missed == 0) return fmt::format("Meets {}.", all == 1 ? "its objective" : "all objectives");
  std::string text = all == 1 ? std::string("Misses its objective: ")
                              : fmt::format("Misses {} of {} objectives: ", missed, all);
  bool first = true;
  for (const ResultObjective& one : result.objectives) {
    if (one.met) continue;
    const std::string value =
        one.value ? for_people(*one.value, show_of(one.metric, one.unit)) : "unknown";
    text += fmt::format("{}{} is {} and should be {}", first ? "" : "; ",
                        objective_label(one.metric), value, limit_text(one));
    first = false;
  }
  return text + ".";
}

void write_runs(JsonWriter& json, const PageContents& contents) {
  const std::size_t runs = std::max<std::size_t>(1, contents.runs.size());
  json.key("runs").open_array();
  for (const StoredResult& run : contents.runs) {
    write_run(json, run, kMostPageValues / runs, kMostPageBins / runs, kMostPlaceBytes / runs);
  }
  json.close();
  // A scenario that several runs share stands there once.
  json.key("resolved").open_object();
  std::set<std::string> written;
  for (const StoredResult& run : contents.runs) {
    if (run.result.resolved_json.empty() || !written.insert(run.result.sha256).second) continue;
    json.key(run.result.sha256).raw(run.result.resolved_json);
  }
  json.close();
  write_changes(json, contents);
  json.key("side_by_side");
  if (contents.runs.size() < 2) {
    json.null();
    return;
  }
  std::vector<RunResult> results;
  for (const StoredResult& run : contents.runs) {
    results.push_back(run.result);
    results.back().series = {};
  }
  write_side_by_side(json, results);
}

}  // namespace hyperdc
