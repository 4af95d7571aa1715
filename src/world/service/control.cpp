#include "world/service/control.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "world/control_plane.hpp"
#include "world/service/fluid_engine.hpp"
#include "world/service/inference.hpp"
#include "world/service/replicas.hpp"
#include "world/service/scaling.hpp"

namespace hyperdc {

namespace {

/// Tells the meter how hard the replicas drove their servers since the last scrape.
void tell_power(const ServiceContext& c, DeploymentState& deployment, double utilization) {
  const auto ppm = static_cast<std::int64_t>(
      std::llround(1e6 * utilization * c.service.spec->instance.utilization));
  const SimTime now = c.engine.now();
  for (PartUse& use : deployment.parts) {
    const std::int64_t cores = use.cores_milli * ppm;
    const std::int64_t accelerators = use.accelerator_milli * ppm;
    c.world.power.add_busy(now, use.part, cores - use.cores_ppm_milli,
                           accelerators - use.accelerator_ppm_milli);
    use.cores_ppm_milli = cores;
    use.accelerator_ppm_milli = accelerators;
  }
  c.world.power.publish(now);
}

/// Flushes every replica into the books, and keeps a sample of how busy each was since the last
/// scrape, unless samples were lost.
void flush_replicas(const ServiceState& service, DeploymentState& deployment, bool lost,
                    SimTime now) {
  const SensorSpec& sensors = service.spec->sensors;
  const SimTime last = deployment.sensors.last_scrape();
  const double span_s = to_seconds(now - last);
  const Duration keep = sensors.window + sensors.delay + sensors.scrape;
  for (std::uint32_t i = 0; i < deployment.replicas.size(); ++i) {
    ReplicaState& replica = deployment.replicas[i];
    if (replica.phase == ReplicaPhase::free) continue;
    account_replica(replica, deployment.load[i], now);
    ReplicaInfo& info = deployment.infos[i];
    std::vector<ReplicaInfo::Sample>& samples = info.samples;
    std::erase_if(samples,
                  [&](const ReplicaInfo::Sample& sample) { return sample.at < now - keep; });
    const double cache_s = take_cache_s(service, deployment, i, now);
    if (replica.phase == ReplicaPhase::ready && span_s > 0) {
      deployment.sensors.cache_used(cache_s, to_seconds(now - std::max(last, *info.ready_since)));
      if (!lost) samples.push_back({now, to_seconds(Duration{replica.busy_ns}), span_s, cache_s});
    }
    flush_replica(deployment, i, now);
  }
}

struct ReplicaUse {
  std::optional<double> slots, cache;  // busy share of each; nothing: no sample
};

/// Of a replica over the window that the sensors show now, `since` it is ready.
ReplicaUse use_of(std::span<const ReplicaInfo::Sample> samples, SimTime since,
                  const ServiceWorkload& spec, SimTime now) {
  const SensorSpec& sensors = spec.sensors;
  const std::uint32_t slots = spec.instance.concurrency;
  const SimTime newest = now - sensors.delay;
  ReplicaInfo::Sample sum;
  for (const ReplicaInfo::Sample& sample : samples) {
    if (sample.at > newest || sample.at <= newest - sensors.window || sample.at < since) continue;
    sum.busy_s += sample.busy_s;
    sum.span_s += sample.span_s;
    sum.cache_s += sample.cache_s;
  }
  ReplicaUse use;
  if (sum.span_s == 0) return use;
  use.slots = sum.busy_s / (sum.span_s * slots);
  if (spec.inference) use.cache = sum.cache_s / sum.span_s;
  return use;
}

std::vector<ReplicaReading> readings_of(const ServiceState& service,
                                        const DeploymentState& deployment, SimTime now) {
  const ServiceWorkload& spec = *service.spec;
  // The replicas of a fluid service are all alike.
  const auto* alike =
      service.fluid ? &service.fluid->deployments[deployment.index].samples : nullptr;
  std::vector<ReplicaReading> readings;
  readings.reserve(deployment.by_age.size());
  for (const std::uint32_t replica : deployment.by_age) {
    const ReplicaInfo& info = deployment.infos[replica];
    const bool ready = deployment.replicas[replica].phase == ReplicaPhase::ready;
    ReplicaUse use;
    if (ready) {
      use = alike ? use_of(*alike, *info.ready_since, spec, now)
                  : use_of(info.samples, SimTime{}, spec, now);
    }
    readings.push_back({info.created, info.ready_since, use.slots, use.cache});
  }
  return readings;
}

}  // namespace

void scrape(const ServiceContext& c, DeploymentState& deployment) {
  const SimTime now = c.engine.now();
  if (deployment.scrapes > 0 && deployment.sensors.last_scrape() == now) return;
  const InstanceSpec& instance = c.service.spec->instance;
  const SensorSpec& sensors = c.service.spec->sensors;
  const bool lost = sensors.loss > 0 && c.service.sensor_draws.uniform(
                                            deployment.scrapes, deployment.index) < sensors.loss;
  // Replicas that left since the last scrape were flushed when they did.
  if (c.service.fluid) {
    advance_fluid(c.world, c.service, now);
    tell_engines(c.world, c.service, now);
  } else {
    flush_replicas(c.service, deployment, lost, now);
  }
  const Int128 ready_ns = deployment.ready_level.until(now);
  const double slots_s =
      per_second(ready_ns - deployment.ready_ns_at_scrape) * instance.concurrency;
  const double busy_s = per_second(deployment.busy_ns - deployment.busy_ns_at_scrape);
  const double load_s = per_second(deployment.load_ns - deployment.load_ns_at_scrape);
  deployment.ready_ns_at_scrape = ready_ns;
  deployment.busy_ns_at_scrape = deployment.busy_ns;
  deployment.load_ns_at_scrape = deployment.load_ns;
  const double span_s = to_seconds(now - deployment.sensors.last_scrape());
  // Attempts that found no replica count with the load that they would have been (Little).
  const double unserved_s = static_cast<double>(std::exchange(deployment.without_replica, 0)) *
                            to_seconds(c.service.service_mean);
  double seen_busy_s = busy_s;
  double seen_load_s = load_s;
  if (c.service.fluid) {
    const double deviation_s = take_deviation_s(c.service, deployment);
    seen_busy_s = std::clamp(busy_s + deviation_s, 0.0, slots_s);
    seen_load_s = std::max(seen_busy_s, load_s + deviation_s);
    if (slots_s > 0 && !lost) {
      const double each_s = seen_busy_s / slots_s * span_s * instance.concurrency;
      const double cache = sense_cache(c.service, deployment, busy_s > 0 ? seen_busy_s / busy_s : 0,
                                       slots_s / instance.concurrency);
      sample_fluid(c.service, deployment, {now, each_s, span_s, cache * span_s});
    }
  }
  deployment.sensors.scrape(now, seen_busy_s, slots_s, seen_load_s + unserved_s, lost);
  ++deployment.scrapes;
  const double utilization = slots_s > 0 ? std::min(1.0, busy_s / slots_s) : 0.0;
  tell_power(c, deployment, utilization);
  publish_hit_rate(c, deployment);
  c.world.recorder->level(deployment.metrics.utilization, now, utilization);
  if (span_s > 0) {
    c.world.recorder->level(deployment.metrics.waiting, now,
                            std::max(0.0, load_s - busy_s) / span_s);
  }
  if (!c.world.pools[deployment.spec->pool].speed.empty()) {
    for (std::uint32_t i = 0; i < deployment.replicas.size(); ++i) {
      const ReplicaPhase phase = deployment.replicas[i].phase;
      if (phase == ReplicaPhase::ready || phase == ReplicaPhase::draining) {
        refresh_speed(c, deployment, i);
      }
    }
  }
  roll(c, deployment);
  replace_lost(c, deployment);
}

void decide(const ServiceContext& c, DeploymentState& deployment) {
  if (scaling_is_out(c.world, deployment.spec->pool)) {
    ++deployment.missed_decisions;
    return;
  }
  const SimTime now = c.engine.now();
  const Duration since = now - SimTime{};
  if (since.ns % c.service.spec->sensors.scrape.ns == 0) scrape(c, deployment);
  const std::vector<ReplicaReading> replicas = readings_of(c.service, deployment, now);
  ScaleView view;
  view.now = now;
  view.wanted = deployment.wanted;
  view.ready = serving(deployment);
  view.starting = static_cast<std::uint32_t>(deployment.by_age.size()) - view.ready;
  view.min_replicas = c.service.spec->replicas.min;
  view.max_replicas = c.service.spec->replicas.max;
  view.concurrency = c.service.spec->instance.concurrency;
  view.cores = static_cast<double>(deployment.each.cores_milli) / 1000;
  view.window = c.service.spec->sensors.window;
  view.age = c.service.spec->sensors.delay;
  view.replicas = replicas;
  deployment.sensors.read(view);
  if (c.service.spec->autoscaler.policy != "none") {
    c.world.decisions.count(c.world.decisions.scaling, now);
  }
  const std::optional<ScaleTo> answer = deployment.autoscaler->decide(view);
  if (!answer) return;
  if (answer->cores && *answer->cores != view.cores) resize(c, deployment, *answer->cores);
  const std::uint32_t wanted = std::clamp(answer->replicas, view.min_replicas, view.max_replicas);
  if (wanted == deployment.wanted) return;
  ++(wanted > deployment.wanted ? deployment.scaled_out : deployment.scaled_in);
  set_wanted(c, deployment, wanted);
}

void flush_counts(World& world, ServiceState& service, SimTime now) {
  for (std::size_t kind = 0; kind < RequestCounts::kKinds; ++kind) {
    const std::uint64_t n = std::exchange(service.counts.n[kind], 0);
    service.all.n[kind] += n;
    if (n > 0) world.recorder->add(service.metrics.counts[kind], now, static_cast<double>(n));
  }
}

void close_books(World& world, SimTime end) {
  for (ServiceState& service : world.services) {
    if (service.fluid) close_fluid(world, service, end);
    flush_counts(world, service, end);
    for (DeploymentState& deployment : service.deployments) {
      for (std::uint32_t i = 0; i < deployment.replicas.size(); ++i) {
        if (deployment.replicas[i].phase == ReplicaPhase::free) continue;
        flush_replica(deployment, i, end);
      }
    }
  }
}

}  // namespace hyperdc
