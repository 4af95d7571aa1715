// A plan as JSON, schema hyperdc.plan/1.
#include "report/plan_screens.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {
namespace {

void write_maybe(JsonWriter& json, std::string_view key, std::optional<double> value) {
  json.key(key);
  value ? json.number(*value) : json.null();
}

void write_strings(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).open_array();
  for (const std::string& text : texts) json.text(text);
  json.close();
}

void write_numbers(JsonWriter& json, std::string_view key, const std::vector<std::size_t>& all) {
  json.key(key).open_array(true);
  for (const std::size_t one : all) json.natural(one);
  json.close();
}

void write_measure(JsonWriter& json, const PlanMeasure& measure) {
  json.open_object();
  json.key("metric").text(measure.metric);
  json.key("unit").text(measure.unit);
  if (measure.bound.at_most) json.key("at_most").number(*measure.bound.at_most);
  if (measure.bound.at_least) json.key("at_least").number(*measure.bound.at_least);
  write_maybe(json, "mean", measure.mean);
  json.key("interval");
  if (measure.mean) {
    json.open_array(true);
    json.number(measure.interval.low);
    json.number(measure.interval.high);
    json.close();
  } else {
    json.null();
  }
  json.key("verdict").text(name_of(measure.verdict));
  if (!measure.reason.empty()) json.key("reason").text(measure.reason);
  json.key("runs_to_decide");
  measure.to_decide ? json.natural(*measure.to_decide) : json.null();
  json.close();
}

void write_finding(JsonWriter& json, const PlanFinding& finding) {
  json.key("verdict").text(name_of(finding.verdict));
  json.key("first_seed").natural(finding.first_seed);
  json.key("runs").natural(finding.runs);
  write_maybe(json, "cost", finding.cost);
  write_maybe(json, "cost_half_width", finding.cost_half_width);
  json.key("cost_runs").natural(finding.cost_runs);
  json.key("objectives").open_array();
  for (const PlanMeasure& measure : finding.objectives) write_measure(json, measure);
  json.close();
}

void write_candidates(JsonWriter& json, const PlanOutcome& plan) {
  json.key("candidates").open_array();
  for (const PlanCandidate& candidate : plan.candidates) {
    json.open_object();
    json.key("values").open_object(true);
    for (std::size_t k = 0; k < plan.knobs.size(); ++k) {
      json.key(plan.knobs[k].name).text(candidate.values[k]);
    }
    json.close();
    json.key("frontier").boolean(candidate.frontier);
    json.key("dropped").boolean(candidate.dropped);
    write_finding(json, candidate.found);
    json.close();
  }
  json.close();
}

void write_open(JsonWriter& json, const PlanOutcome& plan) {
  json.key("open").open_array();
  for (const PlanStretch& open : plan.open) {
    json.open_object(true);
    json.key("knob").text(plan.knobs[open.knob].name);
    json.key("with").open_object(true);
    for (std::size_t k = 0; k < plan.knobs.size(); ++k) {
      if (k != open.knob) json.key(plan.knobs[k].name).text(open.values[k]);
    }
    json.close();
    json.key("fails");
    open.fails ? json.text(open.fails_value) : json.null();
    json.key("meets");
    open.meets ? json.text(open.meets_value) : json.null();
    json.key("candidates").natural(open.candidates);
    json.close();
  }
  json.close();
  json.key("cost_differences").open_array();
  for (const PlanCostDifference& one : plan.differences) {
    json.open_object(true);
    json.key("candidate").natural(one.candidate);
    json.key("seeds").natural(one.seeds);
    json.key("interval").open_array(true);
    json.number(one.interval.low);
    json.number(one.interval.high);
    json.close();
    json.key("dearer").boolean(one.dearer);
    json.close();
  }
  json.close();
}

void write_question(JsonWriter& json, const PlanOutcome& plan) {
  json.key("knobs").open_array();
  for (const PlanKnobInfo& knob : plan.knobs) {
    json.open_object();
    json.key("name").text(knob.name);
    write_strings(json, "paths", knob.paths);
    json.key("first").text(knob.least);
    json.key("last").text(knob.most);
    json.key("values").natural(knob.values);
    json.key("monotone").boolean(knob.monotone);
    json.close();
  }
  json.close();
  json.key("minimize").open_object();
  for (const auto& [name, weight] : plan.minimize) json.key(name).number(weight);
  json.close();
  json.key("cost_unit").text(plan.cost_unit);
  json.key("grid").number(plan.grid);
  json.key("confidence").number(plan.confidence);
  json.key("look_confidence").number(plan.look_confidence);
  json.key("confirm_confidence").number(plan.confirm_confidence);
  write_numbers(json, "looks", plan.looks);
  json.key("trace_windows");
  plan.windows ? json.natural(*plan.windows) : json.null();
}

}  // namespace

std::string plan_outcome_json(const PlanOutcome& plan) {
  JsonWriter json;
  json.open_object();
  json.key("schema").text(kPlanSchema);
  json.key("study").text(plan.study);
  json.key("status").text(name_of(plan.status));
  json.key("complete").boolean(plan.complete);
  json.key("method").text(plan.method);
  write_question(json, plan);
  json.key("runs").natural(plan.runs);
  json.key("exhausted").boolean(plan.exhausted);
  json.key("not_monotone").boolean(plan.not_monotone);
  json.key("costs_not_monotone").boolean(plan.costs_not_monotone);
  json.key("nothing_less").boolean(plan.nothing_less);
  json.key("costs_measured").boolean(plan.costs_measured);
  json.key("answer");
  plan.answer ? json.natural(*plan.answer) : json.null();
  write_numbers(json, "failing_neighbours", plan.failing);
  write_numbers(json, "undecided", plan.undecided);
  write_numbers(json, "contradicted", plan.contradicted);
  write_numbers(json, "tied", plan.tied);
  write_numbers(json, "frontier", plan.frontier);
  write_open(json, plan);
  write_candidates(json, plan);
  json.key("confirmation").open_array();
  for (const PlanConfirmed& confirmed : plan.confirmed) {
    json.open_object();
    json.key("candidate").natural(confirmed.candidate);
    json.key("confirmation").text(name_of(confirmed.confirmation));
    json.key("exact").boolean(confirmed.exact);
    write_finding(json, confirmed.fresh);
    json.close();
  }
  json.close();
  write_strings(json, "sentences", plan_sentences(plan));
  write_strings(json, "warnings", plan_warnings(plan));
  json.close();
  return json.finish();
}

}  // namespace hyperdc
