#include "model/power/oversubscription.hpp"

#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {

double normal_tail(double z) {
  if (z < 0) return 1 - normal_tail(-z);
  const double density = math::exp(-0.5 * z * z) * 0.3989422804014327;
  if (z < 3) {
    // Phi(z) - 1/2 = density * sum over k of z^(2k+1) / (1 * 3 * ... * (2k+1))
    double term = z;
    double sum = z;
    for (int k = 1; k < 100 && term > 1e-17 * sum; ++k) {
      term *= z * z / (2 * k + 1);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  // Q(z) = density / (z + 1/(z + 2/(z + 3/(z + ...)))), from the far end
  double fraction = z;
  for (int k = 100; k >= 1; --k) fraction = z + k / fraction;
  return density / fraction;
}

double trip_probability(const RackPower& rack, double racks, double capacity_w,
                        const TripCurve& curve) {
  HYPERDC_CHECK(rack.noise_time_s > 0 && capacity_w > 0, "oversubscription of nothing");
  const std::optional<double> ratio = curve.ratio_within(rack.noise_time_s);
  if (!ratio || racks <= 0) return 0;
  double log_survival = 0;
  for (const RackPowerSlot& slot : rack.slots) {
    const double room_w = *ratio * capacity_w - racks * slot.mean_w;
    const double sd_w = slot.sd_w * std::sqrt(racks * (1 + (racks - 1) * rack.correlation));
    double tail = 0;
    if (sd_w > 0) {
      tail = normal_tail(room_w / sd_w);
    } else {
      tail = room_w < 0 ? 1 : 0;
    }
    if (tail >= 1) return 1;
    log_survival += slot.length_s / rack.noise_time_s * math::log1p(-tail);
  }
  return -math::expm1(log_survival);
}

std::uint32_t most_racks(const std::function<bool(std::uint32_t)>& holds) {
  constexpr std::uint32_t kMost = 1U << 24;
  std::uint32_t high = 1;
  while (high < kMost && holds(high)) high *= 2;
  std::uint32_t low = high / 2;  // holds, or is 0
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

std::uint32_t racks_at_probability(const RackPower& rack, double capacity_w, const TripCurve& curve,
                                   double probability) {
  return most_racks(
      [&](std::uint32_t n) { return trip_probability(rack, n, capacity_w, curve) <= probability; });
}

}  // namespace hyperdc
