// Windows of a growth plan: a short time of one class, event by event, with the demand of a date
// and a future and the racks that serve then (docs/adr/0017-exact-windows.md).
//
// Of the futures at the window's step, that of rank `quantile` by D / C is taken: D the demand of
// the class, C what it may use (what the classes before it leave; those after it yield). With A_g
// accelerators of generation g, a replica of k of them, performance p_g and the share of demand
// s_g = A_g p_g / C, the fleet of the file runs with n = min(N, floor(A_g / k)) replicas (N: as it
// is written) of the service of g, whose demand is the written one times
//   D / units  s_g  n / floor(A_g / k)
// so that each replica has the load that it has in the plan. The seed is that of the run; a window
// is what the fleet alone gives with these numbers. Its events are part of the run's, and its
// fingerprint enters the run's. Units: s, accelerators. Valid: as the models of the services.
// Leaves out: what fewer replicas than there are wait for longer (a small pool is less even), racks
// of other generations and leases (they carry their shares out of sight: `covered`), what a queue
// holds from before the window, and how racks of several generations share one router.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "world/growth/future.hpp"
#include "world/metric_values.hpp"

namespace hyperdc {

class SimulationMonitor;
struct GrowthState;
struct World;

struct WindowState {
  std::optional<ClassCapacity> at;  // once its step is over
  bool done = false;                // it was simulated
  std::vector<MetricValue> values;  // of its world
};

/// After each step of all futures.
void note_windows(GrowthState& state);

/// What the worlds of windows were.
struct WindowRuns {
  std::uint64_t fingerprint = 0, events = 0;
  bool complete = true;
};
/// All windows whose step is over, of all plans. `events` before them, for the monitor, which may
/// be null.
WindowRuns run_growth_windows(World& world, std::uint64_t events, SimulationMonitor* monitor);

void read_growth_windows(const GrowthState& state, std::vector<MetricValue>& values);

}  // namespace hyperdc
