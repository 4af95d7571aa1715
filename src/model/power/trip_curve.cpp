#include "model/power/trip_curve.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {

namespace {

constexpr double kNever_s = 250.0 * 365 * 86400;  // SimTime ends at 292 years

/// The value at `x` of the power law through (x1, y1) and (x2, y2).
double between(double x, double x1, double y1, double x2, double y2) {
  if (x1 == x2) return y2;
  const double share = math::log(x / x1) / math::log(x2 / x1);
  return y1 * math::exp(share * math::log(y2 / y1));
}

}  // namespace

TripCurve::TripCurve(std::vector<TripPoint> points, double cooling_s)
    : points_(std::move(points)), cooling_s_(cooling_s) {
  for (std::size_t i = 0; i < points_.size(); ++i) {
    HYPERDC_CHECK(points_[i].ratio > 0 && points_[i].seconds > 0, "a trip curve of nothing");
    if (i == 0) continue;
    HYPERDC_CHECK(
        points_[i].ratio > points_[i - 1].ratio && points_[i].seconds <= points_[i - 1].seconds,
        "a trip curve that does not fall");
  }
  HYPERDC_CHECK(points_.empty() || cooling_s_ > 0, "a device that never cools");
}

std::optional<double> TripCurve::time_s(double ratio) const {
  if (points_.empty() || ratio < points_.front().ratio) return std::nullopt;
  if (ratio >= points_.back().ratio) return points_.back().seconds;
  const auto high = std::upper_bound(points_.begin(), points_.end(), ratio,
                                     [](double r, const TripPoint& p) { return r < p.ratio; });
  const auto low = high - 1;
  return between(ratio, low->ratio, low->seconds, high->ratio, high->seconds);
}

std::optional<double> TripCurve::ratio_within(double seconds) const {
  if (points_.empty() || seconds < points_.back().seconds) return std::nullopt;
  if (seconds >= points_.front().seconds) return points_.front().ratio;
  // Times fall: the first point that is quick enough, and the one before it.
  const auto quick = std::find_if(points_.begin(), points_.end(),
                                  [&](const TripPoint& p) { return p.seconds <= seconds; });
  const auto slow = quick - 1;
  return between(seconds, slow->seconds, slow->ratio, quick->seconds, quick->ratio);
}

void TripState::set(SimTime at, const TripCurve& curve, double ratio) {
  damage_ = damage(at);
  since_ = at;
  const std::optional<double> time_s = curve.time_s(ratio);
  if (time_s) {
    rate_ = 1 / *time_s;
  } else {
    rate_ = damage_ > 0 ? -1 / curve.cooling_s() : 0;
  }
}

double TripState::damage(SimTime at) const {
  return std::clamp(damage_ + rate_ * to_seconds(at - since_), 0.0, 1.0);
}

std::optional<SimTime> TripState::trips_at() const {
  if (rate_ <= 0) return std::nullopt;
  const double left_s = std::max(0.0, 1 - damage_) / rate_;
  if (left_s > kNever_s) return std::nullopt;
  // Up to a whole nanosecond, so that the damage is complete when the event comes.
  return since_ + Duration{static_cast<std::int64_t>(std::ceil(left_s * 1e9))};
}

void TripState::reset(SimTime at) {
  damage_ = 0;
  rate_ = 0;
  since_ = at;
}

}  // namespace hyperdc
