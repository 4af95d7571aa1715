// CoolingZone: racks that share air or a liquid loop, and how warm their inlet gets.
//
// Computes: while heat Q exceeds the capacity C of the cooling that runs,
//     dT/dt = (Q - C) / K - (T - T0) / tau
//   from the set point T0 up; while C exceeds Q the same line leads down and ends at T0, where the
//   control valve holds it. K, heat capacity; tau, how fast walls and racks take part (none: K
//   alone). Crossings of the throttle and shutdown temperatures are in closed form, because Q and
//   C are constant between changes: T(t) = E + (T(0) - E) exp(-t / tau), E = T0 + tau (Q - C) / K.
// State: throttled above `throttle_c`, shut above `shutdown_c`, both until the inlet is back at T0.
// Units: W, J/K, s, degrees Celsius. Source: one lumped mass: Khankari, "Rate of heating analysis
// of
//   data centers during power shutdown", ASHRAE Transactions 117(1), 2011; Lin, Zhang and
//   VanGilder, Schneider white paper 179. Measured: 5 kW a rack shut down after 3 min 9 s without
//   cooling (Opengate Data Systems, missioncriticalmagazine.com/articles/82550).
// Valid range: T from T0 to 100. Leaves out: gradients in the room, recirculation, humidity, fans
// of
//   servers that speed up, chilled-water tanks (raise K).
#pragma once

#include <optional>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct CoolingZoneSpec {
  double setpoint_c = 0;
  double throttle_c = 0;
  double shutdown_c = 0;
  double heat_capacity_j_per_k = 0;       // K
  std::optional<double> time_constant_s;  // tau
};

class CoolingZone {
 public:
  /// setpoint < throttle < shutdown, K > 0, tau > 0: InvariantError.
  explicit CoolingZone(const CoolingZoneSpec& spec);

  /// Heat and capacity from `at` on.
  void set(SimTime at, double heat_w, double capacity_w);
  double temperature_c(SimTime at) const;
  /// When throttled() or shut() changes next if nothing changes from outside.
  std::optional<SimTime> next_event() const { return next_; }
  /// Lets it happen; call at next_event().
  void advance(SimTime at);

  bool throttled() const { return throttled_; }
  bool shut() const { return shut_; }
  double heat_w() const { return heat_w_; }
  double capacity_w() const { return capacity_w_; }

 private:
  std::optional<double> crossing_s(double level_c) const;
  void plan();

  CoolingZoneSpec spec_;
  double heat_w_ = 0, capacity_w_ = 0;
  double base_c_ = 0;  // at since_
  SimTime since_;
  bool throttled_ = false, shut_ = false;
  std::optional<SimTime> next_;
  double next_c_ = 0;  // the level that is crossed then
};

}  // namespace hyperdc
