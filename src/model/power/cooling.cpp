#include "model/power/cooling.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {

CoolingZone::CoolingZone(const CoolingZoneSpec& spec) : spec_(spec), base_c_(spec.setpoint_c) {
  HYPERDC_CHECK(spec.setpoint_c < spec.throttle_c && spec.throttle_c < spec.shutdown_c,
                "set point, throttle and shutdown do not rise");
  HYPERDC_CHECK(spec.heat_capacity_j_per_k > 0, "a room without air");
  HYPERDC_CHECK(!spec.time_constant_s || *spec.time_constant_s > 0, "a negative time constant");
}

double CoolingZone::temperature_c(SimTime at) const {
  const double passed_s = to_seconds(at - since_);
  const double slope = (heat_w_ - capacity_w_) / spec_.heat_capacity_j_per_k;
  double now_c = base_c_ + slope * passed_s;
  if (spec_.time_constant_s) {
    const double end_c = spec_.setpoint_c + slope * *spec_.time_constant_s;
    now_c = end_c + (base_c_ - end_c) * math::exp(-passed_s / *spec_.time_constant_s);
  }
  return std::max(now_c, spec_.setpoint_c);
}

/// Seconds from since_ until the temperature is `level_c`; nothing: never.
std::optional<double> CoolingZone::crossing_s(double level_c) const {
  const double slope = (heat_w_ - capacity_w_) / spec_.heat_capacity_j_per_k;
  const double rise_c = level_c - base_c_;
  if (rise_c == 0) return 0.0;
  if (!spec_.time_constant_s) {
    if (slope == 0 || (rise_c > 0) != (slope > 0)) return std::nullopt;
    return rise_c / slope;
  }
  const double end_c = spec_.setpoint_c + slope * *spec_.time_constant_s;
  const double whole_c = end_c - base_c_;
  if ((rise_c > 0) != (whole_c > 0) || std::fabs(whole_c) <= std::fabs(rise_c)) return std::nullopt;
  return -*spec_.time_constant_s * math::log1p(-rise_c / whole_c);
}

void CoolingZone::plan() {
  next_.reset();
  const auto consider = [&](double level_c) {
    const std::optional<double> after_s = crossing_s(level_c);
    constexpr double kFar_s = 250.0 * 365 * 86400;
    if (!after_s || *after_s > kFar_s) return;
    const SimTime at =
        since_ + Duration{static_cast<std::int64_t>(std::ceil(std::max(0.0, *after_s) * 1e9))};
    if (next_ && *next_ <= at) return;
    next_ = at;
    next_c_ = level_c;
  };
  if (!throttled_) consider(spec_.throttle_c);
  if (!shut_) consider(spec_.shutdown_c);
  if (throttled_ || shut_) consider(spec_.setpoint_c);
}

void CoolingZone::set(SimTime at, double heat_w, double capacity_w) {
  base_c_ = temperature_c(at);
  since_ = at;
  heat_w_ = heat_w;
  capacity_w_ = capacity_w;
  plan();
}

void CoolingZone::advance(SimTime at) {
  if (!next_ || *next_ > at) return;
  base_c_ = next_c_;
  since_ = at;
  if (next_c_ == spec_.setpoint_c) {
    throttled_ = shut_ = false;
  } else {
    throttled_ = throttled_ || next_c_ >= spec_.throttle_c;
    shut_ = shut_ || next_c_ >= spec_.shutdown_c;
  }
  plan();
}

}  // namespace hyperdc
