// PowerMeter: the one meter of electrical power, a region at a time.
//
// Computes: P = PUE * sum over servers of
//     host idle + (host full - host idle) * busy cores / cores          (processors, memory, fans)
//   + sum over accelerators of idle + (full - idle) * busy share
//   + drives + NICs (constant)
//   + switches and optics of the region's fabric, constant, where their power is stated
//   of servers that are up or draining; one that boots draws its boot power, one that is off its
//   power when off, one that is down nothing.
//   busy = allocated share * utilisation of the workload that holds it.
// Units: W, J. Source: linear utilisation model of Fan, Weber, Barroso, ISCA 2007; parameters from
// the catalog. Valid range: busy shares 0..1; PUE >= 1. Where a region has losses instead of a
// constant PUE, P = IT + losses(IT, outside) (model/power/pue.hpp). Under a cap or in warm air what
// busy parts add is multiplied by the power of the slower clock (model/power/throttle.hpp).
// Leaves out: transient peaks.
// Where a component's power is not published the region has no power: the metric is null with the
// reason, never 0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/request.hpp>
#include <hyperdc/core/time.hpp>

#include "economics/energy_books.hpp"
#include "metrics/recorder.hpp"
#include "scenario/scenario.hpp"
#include "world/accounts.hpp"
#include "world/availability_state.hpp"

namespace hyperdc {

/// Electrical power of a rack group, losses of the facility not included.
struct RackPowerNow {
  double idle_w = 0;   // without what busy parts add
  double busy_w = 0;   // what busy parts add at full clock
  double drawn_w = 0;  // idle + busy at the clock that they have
};

/// Electrical power of the servers of one part, losses of the facility not included.
struct PartPowerNow {
  double idle_each_w = 0, boot_each_w = 0, off_each_w = 0;  // of a server in that status
  double cores_w = 0, accelerators_w = 0;  // what all busy ones add at the clock that they have
};

class PowerMeter {
 public:
  void build(const Scenario& scenario, Recorder& recorder);
  /// `count` servers of `type` stand in rack group `rack`; returns the id of this part of the load.
  std::uint32_t add_part(std::uint32_t rack, std::uint32_t type, std::uint32_t count);
  /// Shares of a part became busy (sign +1) or idle again (-1): amounts times utilisation.
  void change(SimTime at, std::uint32_t part, const Resources& amount, std::int64_t cores_ppm,
              std::int64_t accelerators_ppm, int sign);
  /// Busy 1/1000 cores * ppm and 1/1000 accelerators * ppm change by these amounts.
  void add_busy(SimTime at, std::uint32_t part, std::int64_t cores_ppm_milli,
                std::int64_t accelerators_ppm_milli);
  /// One server of a part, without jobs, goes from one status to another.
  void change_status(SimTime at, std::uint32_t part, ServerStatus from, ServerStatus to);
  /// What busy parts of a rack group add is `factor` of what they add at full clock, from now on.
  void set_dynamic(SimTime at, std::uint32_t rack, double factor);
  /// A rack group that is in no pool loses its power or gets it back.
  void switch_rack(SimTime at, std::uint32_t rack, bool on);
  /// Outside temperature of a region with losses, from now on.
  void set_outside(std::uint32_t region, double celsius);

  /// Rack groups of these regions are noted when their power changes.
  void watch(std::uint32_t region);
  bool has_changed_racks(std::uint32_t region) const { return !changed_racks_[region].empty(); }
  /// In order of their numbers.
  std::vector<std::uint32_t> take_changed_racks(std::uint32_t region);
  RackPowerNow rack(std::uint32_t rack) const;
  PartPowerNow part(std::uint32_t part) const;

  /// Publishes the power of every region that changed, at the end of a moment.
  void publish(SimTime at);

  /// Brings the books up to the end.
  void close(SimTime end);

  /// J over the whole run, by the meter (levels integrated) and by its parts (busy integrals times
  /// coefficients): the checker compares them. Regions without power are left out; of regions with
  /// losses that vary it is the energy of the servers.
  double metered_j(SimTime end) const;
  double parts_j(SimTime end) const;

  struct RegionReading {
    std::string name;
    bool known = true;
    std::string reason;  // why the power is not known
    std::optional<double> limit_w;
    MetricId power;        // declared only when known
    double network_w = 0;  // switches and optics of its fabric, constant
    MetricId it_power;     // declared only with losses
    bool has_losses = false;
  };
  const std::vector<RegionReading>& regions() const { return regions_; }
  /// What the energy of a region costs and emits after the warm-up; complete after close().
  const EnergyBooks& books(std::uint32_t region) const { return books_[region]; }

 private:
  struct Part {
    std::uint32_t region = 0;
    std::uint32_t rack = 0;
    std::uint32_t servers = 0;
    double idle_w = 0;            // of the whole part, everything idle, before PUE
    double per_core_milli_w = 0;  // W for each busy 1/1000 core
    double per_accelerator_milli_w = 0;
    LevelAccount cores_ppm_milli;  // busy 1/1000 cores * utilisation in ppm
    LevelAccount accelerators_ppm_milli;
    // Servers that do not draw their idle power, and what they draw instead.
    double idle_each_w = 0, boot_each_w = 0, off_each_w = 0;
    LevelAccount not_up, booting, off;
    double dynamic = 1;     // of what busy parts add at full clock
    LevelAccount saved_uw;  // 10^-6 W that a slower clock saves
  };
  void add_networks();
  void charge(std::uint32_t region, SimTime until);
  void mark(const Part& part);
  void mark_region(std::uint32_t region);
  static double idle_of(const Part& part);
  static double busy_of(const Part& part);
  void save(SimTime at, Part& part);
  double it_power(std::uint32_t region) const;
  double facility_power(std::uint32_t region, double it_w) const;

  const Scenario* scenario_ = nullptr;
  Recorder* recorder_ = nullptr;
  std::vector<RegionReading> regions_;
  std::vector<EnergyBooks> books_;  // by region
  std::vector<Part> parts_;
  std::vector<std::vector<std::uint32_t>> parts_of_;       // by region
  std::vector<std::vector<std::uint32_t>> parts_of_rack_;  // by rack group
  std::vector<bool> watched_;                              // by region
  std::vector<std::vector<std::uint32_t>> changed_racks_;  // by region
  std::vector<bool> rack_changed_;                         // by rack group
  std::vector<double> outside_c_;                          // by region
  struct Level {
    bool dirty = true;
    double it_w = 0;
    double it_joules = 0;
    double watts = 0;
    SimTime since;
    double joules = 0;
    double outside_c = 0;
  };
  std::vector<Level> levels_;
  std::vector<std::uint32_t> dirty_;
};

}  // namespace hyperdc
