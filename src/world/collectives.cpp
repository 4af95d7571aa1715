#include "world/collectives.hpp"

#include <utility>

#include "core/hash.hpp"
#include "world/fabrics.hpp"

namespace hyperdc {

void CollectiveRun::set(std::shared_ptr<const CollectivePlan> plan, std::vector<EndpointId> ranks,
                        std::uint32_t fabric, std::uint32_t label) {
  plan_ = std::move(plan);
  ranks_ = std::move(ranks);
  fabric_ = fabric;
  label_ = label;
}

bool CollectiveRun::begin(World& world, const FlowOwner& sent, const FlowOwner& passed,
                          Engine& engine) {
  sent_ = sent;
  passed_ = passed;
  phase_ = 0;
  if (plan_->phases() == 0) return true;
  under_way_ = true;
  begin_phase(world, engine);
  return false;
}

void CollectiveRun::begin_phase(World& world, Engine& engine) {
  std::vector<CollectiveFlow> planned;
  plan_->write(phase_, planned);
  std::vector<FlowSpec> flows;
  flows.reserve(planned.size());
  for (const CollectiveFlow& flow : planned) {
    FlowSpec spec;
    spec.from = ranks_[flow.from];
    spec.to = ranks_[flow.to];
    spec.bytes = flow.bytes;
    spec.cap_Bps = flow.cap_Bps;
    spec.label = static_cast<std::uint32_t>(hash_combine(label_, flow.label));
    flows.push_back(spec);
  }
  if (flows.empty()) {
    sent(world, engine);
    return;
  }
  group_ = start_flow_group(world, fabric_, flows, sent_, engine);
}

void CollectiveRun::sent(World& world, Engine& engine) {
  if (group_) free_flow_group(world.fabrics[fabric_], *group_);
  group_.reset();
  event_ = engine.schedule(engine.now() + plan_->latency(phase_), Phase::workload, passed_.process,
                           passed_.kind, passed_.arg);
}

bool CollectiveRun::passed(World& world, Engine& engine) {
  event_ = kNoEvent;
  if (++phase_ == plan_->phases()) {
    under_way_ = false;
    return true;
  }
  begin_phase(world, engine);
  return false;
}

void CollectiveRun::cancel(World& world, Engine& engine) {
  if (group_) cancel_flow_group(world, fabric_, *group_, engine);
  if (event_ != kNoEvent) engine.cancel(event_);
  group_.reset();
  event_ = kNoEvent;
  under_way_ = false;
}

ExchangeMetrics declare_exchanges(Recorder& recorder, const std::string& workload) {
  const std::string prefix = "workloads." + workload + ".";
  ExchangeMetrics metrics;
  metrics.time =
      recorder.declare({prefix + "exchange", "s", "time of one collective", MetricKind::sample});
  metrics.slowdown =
      recorder.declare({prefix + "exchange_slowdown", "1",
                        "time of a collective over its closed form", MetricKind::sample});
  metrics.count = recorder.declare(
      {prefix + "collectives", "times", "collectives completed", MetricKind::counter});
  return metrics;
}

void note_exchange(const World& world, const ExchangeMetrics& metrics, SimTime now, SimTime since,
                   Duration alone, bool measured) {
  Recorder& recorder = *world.recorder;
  recorder.add(metrics.count, now, 1);
  if (!measured) return;
  const Duration took = now - since;
  recorder.sample(metrics.time, now, to_seconds(took));
  if (alone.ns == 0) return;  // nothing to exchange: no slowdown
  recorder.sample(metrics.slowdown, now,
                  static_cast<double>(took.ns) / static_cast<double>(alone.ns));
}

}  // namespace hyperdc
