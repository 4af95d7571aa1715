// Who owns AI compute.
#include "scenario/description.hpp"

namespace hyperdc {

TypeRef ownership_type() {
  const TypeRef share = number_type({0, 1}, "0.4");
  const TypeRef many = distribution_type(Dimension::none, "5e6", {0, 1e12});
  const TypeRef owner =
      object_type("owner", "One that owns accelerators.",
                  {required("accelerators", many,
                            "Reference accelerators; a distribution where sources differ."),
                   defaulted("factor", number_type({0, 100}, "0.5"), "1",
                             "Times them: below 1 what an export limit leaves."),
                   defaulted("rented_out", share, "0", "Share of them that others may rent."),
                   defaulted("largest_site", share, "1", "Share of them that can work on one run."),
                   sources_field()});
  const TypeRef run = object_type(
      "frontier run", "A training run that is asked for.",
      {required("flop", number_type({1, 1e40}, "5e26"), "Operations."),
       defaulted("time", time_type("100 d", 1), "\"100 d\"", "In which it must be done."),
       defaulted("mfu", number_type({0.01, 1}, "0.4"), "0.4", "Of the peak."),
       required("peak", quantity_type(Dimension::compute_rate, "989.5 TFLOP/s", {1, 1e30}),
                "Of a reference accelerator.")});
  return object_type(
      "ownership", "Who owns how much AI compute.",
      {required("owners", map_type(owner, 1, 1000), "Owners by name."),
       defaulted("others", many, "0", "Reference accelerators of many more."),
       defaulted("merge", list_type(list_type(text_type("google"), 2)), "[]",
                 "Owners that are taken as one."),
       optional("run", run, "A training run: how many owners can do it."), sources_field()});
}

}  // namespace hyperdc
