// CappedTrips: how often a device below which power is capped trips all the same, with feeds lost.
//
// Computes: n racks draw a Gaussian sum that keeps together for tau (oversubscription.hpp). Of a
//   device they load with the parts a_i: mean n A m, variance sd^2 (n B (1 - rho) + rho (n A)^2),
//   A = mean of a_i, B = mean of a_i^2 over racks. An interval whose load is r times the capacity
//   would trip after t(r). The controller measures every T, the first time at U, uniform in (0, T);
//   a decision reaches the racks d later. A reading is r (1 + e), e normal with deviation `noise`.
//   A decision works if it reaches the racks (1 - lost) and the reading asks for enough: above
//   `above`, and r - (r (1 + e) - target) <= h, what the curve holds for tau. With f the
//   chance that one does not work, m = floor((t - d) / T), x = (t - d) / T - m,
//     P(late | r) = f^m (1 - (1 - f) x),  1 if t <= d,
//   exact for a cap that stays. That a reading lifts one, r (1 + e) - target < r - h, is counted as
//   a trip in each of tau / T measurements: an upper bound. With the share u of time in which the
//   controller is out of order
//     q = integral over r of density(r) (u + (1 - u) P(late | r)).
//   Caps that the interval before has left on hold the next one, whatever its load: they go on
//   above `above` and off below the target, so that of independent intervals the share
//     w = P(r <= target) / (P(r <= target) + P(r > above))  begins without them:
//     p = w q + (1 - w) (integral of density(r) times the chance that a reading lifts a cap).
//   Racks that do not go below what the curve holds for ever are not held by caps.
//   Normal operation trips -N log(1 - p) times a year, N = its time / tau; a state with lost feeds,
//   which begins v times a year, lasts D each time and finds no caps,
//   v (1 - (1 - q) (1 - p)^(D / tau)) times. P(trip in a year) = 1 - exp(-sum of these).
//   Racks that work in step (synchronous training) add n A swing to the mean load: the phases of a
//   step are shorter than what trips, and each is taken to last.
//   Caps take what is above the target: sd (phi(z) - z Q(z)) in the mean, z = (target - mean) / sd
//   of the load, summed over the devices.
// Units: W, s, times a year. Source: as oversubscription.hpp; the loop of Wu et al., "Dynamo",
//   ISCA'16; failover within the tolerance of the UPS: Zhang et al., "Flex", ISCA'21.
// Valid range: as oversubscription.hpp; a noise of some percent, above which the bound is loose;
//   u much below 1.
// Leaves out: what a cap that is too small saves, caps that a controller which comes back too late
//   has not set in the interval before, racks of one device that hear a decision while others do
//   not, priorities (all racks together give what is asked). What caps take is counted once for
//   each device that a rack draws from: an upper bound where a cap that one asks for helps another.
#pragma once

#include <optional>
#include <vector>

#include "model/power/oversubscription.hpp"

namespace hyperdc {

struct CapLoop {
  double every_s = 0;                  // T
  double reach_s = 0;                  // d, from a measurement to the lower power
  double above = 0.99, target = 0.95;  // of the capacity
  double noise = 0;                    // standard deviation of a reading over its value
  double lost = 0;                     // probability that a decision does not reach the racks
  double unavailable = 0;              // u
};

/// What a device carries of all racks while some devices beside it are lost.
struct LoadPath {
  double mean_part = 1, square_part = 1;  // A, B
  double time_share = 1;                  // of a year
  double visits_per_year = 0;             // v; 0: normal operation
  int lost = 0;                           // devices
  int alike = 1;                          // so many devices, or states, are like this one
};

struct RackRisk {
  RackPower rack;
  double capacity_w = 0;
  TripCurve curve;
  double swing_w = 0;           // that each draws above its mean while all compute in step
  double least_w = 0;           // of a rack under its tightest cap
  double shaved_most = 1;       // of what racks would draw, in the mean of a year
  std::optional<CapLoop> loop;  // nothing: no caps
  std::vector<LoadPath> paths;  // of one device, or of several that are alike
};

/// u + (1 - u) P(late | r): a load of `ratio` of the capacity that lasts `interval_s` trips though
/// it is capped. `floor` is the load under the tightest caps, over the capacity.
double late_probability(const CapLoop& loop, const TripCurve& curve, double ratio, double floor,
                        double interval_s);
/// Infinite where normal operation cannot last an interval.
double trips_per_year(const RackRisk& risk, const LoadPath& path, double racks);
/// Over the paths with so many lost devices; any number of them without `lost`.
double trips_per_year(const RackRisk& risk, double racks, std::optional<int> lost = {});
/// What caps take in the mean of a year; 0 without caps.
double shaved_w(const RackRisk& risk, double racks);
/// The most racks whose trip probability a year is at most `probability`, and of whose power caps
/// take at most `shaved_most`.
std::uint32_t racks_at_probability(const RackRisk& risk, double probability);

}  // namespace hyperdc
