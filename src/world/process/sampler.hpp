// SamplerProcess: closes a step of the time series every `step`. Observes only: phase observe, so
// its events are in no fingerprint and do not keep a run alive.
//
// The series has at most kMaxSeriesRows rows and kMaxSeriesValues values. Where they are full, rows
// are joined in pairs and the step doubles, so that a run of unknown length needs bounded memory.
#pragma once

#include "world/world.hpp"

namespace hyperdc {

class PlaceRecorder;

class SamplerProcess final : public Process {
 public:
  /// All metrics must have been declared. `places` may be null.
  SamplerProcess(Recorder& recorder, Duration step, PlaceRecorder* places);

  void begin(ProcessId self, Engine& engine);
  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return "series"; }
  std::uint32_t kinds() const override { return 1; }
  std::string_view kind_name(std::uint32_t) const override { return "sample"; }
  Duration step() const { return step_; }

 private:
  void schedule_next(SimTime now, Engine& engine);

  Recorder& recorder_;
  PlaceRecorder* places_;
  Duration step_;
  std::uint64_t rows_ = 0, most_rows_ = 0;
  ProcessId self_;
};

}  // namespace hyperdc
