// Engine: simulated time and the order of events, and nothing about datacenters.
//
// Events are small values with a target process, kept in one strict total order (at, phase, seq):
// time, then phase, then order of scheduling. See docs/adr/0002-event-order.md.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// Order within one moment. A controller sees the state after everything that happened at its
/// time; an observer sees the effect of the controller.
enum class Phase : std::uint8_t { fault, physics, workload, control, observe };

/// Names one scheduled event; never reused within a run.
using EventId = std::uint64_t;
inline constexpr EventId kNoEvent = 0;  // never returned by schedule()

struct Event {
  SimTime at;
  Phase phase = Phase::physics;
  EventId id = kNoEvent;
  ProcessId target;
  std::uint32_t kind = 0;  // local to the target process
  std::uint64_t arg = 0;
};

class Engine;

class Process {
 public:
  virtual ~Process() = default;
  virtual void handle(const Event& event, Engine& engine) = 0;
  virtual std::string_view name() const = 0;  // unique in the engine: "pools.h100.jobs"
  /// Number of kinds; kind_name is asked for each of them once, at registration.
  virtual std::uint32_t kinds() const = 0;
  virtual std::string_view kind_name(std::uint32_t kind) const = 0;
  /// What the argument stands for, independent of slots and indexes that are reused: goes into the
  /// fingerprint. Asked just before handle().
  virtual std::uint64_t meaning(const Event& event) const { return event.arg; }
};

/// Called from inside run() every few thousand events. Return false to stop cleanly.
class RunMonitor {
 public:
  virtual ~RunMonitor() = default;
  virtual bool tick(SimTime now, std::uint64_t events) = 0;
};

class Engine {
 public:
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// The engine does not own processes; they must outlive it.
  ProcessId add(Process& process);

  SimTime now() const;
  /// at >= now(), or InvariantError.
  EventId schedule(SimTime at, Phase phase, ProcessId target, std::uint32_t kind,
                   std::uint64_t arg = 0);
  /// A fired or cancelled event: no effect, returns false.
  bool cancel(EventId id);
  /// Cancels `id` and schedules the same event anew at `at` (a new place in the order).
  /// An event that has fired or was cancelled is an InvariantError.
  [[nodiscard]] EventId reschedule(EventId id, SimTime at);

  enum class Stop { drained, reached_until, stopped };
  /// Runs every event with at <= until, in order. Ends with now() == until when events remain
  /// beyond it (reached_until); at the last event when none is left (drained) or when the monitor
  /// stopped the run, which can then be continued as if it had not been interrupted.
  Stop run(SimTime until, RunMonitor* monitor = nullptr);
  /// Runs until nothing but observe-phase events is pending (they would go on for ever).
  Stop run_to_end(RunMonitor* monitor = nullptr);

  /// Hash of (time, phase, process name, kind name, meaning) of every event run but those of phase
  /// observe. Equal on any compiler and thread.
  std::uint64_t fingerprint() const;
  /// The fingerprint at the end of each simulated hour that has passed.
  const std::vector<std::uint64_t>& hourly_fingerprints() const;
  std::uint64_t events() const;   // run so far, observers included
  std::uint64_t pending() const;  // cancelled ones excluded
  /// "t=12.5 s, phase workload, process jobs, kind arrive, arg 7": for error messages.
  std::string describe_current() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hyperdc
