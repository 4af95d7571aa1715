// Workloads of kind elastic-training: jobs whose accelerators and batch change while they run.
#include <hyperdc/policy/allocator.hpp>

#include "scenario/description.hpp"
#include "scenario/policy_choice.hpp"

namespace hyperdc {
Variant elastic_variant() {
  constexpr double day = 86'400;  // s
  const TypeRef interval = quantity_type(Dimension::time, "60 s", {1e-3, 365 * day});
  const TypeRef restart = quantity_type(Dimension::time, "30 s", {0, day});
  const TypeRef kind = object_type(
      "elastic kind",
      "Of one type of accelerators: steps that were measured on it, or how much faster it is.",
      {optional("steps", file_type("steps-a100.csv.gz"), "As those of the profile."),
       optional("speeds", map_type(number_type({1e-3, 1e3}, "2.5")),
                "Of each application, times as fast as the steps of the profile; the exchange of "
                "gradients takes as long.")});
  const TypeRef profile = object_type(
      "elastic profile",
      "What was measured of the applications; the reference of traces has the "
      "columns.",
      {required("steps", file_type("steps.csv.gz"), "Times of steps by placement and batch."),
       required("progress", file_type("progress.csv.gz"),
                "What each epoch is worth, and its gradients, by batch."),
       defaulted("kinds", map_type(kind), "{}",
                 "By type of accelerators, of a pool with several.")});
  const TypeRef application = object_type(
      "elastic application", "What is not to be read off its profile.",
      {optional("local_batch", integer_type({1, 1e9}, "8"),
                "Most samples of an accelerator at a time; without it the most that was measured."),
       optional("accelerators", integer_type({1, 1e6}, "1"), "At most, of a job."),
       optional("batch", integer_type({1, 1e9}, "32768"),
                "Kept by allocators that choose the batch."),
       optional("restart", restart, "Of its jobs; without it that of the workload."),
       defaulted("slowdown", number_type({1, 100}, "1.2"), "1",
                 "Times as long as its steps take, with all that is beside them.")});
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
