// PowerMeter: the one meter of electrical power, a region at a time.
//
// Computes: P = PUE * sum over servers of
//     host idle + (host full - host idle) * busy cores / cores          (processors, memory, fans)
//   + sum over accelerators of idle + (full - idle) * busy share
//   + drives + NICs (constant).
//   busy = allocated share * utilisation of the workload that holds it.
// Units: W, J. Source: linear utilisation model of Fan, Weber, Barroso, ISCA 2007; parameters from
// the catalog. Valid range: busy shares 0..1; PUE >= 1, constant over load and weather.
// Leaves out: DVFS, thermal throttling, power-state transitions, transient peaks, network switches.
// Where a component's power is not published the region has no power: the metric is null with the
// reason, never 0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/request.hpp>
#include <hyperdc/core/time.hpp>

#include "metrics/recorder.hpp"
#include "scenario/scenario.hpp"
#include "world/accounts.hpp"

namespace hyperdc {

class PowerMeter {
 public:
  void build(const Scenario& scenario, Recorder& recorder);
  /// `count` servers of `type` stand in `region`; returns the id of this part of the load.
  std::uint32_t add_part(std::uint32_t region, std::uint32_t type, std::uint32_t count);
  /// Shares of a part became busy (sign +1) or idle again (-1): amounts times utilisation.
  void change(SimTime at, std::uint32_t part, const Resources& amount, std::int64_t cores_ppm,
              std::int64_t accelerators_ppm, int sign);
  /// Publishes the power of every region that changed, at the end of a moment.
  void publish(SimTime at);

  /// J over the whole run, by the meter (levels integrated) and by its parts (busy integrals times
  /// coefficients): the checker compares them. Regions without power are left out.
  double metered_j(SimTime end) const;
  double parts_j(SimTime end) const;

  struct RegionReading {
    std::string name;
    bool known = true;
    std::string reason;  // why the power is not known
    std::optional<double> limit_w;
    MetricId power;  // declared only when known
  };
  const std::vector<RegionReading>& regions() const { return regions_; }

 private:
  struct Part {
    std::uint32_t region = 0;
    double idle_w = 0;            // of the whole part, everything idle, before PUE
    double per_core_milli_w = 0;  // W for each busy 1/1000 core
    double per_accelerator_milli_w = 0;
    LevelAccount cores_ppm_milli;  // busy 1/1000 cores * utilisation in ppm
    LevelAccount accelerators_ppm_milli;
  };
  double region_power(std::uint32_t region) const;

  const Scenario* scenario_ = nullptr;
  Recorder* recorder_ = nullptr;
  std::vector<RegionReading> regions_;
  std::vector<Part> parts_;
  std::vector<std::vector<std::uint32_t>> parts_of_;  // by region
  struct Level {
    bool dirty = true;
    double watts = 0;
    SimTime since;
    double joules = 0;
  };
  std::vector<Level> levels_;
  std::vector<std::uint32_t> dirty_;
};

}  // namespace hyperdc
