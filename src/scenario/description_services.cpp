// Workloads of kind service: requests that replicas serve.
#include <fmt/format.h>

#include <hyperdc/policy/autoscaler.hpp>

#include "scenario/description.hpp"
#include "scenario/description_service_parts.hpp"
#include "scenario/policy_choice.hpp"

namespace hyperdc {
namespace {

Field service_time_field() {
  return optional("service_time", distribution_type(Dimension::time, "8 ms", {1e-9, kMaxSeconds}),
                  "Work of one request on one slot of a replica at full speed.");
}

TypeRef class_type() {
  Field work = service_time_field();
  work.required = true;
  return object_type(
      "request class", "Requests of one sort.",
      {defaulted("share", number_type({1e-9, 1e9}, "0.9"), "1",
                 "Weight among the classes of the service."),
       work, optional("slo", time_type("50 ms", 1e-9), "An answer within it is a good one."),
       defaulted("priority", integer_type({-1e6, 1e6}, "0"), "0", "Higher is more urgent.")});
}

TypeRef slo_windows_type() {
  return object_type(
      "windows of the objective", "How long a window is, and what it takes to meet it.",
      {defaulted("length", time_type("5 min", 1), "\"5 min\"", "Of each, from the warm-up on."),
       defaulted(
           "share", number_type({1e-6, 1}, "0.99"), "0.99",
           "Of the requests that arrived in it and have an objective: so many must be good.")});
}

TypeRef instance_type() {
  const std::vector<Field> held = holding_fields();
  const TypeRef warmup =
      object_type("warm-up", "A replica is slow at first: caches, compilers.",
                  {required("for", time_type("2 min", 1e-9), "How long, from ready on."),
                   required("speed", number_type({1e-3, 1}, "0.5"), "Share of the full speed.")});
  return object_type(
      "instance", "One replica.",
      {held[0], held[1], held[2],
       defaulted("concurrency", integer_type({1, 1e6}, "4"), "1",
                 "Slots: requests that it serves at a time at full speed."),
       defaulted("discipline", choice_type({"fcfs", "ps"}), "\"fcfs\"",
                 "fcfs: requests beyond the slots wait in order of arrival; ps: all that are there "
                 "share the slots equally."),
       optional("queue_limit", integer_type({0, 1e9}, "100"),
                "Requests beyond the slots that one replica takes; more are refused."),
       held[3], optional("warmup", warmup, "Lower speed after the start."), held[4], held[5],
       held[6]});
}

TypeRef replicas_type() {
  const TypeRef count = integer_type({0, 1e6}, "10");
  return object_type(
      "replica bounds", "Of each deployment.",
      {defaulted("min", count, "1", "Never fewer."),
       optional("max", count, "Never more; the larger of min and initial if absent."),
       optional("initial", count, "At the start, ready at once; min if absent.")});
}

TypeRef warm_pool_type() {
  return object_type(
      "warm pool",
      "Replicas of each deployment beyond those that are wanted: started, with their weights, they "
      "hold their servers and serve nothing until one more is wanted.",
      {required("size", integer_type({1, 1e6}, "2"), "So many are kept."),
       defaulted("start", time_type("5 s"), "\"0 s\"",
                 "Until one that is taken is ready, instead of instance.start and its load.")});
}

TypeRef sensors_type() {
  return object_type(
      "sensors", "What an autoscaler knows of its deployment.",
      {defaulted("scrape", time_type("15 s", 1e-3), "\"15 s\"",
                 "Time between samples; power is metered and lost replicas are replaced then too."),
       defaulted("window", time_type("60 s", 1e-3), "\"60 s\"", "What one reading covers."),
       defaulted("delay", time_type("30 s"), "\"0 s\"", "Age of the newest sample that is seen."),
       defaulted("loss", number_type({0, 0.999}, "0.05"), "0", "Share of samples that are lost.")});
}

TypeRef health_check_type() {
  const TypeRef threshold = integer_type({1, 1000}, "3");
  return object_type(
      "health check", "How the load balancer finds out which replicas answer.",
      {defaulted("interval", time_type("10 s", 1e-3), "\"30 s\"",
                 "Between the checks of a replica, from its place on a server on."),
       defaulted("timeout", time_type("1 s"), "\"5 s\"", "After which a check has failed."),
       defaulted("healthy_threshold", threshold, "1",
                 "A new replica gets requests when it has answered so many checks."),
       defaulted("unhealthy_threshold", threshold, "2",
                 "A replica that is gone gets none when so many checks in a row have failed."),
       defaulted("connect_timeout", time_type("5 s"), "\"10 s\"",
                 "After which a request to a replica that is gone has failed.")});
}

TypeRef call_type() {
  return object_type(
      "call", "Requests to another service.",
      {required("to", text_type("cart"), "A service of this scenario."),
       defaulted("count", integer_type({1, 1000}, "2"), "1", "So many at once."),
       defaulted("probability", number_type({0, 1}, "0.3"), "1", "Of each of them to be made.")});
}

TypeRef network_type() {
  const auto bytes = [](const char* example) {
    return quantity_type(Dimension::bytes, example, {0, 1e12});
  };
  return object_type(
      "service network", "Requests and answers on the fabric, as aggregate flows.",
      {required("request", bytes("2 kB"), "Mean size of a request."),
       required("response", bytes("80 kB"), "Mean size of an answer."),
       defaulted("interval", time_type("100 ms", 1e-4), "\"1 s\"",
                 "How often it is seen what is moved and what others leave of the links."),
       defaulted("gateways", integer_type({1, 1e5}, "4"), "1",
                 "Endpoints at which requests come in: the last ones of the fabric."),
       defaulted("weight", number_type({1e-3, 1e6}, "16"), "1",
                 "Share of a full link that the traffic of one replica gets, each way, relative to "
                 "one flow: its connections.")});
}

}  // namespace

Field fidelity_field() {
  return defaulted("fidelity", choice_type({"exact", "fluid"}), "\"exact\"",
                   "exact: each request is simulated; fluid: expected numbers from queueing "
                   "formulas, of an endpoint from trials of its engines, a step at each "
                   "sensors.scrape, for years of demand or billions of requests.");
}

std::vector<Field> holding_fields() {
  return {
      defaulted("cores", number_type({0, kMaxCores}, "4"), "1", "Held on its server."),
      defaulted("memory", quantity_type(Dimension::bytes, "8 GiB", {0, kMaxMemory}), "\"0 B\"",
                "Held on its server."),
      defaulted("accelerators", integer_type({0, 32}, "1"), "0", "Whole ones held on its server."),
      defaulted("start", distribution_type(Dimension::time, "45 s", {0, kMaxSeconds}), "\"0 s\"",
                "From its place on a server until it is ready."),
      optional("drain", time_type("30 s"),
               "How long a replica that leaves may finish what it has; without it, as long as "
               "it takes. What is left then fails."),
      defaulted("priority", integer_type({-1e9, 1e9}, "10"), "0",
                "Of its job in the pool, for schedulers with priorities."),
      defaulted("utilization", number_type({0, 1}, "0.8"), "1",
                "Of what it holds when every slot is taken, for power.")};
}

std::vector<Field> endpoint_fields() {
  return {
      optional("pools", list_type(text_type("web-east"), 1),
               "Where its replicas run, a deployment in each; may be left out if there is one "
               "pool."),
      optional("demand", demand_type(), "Requests a second, from the region of the first pool."),
      optional("origins", map_type(demand_type(), 1), "Requests a second by region."),
      defaulted("arrivals", request_arrivals_type(), R"({"poisson": {}})",
                "How requests are spread around the demand."),
      defaulted("sessions", integer_type({0, 1e12}, "100000"), "0",
                "Distinct clients, for routers that keep one at its replica; 0: none comes twice."),
      live(defaulted("replicas", replicas_type(), "{}", "Bounds on their number.")),
      live(defaulted("autoscaler", autoscaler_type(), R"({"policy": "none"})",
                     "How many replicas there should be.")),
      live(defaulted("router", router_type(), R"({"policy": "power-of-two"})",
                     "Which replica serves a request.")),
      live(defaulted("region_router", region_router_type(), R"({"policy": "nearest"})",
                     "Which deployment serves a request.")),
      defaulted("admission", admission_type(), R"({"policy": "always"})",
                "Which requests a replica takes and serves next."),
      defaulted("client", client_type(), "{}",
                "What clients do when the service is slow or fails."),
      defaulted("sensors", sensors_type(), "{}", "What the autoscaler knows."),
      defaulted("spread", choice_type({"none", "zones"}), "\"none\"",
                "zones: replicas of a pool are spread over its zones, the emptiest first; none: as "
                "the placement has it."),
      optional("health_check", health_check_type(),
               "How the load balancer knows the replicas; without it, it knows all at once."),
      defaulted("rollouts", list_type(rollout_type()), "[]", "New versions, by time."),
      optional("warm_pool", warm_pool_type(),
               "Replicas that wait started; without it new ones start from nothing."),
      optional("slo_windows", slo_windows_type(),
               "Windows of time that meet the objective or miss it: metrics windows_met and "
               "missed_time."),
      residency_field(),
  };
}

TypeRef autoscaler_type() {
  std::vector<Variant> variants = variants_of(autoscalers());
  variants.push_back({"preset",
                      "What a managed platform scales its endpoints by, from the catalog.",
                      {required("preset", text_type("sagemaker"), "An entry of catalog/platforms."),
                       optional("changes", free_map_type(any_type(R"({"target": 5})")),
                                "Parameters of its policy that are different here.")},
                      {}});
  return tagged_type("autoscaler", "How many replicas there should be.", "policy",
                     std::move(variants));
}

Variant service_variant() {
  // Resolved scenarios have their keys in this order.
  const std::vector<Field> shared = endpoint_fields();
  std::vector<Field> fields = {
      shared[0],
      fidelity_field(),
      shared[1],
      shared[2],
      shared[3],
      shared[4],
      service_time_field(),
      optional("classes", map_type(class_type(), 1), "Sorts of requests."),
      only_with("service_time",
                optional("slo", time_type("50 ms", 1e-9), "An answer within it is a good one.")),
      required("instance", instance_type(), "One replica."),
      shared[5],
      shared[6],
      shared[7],
      shared[8],
      shared[9],
      shared[10],
      shared[11],
      shared[12],
      shared[13],
      optional("network", network_type(),
               "What requests and answers move over the fabric of the region; without it that "
               "takes no time."),
      shared[14],
      shared[15],
      shared[16],
      shared[17],
      payload_field(false),
      replication_field(),
      defaulted("calls", list_type(call_type()), "[]",
                "Requests to other services, made when a request's own work is done."),
      defaulted("call_order", choice_type({"sequence", "fan-out"}), "\"sequence\"",
                "One call after the other, or all at once."),
      defaulted("hold", boolean_type(), "false",
                "true: a request keeps its slot while its calls are under way."),
  };
  return {"service",
          "Requests from a demand curve, served by replicas that an autoscaler adds and removes.",
          std::move(fields),
          {{{"service_time", "classes"}, true}}};
}

}  // namespace hyperdc
