// Services: where their replicas run, who asks, and whom they call.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>

#include <hyperdc/core/units.hpp>
#include <hyperdc/policy/router.hpp>

#include "core/text.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_autoscaler.hpp"
#include "scenario/resolve_classes.hpp"
#include "scenario/resolve_demand.hpp"
#include "scenario/resolve_fluid.hpp"
#include "scenario/resolve_inference.hpp"
#include "scenario/resolve_jobs.hpp"
#include "scenario/resolve_replication.hpp"
#include "scenario/resolve_residency.hpp"
#include "scenario/resolve_rollouts.hpp"
#include "scenario/resolve_service_network.hpp"
#include "scenario/resolve_service_policies.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMaxServices = 1000;
constexpr std::size_t kMaxDeployments = 255;

std::vector<std::string> pool_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const PoolSpec& pool : scenario.pools) names.push_back(pool.name);
  return names;
}

/// Indexes of the pools of a service; empty, with a problem, where that cannot be told.
std::vector<std::uint32_t> pools_of(Resolution& r, const View& workload) {
  const View list = workload["pools"];
  const std::vector<std::string> known = pool_names(r.scenario);
  if (!list) {
    if (known.size() == 1 && list.json() == nullptr) return {0};
    if (known.empty()) no_pools(r, workload);
    if (known.size() > 1 && list.json() == nullptr) {
      r.error("E011", View(workload.json(), workload.path() + ".pools"), "is missing",
              fmt::format("there are {} pools; add \"pools\": [\"{}\"]", known.size(), known[0]));
    }
    return {};
  }
  return named_once(r, list, "pool", known);
}

/// The region in which all racks of a pool are; nothing, with a problem, if they are in several.
std::optional<std::uint32_t> region_of(Resolution& r, const View& at, const PoolSpec& pool) {
  std::set<std::uint32_t> regions;
  for (const std::uint32_t rack : pool.racks) regions.insert(r.scenario.racks[rack].region);
  if (regions.size() == 1) return *regions.begin();
  if (regions.size() > 1) {
    r.error("E034", at,
            fmt::format("pool \"{}\" has racks in {} regions; a service needs pools of one region "
                        "each",
                        pool.name, regions.size()),
            "choose racks with \"in\" and make a pool for each region");
  }
  return std::nullopt;
}

void resolve_deployments(Resolution& r, const View& workload, ServiceWorkload& out) {
  for (const std::uint32_t index : pools_of(r, workload)) {
    const PoolSpec& pool = r.scenario.pools[index];
    if (!r.pool_known[index]) continue;
    const auto region = region_of(r, workload["pools"], pool);
    if (!region) continue;
    if (workload["instance"] && !fits_somewhere(r.scenario, pool, out.instance.each)) {
      r.error("E039", workload["instance"],
              fmt::format("no server of pool \"{}\" can hold a replica", pool.name));
    }
    DeploymentSpec deployment;
    deployment.name = pool.name;
    deployment.pool = index;
    deployment.region = *region;
    deployment.workload = static_cast<std::uint32_t>(r.scenario.workloads.size());
    JobsWorkload replicas;
    replicas.name = fmt::format("{}@{}", out.name, pool.name);
    replicas.pool = index;
    replicas.service = static_cast<std::uint32_t>(r.scenario.services.size());
    replicas.jobs.workload = replicas.name;
    replicas.cpu_utilization = 0;  // told by the service
    replicas.accelerator_utilization = 0;
    r.scenario.workloads.push_back(std::move(replicas));
    out.deployments.push_back(std::move(deployment));
  }
  if (out.deployments.size() > kMaxDeployments) {
    r.error("E035", workload["pools"], fmt::format("more than {} pools", kMaxDeployments));
  }
}

InstanceSpec instance_of(Resolution& r, const View& instance) {
  InstanceSpec out;
  out.each.cores_milli = std::llround(std::ceil(instance["cores"].number() * 1000 - 1e-6));
  out.each.memory_bytes = std::llround(std::ceil(instance["memory"].number()));
  out.each.accelerators = static_cast<std::int32_t>(instance["accelerators"].number());
  out.each.accelerator_milli = out.each.accelerators > 0 ? kWholeAccelerator : 0;
  out.concurrency = static_cast<std::uint32_t>(std::max(1.0, instance["concurrency"].number()));
  if (instance["discipline"].text() == "ps") out.discipline = Discipline::ps;
  if (const View v = instance["queue_limit"]) {
    out.queue_limit = static_cast<std::uint64_t>(v.number());
  }
  out.start_s = distribution_of(r, instance["start"]);
  if (const View v = instance["warmup"]) {
    out.warmup = v["for"].duration();
    out.warmup_speed = v["speed"].number();
  }
  if (const View v = instance["drain"]) out.drain = v.duration();
  out.priority = static_cast<std::int32_t>(instance["priority"].number());
  out.utilization = instance["utilization"].number();
  return out;
}

void resolve_replicas(Resolution& r, const View& replicas, ServiceWorkload& out) {
  const View max = replicas["max"];
  const View initial = replicas["initial"];
  const auto count = [](const View& v) { return static_cast<std::uint32_t>(v.number()); };
  out.replicas.min = count(replicas["min"]);
  out.replicas.initial = initial ? count(initial) : out.replicas.min;
  out.replicas.max = max ? count(max) : std::max(out.replicas.min, out.replicas.initial);
  if (out.replicas.max < out.replicas.min) {
    r.error("E034", max, "max is below min");
  } else if (out.replicas.initial < out.replicas.min || out.replicas.initial > out.replicas.max) {
    r.error("E034", initial, "initial is not between min and max");
  }
}

std::optional<WarmPoolSpec> warm_pool_of(const View& pool) {
  if (!pool) return std::nullopt;
  return WarmPoolSpec{static_cast<std::uint32_t>(std::max(1.0, pool["size"].number())),
                      pool["start"].duration()};
}

/// What a replica alone takes from its place on a server until it serves, on average.
double cold_start_s(const Scenario& scenario, const ServiceWorkload& service) {
  const double start_s = Distribution(service.instance.start_s).mean();
  if (!service.inference || service.inference->engines.empty()) return start_s;
  const EngineSpec& engine = service.inference->engines.front();
  if (!engine.store) return start_s + to_seconds(engine.load);
  const StoreSpec& store = scenario.stores[*engine.store];
  return start_s + to_seconds(store.latency) + engine.weight_bytes / store.client_rate_Bps;
}

/// One that waits started is for being sooner.
void check_warm_pool(Resolution& r, const View& pool, const ServiceWorkload& service) {
  const View start = pool["start"];
  if (!start || !distribution_problem(service.instance.start_s).empty()) return;
  const double cold_s = cold_start_s(r.scenario, service);
  if (start.number() <= cold_s) return;
  const auto shown = [](double s) { return format_for_people(s, Dimension::time); };
  r.error("E034", start,
          fmt::format("a warm replica is ready after {}, and one from nothing after {}",
                      shown(start.number()), shown(cold_s)),
          "at most instance.start and the load of weights");
}

/// Does a service call this one? Such a one needs no demand of its own.
bool is_called(const Resolution& r, const std::string& name) {
  for (const auto& [_, other, span] : r.spec["workloads"].each()) {
    if (other["handoff"]["to"].text() == name) return true;
    for (const auto& [index, call, at] : other["calls"].each()) {
      if (call["to"].text() == name) return true;
    }
  }
  return false;
}

/// Replays and closed loops say themselves who asks; everything else needs a demand.
void check_demand(Resolution& r, const View& workload, const ServiceWorkload& service) {
  const bool has_demand = workload["demand"].json() != nullptr;
  const bool has_origins = workload["origins"].json() != nullptr;
  if (has_demand && has_origins) {
    r.error("E015", workload["origins"], "\"demand\" and \"origins\" exclude each other");
  } else if (!needs_curve(service.arrivals) && (has_demand || has_origins)) {
    r.error("E016", has_demand ? workload["demand"] : workload["origins"],
            "these arrivals do not come from a demand curve", "remove it, or change \"arrivals\"");
  } else if (needs_curve(service.arrivals) && !has_demand && !has_origins &&
             !is_called(r, service.name) && (!service.inference || workload["requests"])) {
    r.error("E011", View(workload.json(), workload.path() + ".demand"), "is missing",
            R"(add "demand": "100 /s", or "origins" with a demand for each region)");
  }
}

void resolve_origins(Resolution& r, const View& workload, ServiceWorkload& out) {
  check_demand(r, workload, out);
  if (!needs_curve(out.arrivals)) {
    if (!out.deployments.empty()) out.origins.push_back({out.deployments[0].region, std::nullopt});
    return;
  }
  if (const View demand = workload["demand"]) {
    const DemandSpec spec = demand_of(r, demand);
    if (!out.deployments.empty()) out.origins.push_back({out.deployments[0].region, spec});
  }
  std::vector<std::string> known;
  for (const Region& region : r.scenario.regions) known.push_back(region.name);
  for (const auto& [name, value, span] : workload["origins"].each()) {
    const auto it = std::find(known.begin(), known.end(), name);
    if (it == known.end()) {
      r.unknown(View(value.json(), value.path()), "region", known);
      continue;
    }
    out.origins.push_back({static_cast<std::uint32_t>(it - known.begin()), demand_of(r, value)});
  }
}

/// Every origin must know how far it is to every deployment.
void resolve_latencies(Resolution& r, const View& workload, const ServiceWorkload& out) {
  if (r.scenario.regions.size() == 1) return;
  for (const OriginSpec& origin : out.origins) {
    for (const DeploymentSpec& deployment : out.deployments) {
      latency_of(r, workload, origin.region, deployment.region);
    }
  }
}

SensorSpec sensors_of(Resolution& r, const View& sensors) {
  SensorSpec out;
  out.scrape = sensors["scrape"].duration();
  out.window = sensors["window"].duration();
  out.delay = sensors["delay"].duration();
  out.loss = sensors["loss"].number();
  if (sensors["scrape"] && sensors["window"] && out.window < out.scrape) {
    r.error("E034", sensors["window"], "a reading covers less than one sample");
  }
  return out;
}

HealthCheckSpec health_check_of(Resolution& r, const View& check) {
  HealthCheckSpec out;
  out.interval = check["interval"].duration();
  out.timeout = check["timeout"].duration();
  out.connect_timeout = check["connect_timeout"].duration();
  out.healthy = static_cast<std::uint32_t>(check["healthy_threshold"].number());
  out.unhealthy = static_cast<std::uint32_t>(check["unhealthy_threshold"].number());
  if (check["interval"] && check["timeout"] && out.timeout > out.interval) {
    r.error("E034", check["timeout"], "a check fails after the next one was due");
  }
  return out;
}

/// Spreading tells the zones of a pool apart by one bit each.
void check_zones(Resolution& r, const View& at, const ServiceWorkload& service) {
  for (const DeploymentSpec& deployment : service.deployments) {
    const PoolSpec& pool = r.scenario.pools[deployment.pool];
    std::set<std::string> zones;
    for (const std::uint32_t rack : pool.racks) {
      zones.insert(zone_name(r.scenario, r.scenario.racks[rack]));
    }
    if (zones.size() <= kMaxZonesOfPool) continue;
    r.error("E035", at,
            fmt::format("pool \"{}\" has {} zones; replicas are spread over at most {}", pool.name,
                        zones.size(), kMaxZonesOfPool));
  }
}

void resolve_service(Resolution& r, const std::string& name, const View& workload) {
  ServiceWorkload out;
  out.name = name;
  out.instance = instance_of(r, workload["instance"]);
  resolve_deployments(r, workload, out);
  resolve_replicas(r, workload["replicas"], out);
  out.warm_pool = warm_pool_of(workload["warm_pool"]);
  out.arrivals = request_arrivals_of(r, workload["arrivals"]);
  if (workload["kind"].text() == "service") {
    resolve_classes(r, workload, out);
  } else {
    resolve_inference(r, workload, out);
  }
  check_warm_pool(r, workload["warm_pool"], out);
  out.slo_windows = slo_windows_of(r, workload["slo_windows"], out);
  resolve_origins(r, workload, out);
  out.sessions = static_cast<std::uint64_t>(workload["sessions"].number());
  out.autoscaler = autoscaler_of(r, workload["autoscaler"]);
  out.router = router_of(workload["router"]);
  out.region_router = region_router_of(workload["region_router"]);
  check_carbon_known(r, workload["region_router"], out);
  out.admission = admission_of(r, workload["admission"], out);
  out.client = client_of(r, workload["client"]);
  resolve_latencies(r, workload, out);
  if (workload["fidelity"].text() == "fluid") out.fidelity = Fidelity::fluid;
  out.network = service_network_of(r, workload["network"], out.deployments);
  resolve_payload(r, workload, out);
  resolve_residency(r, workload, out);
  out.replication = replication_of(r, workload, out);
  if (out.fidelity == Fidelity::fluid) check_fluid(r, workload, out);
  out.sensors = sensors_of(r, workload["sensors"]);
  if (const View check = workload["health_check"]) out.health_check = health_check_of(r, check);
  resolve_rollouts(r, workload["rollouts"], out);
  out.spread = workload["spread"].text() == "zones";
  if (out.spread) check_zones(r, workload["spread"], out);
  if (workload["call_order"].text() == "fan-out") out.call_order = CallOrder::fan_out;
  out.hold = workload["hold"].flag();
  if (r.spec["duration"].json() == nullptr) {
    r.error("E033", workload, "a service never ends", R"(add "duration": "7 d" to the scenario)");
  }
  r.scenario.services.push_back(std::move(out));
}

/// Calls name services, and no service calls itself, through others or not.
class Calls {
 public:
  explicit Calls(Resolution& r) : r_(r) {}

  void resolve() {
    std::uint32_t index = 0;
    for (const auto& [name, workload, _] : r_.spec["workloads"].each()) {
      if (!workload || !is_endpoint(workload)) continue;
      read(workload, r_.scenario.services[index]);
      places_.push_back(workload["calls"]);
      ++index;
    }
    state_.assign(places_.size(), 0);
    for (std::uint32_t i = 0; i < places_.size(); ++i) visit(i);
  }

 private:
  void read(const View& workload, ServiceWorkload& service) {
    for (const auto& [_, call, span] : workload["calls"].each()) {
      if (!call["to"]) continue;
      const auto to = service_named(r_, call["to"], "service");
      if (!to) continue;
      check_call_to_fluid(r_, call, r_.scenario.services[*to]);
      check_distances(call, service, r_.scenario.services[*to]);
      check_endpoint(call["to"], r_.scenario.services[*to]);
      service.calls.push_back(
          {*to, static_cast<std::uint32_t>(call["count"].number()), call["probability"].number()});
    }
  }

  /// An endpoint that is called draws what it is asked.
  void check_endpoint(const View& at, const ServiceWorkload& to) {
    const View of = r_.spec["workloads"][to.name];
    if (to.inference && (to.inference->handed || of["requests"]["trace"])) {
      r_.error("E034", at,
               fmt::format("\"{}\" serves {}", to.name,
                           to.inference->handed ? "what others hand over" : "a trace, and no more"),
               "an endpoint that has \"generate\" in its requests");
    }
  }

  void check_distances(const View& call, const ServiceWorkload& from, const ServiceWorkload& to) {
    if (r_.scenario.regions.size() == 1) return;
    for (const DeploymentSpec& caller : from.deployments) {
      for (const DeploymentSpec& callee : to.deployments) {
        latency_of(r_, call, caller.region, callee.region);
      }
    }
  }

  void visit(std::uint32_t service) {
    if (state_[service] == 2) return;
    if (state_[service] == 1) {
      r_.error("E038", places_[service],
               fmt::format("service \"{}\" calls itself, through others or directly",
                           r_.scenario.services[service].name));
      return;
    }
    state_[service] = 1;
    for (const CallSpec& call : r_.scenario.services[service].calls) visit(call.service);
    state_[service] = 2;
  }

  Resolution& r_;
  std::vector<View> places_;
  std::vector<int> state_;  // 0 not seen, 1 on the way, 2 done
};

}  // namespace

std::optional<std::uint32_t> service_named(Resolution& r, const View& at, std::string_view kind) {
  std::vector<std::string> known;
  for (const ServiceWorkload& other : r.scenario.services) known.push_back(other.name);
  const auto it = std::ranges::find(known, at.text());
  if (it != known.end()) return static_cast<std::uint32_t>(it - known.begin());
  r.unknown(at, kind, known);
  return std::nullopt;
}

namespace {

void check_autoscalers(Resolution& r) {
  std::uint32_t index = 0;
  for (const auto& [name, workload, _] : r.spec["workloads"].each()) {
    if (!workload || !is_endpoint(workload)) continue;
    check_metrics(r, workload, r.scenario.services[index++]);
  }
}

}  // namespace

void resolve_services(Resolution& r) {
  for (const auto& [name, workload, _] : r.spec["workloads"].each()) {
    if (!workload || !is_endpoint(workload)) continue;
    if (r.scenario.services.size() == kMaxServices) {
      r.error("E035", workload, fmt::format("more than {} services", kMaxServices));
      return;
    }
    resolve_service(r, name, workload);
  }
  resolve_handoffs(r);
  check_autoscalers(r);
  Calls(r).resolve();
}

}  // namespace hyperdc
