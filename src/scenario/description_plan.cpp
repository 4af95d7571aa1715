// The key "plan" of a study: what is searched, what is minimised, and how sure the answer must be.
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

TypeRef plan_knob_type() {
  return object_type(
      "plan knob", "A value that the plan chooses, from the least capacity to the most.",
      {required("at", text_type("regions.us-east.racks.gpu.count"),
                "Where it is: a dotted path or a JSON Pointer, as --set takes it."),
       optional("also", list_type(text_type("workloads.web.replicas.max"), 1),
                "Further places that are set to the same value."),
       optional("values", list_type(any_type("100"), 1),
                "What it may be, in order: from what meets the objectives least easily."),
       optional("range", list_type(number_type({}), 1), "From, to and step: [1, 64, 1]."),
       optional("between", list_type(number_type({}), 1), "Least and most: [0.4, 0.9]."),
       only_with("between",
                 required("resolution", number_type({}), "Nobody cares for less than this.")),
       optional("unit", text_type("kW"),
                "Unit of the numbers of range and between, where the value has one."),
       defaulted("monotone", boolean_type(), "true",
                 "A later value never makes an objective harder to meet, nor the answer cheaper. "
                 "False: the plan makes no use of the order.")},
      {{{"values", "range", "between"}, true}});
}

TypeRef plan_minimize_type() {
  return one_key_type("minimize", "What is to be least.", text_type("racks"),
                      {optional("sum", free_map_type(number_type({})),
                                "Names of knobs and metrics, each with its weight.")});
}

TypeRef plan_replications_type() {
  return object_type(
      "plan replications", "How many seeds a candidate gets.",
      {defaulted("first", integer_type({2, 1000}, "8"), "8",
                 "Before the first look; from look to look twice as many."),
       defaulted("most", integer_type({2, 10000}, "64"), "64",
                 "At the last look; a candidate that is not decided then is undecided.")});
}

}  // namespace

TypeRef plan_type() {
  return object_type(
      "plan", "A search for the least capacity or cost that meets the objectives.",
      {required("knobs", map_type(plan_knob_type(), 1, 16), "What may be chosen, by name."),
       optional("minimize", plan_minimize_type(),
                "A knob, a metric (cost.total), or a weighted sum; of a single knob: that knob."),
       optional("objectives", list_type(objective_type(), 1),
                "What must hold for the mean over seeds; left out: the objectives of the base."),
       defaulted("confidence", number_type({0.5, 0.9999}, "0.95"), "0.95",
                 "That all verdicts of the plan hold together."),
       defaulted("replications", plan_replications_type(), "{}", "Seeds of a candidate."),
       defaulted("candidates", integer_type({2, 10000}, "200"), "200",
                 "At most so many candidates are run.")});
}

}  // namespace hyperdc
