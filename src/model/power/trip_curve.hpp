// TripCurve and TripState: how long a breaker or a UPS holds an overload, and what it remembers.
//
// Computes: t(r), seconds until a cold device trips under the constant load r = load / capacity;
//   between given points (r1, t1), (r2, t2) a straight line in log r and log t; beyond the last
//   point its time; below the first point the device never trips.
// State: damage D, 0 cold to 1 trip; dD/dt = 1 / t(r) in overload, -1 / cooling below it, not under
//   0. The trip is where D reaches 1, in closed form because r is constant between changes.
// Units: ratios, s. Source: inverse-time characteristic with thermal memory (IEC 60255-149, IEC
//   60947-2 annex on thermal memory); times against overload drawn in Wu et al., "Dynamo", ISCA'16,
//   figure 3; Zhang et al., "Flex", ISCA'21. Valid range: r up to the last point.
// Leaves out: ambient temperature, tolerance bands of real curves, short circuits.
#pragma once

#include <optional>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct TripPoint {
  double ratio = 0;    // load over capacity, > 1
  double seconds = 0;  // > 0

  bool operator==(const TripPoint&) const = default;
};

class TripCurve {
 public:
  TripCurve() = default;  // never trips
  /// Ratios rise and times do not; both positive (checked: InvariantError).
  TripCurve(std::vector<TripPoint> points, double cooling_s);

  /// Nothing: never.
  std::optional<double> time_s(double ratio) const;
  /// The smallest constant overload that trips a cold device within `seconds`; nothing: none does.
  std::optional<double> ratio_within(double seconds) const;
  double cooling_s() const { return cooling_s_; }
  bool empty() const { return points_.empty(); }
  bool operator==(const TripCurve&) const = default;

 private:
  std::vector<TripPoint> points_;
  double cooling_s_ = 0;
};

class TripState {
 public:
  /// The load is `ratio` of the capacity from `at` on.
  void set(SimTime at, const TripCurve& curve, double ratio);
  double damage(SimTime at) const;
  /// When it trips if nothing changes; nothing: never.
  std::optional<SimTime> trips_at() const;
  bool overloaded() const { return rate_ > 0; }
  void reset(SimTime at);

 private:
  double damage_ = 0;
  double rate_ = 0;  // 1/s
  SimTime since_;
};

}  // namespace hyperdc
