#include "world/process/fabric_process.hpp"

#include <array>
#include <utility>

#include "world/fabrics.hpp"

namespace hyperdc {

namespace {

enum class FabricEvent : std::uint32_t {
  settle,  // flows came or went, or links changed: kind 0, as fabric_changed() has it
  ends,
  warm,
};
constexpr std::array<std::string_view, 3> kFabricEvents{"settle", "ends", "warm"};

}  // namespace

FabricProcess::FabricProcess(World& world, std::uint32_t fabric)
    : world_(world), fabric_(fabric), name_("fabrics." + world.scenario->fabrics[fabric].name) {}

std::uint32_t FabricProcess::kinds() const {
  return kFabricEvents.size();
}

std::string_view FabricProcess::kind_name(std::uint32_t kind) const {
  return kFabricEvents.at(kind);
}

void FabricProcess::begin(ProcessId self, Engine& engine) {
  world_.fabrics[fabric_].process = self;
  const Duration warmup = world_.scenario->warmup;
  if (warmup.ns == 0) return;
  engine.schedule(SimTime{} + warmup, Phase::observe, self,
                  static_cast<std::uint32_t>(FabricEvent::warm));
}

/// One pending event, at the end that comes first.
void FabricProcess::plan(Engine& engine) {
  FabricState& state = world_.fabrics[fabric_];
  const std::optional<FlowEnd> end = state.fabric->next_end();
  publish_flows(world_, state, engine.now());
  if (state.end_event != kNoEvent) {
    if (end && end->at == state.end_at) return;
    engine.cancel(state.end_event);
    state.end_event = kNoEvent;
  }
  if (!end) return;
  state.end_at = end->at;
  state.end_event = engine.schedule(end->at, Phase::physics, state.process,
                                    static_cast<std::uint32_t>(FabricEvent::ends));
}

void FabricProcess::end_flows(Engine& engine) {
  FabricState& state = world_.fabrics[fabric_];
  state.end_event = kNoEvent;
  const std::uint64_t before = state.fabric->delivered();
  for (const FlowEnd& end : state.fabric->advance(engine.now())) {
    const FlowOwner owner = std::exchange(state.owners[end.flow.value], {});
    if (owner.group != kNoGroup) {
      count_sent(state, owner.group, engine);
      continue;
    }
    engine.schedule(end.arrives, Phase::workload, owner.process, owner.kind, owner.arg);
  }
  world_.recorder->add(state.delivered, engine.now(),
                       static_cast<double>(state.fabric->delivered() - before));
  plan(engine);
}

void FabricProcess::handle(const Event& event, Engine& engine) {
  FabricState& state = world_.fabrics[fabric_];
  switch (static_cast<FabricEvent>(event.kind)) {
    case FabricEvent::settle:
      state.settles_at.reset();
      return plan(engine);
    case FabricEvent::ends:
      return end_flows(engine);
    case FabricEvent::warm:
      break;
  }
  state.fabric->count_live(engine.now());
  state.link_bytes_before = state.fabric->link_bytes();
}

}  // namespace hyperdc
