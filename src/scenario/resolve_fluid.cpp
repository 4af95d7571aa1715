#include "scenario/resolve_fluid.hpp"

#include <array>
#include <fmt/format.h>

#include <hyperdc/policy/router.hpp>

#include "scenario/fluid.hpp"
#include "scenario/policy_entry.hpp"

namespace hyperdc {
namespace {

constexpr std::uint32_t kMostFluidSlots = 1000;      // tables take seconds beyond
constexpr std::uint32_t kMostFluidSequences = 6000;  // several batches of them are tried
constexpr const char* kExact = R"(write "fidelity": "exact", or leave it out)";

void refuse_fluid(Resolution& r, const View& at, const std::string& what) {
  if (at) r.error("E045", at, fmt::format("a fluid service {}", what), kExact);
}

bool splits_by_shares(const PolicyChoice& choice) {
  const RegionRouterEntry* entry = find_entry_of(region_routers(), choice);
  if (entry == nullptr) return true;  // unknown: reported elsewhere
  const DeploymentView one;
  double share = 0;
  return entry->make(choice.params, RouterContext{})->shares({&one, 1}, {&share, 1});
}

}  // namespace

void check_fluid(Resolution& r, const View& workload, const ServiceWorkload& service) {
  if (workload["classes"] && service.classes.size() > 1) {
    refuse_fluid(r, workload["classes"], "has one class of requests");
  }
  if (workload["arrivals"] && !fluid_arrivals_cv2(service.arrivals)) {
    refuse_fluid(r, workload["arrivals"],
                 "takes arrivals along a demand: \"poisson\", \"gamma\" or \"weibull\"");
  }
  const auto cv2 = fluid_arrivals_cv2(service.arrivals);
  if (cv2 && *cv2 != 1 && service.instance.queue_limit) {
    refuse_fluid(r, workload["arrivals"],
                 "has formulas for a queue limit under Poisson arrivals only");
  }
  if (!service.inference && service.instance.concurrency > kMostFluidSlots) {
    refuse_fluid(r, workload["instance"]["concurrency"],
                 fmt::format("has formulas for up to {} slots a replica", kMostFluidSlots));
  }
  if (service.inference && service.instance.concurrency > kMostFluidSequences) {
    refuse_fluid(r, workload["engine"]["max_sequences"],
                 fmt::format("tries engines of up to {} sequences", kMostFluidSequences));
  }
  if (workload["router"] && !service.router.policy.empty() && !fluid_split(service.router)) {
    refuse_fluid(r, workload["router"],
                 "has formulas for \"random\", \"round-robin\", \"least-loaded\" and "
                 "\"power-of-two\" of one or two choices, loads not out of date");
  }
  if (service.deployments.size() > 1 && !splits_by_shares(service.region_router)) {
    refuse_fluid(r, workload["region_router"], "needs shares: \"nearest\" or \"weighted\"");
  }
  if (!service.admission.policy.empty() && service.admission.policy != "always") {
    refuse_fluid(r, workload["admission"], "admits all that \"instance.queue_limit\" has room for");
  }
  refuse_fluid(r, workload["client"]["breaker"], "has no circuit breaker");
  refuse_fluid(r, workload["network"], "moves no bytes: leave the network out");
  refuse_fluid(r, workload["slo_windows"], "has means: leave the windows of its objective out");
  refuse_fluid(r, workload["payload"], "moves no bytes: leave the payload out");
  refuse_fluid(r, workload["replication"], "writes nothing: leave replication out");
  refuse_fluid(r, workload["health_check"], "loses no single requests: leave health checks out");
  const View rollouts = workload["rollouts"];
  if (rollouts && !rollouts.each().empty()) refuse_fluid(r, rollouts, "has one version");
  refuse_fluid(r, workload["handoff"], "hands nothing over: it has no single requests");
  const View requests = workload["requests"];
  refuse_fluid(r, requests["trace"], "takes lengths drawn at random, along a demand");
  refuse_fluid(r, requests["generate"]["conversation"], "has no turns that follow each other");
  for (const char* key : {"adapters", "models"}) {
    refuse_fluid(r, workload["engine"][key], "serves one model");
  }
  const View calls = workload["calls"];
  if (calls && !calls.each().empty()) refuse_fluid(r, calls, "calls no other service");
  for (const RequestClass& k : service.classes) {
    if (!distribution_problem(k.service_s).empty()) continue;  // reported elsewhere
    const double mean_s = Distribution(k.service_s).mean();
    if (mean_s > 0 && mean_s < 1e300) continue;
    const View of = workload["classes"] ? workload["classes"][k.name] : workload;
    refuse_fluid(r, of["service_time"], "needs a service time with a mean");
  }
}

void check_call_to_fluid(Resolution& r, const View& call, const ServiceWorkload& called) {
  if (called.fidelity != Fidelity::fluid) return;
  refuse_fluid(r, call["to"], "cannot be called: it has no single requests");
}

}  // namespace hyperdc
