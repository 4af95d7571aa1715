#include "model/region_latency.hpp"

#include <algorithm>
#include <cmath>

#include "core/math.hpp"

namespace hyperdc {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kEarthRadius_m = 6'371'008.8;
constexpr double kFibre_s_per_m = 4.9e-9;

/// arcsin of h in 0..1/sqrt(2), by Newton's method on sin: five steps leave less than 1e-15.
double arcsine(double h) {
  double x = h * (1 + h * h / 6);
  for (int i = 0; i < 5; ++i) x -= (math::sin(x) - h) / math::cos(x);
  return x;
}

}  // namespace

double great_circle_m(const Location& a, const Location& b) {
  // Haversine formula: exact for near points, and by the complement for antipodes.
  const double to_rad = kPi / 180;
  const double up = math::sin((b.latitude_deg - a.latitude_deg) * to_rad / 2);
  const double along = math::sin((b.longitude_deg - a.longitude_deg) * to_rad / 2);
  const double north = math::cos(a.latitude_deg * to_rad) * math::cos(b.latitude_deg * to_rad);
  const double square = std::min(1.0, up * up + north * along * along);  // of sin(angle / 2)
  const double half =
      square <= 0.5 ? arcsine(std::sqrt(square)) : kPi / 2 - arcsine(std::sqrt(1 - square));
  return 2 * half * kEarthRadius_m;
}

std::optional<Duration> RegionLatency::one_way(std::uint32_t from, std::uint32_t to) const {
  if (from == to) return within_;
  if (const auto there = stated_.find({from, to}); there != stated_.end()) return there->second;
  if (const auto back = stated_.find({to, from}); back != stated_.end()) return back->second;
  if (from >= regions_.size() || to >= regions_.size()) return std::nullopt;
  if (!regions_[from] || !regions_[to]) return std::nullopt;
  const double distance_m = great_circle_m(*regions_[from], *regions_[to]);
  return within_ + seconds(path_factor_ * distance_m * kFibre_s_per_m);
}

}  // namespace hyperdc
