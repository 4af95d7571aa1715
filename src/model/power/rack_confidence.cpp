#include "model/power/rack_confidence.hpp"

#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "core/normal.hpp"

namespace hyperdc {

RackPower at_confidence(RackPower rack, double samples, double confidence) {
  HYPERDC_CHECK(samples >= 30 && confidence > 0 && confidence <= 0.999,
                "limits of too few samples, or too sure ones");
  const double z = math::normal_quantile((1 + confidence) / 2);
  const double degrees = samples - 1;
  const double t = math::expanded_student_quantile(z, degrees);
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
