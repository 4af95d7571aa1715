// SamplerProcess: closes a step of the time series every `step`. Observes only: phase observe, so
// its events are in no fingerprint and do not keep a run alive.
#pragma once

#include "world/world.hpp"

namespace hyperdc {

class SamplerProcess final : public Process {
 public:
  SamplerProcess(Recorder& recorder, Duration step) : recorder_(recorder), step_(step) {}

  void begin(ProcessId self, Engine& engine);
  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return "series"; }
  std::uint32_t kinds() const override { return 1; }
  std::string_view kind_name(std::uint32_t) const override { return "sample"; }

 private:
  Recorder& recorder_;
  Duration step_;
  ProcessId self_;
};

}  // namespace hyperdc
