// What decides where the requests of a service go, which are refused, and what clients do then.
#include <hyperdc/policy/admission.hpp>
#include <hyperdc/policy/router.hpp>

#include "scenario/description.hpp"
#include "scenario/policy_choice.hpp"

namespace hyperdc {
namespace {

TypeRef budget_type() {
  return object_type(
      "retry budget", "How many retries the requests of all clients together may cause.",
      {defaulted("ratio", number_type({0, 1000}, "0.1"), "0.2",
                 "Retries that each request adds; a lower one keeps overload shorter."),
       defaulted("min_rate", quantity_type(Dimension::frequency, "10 /s", {0, 1e6}), "\"10 /s\"",
                 "Retries allowed however few requests there are."),
       defaulted("window", time_type("10 s", 1e-3), "\"10 s\"", "For how long a request counts.")});
}

TypeRef retry_type() {
  return object_type(
      "retry", "What a client does when an attempt fails: it timed out, was refused or got lost.",
      {required("max_attempts", integer_type({1, kMaxAttempts}, "3"),
                "Attempts of one request, the first included; more multiply the load of a service "
                "that fails."),
       defaulted("backoff", time_type("25 ms"), "\"25 ms\"", "The pause after the first failure."),
       defaulted("multiplier", number_type({1, 100}, "2"), "2",
                 "Each further pause is longer by this factor."),
       defaulted("max_backoff", time_type("250 ms"), "\"250 ms\"", "The longest pause."),
       defaulted(
           "jitter", choice_type({"none", "full", "equal"}), "\"full\"",
           "full: a random part of the pause; equal: half of it and a random part of the other "
           "half."),
       optional("budget", budget_type(), "Without it every request may use all of its attempts.")});
}

TypeRef breaker_type() {
  return object_type(
      "circuit breaker", "Clients send nothing for a while when too many attempts fail.",
      {defaulted("failure_rate", number_type({0.001, 1}, "0.5"), "0.5",
                 "Share of failures in the window at which it opens, in thousandths."),
       optional("window_calls", integer_type({1, kMaxWindowCalls}, "100"),
                "The window is the last so many attempts; without it and window: 100."),
       optional("window", time_type("10 s", 1e-6), "The window is this time."),
       defaulted("minimum_calls", integer_type({1, kMaxWindowCalls}, "100"), "100",
                 "Attempts in the window before it may open; of a window of calls no more than it "
                 "holds."),
       defaulted("open", time_type("60 s", kNanosecond), "\"60 s\"",
                 "How long nothing is sent before it tries again."),
       defaulted("probes", integer_type({1, kMaxWindowCalls}, "10"), "10",
                 "Attempts by which it then decides to close or to open again.")});
}

}  // namespace

TypeRef client_type() {
  return object_type(
      "client", "What those who send requests do when answers are late or fail.",
      {optional(
           "timeout", time_type("1 s", kNanosecond),
           "An attempt without an answer by then has failed; without it clients wait for ever."),
       optional("retry", retry_type(), "Without it a request that fails is lost."),
       optional("breaker", breaker_type(), "Without it clients never stop sending.")});
}

TypeRef router_type() {
  return tagged_type("router", "To which replica a request goes.", "policy", variants_of(routers()),
                     confusions_with(region_routers(), "region_router"));
}

TypeRef region_router_type() {
  return tagged_type("region router", "To which region a request goes.", "policy",
                     variants_of(region_routers()), confusions_with(routers(), "router"));
}

TypeRef admission_type() {
  return tagged_type("admission", "Which requests a replica takes, drops, and serves next.",
                     "policy", variants_of(admissions()));
}

}  // namespace hyperdc
