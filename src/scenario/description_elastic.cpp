// Workloads of kind elastic-training: jobs whose accelerators and batch change while they run.
#include <hyperdc/policy/allocator.hpp>

#include "scenario/description.hpp"
#include "scenario/policy_choice.hpp"

namespace hyperdc {
Variant elastic_variant() {
  constexpr double day = 86'400;  // s
  const TypeRef interval = quantity_type(Dimension::time, "60 s", {1e-3, 365 * day});
  const TypeRef restart = quantity_type(Dimension::time, "30 s", {0, day});
  const TypeRef profile = object_type(
      "elastic profile",
      "What was measured of the applications; the reference of traces has the "
      "columns.",
      {required("steps", file_type("steps.csv.gz"), "Times of steps by placement and batch."),
       required("progress", file_type("progress.csv.gz"),
                "What each epoch is worth, and its gradients, by batch.")});
  const TypeRef application = object_type(
      "elastic application", "What is not to be read off its profile.",
      {optional("local_batch", integer_type({1, 1e9}, "8"),
                "Most samples of an accelerator at a time; without it the most that was measured."),
       optional("accelerators", integer_type({1, 1e6}, "1"), "At most, of a job."),
       optional("batch", integer_type({1, 1e9}, "32768"),
                "Kept by allocators that choose the batch.")});
  const TypeRef allocator =
      tagged_type("allocator", "How many accelerators each job has, and where.", "policy",
                  variants_of(allocators()));
  return {
      "elastic-training",
      "Training jobs that an allocator gives more or fewer accelerators as they run.",
      {optional("pool", text_type("t4"), "Where they run, alone; may be left out if there is one."),
       required("jobs", file_type("workload-1.csv"), "Who comes when, a CSV."),
       required("profile", profile, "How fast each application trains on what."),
       defaulted("applications", map_type(application), "{}", "Limits of applications."),
       required("allocator", allocator, "Who decides."),
       defaulted("interval", interval, "\"60 s\"", "Between decisions."),
       defaulted("restart", restart, "\"30 s\"",
                 "From a change of what a job has until it works again."),
       defaulted("interference", number_type({0, 0.99}, "0.25"), "0",
                 "Share of its speed that a job on several servers loses where another such "
                 "job is on one of them."),
       defaulted("cores", number_type({0, 1000}, "12"), "1", "That come with each accelerator."),
       defaulted("memory", quantity_type(Dimension::bytes, "48 GiB", {0, 1e13}), "\"0 B\"",
                 "The same."),
       defaulted("utilization", number_type({0, 1}, "0.9"), "1", "Of accelerators, for power.")},
      {}};
}

}  // namespace hyperdc
