#include "world/power_meter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "model/power/pue.hpp"

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
    RegionReading reading;
    reading.name = region.name;
    reading.limit_w = region.power_limit_w;
    reading.has_losses = region.losses.has_value();
    regions_.push_back(std::move(reading));
    books_.emplace_back(region.energy);
  }
  watched_.resize(regions_.size());
  changed_racks_.resize(regions_.size());
  outside_c_.resize(regions_.size());
  parts_of_rack_.resize(scenario.racks.size());
  rack_changed_.resize(scenario.racks.size());
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
  add_networks();
  for (RegionReading& region : regions_) {
    if (!region.known) continue;
    region.power =
        recorder.declare({"regions." + region.name + ".power", "W",
                          "electrical power of the region, cooling included", MetricKind::level});
    if (!region.has_losses) continue;
    region.it_power = recorder.declare({"regions." + region.name + ".it_power", "W",
                                        "power of the servers of the region", MetricKind::level});
  }
}

/// A region of which nothing draws power that is known has no power, rather than none at all.
void PowerMeter::add_networks() {
  std::vector<bool> has_load(regions_.size(), false);
  for (const RackGroup& group : scenario_->racks) has_load[group.region] = true;
  for (const FabricSpec& fabric : scenario_->fabrics) {
    const std::optional<double> watts = fabric_power_w(fabric);
    if (!watts || !fabric.region) continue;
    regions_[*fabric.region].network_w = *watts;
    has_load[*fabric.region] = true;
  }
  for (std::uint32_t r = 0; r < regions_.size(); ++r) {
    if (has_load[r]) continue;
    regions_[r].known = false;
    regions_[r].reason = "it has no servers, and the power of its switches is not stated";
  }
}

std::uint32_t PowerMeter::add_part(std::uint32_t rack, std::uint32_t type, std::uint32_t count) {
  const ServerType& server = scenario_->server_types[type];
  const std::uint32_t region = scenario_->racks[rack].region;
  Part part;
  part.region = region;
  part.rack = rack;
  part.servers = count;
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
    part.idle_each_w = count > 0 ? part.idle_w / servers : 0;
    part.boot_each_w = server.boot_w.value_or(part.idle_each_w);
    part.off_each_w = server.off_w;
  }
  const auto id = static_cast<std::uint32_t>(parts_.size());
  parts_.push_back(part);
  parts_of_[region].push_back(id);
  parts_of_rack_[rack].push_back(id);
  return id;
}

void PowerMeter::change(SimTime at, std::uint32_t part, const Resources& amount,
                        std::int64_t cores_ppm, std::int64_t accelerators_ppm, int sign) {
  add_busy(at, part, sign * amount.cores_milli * cores_ppm,
           sign * amount.accelerator_milli * accelerators_ppm);
}

void PowerMeter::add_busy(SimTime at, std::uint32_t part, std::int64_t cores_ppm_milli,
                          std::int64_t accelerators_ppm_milli) {
  if (cores_ppm_milli == 0 && accelerators_ppm_milli == 0) return;
  Part& p = parts_[part];
  p.cores_ppm_milli.change(at, cores_ppm_milli);
  p.accelerators_ppm_milli.change(at, accelerators_ppm_milli);
  if (p.dynamic != 1) save(at, p);
  mark(p);
}

void PowerMeter::mark(const Part& part) {
  mark_region(part.region);
  if (!watched_[part.region] || rack_changed_[part.rack]) return;
  rack_changed_[part.rack] = true;
  changed_racks_[part.region].push_back(part.rack);
}

void PowerMeter::mark_region(std::uint32_t region) {
  if (levels_[region].dirty) return;
  levels_[region].dirty = true;
  dirty_.push_back(region);
}

void PowerMeter::change_status(SimTime at, std::uint32_t part, ServerStatus from, ServerStatus to) {
  Part& p = parts_[part];
  const auto idles = [](ServerStatus status) {
    return status == ServerStatus::up || status == ServerStatus::draining;
  };
  if (idles(from) != idles(to)) p.not_up.change(at, idles(to) ? -1 : +1);
  if (from == ServerStatus::booting) p.booting.change(at, -1);
  if (to == ServerStatus::booting) p.booting.change(at, +1);
  if (from == ServerStatus::off) p.off.change(at, -1);
  if (to == ServerStatus::off) p.off.change(at, +1);
  mark(p);
}

void PowerMeter::watch(std::uint32_t region) {
  watched_[region] = true;
  for (const std::uint32_t part : parts_of_[region]) mark(parts_[part]);
}

std::vector<std::uint32_t> PowerMeter::take_changed_racks(std::uint32_t region) {
  std::vector<std::uint32_t> out = std::exchange(changed_racks_[region], {});
  for (const std::uint32_t rack : out) rack_changed_[rack] = false;
  std::sort(out.begin(), out.end());
  return out;
}

double PowerMeter::idle_of(const Part& p) {
  if (p.not_up.level() == 0) return p.idle_w;
  return p.idle_w + p.boot_each_w * static_cast<double>(p.booting.level()) +
         p.off_each_w * static_cast<double>(p.off.level()) -
         p.idle_each_w * static_cast<double>(p.not_up.level());
}

double PowerMeter::busy_of(const Part& p) {
  return p.per_core_milli_w * (kPpm * static_cast<double>(p.cores_ppm_milli.level())) +
         p.per_accelerator_milli_w * (kPpm * static_cast<double>(p.accelerators_ppm_milli.level()));
}

RackPowerNow PowerMeter::rack(std::uint32_t rack) const {
  RackPowerNow now;
  for (const std::uint32_t id : parts_of_rack_[rack]) {
    const Part& p = parts_[id];
    now.idle_w += idle_of(p);
    now.busy_w += busy_of(p);
    now.drawn_w += idle_of(p) + busy_of(p) * p.dynamic;
  }
  return now;
}

PartPowerNow PowerMeter::part(std::uint32_t part) const {
  const Part& p = parts_[part];
  PartPowerNow now{p.idle_each_w, p.boot_each_w, p.off_each_w};
  now.cores_w =
      p.dynamic * p.per_core_milli_w * (kPpm * static_cast<double>(p.cores_ppm_milli.level()));
  now.accelerators_w = p.dynamic * p.per_accelerator_milli_w *
                       (kPpm * static_cast<double>(p.accelerators_ppm_milli.level()));
  return now;
}

/// Whole 10^-6 W, so that the account is exact.
void PowerMeter::save(SimTime at, Part& p) {
  p.saved_uw.set(at, std::llround(1e6 * busy_of(p) * (1 - p.dynamic)));
}

void PowerMeter::set_dynamic(SimTime at, std::uint32_t rack, double factor) {
  for (const std::uint32_t id : parts_of_rack_[rack]) {
    Part& p = parts_[id];
    p.dynamic = factor;
    save(at, p);
    mark(p);
  }
}

void PowerMeter::switch_rack(SimTime at, std::uint32_t rack, bool on) {
  const ServerStatus from = on ? ServerStatus::down : ServerStatus::up;
  const ServerStatus to = on ? ServerStatus::up : ServerStatus::down;
  for (const std::uint32_t id : parts_of_rack_[rack]) {
    for (std::uint32_t s = 0; s < parts_[id].servers; ++s) change_status(at, id, from, to);
  }
}

void PowerMeter::set_outside(std::uint32_t region, double celsius) {
  outside_c_[region] = celsius;
  mark_region(region);
}

double PowerMeter::it_power(std::uint32_t region) const {
  double watts = regions_[region].network_w;
  for (const std::uint32_t id : parts_of_[region]) {
    const Part& p = parts_[id];
    watts += p.idle_w;
    if (p.not_up.level() > 0) {
      watts += p.boot_each_w * static_cast<double>(p.booting.level()) +
               p.off_each_w * static_cast<double>(p.off.level()) -
               p.idle_each_w * static_cast<double>(p.not_up.level());
    }
    watts += p.per_core_milli_w * (kPpm * static_cast<double>(p.cores_ppm_milli.level()));
    watts +=
        p.per_accelerator_milli_w * (kPpm * static_cast<double>(p.accelerators_ppm_milli.level()));
    if (p.dynamic != 1) watts -= 1e-6 * static_cast<double>(p.saved_uw.level());
  }
  return watts;
}

double PowerMeter::facility_power(std::uint32_t region, double it_w) const {
  const Region& spec = scenario_->regions[region];
  if (!spec.losses) return it_w * spec.pue;
  return it_w + losses_w(spec.losses->model, it_w, outside_c_[region]);
}

void PowerMeter::publish(SimTime at) {
  for (const std::uint32_t region : dirty_) {
    Level& level = levels_[region];
    if (!level.dirty) continue;
    level.dirty = false;
    if (!regions_[region].known) continue;
    level.joules += level.watts * to_seconds(at - level.since);
    charge(region, at);
    level.it_joules += level.it_w * to_seconds(at - level.since);
    level.since = at;
    const double it_w = it_power(region);
    level.watts = facility_power(region, it_w);
    recorder_->level(regions_[region].power, at, level.watts);
    if (regions_[region].has_losses) recorder_->level(regions_[region].it_power, at, it_w);
    level.it_w = it_w;
    level.outside_c = outside_c_[region];
  }
  dirty_.clear();
}

/// The energy since the level was set goes into the books.
void PowerMeter::charge(std::uint32_t region, SimTime until) {
  const Level& level = levels_[region];
  const SimTime from = std::max(level.since, SimTime{} + scenario_->warmup);
  books_[region].add(from, until, level.watts, level.it_w, level.outside_c);
}

void PowerMeter::close(SimTime end) {
  for (std::uint32_t region = 0; region < levels_.size(); ++region) {
    if (!regions_[region].known) continue;
    Level& level = levels_[region];
    charge(region, end);
    books_[region].close();
    level.joules += level.watts * to_seconds(end - level.since);
    level.it_joules += level.it_w * to_seconds(end - level.since);
    level.since = end;
  }
}

double PowerMeter::metered_j(SimTime end) const {
  double joules = 0;
  for (std::size_t r = 0; r < levels_.size(); ++r) {
    const Level& level = levels_[r];
    const double left_s = to_seconds(end - level.since);
    joules += regions_[r].has_losses ? level.it_joules + level.it_w * left_s
                                     : level.joules + level.watts * left_s;
  }
  return joules;
}

double PowerMeter::parts_j(SimTime end) const {
  double joules = 0;
  for (const Part& p : parts_) {
    if (!regions_[p.region].known) continue;
    double part = p.idle_w * to_seconds(end);
    part -= p.idle_each_w * per_second(p.not_up.until(end));
    part += p.boot_each_w * per_second(p.booting.until(end));
    part += p.off_each_w * per_second(p.off.until(end));
    part += p.per_core_milli_w * kPpm * per_second(p.cores_ppm_milli.until(end));
    part += p.per_accelerator_milli_w * kPpm * per_second(p.accelerators_ppm_milli.until(end));
    part -= 1e-6 * per_second(p.saved_uw.until(end));
    const Region& region = scenario_->regions[p.region];
    joules += region.losses ? part : part * region.pue;
  }
  for (std::uint32_t r = 0; r < regions_.size(); ++r) {
    if (!regions_[r].known) continue;
    const double part = regions_[r].network_w * to_seconds(end);
    joules += scenario_->regions[r].losses ? part : part * scenario_->regions[r].pue;
  }
  return joules;
}

}  // namespace hyperdc
