#include "model/power/pue.hpp"

#include <algorithm>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {

namespace {

constexpr double kTwoPi = 6.283185307179586;
constexpr double kDay_s = 86400;
constexpr double kYear_s = 365 * kDay_s;
constexpr double kWarmestHour_s = 15 * 3600;

}  // namespace

double losses_w(const PueModel& model, double it_w, double outside_c) {
  const double warm_k = std::max(0.0, outside_c - model.free_below_c);
  double losses = it_w * (model.proportional + model.per_kelvin * warm_k);
  if (model.design_w > 0) {
    losses += model.fixed * model.design_w + model.square * it_w * (it_w / model.design_w);
  }
  return losses;
}

Weather::Weather(std::vector<WeatherPoint> points) : points_(std::move(points)) {
  for (std::size_t i = 1; i < points_.size(); ++i) {
    HYPERDC_CHECK(points_[i].time_s > points_[i - 1].time_s, "weather that goes back in time");
  }
}

double Weather::celsius(double time_s) const {
  if (points_.empty()) {
    const double year = math::cos(kTwoPi * (time_s - wave_.warmest_s) / kYear_s);
    const double day = math::cos(kTwoPi * (time_s - kWarmestHour_s) / kDay_s);
    return wave_.mean_c + wave_.yearly_c * year + wave_.daily_c * day;
  }
  const auto next = std::find_if(points_.begin(), points_.end(),
                                 [&](const WeatherPoint& p) { return p.time_s > time_s; });
  if (next == points_.begin()) return points_.front().celsius;
  if (next == points_.end()) return points_.back().celsius;
  const WeatherPoint& a = *(next - 1);
  const double share = (time_s - a.time_s) / (next->time_s - a.time_s);
  return a.celsius + share * (next->celsius - a.celsius);
}

}  // namespace hyperdc
