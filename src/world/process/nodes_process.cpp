#include "world/process/nodes_process.hpp"

#include <array>

#include "world/nodes/nodes.hpp"

namespace hyperdc {

NodesProcess::NodesProcess(World& world, std::uint32_t pool)
    : world_(world), pool_(world.pools[pool]), name_("pools." + pool_.spec->name + ".nodes") {}

std::uint32_t NodesProcess::kinds() const {
  return kNodesEvents;
}

std::string_view NodesProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, kNodesEvents> kNames{"wake", "waiting", "emptied",
                                                              "warm-up ends"};
  return kNames.at(kind);
}

void NodesProcess::begin(ProcessId self, Engine& engine) {
  NodesState& nodes = *pool_.nodes;
  nodes.process = self;
  begin_nodes(world_, pool_, engine);
  nodes.wake_event = engine.schedule(engine.now(), Phase::control, self,
                                     static_cast<std::uint32_t>(NodesEvent::wake));
  const Duration warmup = world_.scenario->warmup;
  if (warmup.ns == 0) return;
  engine.schedule(engine.now() + warmup, Phase::fault, self,
                  static_cast<std::uint32_t>(NodesEvent::warm));
}

void NodesProcess::handle(const Event& event, Engine& engine) {
  NodesState& nodes = *pool_.nodes;
  switch (static_cast<NodesEvent>(event.kind)) {
    case NodesEvent::wake:
      nodes.wake_event = kNoEvent;
      if (pool_.pass_at == engine.now()) {  // after the pass
        nodes.wake_event = engine.schedule(engine.now(), Phase::control, nodes.process, event.kind);
        return;
      }
      return decide_nodes(world_, pool_, engine);
    case NodesEvent::waiting:
      return decide_nodes(world_, pool_, engine);
    case NodesEvent::emptied:
      return removal_ended(world_, pool_, ServerId{static_cast<std::uint32_t>(event.arg)}, engine);
    case NodesEvent::warm:
      for (std::size_t block = 0; block < nodes.billed.size(); ++block) {
        nodes.billed_in_warmup[block] = nodes.billed[block].until(event.at);
      }
  }
}

}  // namespace hyperdc
