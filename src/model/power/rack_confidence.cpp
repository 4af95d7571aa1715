#include "model/power/rack_confidence.hpp"

#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {

namespace {

/// Student's quantile of v degrees where that of the normal distribution is z.
double student(double z, double v) {
  const double z2 = z * z;
  return z * (1 + (z2 + 1) / (4 * v) + ((5 * z2 + 16) * z2 + 3) / (96 * v * v) +
              (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * v * v * v));
}

}  // namespace

RackPower at_confidence(RackPower rack, double samples, double confidence) {
  HYPERDC_CHECK(samples >= 30 && confidence > 0 && confidence <= 0.999,
                "limits of too few samples, or too sure ones");
  const double z = math::normal_quantile((1 + confidence) / 2);
  const double degrees = samples - 1;
  const double t = student(z, degrees);
  const double part = 2 / (9 * degrees);
  const double root = 1 - part - z * std::sqrt(part);
  const double widened = std::sqrt(1 / (root * root * root));
  for (RackPowerSlot& slot : rack.slots) {
    slot.mean_w += t * slot.sd_w / std::sqrt(samples);
    slot.sd_w *= widened;
  }
  return rack;
}

}  // namespace hyperdc
