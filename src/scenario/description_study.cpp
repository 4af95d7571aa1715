// Studies: a base scenario, what varies, and how often.
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

TypeRef knob_type() {
  return object_type(
      "knob", "A value of the scenario that varies.",
      {required("at", text_type("workloads.web.autoscaler"),
                "Where it is: a dotted path or a JSON Pointer, as --set takes it."),
       optional("values", list_type(any_type("100"), 1), "What it may be."),
       optional("range", list_type(number_type({}), 1), "From, to and step: [100, 400, 50]."),
       optional("between", list_type(number_type({}), 1),
                "Least and most, for a design that samples: [0.4, 0.9]."),
       optional("unit", text_type("kW"),
                "Unit of the numbers of range and between, where the value has one."),
       only_with("between",
                 defaulted("scale", choice_type({"linear", "log", "integer"}), R"("linear")",
                           "How samples lie between: evenly, evenly in the logarithm, or on whole "
                           "numbers."))},
      {{{"values", "range", "between"}, true}});
}

TypeRef design_type() {
  const auto sampled = [](const char* name, const char* doc) {
    return optional(name, integer_type({1, static_cast<double>(kMaxVariations)}, "64"), doc);
  };
  return one_key_type(
      "design", "Which values go together.", choice_type({"grid", "together"}),
      {sampled("random", "So many variations, each value drawn on its own."),
       sampled("latin-hypercube",
               "So many variations; of each value one in each of as many equal parts."),
       sampled("sobol", "So many points of a Sobol sequence, which fill the space evenly.")});
}

TypeRef stop_type() {
  return object_type(
      "stop", "When replications end by themselves, in all variations at once.",
      {required("within", number_type({1e-6, 10}, "0.02"),
                "Half width of the interval of each metric's mean, as a share of the mean."),
       defaulted("confidence", number_type({0.5, 0.9999}, "0.95"), "0.95", "Of the intervals."),
       defaulted("least", integer_type({2, kMaxReplications}, "10"), "10",
                 "Seeds before the first look."),
       defaulted("batch", integer_type({1, kMaxReplications}, "10"), "10",
                 "Seeds from one look to the next.")});
}

}  // namespace

TypeRef variants_type() {
  return object_type(
      "variants", "Alternatives under which a run goes on from a moment.",
      {optional("$schema", text_type("variants.schema.json"), "For editors; not read."),
       optional("description", text_type("Had we scaled at 14:05?"),
                "What it asks, in a sentence."),
       required("variations", map_type(free_map_type(any_type("100")), 1),
                "By name: paths to values, as in a study; live keys only.")});
}

TypeRef study_type() {
  return object_type(
      "study", "Variations of a scenario, each run with the same seeds.",
      {optional("$schema", text_type("study.schema.json"), "For editors; not read."),
       required("name", text_type("scalers"), "Name."),
       optional("description", text_type("Which autoscaler?"), "What it asks, in a sentence."),
       required("base", text_type("../examples/storefront.json"),
                "The scenario, relative to this file."),
       optional("seed", integer_type({0, 9007199254740992.0}),
                "First seed; left out: that of the base."),
       defaulted("replications", integer_type({1, kMaxReplications}, "20"), "1",
                 "Seeds of each variation: the first and those that follow it; with stop, at "
                 "most so many."),
       optional("metrics", list_type(text_type("workloads.web.latency.p99"), 1),
                "What the study is about: compare looks at these, and stop too."),
       optional("margin", free_map_type(number_type({0, 1}, "0.01")),
                "By metric: a difference below this share of the base counts as none."),
       optional("stop", stop_type(),
                "Ends the replications as soon as the metrics are known well enough."),
       optional("vary", map_type(knob_type(), 1), "Values that vary, by name."),
       only_with("vary", defaulted("design", design_type(), R"("grid")",
                                   "Every value with every other, the first of each together and "
                                   "so on, or samples.")),
       optional("variations", map_type(free_map_type(any_type("100")), 1),
                "Variations by name, instead of vary: each sets paths to values. The base as it "
                "is goes first, as \"base\"."),
       optional("plan", plan_type(),
                "Instead of vary: what `hyperdc plan` searches, the least that meets objectives.")},
      {{{"vary", "variations", "plan"}, true}});
}

}  // namespace hyperdc
