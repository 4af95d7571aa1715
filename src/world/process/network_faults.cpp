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

enum class NetworkEvent : std::uint32_t { planned, over, fails, repaired, cube_repaired, replaced };
constexpr std::array<std::string_view, 6> kNetworkEvents{"planned",  "over",          "fails",
                                                         "repaired", "cube_repaired", "replaced"};

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
      at_(groups_.links.size()),
      spares_(spec_.spares ? spec_.spares->count : 0) {
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
  schedule_next(engine);
  if (!spec_.at) return;
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
  if (spec_.at || up_.empty()) return;
  const double mean_s = spec_.mtbf_s / static_cast<double>(up_.size());
  const double after_s = -mean_s * math::log(draws_.uniform(changes_++, 0));
  if (after_s > time_left_s(engine.now())) return;
  next_ = engine.schedule(engine.now() + seconds(after_s), Phase::fault, self_,
                          static_cast<std::uint32_t>(NetworkEvent::fails));
}

/// A link is there once for each of the items that has it.
std::vector<LinkId> NetworkFaults::links_of(std::span<const std::uint32_t> items) const {
  std::vector<LinkId> links;
  for (const std::uint32_t item : items) {
    links.insert(links.end(), groups_.links[item].begin(), groups_.links[item].end());
  }
  return links;
}

void NetworkFaults::fail(std::span<const std::uint32_t> items, Engine& engine) {
  for (const std::uint32_t item : items) {
    up_[at_[item]] = up_.back();
    at_[up_.back()] = at_[item];
    up_.pop_back();
    books_.down += 1;
    world_.recorder->add(books_.count, engine.now(), 1);
  }
  degrade_links(world_, spec_.fabric, links_of(items), spec_.capacity, engine);
}

void NetworkFaults::repair(std::span<const std::uint32_t> items, Engine& engine) {
  for (const std::uint32_t item : items) {
    at_[item] = static_cast<std::uint32_t>(up_.size());
    up_.push_back(item);
    books_.down -= 1;
  }
  restore_links(world_, spec_.fabric, links_of(items), spec_.capacity, engine);
}

void NetworkFaults::fail_some(Engine& engine) {
  next_ = kNoEvent;
  const auto pick = static_cast<std::size_t>(draws_.below(up_.size(), changes_, 1));
  const std::uint32_t item = up_[pick];
  const double lasts_s =
      std::clamp(repair_.draw(draws_, changes_, 2), 0.0, time_left_s(engine.now()));
  fail({&item, 1}, engine);
  if (spec_.spares) {
    wait_for_cube(item, seconds(lasts_s), engine);
  } else {
    engine.schedule(engine.now() + seconds(lasts_s), Phase::fault, self_,
                    static_cast<std::uint32_t>(NetworkEvent::repaired), item);
  }
  schedule_next(engine);
}

void NetworkFaults::wait_for_cube(std::uint32_t item, Duration lasts, Engine& engine) {
  const auto number = static_cast<std::uint32_t>(broken_.size());
  broken_.push_back({item, engine.now() + lasts});
  waiting_.push_back(number);
  engine.schedule(engine.now() + lasts, Phase::fault, self_,
                  static_cast<std::uint32_t>(NetworkEvent::cube_repaired), number);
  use_spares(engine);
}

void NetworkFaults::use_spares(Engine& engine) {
  const SimTime there = engine.now() + spec_.spares->after;
  std::erase_if(waiting_, [&](std::uint32_t number) {
    BrokenCube& cube = broken_[number];
    if (spares_ == 0 || there >= cube.repaired_at) return false;
    --spares_;
    cube.replaced = true;
    engine.schedule(there, Phase::fault, self_, static_cast<std::uint32_t>(NetworkEvent::replaced),
                    cube.item);
    return true;
  });
}

void NetworkFaults::cube_repaired(std::uint32_t number, Engine& engine) {
  if (broken_[number].replaced) {
    ++spares_;
    return use_spares(engine);
  }
  std::erase(waiting_, number);
  repair({&broken_[number].item, 1}, engine);
  schedule_next(engine);
}

std::vector<std::uint32_t> NetworkFaults::planned_items() const {
  std::vector<std::uint32_t> items(spec_.items);
  std::iota(items.begin(), items.end(), spec_.first);
  return items;
}

void NetworkFaults::fail_as_planned(Engine& engine) {
  const std::vector<std::uint32_t> items = planned_items();
  fail(items, engine);
  if (!spec_.spares) {
    engine.schedule(engine.now() + spec_.lasts, Phase::fault, self_,
                    static_cast<std::uint32_t>(NetworkEvent::over));
    return;
  }
  for (const std::uint32_t item : items) wait_for_cube(item, spec_.lasts, engine);
}

void NetworkFaults::handle(const Event& event, Engine& engine) {
  const auto item = static_cast<std::uint32_t>(event.arg);
  switch (static_cast<NetworkEvent>(event.kind)) {
    case NetworkEvent::planned:
      fail_as_planned(engine);
      break;
    case NetworkEvent::over:
      repair(planned_items(), engine);
      break;
    case NetworkEvent::fails:
      fail_some(engine);
      break;
    case NetworkEvent::repaired:
      repair({&item, 1}, engine);
      schedule_next(engine);
      break;
    case NetworkEvent::cube_repaired:
      cube_repaired(item, engine);
      break;
    case NetworkEvent::replaced:
      repair({&item, 1}, engine);
      world_.recorder->add(books_.replaced, engine.now(), 1);
      schedule_next(engine);
      break;
  }
  if (spec_.spares) {
    world_.recorder->level(books_.spares_level, engine.now(), static_cast<double>(spares_));
  }
  world_.recorder->level(books_.down_level, engine.now(), static_cast<double>(books_.down));
}

}  // namespace hyperdc
