#include "scenario/resolve_service_policies.hpp"

#include <fmt/format.h>

#include <hyperdc/policy/admission.hpp>
#include <hyperdc/policy/router.hpp>

#include "scenario/policy_choice.hpp"
#include "scenario/policy_entry.hpp"

namespace hyperdc {
namespace {

RetrySpec retry_of(Resolution& r, const View& retry) {
  RetrySpec out;
  out.max_attempts = static_cast<std::uint32_t>(retry["max_attempts"].number());
  out.base = retry["backoff"].duration();
  out.multiplier = retry["multiplier"].number();
  out.cap = retry["max_backoff"].duration();
  const std::string jitter = retry["jitter"].text();
  out.jitter = jitter == "none" ? Jitter::none : jitter == "equal" ? Jitter::equal : Jitter::full;
  if (retry["max_backoff"] && retry["backoff"] && out.cap < out.base) {
    r.error("E034", retry["max_backoff"], "the longest pause is below the first");
    out.cap = out.base;
  }
  return out;
}

RetryBudgetSpec budget_of(const View& budget) {
  return {budget["ratio"].number(), budget["min_rate"].number(), budget["window"].duration()};
}

BreakerSpec breaker_of(Resolution& r, const View& breaker) {
  BreakerSpec out;
  out.failure_rate = breaker["failure_rate"].number();
  out.minimum_calls = static_cast<std::uint32_t>(breaker["minimum_calls"].number());
  out.open_for = breaker["open"].duration();
  out.probes = static_cast<std::uint32_t>(breaker["probes"].number());
  const View calls = breaker["window_calls"];
  if (calls) out.window_calls = static_cast<std::uint32_t>(calls.number());
  if (const View window = breaker["window"]) out.window = window.duration();
  if (calls && out.window) {
    r.error("E015", breaker, "\"window_calls\" and \"window\" exclude each other",
            "the window is a number of attempts or a time");
  }
  return out;
}

void check_scope(Resolution& r, const View& admission, const AdmissionEntry& entry,
                 const ServiceWorkload& service) {
  const bool engine = service.inference.has_value();
  if (entry.scope == AdmissionScope::queue && engine) {
    r.error("E034", admission["policy"],
            fmt::format("\"{}\" decides in the queue, which an engine keeps itself", entry.name),
            "\"token-deadline\" decides when a request arrives");
  } else if (entry.scope == AdmissionScope::engine && !engine) {
    r.error("E034", admission["policy"],
            fmt::format("\"{}\" goes by tokens, and these requests have none", entry.name),
            "\"deadline\" goes by requests");
  } else if (entry.scope == AdmissionScope::engine && !service.inference->slo_ttft) {
    r.error("E034", admission["policy"],
            fmt::format("\"{}\" needs an objective for the first token", entry.name),
            R"(add "slo": {"ttft": "500 ms"} to the workload)");
  }
}

}  // namespace

ClientSpec client_of(Resolution& r, const View& client) {
  ClientSpec out;
  if (const View timeout = client["timeout"]) out.timeout = timeout.duration();
  if (const View retry = client["retry"]) {
    out.retry = retry_of(r, retry);
    if (const View budget = retry["budget"]) out.budget = budget_of(budget);
  }
  if (const View breaker = client["breaker"]) out.breaker = breaker_of(r, breaker);
  return out;
}

PolicyChoice router_of(const View& router) {
  return choice_of(router, routers());
}

PolicyChoice region_router_of(const View& router) {
  return choice_of(router, region_routers());
}

void check_carbon_known(Resolution& r, const View& router, const ServiceWorkload& service) {
  const RegionRouterEntry* entry = find_entry_of(region_routers(), service.region_router);
  if (entry == nullptr || r.problems.failed()) return;  // the parameters may be broken
  if (!entry->make(service.region_router.params, {})->needs_carbon()) return;
  for (const DeploymentSpec& deployment : service.deployments) {
    const Region& region = r.scenario.regions[deployment.region];
    if (region.energy.carbon[static_cast<std::size_t>(CarbonMethod::average)]) continue;
    r.error("E034", router,
            fmt::format("\"{}\" goes by carbon, and region \"{}\" has none",
                        service.region_router.policy, region.name),
            R"(add "carbon": {"average": "300 g/kWh"} to its facility)");
  }
}

PolicyChoice admission_of(Resolution& r, const View& admission, const ServiceWorkload& service) {
  const View min = admission["min"];
  const View max = admission["max"];
  if (min && max && min.number() > max.number()) {
    r.error("E034", max, "the greatest limit is below the least");
  }
  for (const AdmissionEntry& entry : admissions()) {
    if (entry.name == admission["policy"].text()) check_scope(r, admission, entry, service);
  }
  return choice_of(admission, admissions());
}

std::optional<Duration> latency_of(Resolution& r, const View& at, std::uint32_t from,
                                   std::uint32_t to) {
  const std::optional<Duration> known = r.scenario.latency.one_way(from, to);
  if (!known) {
    const std::string& a = r.scenario.regions[from].name;
    const std::string& b = r.scenario.regions[to].name;
    r.error(
        "E037", at, fmt::format("the latency from \"{}\" to \"{}\" is not known", a, b),
        fmt::format("state it in \"latency\": {{\"pairs\": {{\"{}\": {{\"{}\": \"35 ms\"}}}}}}, or "
                    "give both regions a \"location\"",
                    a, b));
  }
  return known;
}

}  // namespace hyperdc
