#include "world/process/random_faults.hpp"

#include <array>
#include <variant>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr std::uint64_t kDrawAttributes = 1024;  // of one variate

FailureTimes::Options options_of(const World& world, const RandomFailures& spec,
                                 const FaultItems& items) {
  HYPERDC_CHECK(world.scenario->duration.has_value(), "failures go on until the run ends");
  return {items.count(), spec.time_to_failure, spec.lemon_share, spec.lemon_factor,
          SimTime{} + *world.scenario->duration};
}

RandomStream stream(const World& world, const FailureSpec& cause, std::string_view of) {
  return {world.seed, "failures." + cause.name + "." + std::string(of)};
}

const RandomFailures& random_of(const FailureSpec& cause) {
  return std::get<RandomFailures>(cause.what);
}

}  // namespace

RandomFaults::RandomFaults(World& world, std::uint32_t index)
    : world_(world),
      books_(world.failures[index]),
      spec_(random_of(*books_.spec)),
      name_("failures." + books_.spec->name),
      items_(world, books_.spec->of, books_.spec->racks),
      times_(options_of(world, spec_, items_), stream(world, *books_.spec, "times"),
             stream(world, *books_.spec, "lemons")),
      shop_(spec_.technicians, spec_.spares),
      repair_(spec_.repair),
      lead_time_(spec_.lead_time),
      repair_draws_(stream(world, *books_.spec, "repairs")),
      part_draws_(stream(world, *books_.spec, "parts")),
      common_draws_(stream(world, *books_.spec, "common")),
      down_(items_.count(), false) {}

std::string_view RandomFaults::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, 3> kNames{"fail", "repaired", "part"};
  return kNames.at(kind);
}

void RandomFaults::begin(ProcessId self, Engine& engine) {
  self_ = self;
  next_.arm(times_, self_, engine);
}

void RandomFaults::handle(const Event& event, Engine& engine) {
  const auto item = static_cast<std::uint32_t>(event.arg);
  switch (static_cast<Kind>(event.kind)) {
    case kFail: {
      const std::uint32_t failed = next_.take(times_, event.at);
      if (!down_[failed]) {
        fail(failed, engine);
        fail_others(failed, engine);
      }
      break;
    }
    case kRepaired:
      down_[item] = false;
      items_.bring_up(world_, item, engine);
      times_.renewed(item, engine.now());
      shop_.finished();
      break;
    case kPart:
      shop_.part_arrived();
      break;
  }
  begin_repairs(engine);
  publish(engine.now());
  next_.arm(times_, self_, engine);
}

void RandomFaults::fail(std::uint32_t item, Engine& engine) {
  down_[item] = true;
  world_.recorder->add(books_.count, engine.now(), 1);
  times_.failed(item);
  items_.take_down(world_, item, engine, "its server failed");
  shop_.arrive(item);
}

/// With some probability the failure has a cause that the rest of its group shares.
void RandomFaults::fail_others(std::uint32_t first, Engine& engine) {
  if (spec_.common_probability == 0) return;
  const std::uint64_t nth = times_.failures(first);
  if (common_draws_.uniform(first, 2 * nth) >= spec_.common_probability) return;
  items_.for_each_in_group(first, spec_.common_group, [&](std::uint32_t other) {
    if (down_[other]) return;
    const double draw = common_draws_.uniform(other, 2 * times_.failures(other) + 1);
    if (draw < spec_.common_share) fail(other, engine);
  });
}

void RandomFaults::begin_repairs(Engine& engine) {
  while (const auto item = shop_.begin()) {
    const double work_s =
        repair_.draw(repair_draws_, *item, times_.failures(*item) * kDrawAttributes);
    engine.schedule(engine.now() + seconds(work_s), Phase::fault, self_, kRepaired, *item);
    if (!shop_.limits_parts()) continue;
    const double lead_s = lead_time_.draw(part_draws_, parts_used_++);
    engine.schedule(engine.now() + seconds(lead_s), Phase::fault, self_, kPart, parts_used_);
  }
}

void RandomFaults::publish(SimTime now) {
  const auto level = [&](MetricId id, std::size_t value) {
    world_.recorder->level(id, now, static_cast<double>(value));
  };
  books_.down = shop_.waiting() + shop_.in_repair();
  level(books_.down_level, books_.down);
  level(books_.waiting_level, shop_.waiting());
}

}  // namespace hyperdc
