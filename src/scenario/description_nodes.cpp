// Nodes: which servers of a pool are switched on.
#include <map>
#include <string>

#include <hyperdc/policy/autoscaler.hpp>
#include <hyperdc/policy/node_autoscaler.hpp>

#include "scenario/description.hpp"
#include "scenario/policy_choice.hpp"

namespace hyperdc {
namespace {

TypeRef stock_out_type() {
  const TypeRef window = object_type("stock-out window", "A time without servers to be had.",
                                     {required("at", time_type("2 h"), "Its begin."),
                                      required("for", time_type("30 min", 1e-9), "Its length."),
                                      optional("servers", list_type(text_type("general"), 1),
                                               "Only servers of these types; without it all.")});
  return object_type(
      "stock-out", "When servers that are asked for are not to be had.",
      {defaulted("probability", number_type({0, 1}, "0.05"), "0",
                 "That a request for servers of one group gets none."),
       defaulted("windows", list_type(window), "[]", "Times in which every request gets none.")});
}

/// What every node autoscaler has beside its own parameters.
std::vector<Field> bounds_fields() {
  const TypeRef count = integer_type({0, kMaxServers}, "4");
  return {defaulted("min", count, "0", "Servers that are never removed, all types together."),
          optional("max", count, "Servers at most; all of the pool's if absent."),
          optional("initial", count, "Up at the start, first listed first; min if absent."),
          optional("boot", distribution_type(Dimension::time, "90 s", {0, kMaxSeconds}),
                   "From the request until a server takes jobs; the boot_time of its type if "
                   "absent."),
          defaulted("stock_out", stock_out_type(), "{}",
                    "When servers that are asked for are not to be had."),
          defaulted("jobs", choice_type({"stay", "move"}), "\"stay\"",
                    "stay: a server with a job is not removed before its end; move: the job is "
                    "stopped, as on_failure of the pool says. Replicas of services move always.")};
}

}  // namespace

TypeRef nodes_type() {
  std::vector<Variant> variants = variants_of(node_autoscalers());
  for (Variant& variant : variants) {
    for (Field& field : bounds_fields()) variant.fields.push_back(std::move(field));
  }
  std::map<std::string, std::string> confusions;
  for (const AutoscalerEntry& entry : autoscalers()) {
    const std::string name(entry.name);
    confusions[name] = "\"" + name +
                       "\" scales the replicas of a service: it belongs to \"autoscaler\" of a "
                       "workload";
  }
  return tagged_type("nodes", "Which servers of a pool are switched on.", "policy",
                     std::move(variants), std::move(confusions));
}

}  // namespace hyperdc
