// Pools: racks under one scheduler and one placement.
#include <fmt/format.h>

#include <hyperdc/policy/placement.hpp>
#include <hyperdc/policy/scheduler.hpp>

#include "scenario/description.hpp"

namespace hyperdc {
namespace {

template <class Entries>
std::vector<Variant> variants_of(const Entries& entries) {
  std::vector<Variant> variants;
  for (const auto& entry : entries) {
    Variant variant{std::string(entry.name), std::string(entry.doc), {}, {}};
    for (const ParamSpec& spec : entry.params) variant.fields.push_back(param_field(spec));
    variants.push_back(std::move(variant));
  }
  return variants;
}

/// People write a placement where a scheduler belongs, and the other way round.
template <class Entries>
std::map<std::string, std::string> confusions_with(const Entries& entries, std::string_view kind) {
  std::map<std::string, std::string> hints;
  for (const auto& entry : entries) {
    hints[std::string(entry.name)] =
        fmt::format(R"("{0}" is a {1}; write "{1}": {{"policy": "{0}"}})", entry.name, kind);
  }
  return hints;
}

}  // namespace

TypeRef pool_type() {
  const TypeRef scheduler =
      tagged_type("scheduler", "Which waiting job starts next.", "policy",
                  variants_of(schedulers()), confusions_with(placements(), "placement"));
  const TypeRef placement =
      tagged_type("placement", "On which server it runs.", "policy", variants_of(placements()),
                  confusions_with(schedulers(), "scheduler"));
  const TypeRef preemption =
      object_type("preemption", "What happens to a job that gives way.",
                  {defaulted("mode", choice_type({"resume", "restart"}), "\"resume\"",
                             "resume: work so far is kept; restart: it is lost."),
                   defaulted("overhead", quantity_type(Dimension::time, "30 s", {0, kMaxSeconds}),
                             "\"0 s\"", "Added to the run time at each restart.")});
  const TypeRef share = number_type({0, 100}, "0.9");
  return object_type(
      "pool",
      "Racks that share one queue, one scheduler and one placement. Without accelerator, in and "
      "racks: all racks.",
      {optional("accelerator", text_type("h100-sxm"), "Only racks with this accelerator."),
       optional("in", list_type(text_type("us-east"), 1), "Only racks of these regions."),
       optional("racks", list_type(text_type("us-east.gpu"), 1), "Only these rack groups."),
       defaulted("scheduler", scheduler, R"({"policy": "fifo"})", "Which job starts next."),
       defaulted("placement", placement, R"({"policy": "first-fit"})", "On which server."),
       defaulted("ties", choice_type({"listed", "shuffled"}), "\"listed\"",
                 "Among equally good servers the first listed, or the first in an order that is "
                 "shuffled once a run."),
       optional("queue_limit", integer_type({0, kMaxJobs}, "100"),
                "Waiting jobs beyond it are rejected; 0: a job that cannot start at once."),
       defaulted("preemption", preemption, "{}", "What happens to a job that gives way."),
       defaulted("demand_points", list_type(share), "[]",
                 "Report allocation and fragmentation when the jobs that arrived so far ask for "
                 "these shares of the accelerators.")});
}

}  // namespace hyperdc
