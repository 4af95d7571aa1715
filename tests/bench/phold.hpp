// PHOLD (Fujimoto, 1990) for one processor: N entities, one event each; an event updates the
// entity's 64 bytes of state, draws 128 random bits, and sends one event to a random entity after
// an exponential delay. The same work whatever the engine, so that checksums must agree.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "core/large_pages.hpp"
#include "core/math.hpp"
#include "core/rng.hpp"
#include "engine/engine.hpp"

namespace hyperdc::bench {

class PholdModel {
 public:
  explicit PholdModel(std::uint32_t entities) : stream_(1, "phold") {
    entities_.reserve(entities);
    prefer_large_pages(entities_.data(), entities * sizeof(Entity));
    entities_.resize(entities);
  }

  struct Send {
    std::uint32_t to;
    std::int64_t at;
  };
  /// What the event of entity `id` at `now` does.
  Send step(std::uint32_t id, std::int64_t now) {
    Entity& entity = entities_[id];
    ++entity.received;
    entity.last = now;
    entity.checksum = (entity.checksum ^ static_cast<std::uint64_t>(now)) * 0x9e3779b97f4a7c15;
    return send(id, now);
  }
  Send send(std::uint32_t id, std::int64_t now) {
    const std::array<std::uint64_t, 2> bits = stream_.bits(id, entities_[id].draws++);
    const auto to = static_cast<std::uint32_t>(((bits[0] >> 32) * entities_.size()) >> 32);
    const double u = (static_cast<double>(bits[1] >> 12) + 0.5) * 0x1p-52;
    return {to, now + static_cast<std::int64_t>(-math::log(u) * 1e9) + 1};
  }
  std::uint64_t checksum() const {
    std::uint64_t sum = 0;
    for (const Entity& entity : entities_) {
      sum = (sum ^ entity.checksum ^ entity.received) * 0xbf58476d1ce4e5b9;
    }
    return sum;
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(entities_.size()); }

 private:
  struct alignas(64) Entity {
    std::uint64_t draws = 0, received = 0, checksum = 0;
    std::int64_t last = 0;
    std::uint64_t rest[4] = {};
  };
  RandomStream stream_;
  std::vector<Entity> entities_;
};

class PholdRun {
 public:
  virtual ~PholdRun() = default;
  /// Runs at least `events` more; the numbers are equal for equal calls.
  virtual void run(std::uint64_t events) = 0;
  virtual std::uint64_t checksum() const = 0;
  virtual std::uint64_t events() const = 0;
};

/// Through Engine and Process: dispatch, checks, fingerprint of every event.
class PholdOnEngine final : public PholdRun, private Process, private RunMonitor {
 public:
  explicit PholdOnEngine(std::uint32_t entities) : model_(entities), self_(engine_.add(*this)) {
    for (std::uint32_t id = 0; id < entities; ++id) schedule(model_.send(id, 0));
  }
  void run(std::uint64_t events) override {
    stop_at_ = engine_.events() + events;
    engine_.run_to_end(this);
  }
  std::uint64_t checksum() const override { return model_.checksum(); }
  std::uint64_t events() const override { return engine_.events(); }

 private:
  void handle(const Event& event, Engine&) override {
    schedule(model_.step(static_cast<std::uint32_t>(event.arg), event.at.ns));
  }
  std::string_view name() const override { return "phold"; }
  std::uint32_t kinds() const override { return 1; }
  std::string_view kind_name(std::uint32_t) const override { return "message"; }
  bool tick(SimTime, std::uint64_t events) override { return events < stop_at_; }
  void schedule(const PholdModel::Send& send) {
    engine_.schedule({send.at}, Phase::workload, self_, 0, send.to);
  }

  Engine engine_;
  PholdModel model_;
  std::uint64_t stop_at_ = 0;
  ProcessId self_;
};

/// The same work on a std::priority_queue of closures.
class PholdOnFunctions final : public PholdRun {
 public:
  explicit PholdOnFunctions(std::uint32_t entities) : model_(entities) {
    for (std::uint32_t id = 0; id < entities; ++id) schedule(model_.send(id, 0));
  }
  void run(std::uint64_t events) override {
    for (std::uint64_t i = 0; i < events; ++i) {
      Entry entry = std::move(const_cast<Entry&>(heap_.top()));
      heap_.pop();
      now_ = entry.t;
      ++events_;
      entry.call();
    }
  }
  std::uint64_t checksum() const override { return model_.checksum(); }
  std::uint64_t events() const override { return events_; }

 private:
  struct Entry {
    std::int64_t t;
    std::uint64_t seq;
    std::function<void()> call;
    bool operator>(const Entry& o) const { return t != o.t ? t > o.t : seq > o.seq; }
  };
  void schedule(const PholdModel::Send& send) {
    const std::uint64_t seq = ++seq_;
    heap_.push(
        {send.at, seq, [this, to = send.to, at = send.at] { schedule(model_.step(to, at)); }});
  }

  PholdModel model_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> heap_;
  std::int64_t now_ = 0;
  std::uint64_t seq_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace hyperdc::bench
