#include "results/study_export.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <ostream>

#include "core/text.hpp"

namespace hyperdc {
namespace {

using Object = nlohmann::ordered_json;

std::string line(const Object& value) {
  return value.dump(-1, ' ', false, Object::error_handler_t::replace);
}

Object value_or_null(const std::optional<double>& value) {
  return value ? Object(*value) : Object(nullptr);
}

Object parameters_of(const StudyVariation& of) {
  Object parameters = Object::object();
  for (const VariedValue& one : of.parameters) parameters[one.name] = Object::parse(one.json);
  return parameters;
}

Object variation_of(const StudyVariation& of) {
  return {{"name", of.name}, {"sha256", of.scenario_sha256}, {"parameters", parameters_of(of)}};
}

Object run_of(const StudyPlan& plan, const StudyStore::Row& row) {
  Object metrics = Object::object();
  for (const ResultMetric& metric : row.metrics) {
    Object& one = metrics[metric.name];
    one = {{"value", value_or_null(metric.value)}, {"unit", metric.unit}};
    if (!metric.value) one["reason"] = metric.reason;
  }
  Object objectives = Object::array();
  for (const StoredObjective& one : row.objectives) {
    Object& objective = objectives.emplace_back();
    objective["metric"] = one.metric;
    if (one.at_most) objective["at_most"] = *one.at_most;
    if (one.at_least) objective["at_least"] = *one.at_least;
    objective["value"] = value_or_null(one.value);
    objective["met"] = one.met;
  }
  return {{"variation", plan.variations[row.run.variation].name},
          {"seed", row.run.seed},
          {"key", row.run.key},
          {"fingerprint", row.fingerprint},
          {"simulated_s", row.simulated_s},
          {"events", row.events},
          {"metrics", std::move(metrics)},
          {"objectives", std::move(objectives)}};
}

}  // namespace

std::string plan_json(const StudyPlan& plan) {
  Object out = {{"schema", "hyperdc.plan/1"}, {"name", plan.name}};
  for (const StudyRun& run : plan.runs) {
    const StudyVariation& of = plan.variations[run.variation];
    out["runs"].push_back({{"variation", of.name},
                           {"parameters", parameters_of(of)},
                           {"seed", run.seed},
                           {"scenario_sha256", of.scenario_sha256},
                           {"key", run.key}});
  }
  return out.dump(2) + "\n";
}

void write_canonical(const StudyStore& store, std::ostream& out) {
  const StudyPlan plan = store.plan();
  out << "{\"schema\": \"hyperdc.study/1\",\n \"name\": " << line(Object(plan.name))
      << ",\n \"description\": " << line(Object(plan.description)) << ",\n \"variations\": [";
  const char* comma = "\n  ";
  for (const StudyVariation& of : plan.variations) {
    out << std::exchange(comma, ",\n  ") << line(variation_of(of));
  }
  out << "],\n \"runs\": [";
  comma = "\n  ";
  store.each_run(plan, [&](const StudyStore::Row& row) {
    out << std::exchange(comma, ",\n  ") << line(run_of(plan, row));
  });
  out << "]}\n";
}

void write_csv(const StudyStore& store, std::ostream& out) {
  const StudyPlan plan = store.plan();
  std::vector<std::string> parameters;
  for (const StudyVariation& of : plan.variations) {
    for (const VariedValue& one : of.parameters) {
      const bool known =
          std::find(parameters.begin(), parameters.end(), one.name) != parameters.end();
      if (!known) parameters.push_back(one.name);
    }
  }
  out << "variation";
  for (const std::string& name : parameters) out << ',' << csv_field("parameter." + name);
  out << ",seed,metric,value,unit\n";
  std::vector<std::string> left;  // the first columns, by variation
  for (const StudyVariation& of : plan.variations) {
    std::string& row = left.emplace_back(csv_field(of.name));
    for (const std::string& name : parameters) {
      row += ',';
      for (const VariedValue& one : of.parameters) {
        if (one.name == name) row += csv_field(one.label);
      }
    }
  }
  store.each_run(plan, [&](const StudyStore::Row& row) {
    for (const ResultMetric& metric : row.metrics) {
      out << left[row.run.variation] << ',' << row.run.seed << ',' << csv_field(metric.name) << ','
          << (metric.value ? fmt::format("{}", *metric.value) : std::string()) << ','
          << csv_field(metric.unit) << '\n';
    }
  });
}

}  // namespace hyperdc
