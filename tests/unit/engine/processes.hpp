// Processes for tests of the engine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/rng.hpp"
#include "engine/engine.hpp"

namespace hyperdc::test {

/// Calls a function for each event; kinds are named "kind0", "kind1", ….
class Caller : public Process {
 public:
  using Function = std::function<void(const Event&, Engine&)>;
  explicit Caller(std::string name, Function function = {}, std::uint32_t kinds = 2)
      : name_(std::move(name)), function_(std::move(function)) {
    for (std::uint32_t k = 0; k < kinds; ++k) kinds_.push_back("kind" + std::to_string(k));
  }
  void handle(const Event& event, Engine& engine) override {
    seen.push_back(event);
    if (function_) function_(event, engine);
  }
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return static_cast<std::uint32_t>(kinds_.size()); }
  std::string_view kind_name(std::uint32_t kind) const override { return kinds_[kind]; }

  std::vector<Event> seen;

 private:
  std::string name_;
  Function function_;
  std::vector<std::string> kinds_;
};

/// A closed network of `stations`: each event sends one to a random station, some events are
/// moved, an observer looks on every ten seconds.
class Network : public Process {
 public:
  Network(std::uint64_t seed, std::uint64_t stations)
      : stream_(seed, "network"), stations_(stations), pending_(stations) {}

  void begin(ProcessId self, Engine& engine) {
    self_ = self;
    for (std::uint64_t s = 0; s < stations_; ++s) send(engine, s);
    engine.schedule(SimTime{} + whole_seconds(10), Phase::observe, self_, 1);
  }
  void handle(const Event& event, Engine& engine) override {
    if (event.kind == 1) {
      engine.schedule(event.at + whole_seconds(10), Phase::observe, self_, 1);
      return;
    }
    if (draws_ % 5 == 0) {
      const std::uint64_t other = stream_.below(stations_, draws_, 1);
      if (other != event.arg) pending_[other] = engine.reschedule(pending_[other], later(engine));
    }
    send(engine, event.arg);
  }
  std::string_view name() const override { return "network"; }
  std::uint32_t kinds() const override { return 2; }
  std::string_view kind_name(std::uint32_t kind) const override {
    return kind == 0 ? "arrive" : "observe";
  }

 private:
  SimTime later(Engine& engine) {
    return engine.now() + nanoseconds(static_cast<std::int64_t>(
                              stream_.below(std::uint64_t{60} * kNsPerSecond, ++draws_)));
  }
  void send(Engine& engine, std::uint64_t station) {
    pending_[station] = engine.schedule(later(engine), Phase::workload, self_, 0, station);
  }

  RandomStream stream_;
  std::uint64_t stations_;
  std::uint64_t draws_ = 0;
  std::vector<EventId> pending_;
  ProcessId self_;
};

/// What a run leaves behind that must be equal.
struct Trail {
  std::uint64_t fingerprint = 0;
  std::vector<std::uint64_t> hourly;
  std::uint64_t events = 0;
  bool operator==(const Trail&) const = default;
};

inline Trail trail_of(const Engine& engine) {
  return {engine.fingerprint(), engine.hourly_fingerprints(), engine.events()};
}

}  // namespace hyperdc::test
