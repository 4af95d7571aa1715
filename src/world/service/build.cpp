#include "world/service/build.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

#include "scenario/policy_entry.hpp"
#include "world/service/engine_capacity.hpp"
#include "world/service/fluid.hpp"
#include "world/service/inference.hpp"
#include "world/service/network.hpp"
#include "world/service/rollout.hpp"

namespace hyperdc {

namespace {

MetricId declare(Recorder& recorder, const std::string& name, std::string_view unit,
                 std::string_view meaning, MetricKind kind) {
  return recorder.declare({name, std::string(unit), std::string(meaning), kind});
}

struct CountName {
  std::string_view name, meaning;
};
constexpr std::array<CountName, RequestCounts::kKinds> kCountNames{{
    {"offered", "requests that arrived"},
    {"completed", "requests that were answered"},
    {"failed", "requests that were given up"},
    {"good", "requests that were answered within their slo"},
    {"retries", "further attempts"},
    {"timed_out", "attempts that were not answered in time"},
    {"refused", "attempts that no replica took, or that one threw out of its queue"},
    {"crashed", "attempts that were at a replica when it was lost"},
    {"blocked", "attempts that an open circuit breaker did not let out"},
    {"wasted", "answers that nobody waited for any more"},
    {"unreachable", "attempts that were sent to a replica that was gone"},
    {"confined", "attempts that failed where they may be served, while others had room"},
}};

void declare_service(Recorder& recorder, ServiceState& service) {
  const std::string prefix = "workloads." + service.spec->name + ".";
  ServiceMetrics& m = service.metrics;
  m.latency = declare(recorder, prefix + "latency", "s",
                      "from arrival to answer, as callers see it", MetricKind::sample);
  if (service.spec->instance.discipline == Discipline::fcfs) {
    m.queue_wait =
        declare(recorder, prefix + "queue_wait", "s",
                "from arrival at a replica to the beginning of service", MetricKind::sample);
  }
  if (service.spec->classes.size() > 1) {
    for (const RequestClass& k : service.spec->classes) {
      m.class_latency.push_back(declare(recorder, prefix + "classes." + k.name + ".latency", "s",
                                        "latency of requests of this class", MetricKind::sample));
    }
  }
  for (std::size_t kind = 0; kind < RequestCounts::kKinds; ++kind) {
    if (kind == static_cast<std::size_t>(Count::unreachable) && !service.spec->health_check) {
      continue;
    }
    if (kind == static_cast<std::size_t>(Count::confined) && service.spec->residency.empty()) {
      continue;
    }
    m.counts[kind] = declare(recorder, prefix + std::string(kCountNames[kind].name), "requests",
                             kCountNames[kind].meaning, MetricKind::counter);
  }
}

void declare_deployment(Recorder& recorder, const ServiceWorkload& spec,
                        DeploymentState& deployment) {
  const std::string prefix = "workloads." + spec.name + "." + deployment.spec->name + ".";
  const auto level = [&](std::string_view name, std::string_view unit, std::string_view meaning) {
    return declare(recorder, prefix + std::string(name), unit, meaning, MetricKind::level);
  };
  deployment.metrics.wanted = level("wanted", "replicas", "replicas that are asked for");
  deployment.metrics.ready = level("ready", "replicas", "replicas that serve");
  deployment.metrics.utilization =
      level("utilization", "1", "share of the slots of ready replicas that are taken");
  if (spec.health_check) {
    deployment.metrics.undetected =
        level("undetected", "replicas", "replicas that are gone and still get requests");
  }
  if (spec.warm_pool) {
    deployment.metrics.warm = level("warm", "replicas", "replicas that wait in the warm pool");
  }
  deployment.metrics.waiting = level("waiting", "requests", "requests that wait at replicas");
}

void build_deployment(World& world, ServiceState& service, std::uint16_t index) {
  const ServiceWorkload& spec = *service.spec;
  DeploymentState& deployment = service.deployments[index];
  deployment.spec = &spec.deployments[index];
  deployment.index = index;
  deployment.each = spec.instance.each;
  set_router(world, service, deployment);
  set_autoscaler(service, deployment);
  declare_deployment(*world.recorder, spec, deployment);
}

void build_origins(World& world, ServiceState& service) {
  const ServiceWorkload& spec = *service.spec;
  const Scenario& scenario = *world.scenario;
  service.origins.resize(scenario.regions.size());
  for (std::uint32_t region = 0; region < service.origins.size(); ++region) {
    for (const DeploymentSpec& deployment : spec.deployments) {
      service.origins[region].one_way.push_back(
          scenario.latency.one_way(region, deployment.region).value_or(Duration{}));
    }
  }
  if (const auto* closed = std::get_if<ClosedRequests>(&spec.arrivals)) {
    service.users = std::make_unique<UserState>(*closed, world.seed, "workloads." + spec.name);
    service.users->origin = static_cast<std::uint16_t>(spec.origins.front().region);
    return;
  }
  const SimTime end = SimTime{} + *scenario.duration;
  for (const OriginSpec& origin : spec.origins) {
    OriginState& state = service.origins[origin.region];
    const std::string stream = spec.name + "." + scenario.regions[origin.region].name;
    if (origin.demand) state.curve = std::make_unique<DemandCurve>(*origin.demand, world.seed);
    if (spec.fidelity == Fidelity::fluid) continue;  // nothing arrives one by one
    state.arrivals =
        make_request_arrivals(spec.arrivals, state.curve.get(), stream, world.seed, end);
  }
}

}  // namespace

ServiceState::ServiceState(const ServiceWorkload& workload, std::uint64_t seed)
    : spec(&workload),
      class_draws(seed, "workloads." + workload.name + ".class"),
      work_draws(seed, "workloads." + workload.name + ".work"),
      session_draws(seed, "workloads." + workload.name + ".session"),
      call_draws(seed, "workloads." + workload.name + ".call"),
      start_draws(seed, "workloads." + workload.name + ".start"),
      sensor_draws(seed, "workloads." + workload.name + ".sensor"),
      start(workload.instance.start_s),
      deployments(workload.deployments.size()),
      client(workload.client, RandomStream(seed, "workloads." + workload.name + ".client").u64(0)) {
  for (const RequestClass& k : workload.classes) work.emplace_back(k.service_s);
  views.resize(workload.deployments.size());
  if (!workload.rollouts.empty()) rollout = std::make_unique<RolloutState>(workload, seed);
}

ServiceState::~ServiceState() = default;

ReplicaInfo::ReplicaInfo() = default;
ReplicaInfo::ReplicaInfo(ReplicaInfo&&) noexcept = default;
ReplicaInfo& ReplicaInfo::operator=(ReplicaInfo&&) noexcept = default;
ReplicaInfo::~ReplicaInfo() = default;

void set_router(const World& world, const ServiceState& service, DeploymentState& deployment) {
  const ServiceWorkload& spec = *service.spec;
  const std::string stream = "workloads." + spec.name + "." + deployment.spec->name;
  const RouterContext context{RandomStream(world.seed, stream + ".router").u64(0)};
  deployment.router = entry_of(routers(), spec.router).make(spec.router.params, context);
  deployment.router_follows = deployment.router->follows_load();
}

void set_region_router(const World& world, ServiceState& service) {
  const ServiceWorkload& spec = *service.spec;
  const RouterContext context{
      RandomStream(world.seed, "workloads." + spec.name + ".region_router").u64(0)};
  service.region_router =
      entry_of(region_routers(), spec.region_router).make(spec.region_router.params, context);
}

void set_autoscaler(ServiceState& service, DeploymentState& deployment) {
  const ServiceWorkload& spec = *service.spec;
  AutoscalerContext scaler;
  scaler.min_replicas = spec.replicas.min;
  scaler.max_replicas = spec.replicas.max;
  scaler.concurrency = spec.instance.concurrency;
  double mean_s = 0;
  double square_s = 0;
  for (std::size_t k = 0; k < spec.classes.size(); ++k) {
    const double mean = service.work[k].mean();
    mean_s += spec.classes[k].share * mean;
    square_s += spec.classes[k].share * (service.work[k].variance() + mean * mean);
  }
  service.service_mean = seconds(mean_s);
  scaler.service_mean_s = mean_s;
  scaler.service_cv = mean_s > 0 ? std::sqrt(std::max(0.0, square_s / (mean_s * mean_s) - 1)) : 0;
  scaler.start = seconds(service.start.mean());
  if (const auto& inference = spec.inference) {
    scaler.engine = engine_capacity(inference->engines[deployment.index]);
    scaler.first_tokens = !inference->handed;
    scaler.later_tokens = !inference->handoff && inference->keeps_cache();
  }
  deployment.autoscaler =
      entry_of(autoscalers(), spec.autoscaler).make(spec.autoscaler.params, scaler);
  deployment.sensors.configure(spec.sensors,
                               {deployment.autoscaler->needs_latency(), spec.inference.has_value(),
                                deployment.autoscaler->needs_token_times()});
}

namespace {

/// Where a service may have replicas.
void build_places(const World& world, ServiceState& service) {
  service.regions.resize(world.scenario->regions.size());
  service.zones.resize(world.zones.size());
  for (const DeploymentSpec& deployment : service.spec->deployments) {
    service.regions[deployment.region].has_racks = true;
    for (const std::uint32_t rack : world.scenario->pools[deployment.pool].racks) {
      service.zones[world.zone_of_rack[rack]].has_racks = true;
    }
  }
}

}  // namespace

void build_services(World& world) {
  for (const ServiceWorkload& spec : world.scenario->services) {
    ServiceState& service = world.services.emplace_back(spec, world.seed);
    service.index = static_cast<std::uint32_t>(world.services.size() - 1);
    service.measured_from = SimTime{} + world.scenario->warmup;
    if (const auto& windows = service.spec->slo_windows) {
      service.windows.emplace(*windows, service.measured_from);
    }
    if (service.spec->classes.size() > 1) service.of_class.resize(service.spec->classes.size());
    declare_service(*world.recorder, service);
    for (std::size_t d = 0; d < service.deployments.size(); ++d) {
      build_deployment(world, service, static_cast<std::uint16_t>(d));
    }
    build_inference(service, *world.recorder, world.seed);
    set_region_router(world, service);
    build_origins(world, service);
    build_fluid(service, world.seed);
    build_places(world, service);
  }
}

namespace {

void put_reading(std::vector<MetricValue>& values, std::string name, std::string unit,
                 double value) {
  values.push_back({std::move(name), std::move(unit), value, {}});
}

MetricId id(const ServiceState& service, Count what) {
  return service.metrics.counts[static_cast<std::size_t>(what)];
}

void put_share(std::vector<MetricValue>& values, std::string name, double part, double whole) {
  if (whole > 0) {
    put_reading(values, std::move(name), "1", part / whole);
  } else {
    values.push_back({std::move(name), "1", std::nullopt, "no request arrived"});
  }
}

void read_windows(const SloWindows& windows, const std::string& prefix, SimTime end,
                  std::vector<MetricValue>& values) {
  const SloWindows::Reading read = windows.until(end);
  const auto missed = static_cast<double>(read.missed);
  if (read.windows > 0) {
    put_reading(values, prefix + "windows_met", "1",
                1 - missed / static_cast<double>(read.windows));
  } else {
    values.push_back({prefix + "windows_met", "1", std::nullopt, "no window is over"});
  }
  put_reading(values, prefix + "missed_time", "s", missed * to_seconds(windows.length()));
}

void read_rollouts(const RolloutState& state, const std::string& prefix, SimTime end,
                   std::vector<MetricValue>& values) {
  const auto count = [&](std::string_view name, std::string_view unit, std::uint64_t n) {
    put_reading(values, prefix + std::string(name), std::string(unit), static_cast<double>(n));
  };
  count("finished", "rollouts", state.finished);
  count("rolled_back", "rollouts", state.rolled_back);
  count("bad", "rollouts", state.bad_begun);
  count("errors", "requests", state.errors);
  put_reading(values, prefix + "time", "s", per_second(state.under_way.until(end)));
  if (state.served > 0) {
    put_reading(values, prefix + "exposure", "1",
                static_cast<double>(state.served_by_bad) / static_cast<double>(state.served));
  } else {
    values.push_back({prefix + "exposure", "1", std::nullopt, "no request was served"});
  }
}

/// Availability is of interest where something may fail, and is 1 elsewhere.
bool may_be_away(const World& world, const ServiceState& service) {
  return !world.scenario->failures.empty() || !world.planes.empty() || service.rollout ||
         service.spec->health_check || service.spec->spread;
}

/// By region of origin answered over offered requests, by zone answered over sent attempts.
void read_places(const World& world, const ServiceState& service, const std::string& prefix,
                 SimTime end, std::vector<MetricValue>& values) {
  const auto up = [&](const std::string& name, const ServingPlace& place) {
    const double whole = static_cast<double>(end.ns);
    put_reading(values, name + "availability", "1",
                whole > 0 ? static_cast<double>(place.up.until(end)) / whole : 1.0);
  };
  const auto answered = [&](const std::string& name, std::uint64_t part, std::uint64_t whole,
                            const char* none) {
    if (whole > 0) {
      put_reading(values, name + "answered_share", "1",
                  static_cast<double>(part) / static_cast<double>(whole));
    } else {
      values.push_back({name + "answered_share", "1", std::nullopt, none});
    }
  };
  up(prefix, service.anywhere);
  const auto all = [&](Count what) { return service.all.n[static_cast<std::size_t>(what)]; };
  answered(prefix, all(Count::completed), all(Count::offered), "no request arrived");
  for (std::size_t r = 0; r < service.regions.size(); ++r) {
    const std::string name = prefix + "regions." + world.scenario->regions[r].name + ".";
    if (service.regions[r].has_racks) up(name, service.regions[r]);
    const OriginState& origin = service.origins[r];
    if (service.fluid && origin.curve) {
      answered(name, 0, 0, "a fluid service does not tell its answers by place");
    } else if (origin.arrivals || origin.offered > 0) {
      answered(name, origin.completed, origin.offered, "no request arrived");
    }
  }
  for (std::size_t z = 0; z < service.zones.size(); ++z) {
    if (!service.zones[z].has_racks) continue;
    const std::string name = prefix + "zones." + world.zones[z] + ".";
    up(name, service.zones[z]);
    answered(name, service.zones[z].answered, service.zones[z].sent,
             service.fluid ? "a fluid service does not tell its answers by place"
                           : "no attempt was sent there");
  }
}

}  // namespace

void read_services(const World& world, SimTime end, std::vector<MetricValue>& values) {
  const Recorder& recorder = *world.recorder;
  for (const ServiceState& service : world.services) {
    const std::string prefix = "workloads." + service.spec->name + ".";
    const double offered = recorder.total(id(service, Count::offered));
    const double failed = service.fluid ? std::round(service.fluid->failed_since_warmup)
                                        : static_cast<double>(service.settled.failed);
    put_share(values, prefix + "failed_share", failed, offered);
    bool any_slo = false;
    double asked = offered;  // of whom an objective is known
    for (std::size_t k = 0; k < service.spec->classes.size(); ++k) {
      if (!has_objective(*service.spec, k)) {
        asked -= service.fluid || service.of_class.empty()
                     ? service.spec->classes[k].share * offered
                     : static_cast<double>(service.of_class[k].offered);
        continue;
      }
      any_slo = true;
      if (service.of_class.empty()) continue;
      put_share(values, prefix + "classes." + service.spec->classes[k].name + ".attainment",
                static_cast<double>(service.of_class[k].good),
                static_cast<double>(service.of_class[k].offered));
    }
    if (any_slo) {
      const double good = service.fluid ? std::round(service.fluid->good_since_warmup)
                                        : static_cast<double>(service.settled.good);
      put_share(values, prefix + "attainment", good, asked);
    }
    if (service.windows) read_windows(*service.windows, prefix, end, values);
    if (service.inference && service.inference->cached_tokens) {
      put_share(values, prefix + "prefix_hit_rate",
                recorder.total(*service.inference->cached_tokens),
                recorder.total(service.inference->prompt_tokens));
    }
    if (service.inference && service.inference->loads) {
      const double found = recorder.total(service.inference->loads->found);
      put_share(values, prefix + "loaded_share", found,
                found + recorder.total(service.inference->loads->missed));
    }
    double replica_s = 0;
    for (const DeploymentState& deployment : service.deployments) {
      const double placed_s = per_second(deployment.placed_level.until(end));
      replica_s += placed_s;
      const std::string name = prefix + deployment.spec->name + ".";
      put_reading(values, name + "replica_time", "replica s", placed_s);
      put_reading(values, name + "scaled_out", "times", static_cast<double>(deployment.scaled_out));
      put_reading(values, name + "scaled_in", "times", static_cast<double>(deployment.scaled_in));
      put_reading(values, name + "lost_replicas", "replicas",
                  static_cast<double>(deployment.lost_replicas));
      if (service.spec->warm_pool) {
        put_reading(values, name + "warm_starts", "replicas",
                    static_cast<double>(deployment.warm_starts));
        put_reading(values, name + "cold_starts", "replicas",
                    static_cast<double>(deployment.cold_starts));
      }
      if (!world.planes.empty()) {
        put_reading(values, name + "missed_decisions", "times",
                    static_cast<double>(deployment.missed_decisions));
      }
      const double span_s = to_seconds(end);
      if (span_s > 0)
        put_reading(values, name + "in_system", "requests",
                    per_second(deployment.load_ns) / span_s);
    }
    put_reading(values, prefix + "replica_time", "replica s", replica_s);
    if (service.inference) read_inference(service, end, values);
    if (may_be_away(world, service)) read_places(world, service, prefix, end, values);
    if (service.rollout) read_rollouts(*service.rollout, prefix + "rollouts.", end, values);
  }
}

}  // namespace hyperdc
