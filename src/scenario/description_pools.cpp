// Pools: racks under one scheduler and one placement.
#include <hyperdc/policy/placement.hpp>
#include <hyperdc/policy/scheduler.hpp>

#include "scenario/description.hpp"
#include "scenario/policy_choice.hpp"

namespace hyperdc {
namespace {

TypeRef tenant_type() {
  const auto amounts = [](std::string name, std::string doc) {
    return object_type(std::move(name), std::move(doc),
                       {optional("accelerators", number_type({0, 1e9}, "64"), "Devices."),
                        optional("cores", number_type({0, 1e9}, "512"), "Of these so many cores.")},
                       {{{"accelerators", "cores"}, false}});
  };
  return object_type(
      "tenant", "What a tenant may have of a pool.",
      {defaulted("shares", number_type({1e-6, 1e6}, "2"), "1",
                 "Of the pool, beside those of the other tenants: for the scheduler fair-share. A "
                 "tenant that is not named has 1."),
       optional("quota", amounts("quota", "What a tenant is assured."),
                "What it is assured, for the scheduler quota; without it nothing. What it does not "
                "name is not bounded."),
       optional("limit", amounts("limit", "What a tenant may hold at most."),
                "What it may hold at most, borrowed or not, for the scheduler quota.")});
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
                   defaulted("overhead", time_type("30 s"), "\"0 s\"",
                             "Added to the run time at each restart.")});
  const TypeRef on_failure = object_type(
      "on failure", "What happens to a job that loses a server or an accelerator.",
      {defaulted("mode", choice_type({"restart", "resume", "fail"}), "\"restart\"",
                 "restart: it waits again and its work is lost; resume: it waits again and its "
                 "work is kept; fail: it is given up."),
       optional("retries", integer_type({0, 1e6}, "3"),
                "How often it may start again; without it as often as need be."),
       defaulted("overhead", time_type("2 min"), "\"0 s\"",
                 "Added to the run time at each start after a failure.")});
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
       defaulted("on_failure", on_failure, "{}",
                 "What happens to a job that loses a server or an accelerator."),
       defaulted("tenants", map_type(tenant_type()), "{}",
                 "Tenants by name, as in the jobs: each has metrics of its own, and terms that "
                 "schedulers heed."),
       optional("nodes", nodes_type(),
                "Which servers are switched on; without it all of them, all the time."),
       optional("topology", topology_type(),
                "In which racks and pods gangs are placed; without it the placement chooses server "
                "by server."),
       defaulted("reservations", list_type(reservation_type()), "[]",
                 "Capacity that is kept from a moment on."),
       optional("defragment", defragment_type(),
                "Moves of running jobs that make room; without it none."),
       defaulted("idle_causes", boolean_type(), "false",
                 "Report why accelerators are not at work: each second of each has one cause."),
       defaulted("demand_points", list_type(share), "[]",
                 "Report allocation and fragmentation when the jobs that arrived so far ask for "
                 "these shares of the accelerators.")});
}

}  // namespace hyperdc
