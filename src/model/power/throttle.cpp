#include "model/power/throttle.hpp"

#include <algorithm>

#include "core/math.hpp"

namespace hyperdc {

double clock_under_cap(const ThrottleModel& model, double idle_w, double busy_w, double cap_w) {
  if (busy_w <= 0 || cap_w >= idle_w + busy_w) return 1;
  if (cap_w <= idle_w) return model.least_clock;
  const double clock = math::pow((cap_w - idle_w) / busy_w, 1 / model.exponent);
  return std::clamp(clock, model.least_clock, 1.0);
}

double power_at_clock(const ThrottleModel& model, double idle_w, double busy_w, double clock) {
  return idle_w + busy_w * (clock >= 1 ? 1.0 : math::pow(clock, model.exponent));
}

double slowdown_at_clock(const ThrottleModel& model, double clock) {
  return model.clock_bound / clock + (1 - model.clock_bound);
}

}  // namespace hyperdc
