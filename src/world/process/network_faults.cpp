#include "world/process/network_faults.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <variant>

#include "core/math.hpp"
#include "world/fabrics.hpp"

namespace hyperdc {

namespace {

enum class NetworkEvent : std::uint32_t { planned, over, fails, repaired };
constexpr std::array<std::string_view, 4> kNetworkEvents{"planned", "over", "fails", "repaired"};

}  // namespace

NetworkFaults::NetworkFaults(World& world, std::uint32_t cause)
    : world_(world),
      books_(world.failures[cause]),
      spec_(std::get<NetworkFault>(books_.spec->what)),
      name_("failures." + books_.spec->name),
      groups_(fault_groups(*world.scenario->fabrics[spec_.fabric].topology, spec_.of, spec_.tier)),
      draws_(world.seed, name_ + ".items"),
      repair_(spec_.repair_s),
      up_(groups_.links.size()),
      at_(groups_.links.size()) {
  std::iota(up_.begin(), up_.end(), 0U);
  std::iota(at_.begin(), at_.end(), 0U);
}

std::uint32_t NetworkFaults::kinds() const {
  return kNetworkEvents.size();
}

std::string_view NetworkFaults::kind_name(std::uint32_t kind) const {
  return kNetworkEvents.at(kind);
}

void NetworkFaults::begin(ProcessId self, Engine& engine) {
  self_ = self;
  if (!spec_.at) return schedule_next(engine);
  engine.schedule(SimTime{} + *spec_.at, Phase::fault, self_,
                  static_cast<std::uint32_t>(NetworkEvent::planned));
}

/// A second longer than the run: what lies beyond is all the same.
double NetworkFaults::time_left_s(SimTime now) const {
  return to_seconds(SimTime{} + *world_.scenario->duration - now) + 1;
}

void NetworkFaults::schedule_next(Engine& engine) {
  if (next_ != kNoEvent) engine.cancel(next_);
  next_ = kNoEvent;
  if (up_.empty()) return;
  const double mean_s = spec_.mtbf_s / static_cast<double>(up_.size());
  const double after_s = -mean_s * math::log(draws_.uniform(changes_++, 0));
  if (after_s > time_left_s(engine.now())) return;
  next_ = engine.schedule(engine.now() + seconds(after_s), Phase::fault, self_,
                          static_cast<std::uint32_t>(NetworkEvent::fails));
}

void NetworkFaults::fail(std::uint32_t item, Engine& engine) {
  up_[at_[item]] = up_.back();
  at_[up_.back()] = at_[item];
  up_.pop_back();
  degrade_links(world_, spec_.fabric, groups_.links[item], spec_.capacity, engine);
  books_.down += 1;
  world_.recorder->add(books_.count, engine.now(), 1);
}

void NetworkFaults::repair(std::uint32_t item, Engine& engine) {
  at_[item] = static_cast<std::uint32_t>(up_.size());
  up_.push_back(item);
  restore_links(world_, spec_.fabric, groups_.links[item], spec_.capacity, engine);
  books_.down -= 1;
}

void NetworkFaults::fail_some(Engine& engine) {
  next_ = kNoEvent;
  const auto pick = static_cast<std::size_t>(draws_.below(up_.size(), changes_, 1));
  const std::uint32_t item = up_[pick];
  fail(item, engine);
  const double lasts_s =
      std::clamp(repair_.draw(draws_, changes_, 2), 0.0, time_left_s(engine.now()));
  engine.schedule(engine.now() + seconds(lasts_s), Phase::fault, self_,
                  static_cast<std::uint32_t>(NetworkEvent::repaired), item);
  schedule_next(engine);
}

void NetworkFaults::handle(const Event& event, Engine& engine) {
  switch (static_cast<NetworkEvent>(event.kind)) {
    case NetworkEvent::planned:
      for (std::uint32_t i = 0; i < spec_.items; ++i) fail(spec_.first + i, engine);
      engine.schedule(engine.now() + spec_.lasts, Phase::fault, self_,
                      static_cast<std::uint32_t>(NetworkEvent::over));
      break;
    case NetworkEvent::over:
      for (std::uint32_t i = 0; i < spec_.items; ++i) repair(spec_.first + i, engine);
      break;
    case NetworkEvent::fails:
      fail_some(engine);
      break;
    case NetworkEvent::repaired:
      repair(static_cast<std::uint32_t>(event.arg), engine);
      schedule_next(engine);
      break;
  }
  world_.recorder->level(books_.down_level, engine.now(), static_cast<double>(books_.down));
}

}  // namespace hyperdc
