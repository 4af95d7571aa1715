#include "world/process/sampler.hpp"

namespace hyperdc {

void SamplerProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  engine.schedule(engine.now() + step_, Phase::observe, self_, 0);
}

void SamplerProcess::handle(const Event& event, Engine& engine) {
  recorder_.close_step(event.at);
  engine.schedule(event.at + step_, Phase::observe, self_, 0);
}

}  // namespace hyperdc
