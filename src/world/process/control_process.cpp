#include "world/process/control_process.hpp"

#include <array>

#include "world/service/control.hpp"
#include "world/service/fluid_engine.hpp"
#include "world/service/users.hpp"

namespace hyperdc {

namespace {

enum ControlEvent : std::uint32_t { scrape_all, decide_one, warm_up_ends };
constexpr std::array<std::string_view, 3> kControlNames{"scrape", "decide", "warm-up ends"};

}  // namespace

ControlProcess::ControlProcess(World& world, std::uint32_t service)
    : world_(world),
      service_(world.services[service]),
      name_("services." + service_.spec->name + ".control") {}

std::string_view ControlProcess::kind_name(std::uint32_t kind) const {
  return kControlNames.at(kind);
}

void ControlProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  const SimTime now = engine.now();
  engine.schedule(now, Phase::control, self_, scrape_all);
  for (DeploymentState& deployment : service_.deployments) {
    deployment.next_decision = engine.schedule(now + deployment.autoscaler->interval(),
                                               Phase::control, self_, decide_one, deployment.index);
  }
  const Duration warmup = world_.scenario->warmup;
  if (warmup.ns > 0) engine.schedule(now + warmup, Phase::fault, self_, warm_up_ends);
}

void ControlProcess::handle(const Event& event, Engine& engine) {
  const ServiceContext c{world_, service_, engine};
  switch (event.kind) {
    case scrape_all:
      for (DeploymentState& deployment : service_.deployments) scrape(c, deployment);
      if (service_.users) follow_number(c);
      flush_counts(world_, service_, event.at);
      engine.schedule(event.at + service_.spec->sensors.scrape, Phase::control, self_, scrape_all);
      break;
    case decide_one: {
      DeploymentState& deployment = service_.deployments[event.arg];
      decide(c, deployment);
      deployment.next_decision = engine.schedule(event.at + deployment.autoscaler->interval(),
                                                 Phase::control, self_, decide_one, event.arg);
      break;
    }
    default:
      if (service_.fluid) {
        advance_fluid(world_, service_, event.at);
        tell_engines(world_, service_, SimTime{event.at.ns - 1});
      }
      // What happened before the warm-up's end belongs to it: counted a nanosecond earlier.
      flush_counts(world_, service_, SimTime{event.at.ns - 1});
      for (DeploymentState& deployment : service_.deployments) {
        for (PartUse& use : deployment.parts) use.held_in_warmup = use.held_ppm.until(event.at);
      }
  }
}

}  // namespace hyperdc
