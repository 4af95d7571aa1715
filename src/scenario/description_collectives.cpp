// Collectives: what ranks exchange, and how often.
#include "ai/collective/collective.hpp"
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

std::vector<std::string> operations() {
  std::vector<std::string> names;
  for (const CollectiveOp op : kCollectiveOps) names.emplace_back(name(op));
  return names;
}

std::vector<std::string> algorithms() {
  std::vector<std::string> names{"auto"};
  for (const CollectiveAlgorithm algorithm : kCollectiveAlgorithms) {
    names.emplace_back(name(algorithm));
  }
  return names;
}

}  // namespace

std::vector<Field> collective_fields() {
  return {
      defaulted("operation", choice_type(operations()), "\"all-reduce\"", "What is exchanged."),
      required("bytes", quantity_type(Dimension::bytes, "1 GiB", {1, 0x1p50}),
               "Size of the whole array, as nccl-tests count it."),
      defaulted("algorithm", choice_type(algorithms()), "\"auto\"",
                "How; auto: the one that is fastest without other traffic."),
      defaulted("library", choice_type({"none", "nccl-ampere", "nccl-hopper"}), "\"none\"",
                "Whose choice auto makes: that of a library by its table in the catalog, on this "
                "generation of accelerators; none: the closed form's."),
      defaulted("library_cpu", choice_type({"intel", "amd"}), "\"intel\"",
                "Processors of the hosts, by which the table of a library differs."),
      defaulted("step_latency", time_type("4 us"), "\"0 s\"",
                "What software and devices add to the latency of each step."),
  };
}

TypeRef communication_type() {
  std::vector<Field> fields = collective_fields();
  fields.push_back(
      required("every", time_type("250 ms", kNanosecond),
               "Work between two collectives; a job stands still while it exchanges."));
  return object_type("communication",
                     "Collectives among the accelerators of a job, or its servers where the fabric "
                     "has one endpoint for each of them.",
                     std::move(fields));
}

Variant collectives_variant() {
  std::vector<Field> fields = collective_fields();
  std::vector<Field> more = {
      optional("region", text_type("us-east"),
               "Whose fabric; may be left out if one region has one."),
      required("ranks", integer_type({2, 4e6}, "1024"), "Endpoints that take part."),
      defaulted("first", integer_type({0, 1e9}, "0"), "0", "The endpoint of rank 0."),
      defaulted("stride", integer_type({1, 1e6}, "8"), "1",
                "From one rank's endpoint to the next."),
      defaulted("order", choice_type({"listed", "shuffled"}), "\"listed\"",
                "shuffled: ranks lie on these endpoints at random, as a scheduler without a sense "
                "of place would have them."),
      defaulted("compute", distribution_type(Dimension::time, "250 ms", {0, kMaxSeconds}),
                "\"0 s\"", "Time before each collective."),
      defaulted("count", integer_type({0, kMaxJobs}, "100"), "0",
                "Number of collectives; 0: until the end of the run."),
      defaulted("start", time_type("10 s"), "\"0 s\"", "When the first computation begins."),
      defaulted("fidelity", choice_type({"flows", "closed-form"}), "\"flows\"",
                "flows share the fabric with other traffic; closed-form is as if there were none."),
  };
  for (Field& field : more) fields.push_back(std::move(field));
  return {"collectives",
          "Ranks that compute and exchange, again and again: the traffic of training.",
          std::move(fields),
          {}};
}

}  // namespace hyperdc
