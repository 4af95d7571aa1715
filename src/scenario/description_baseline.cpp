// Baselines: what a scenario measured when it was accepted, and how far each metric may move.
#include <limits>

#include "scenario/description.hpp"

namespace hyperdc {
namespace {

TypeRef tolerance_type() {
  return object_type(
      "tolerance",
      "How far a metric may move. \"exact\" and \"statistical\" stand alone; of \"absolute\" and "
      "\"relative\" together the larger is allowed.",
      {optional("exact", boolean_type(), "true: not at all, with any seed."),
       optional("absolute", number_type({0, std::numeric_limits<double>::infinity()}, "0.005"),
                "So much up or down, in the unit of the metric."),
       optional("relative", number_type({0, 1e6}, "0.02"), "Such a share of the value up or down."),
       optional("statistical",
                object_type("statistical tolerance",
                            "Moved when the seeds show that the difference is real.",
                            {defaulted("confidence", number_type({0.5, 0.999999}, "0.99"), "0.99",
                                       "Of the paired t test, over all statistical metrics of "
                                       "the file together (Holm)."),
                             defaulted("margin", number_type({0, 1e6}, "0.01"), "0",
                                       "A difference below this share of the value counts as "
                                       "none, however real.")}),
                "By a test over the seeds, of which there must be two or more.")},
      {{{"exact", "absolute", "relative", "statistical"}, false}});
}

TypeRef baseline_metric_type() {
  return object_type(
      "baseline metric", "What a metric was, and how far it may move.",
      {optional("value", number_type({}, "0.0482"),
                "The value, or the mean over the seeds; null or left out: it had none."),
       required("unit", text_type("s"), "Unit of the value."),
       required("tolerance", tolerance_type(), "How far it may move."),
       optional("values", list_type(number_type({}), 1),
                "Of several seeds: the value with each, in their order.")});
}

TypeRef baseline_objective_type() {
  return object_type(
      "baseline objective", "An objective of the scenario, and whether it held.",
      {required("metric", text_type("workloads.web.latency.p99"), "Its metric."),
       optional("at_most", number_type({}, "0.05"), "Its bound, in the unit of the metric."),
       optional("at_least", number_type({}, "0.95"), "Its bound, in the unit of the metric."),
       required("met", boolean_type(),
                "false: it is known to be missed, and that is not held against the scenario.")},
      {{{"at_most", "at_least"}, false}});
}

}  // namespace

TypeRef baseline_type() {
  return object_type(
      "baseline", "What a scenario measured when it was accepted.",
      {required("schema", choice_type({"hyperdc.baseline/1"}), "What this file is."),
       defaulted("description", text_type("Why these tolerances."), "\"\"", "For people."),
       required("seed", integer_type({0, 9007199254740991}), "First seed that is run."),
       defaulted("replications", integer_type({1, kMaxReplications}, "5"), "1",
                 "Seeds: the first and those that follow it."),
       required("scenario_sha256", text_type("sha256 in hexadecimal"),
                "Of the resolved scenario and its files: says whether the scenario changed, or the "
                "program."),
       required("metrics", free_map_type(baseline_metric_type()), "Metrics by name."),
       defaulted("objectives", list_type(baseline_objective_type()), "[]",
                 "Objectives of the scenario and whether they held."),
       required("fingerprints", list_type(text_type("00f1a2b3c4d5e6f7"), 1),
                "Of all events of the run with each seed."),
       defaulted("hourly_fingerprints", list_type(text_type("00f1a2b3c4d5e6f7")), "[]",
                 "Of the events up to the end of each simulated hour, with the first seed.")});
}

}  // namespace hyperdc
