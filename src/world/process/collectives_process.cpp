#include "world/process/collectives_process.hpp"

#include <algorithm>
#include <array>

#include "core/hash.hpp"
#include "world/fabrics.hpp"

namespace hyperdc {

namespace {

enum class CollectiveEvent : std::uint32_t { exchange, sent, passed, done };
constexpr std::array<std::string_view, 4> kCollectiveEvents{"exchange", "sent", "passed", "done"};

}  // namespace

CollectivesProcess::CollectivesProcess(World& world, std::uint32_t workload)
    : world_(world),
      workload_(workload),
      name_("workloads." + world.scenario->collectives[workload].name),
      compute_stream_(world.seed, name_ + ".compute"),
      compute_(world.scenario->collectives[workload].compute_s) {
  const CollectivesWorkload& spec = world.scenario->collectives[workload];
  run_.set(spec.prepared.plan, spec.ranks, spec.fabric,
           static_cast<std::uint32_t>(hash_bytes(name_)));
}

std::uint32_t CollectivesProcess::kinds() const {
  return kCollectiveEvents.size();
}

std::string_view CollectivesProcess::kind_name(std::uint32_t kind) const {
  return kCollectiveEvents.at(kind);
}

void CollectivesProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  compute(world_.scenario->collectives[workload_].start, engine);
}

void CollectivesProcess::compute(SimTime from, Engine& engine) {
  const CollectivesWorkload& spec = world_.scenario->collectives[workload_];
  if (spec.count != 0 && number_ == spec.count) return;
  computing_since_ = from;
  const Duration takes = seconds(std::max(0.0, compute_.draw(compute_stream_, number_)));
  engine.schedule(from + takes, Phase::workload, self_,
                  static_cast<std::uint32_t>(CollectiveEvent::exchange), number_);
}

void CollectivesProcess::exchange(Engine& engine) {
  const CollectivesWorkload& spec = world_.scenario->collectives[workload_];
  exchanging_since_ = engine.now();
  if (spec.closed_form) {
    engine.schedule(engine.now() + spec.prepared.alone, Phase::workload, self_,
                    static_cast<std::uint32_t>(CollectiveEvent::done), number_);
    return;
  }
  const FlowOwner sent{self_, static_cast<std::uint32_t>(CollectiveEvent::sent), number_};
  const FlowOwner passed{self_, static_cast<std::uint32_t>(CollectiveEvent::passed), number_};
  if (run_.begin(world_, sent, passed, engine)) done(engine);
}

void CollectivesProcess::done(Engine& engine) {
  CollectivesState& state = world_.collectives[workload_];
  const CollectivesWorkload& spec = *state.spec;
  const SimTime now = engine.now();
  const bool measured = computing_since_ >= SimTime{} + world_.scenario->warmup;
  note_exchange(world_, state.exchanges, now, exchanging_since_, spec.prepared.alone, measured);
  if (measured) {
    world_.recorder->sample(state.iteration, now, to_seconds(now - computing_since_));
    ++state.measured;
    state.exchanging_ns += (now - exchanging_since_).ns;
    state.all_ns += (now - computing_since_).ns;
  }
  ++number_;
  compute(now, engine);
}

void CollectivesProcess::handle(const Event& event, Engine& engine) {
  switch (static_cast<CollectiveEvent>(event.kind)) {
    case CollectiveEvent::exchange:
      return exchange(engine);
    case CollectiveEvent::sent:
      return run_.sent(world_, engine);
    case CollectiveEvent::passed:
      if (!run_.passed(world_, engine)) return;
      break;
    case CollectiveEvent::done:
      break;
  }
  done(engine);
}

}  // namespace hyperdc
