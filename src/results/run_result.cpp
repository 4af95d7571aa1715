#include "results/run_result.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"
#include "results/json_writer.hpp"
#include "results/summary.hpp"

namespace hyperdc {
namespace {

void write_optional(JsonWriter& json, const std::optional<double>& value) {
  if (value) {
    json.number(*value);
  } else {
    json.null();
  }
}

void write_scenario(JsonWriter& json, const RunResult& result) {
  json.key("scenario").open_object();
  json.key("name").text(result.scenario);
  json.key("seed").natural(result.seed);
  json.key("sha256").text(result.sha256);
  json.key("resolved");
  if (result.resolved_json.empty()) {
    json.null();
  } else {
    json.raw(result.resolved_json);
  }
  json.close();
}

void write_metrics(JsonWriter& json, const RunResult& result) {
  json.key("metrics").open_object();
  for (const ResultMetric& metric : result.metrics) {
    json.key(metric.name).open_object(true);
    json.key("value");
    write_optional(json, metric.value);
    json.key("unit").text(metric.unit);
    if (!metric.value) json.key("reason").text(metric.reason);
    json.close();
  }
  json.close();
}

void write_objectives(JsonWriter& json, const RunResult& result) {
  json.key("objectives").open_array();
  for (const ResultObjective& objective : result.objectives) {
    json.open_object(true);
    json.key("metric").text(objective.metric);
    if (objective.at_most) json.key("at_most").number(*objective.at_most);
    if (objective.at_least) json.key("at_least").number(*objective.at_least);
    json.key("unit").text(objective.unit);
    json.key("value");
    write_optional(json, objective.value);
    json.key("met").boolean(objective.met);
    json.close();
  }
  json.close();
}

void write_provenance(JsonWriter& json, const RunResult& result) {
  json.key("checks").open_array();
  for (const ResultCheck& check : result.checks) {
    json.open_object(true);
    json.key("name").text(check.name);
    json.key("text").text(check.text);
    json.key("error").number(check.error);
    json.close();
  }
  json.close();
  json.key("assumptions").open_array();
  for (const ResultAssumption& assumption : result.assumptions) {
    json.open_object(true);
    json.key("path").text(assumption.path);
    json.key("text").text(assumption.text);
    json.close();
  }
  json.close();
  json.key("files").open_array();
  for (const ResultFile& file : result.files) {
    json.open_object(true);
    json.key("path").text(file.path);
    json.key("sha256").text(file.sha256);
    json.close();
  }
  json.close();
  json.key("hourly_fingerprints").open_array(true);
  for (const std::uint64_t fingerprint : result.hourly_fingerprints) json.text(hex16(fingerprint));
  json.close();
}

void write_bill(JsonWriter& json, const RunResult& result) {
  if (result.bill.empty()) return;
  json.key("bill").open_array();
  for (const ResultCharge& charge : result.bill) {
    json.open_object(true);
    json.key("region").text(charge.region);
    json.key("account").text(charge.account);
    json.key("item").text(charge.item);
    json.key("quantity").number(charge.quantity);
    json.key("unit").text(charge.unit);
    json.key("usd");
    write_optional(json, charge.usd);
    if (!charge.reason.empty()) json.key("reason").text(charge.reason);
    if (!charge.source.empty()) json.key("source").text(charge.source);
    json.close();
  }
  json.close();
}

void write_result(JsonWriter& json, const RunResult& result) {
  json.open_object();
  json.key("schema").text("hyperdc.result/1");
  write_scenario(json, result);
  json.key("fingerprint").text(hex16(result.fingerprint));
  json.key("simulated").open_object(true);
  json.key("seconds").number(result.simulated_s);
  json.key("events").natural(result.events);
  json.close();
  json.key("complete").boolean(result.complete);
  write_metrics(json, result);
  write_objectives(json, result);
  write_bill(json, result);
  write_provenance(json, result);
  json.close();
}

void write_summary(JsonWriter& json, const std::vector<SummaryRow>& rows) {
  json.key("summary").open_array();
  for (const SummaryRow& row : rows) {
    json.open_object(true);
    json.key("scenario").text(row.scenario);
    json.key("metric").text(row.metric);
    json.key("unit").text(row.unit);
    json.key("n").natural(row.n);
    json.key("mean");
    write_optional(json, row.mean);
    json.key("half_width");
    write_optional(json, row.half_width);
    json.key("min");
    write_optional(json, row.min);
    json.key("max");
    write_optional(json, row.max);
    json.close();
  }
  json.close();
}

/// Every scenario against the first, metric by metric: what the side-by-side screen shows.
void write_differences(JsonWriter& json, const std::vector<RunResult>& results,
                       const std::vector<SummaryRow>& rows) {
  json.key("differences").open_array();
  const PairedRuns pairs(results);
  for (const SummaryRow& row : rows) {
    const std::string& base = rows.front().scenario;
    if (row.scenario == base) continue;
    const auto difference = pairs.difference(base, row.scenario, row.metric);
    if (!difference) continue;
    json.open_object(true);
    json.key("scenario").text(row.scenario);
    json.key("against").text(base);
    json.key("metric").text(row.metric);
    json.key("unit").text(row.unit);
    json.key("mean").number(difference->mean);
    json.key("half_width");
    write_optional(json, difference->half_width);
    json.close();
  }
  json.close();
}

}  // namespace

const ResultMetric* find_metric(const RunResult& result, std::string_view name) {
  const auto found = std::find_if(result.metrics.begin(), result.metrics.end(),
                                  [&](const ResultMetric& metric) { return metric.name == name; });
  return found == result.metrics.end() ? nullptr : &*found;
}

MetricIndex::MetricIndex(const RunResult& result) {
  by_name_.reserve(result.metrics.size());
  for (const ResultMetric& metric : result.metrics) by_name_.push_back(&metric);
  std::stable_sort(by_name_.begin(), by_name_.end(),
                   [](const ResultMetric* a, const ResultMetric* b) { return a->name < b->name; });
}

const ResultMetric* MetricIndex::find(std::string_view name) const {
  const auto found = std::lower_bound(
      by_name_.begin(), by_name_.end(), name,
      [](const ResultMetric* metric, std::string_view wanted) { return metric->name < wanted; });
  return found == by_name_.end() || (*found)->name != name ? nullptr : *found;
}

std::string to_json(const RunResult& result) {
  JsonWriter json;
  write_result(json, result);
  return json.finish();
}

std::string to_json(const std::vector<RunResult>& results) {
  const std::vector<SummaryRow> rows = summarise(results);
  JsonWriter json;
  json.open_object();
  json.key("schema").text("hyperdc.results/1");
  json.key("results").open_array();
  for (const RunResult& result : results) write_result(json, result);
  json.close();
  write_summary(json, rows);
  write_differences(json, results, rows);
  json.close();
  return json.finish();
}

std::string distributions_csv(const RunResult& result) {
  std::string out(kDistributionsHead);
  out += '\n';
  for (const ResultDistribution& one : result.distributions) {
    const std::string name = csv_field(one.metric) + ',' + csv_field(one.unit) + ',';
    for (const ResultBin& bin : one.bins) {
      out += name + shortest(bin.from) + ',' + shortest(bin.to) + ',' + std::to_string(bin.count) +
             '\n';
    }
  }
  return out;
}

std::string series_csv(const RunResult& result) {
  const std::vector<std::string>& columns = result.series.columns;
  const std::vector<double>& rows = result.series.rows;
  if (columns.empty()) return "time_s\n";
  HYPERDC_CHECK(rows.size() % columns.size() == 0, "a row of the time series is not complete");
  std::string out;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    out += csv_field(columns[i]);
    out += i + 1 == columns.size() ? '\n' : ',';
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out += shortest(rows[i]);
    out += (i + 1) % columns.size() == 0 ? '\n' : ',';
  }
  return out;
}

}  // namespace hyperdc
