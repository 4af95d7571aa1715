#include "world/process/outages.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <variant>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

Outages::Outages(World& world, std::uint32_t index)
    : world_(world),
      books_(world.failures[index]),
      name_("failures." + books_.spec->name),
      items_(world, books_.spec->of, books_.spec->racks),
      draws_(world.seed, name_ + ".hits") {
  HYPERDC_CHECK(world.scenario->duration.has_value(), "outages go on until the run ends");
  const SimTime horizon = SimTime{} + *world.scenario->duration;
  if (const auto* replay = std::get_if<ReplayedOutages>(&books_.spec->what)) {
    read(*replay, horizon);
  } else {
    read(std::get<PlannedOutage>(books_.spec->what), horizon);
  }
}

std::string_view Outages::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 2> kNames{"begin", "end"};
  return kNames.at(kind);
}

void Outages::read(const ReplayedOutages& replay, SimTime horizon) {
  SimTime at;
  for (const OutageRow& row : replay.rows) {
    const double gap_s = to_seconds(row.interval) * replay.time_scale;
    if (gap_s > to_seconds(horizon - at)) return;
    at = at + seconds(gap_s);
    const double lasts_s =
        std::min(to_seconds(row.lasts) * replay.time_scale, to_seconds(horizon - at) + 1);
    if (row.item && *row.item >= items_.count()) continue;  // a place beyond the scope
    const auto hit =
        row.item ? 1U : static_cast<std::uint32_t>(std::llround(row.share * items_.count()));
    outages_.push_back({at, seconds(lasts_s), hit, row.item});
  }
}

void Outages::read(const PlannedOutage& planned, SimTime horizon) {
  const SimTime at = SimTime{} + planned.at;
  if (at > horizon) return;
  const auto hit = planned.items
                       ? std::min<std::uint64_t>(*planned.items, items_.count())
                       : static_cast<std::uint64_t>(std::llround(planned.share * items_.count()));
  outages_.push_back({at, planned.lasts, static_cast<std::uint32_t>(hit), std::nullopt});
}

void Outages::begin(ProcessId self, Engine& engine) {
  self_ = self;
  schedule_next(engine);
}

void Outages::schedule_next(Engine& engine) {
  if (next_ == outages_.size()) return;
  engine.schedule(outages_[next_].at, Phase::fault, self_, kBegin, next_);
  ++next_;
}

/// As many items as the outage hits, every set of them with equal probability.
/// Knuth, TAOCP 2, section 3.4.2, algorithm S.
template <class Visit>
void Outages::for_each_hit(std::uint64_t outage, Visit visit) const {
  if (outages_[outage].item) return visit(*outages_[outage].item);
  std::uint32_t wanted = outages_[outage].items;
  for (std::uint32_t item = 0; wanted > 0; ++item) {
    const std::uint32_t left = items_.count() - item;
    if (wanted < left && draws_.below(left, outage, item) >= wanted) continue;
    visit(item);
    --wanted;
  }
}

void Outages::handle(const Event& event, Engine& engine) {
  const Outage& outage = outages_[event.arg];
  if (event.kind == kBegin) {
    for_each_hit(event.arg, [&](std::uint32_t item) {
      items_.take_down(world_, item, engine, "an outage took its server");
      if (held_[item]++ == 0) books_.down += 1;
    });
    world_.recorder->add(books_.count, engine.now(), outage.items);
    engine.schedule(engine.now() + outage.lasts, Phase::fault, self_, kEnd, event.arg);
    schedule_next(engine);
  } else {
    for_each_hit(event.arg, [&](std::uint32_t item) {
      items_.bring_up(world_, item, engine);
      if (--held_.at(item) > 0) return;
      held_.erase(item);
      books_.down -= 1;
    });
  }
  world_.recorder->level(books_.down_level, engine.now(), static_cast<double>(books_.down));
}

}  // namespace hyperdc
