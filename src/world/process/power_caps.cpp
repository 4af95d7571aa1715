// The caps of PowerPlantProcess: readings, decisions, and commands that may be lost.
#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "world/process/power_plant.hpp"

namespace hyperdc {

/// While the controller is out of order nothing is measured; its repair schedules anew.
void PowerPlantProcess::schedule_measurement(Engine& engine) {
  if (!plant_.capping || measure_at_ || plant_.capping_holds > 0) return;
  if (!plant_.capping->needed() && !plant_.unheard) return;
  measure_at_ = plant_.capping->next_measurement(engine.now());
  engine.schedule(*measure_at_, Phase::control, self_,
                  static_cast<std::uint32_t>(PlantEvent::measure));
}

/// By device 1 + e; empty where meters are exact.
std::vector<double> PowerPlantProcess::read_meters(std::uint64_t measurement) const {
  const double noise = plant_.capping->settings().noise;
  if (noise <= 0) return {};
  std::vector<double> out;
  for (std::uint32_t i = 0; i < plant_.tree.devices(); ++i) {
    const double z = math::normal_quantile(meters_.uniform(i, measurement));
    out.push_back(1 + noise * std::clamp(z, -kFarthest, kFarthest));
  }
  return out;
}

void PowerPlantProcess::measure(Engine& engine) {
  if (plant_.capping_holds > 0) return;
  const SimTime now = engine.now();
  plant_.tree.advance(now);
  const auto number = static_cast<std::uint64_t>(now.ns / plant_.capping->settings().every.ns);
  const std::vector<CapLeaf> leaves = plant_.leaves(world_.power);
  plant_.decisions.push_back({plant_.capping->acts_at(now), number,
                              plant_.capping->measure(plant_.tree, leaves, read_meters(number))});
  world_.recorder->add(plant_.misread, now, plant_.capping->misread());
  engine.schedule(plant_.decisions.back().acts, Phase::control, self_,
                  static_cast<std::uint32_t>(PlantEvent::act));
  if (!plant_.capping->needed() && !plant_.unheard) return;
  measure_at_ = plant_.capping->next_measurement(now + Duration{1});
  engine.schedule(*measure_at_, Phase::control, self_,
                  static_cast<std::uint32_t>(PlantEvent::measure));
}

/// A rack group that does not hear its command keeps the cap that it has.
void PowerPlantProcess::act(const Engine& engine) {
  HYPERDC_CHECK(!plant_.decisions.empty() && plant_.decisions.front().acts == engine.now(),
                "a cap acts that nobody decided");
  const PowerPlant::Decision decision = std::move(plant_.decisions.front());
  plant_.decisions.pop_front();
  const double lost = plant_.capping->settings().lost;
  plant_.unheard = false;
  for (std::uint32_t i = 0; i < plant_.racks.size(); ++i) {
    PowerPlant::Rack& rack = plant_.racks[i];
    if (rack.cap_w == decision.caps[i]) continue;
    if (lost > 0 && commands_.uniform(i, decision.measurement) < lost) {
      plant_.unheard = true;
      world_.recorder->add(plant_.lost_commands, engine.now(), 1);
      continue;
    }
    rack.cap_w = decision.caps[i];
    set_clock(rack, engine);
  }
}

}  // namespace hyperdc
