#include "world/power_meter.hpp"

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

namespace {

constexpr double kPpm = 1e-6;

/// Why the power of this server type is not known; empty when it is.
std::string missing_power(const Scenario& scenario, const ServerType& type) {
  if (!type.host_power) return type.name + ": " + type.power_reason;
  if (!type.accelerator || type.shape.accelerators == 0) return {};
  const AcceleratorType& accelerator = scenario.accelerators[*type.accelerator];
  if (!accelerator.power) return accelerator.name + ": " + accelerator.power_reason;
  return {};
}

}  // namespace

void PowerMeter::build(const Scenario& scenario, Recorder& recorder) {
  scenario_ = &scenario;
  recorder_ = &recorder;
  for (const Region& region : scenario.regions) {
    regions_.push_back({region.name, true, {}, region.power_limit_w, {}});
  }
  parts_of_.resize(regions_.size());
  levels_.resize(regions_.size());
  for (std::uint32_t r = 0; r < regions_.size(); ++r) dirty_.push_back(r);  // first publish: idle
  for (const RackGroup& group : scenario.racks) {
    for (const RackGroup::Run& run : group.servers) {
      RegionReading& region = regions_[group.region];
      std::string reason = missing_power(scenario, scenario.server_types[run.type]);
      if (!reason.empty() && region.known) {
        region.known = false;
        region.reason = std::move(reason);
      }
    }
  }
  for (RegionReading& region : regions_) {
    if (!region.known) continue;
    region.power =
        recorder.declare({"regions." + region.name + ".power", "W",
                          "electrical power of the region, cooling included", MetricKind::level});
  }
}

std::uint32_t PowerMeter::add_part(std::uint32_t region, std::uint32_t type, std::uint32_t count) {
  const ServerType& server = scenario_->server_types[type];
  Part part;
  part.region = region;
  const double servers = count;
  if (regions_[region].known) {
    part.idle_w = servers * (server.host_power->idle_w + server.drive_w + server.nic_w);
    part.per_core_milli_w = (server.host_power->full_w - server.host_power->idle_w) /
                            static_cast<double>(server.shape.cores_milli);
    if (server.accelerator && server.shape.accelerators > 0) {
      const PowerRange& range = *scenario_->accelerators[*server.accelerator].power;
      part.idle_w += servers * server.shape.accelerators * range.idle_w;
      part.per_accelerator_milli_w = (range.full_w - range.idle_w) / kWholeAccelerator;
    }
  }
  const auto id = static_cast<std::uint32_t>(parts_.size());
  parts_.push_back(part);
  parts_of_[region].push_back(id);
  return id;
}

void PowerMeter::change(SimTime at, std::uint32_t part, const Resources& amount,
                        std::int64_t cores_ppm, std::int64_t accelerators_ppm, int sign) {
  Part& p = parts_[part];
  p.cores_ppm_milli.change(at, sign * amount.cores_milli * cores_ppm);
  p.accelerators_ppm_milli.change(at, sign * amount.accelerator_milli * accelerators_ppm);
  Level& level = levels_[p.region];
  if (!level.dirty) {
    level.dirty = true;
    dirty_.push_back(p.region);
  }
}

double PowerMeter::region_power(std::uint32_t region) const {
  double watts = 0;
  for (const std::uint32_t id : parts_of_[region]) {
    const Part& p = parts_[id];
    watts += p.idle_w;
    watts += p.per_core_milli_w * (kPpm * static_cast<double>(p.cores_ppm_milli.level()));
    watts +=
        p.per_accelerator_milli_w * (kPpm * static_cast<double>(p.accelerators_ppm_milli.level()));
  }
  return watts * scenario_->regions[region].pue;
}

void PowerMeter::publish(SimTime at) {
  for (const std::uint32_t region : dirty_) {
    Level& level = levels_[region];
    if (!level.dirty) continue;
    level.dirty = false;
    if (!regions_[region].known) continue;
    level.joules += level.watts * to_seconds(at - level.since);
    level.since = at;
    level.watts = region_power(region);
    recorder_->level(regions_[region].power, at, level.watts);
  }
  dirty_.clear();
}

double PowerMeter::metered_j(SimTime end) const {
  double joules = 0;
  for (const Level& level : levels_) {
    joules += level.joules + level.watts * to_seconds(end - level.since);
  }
  return joules;
}

double PowerMeter::parts_j(SimTime end) const {
  double joules = 0;
  for (const Part& p : parts_) {
    if (!regions_[p.region].known) continue;
    double part = p.idle_w * to_seconds(end);
    part += p.per_core_milli_w * kPpm * per_second(p.cores_ppm_milli.until(end));
    part += p.per_accelerator_milli_w * kPpm * per_second(p.accelerators_ppm_milli.until(end));
    joules += part * scenario_->regions[p.region].pue;
  }
  return joules;
}

}  // namespace hyperdc
