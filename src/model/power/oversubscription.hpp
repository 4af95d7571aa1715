// Oversubscription: how many racks fit a device at a stated probability of a trip a year.
//
// Computes: n racks of one kind draw together at slot k of a year a Gaussian sum of mean n * m_k
//   and variance sd_k^2 * n * (1 + (n - 1) rho). In an interval of length tau, over which the noise
//   keeps together, the device trips if the load is above r * capacity, r the smallest overload
//   that its curve does not hold for tau. Intervals are independent, so
//     P(trip in a year) = 1 - product over k of (1 - Q(z_k))^(N_k),  N_k = slot length / tau,
//     z_k = (r capacity - n m_k) / (sd_k sqrt(n (1 + (n - 1) rho))),  Q the normal tail.
// Units: W, s. Source: statistical multiplexing of rack power: Fan, Weber and Barroso, ISCA'07;
//   Kumbhare et al., "Prediction-based power oversubscription in cloud platforms", ATC'21.
// Valid range: sums of tens of racks and more (the central limit); tau at least the trip time.
// Leaves out: capping (capped_trips.hpp), damage over several intervals.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "model/power/trip_curve.hpp"

namespace hyperdc {

struct RackPowerSlot {
  double mean_w = 0;
  double sd_w = 0;
  double length_s = 0;  // in a year; all slots together a year
};

struct RackPower {
  std::vector<RackPowerSlot> slots;
  double correlation = 0;   // rho between two racks, 0..1
  double noise_time_s = 0;  // tau
};

/// P(Z > z) for the standard normal Z; relative error below 1e-10.
double normal_tail(double z);

double trip_probability(const RackPower& rack, double racks, double capacity_w,
                        const TripCurve& curve);
/// The most for which `holds`, which more make false; 2^24 at most.
std::uint32_t most_racks(const std::function<bool(std::uint32_t)>& holds);
/// The most racks whose trip probability a year is at most `probability`.
std::uint32_t racks_at_probability(const RackPower& rack, double capacity_w, const TripCurve& curve,
                                   double probability);

}  // namespace hyperdc
