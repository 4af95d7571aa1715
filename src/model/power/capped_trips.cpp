#include "model/power/capped_trips.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {

namespace {

constexpr double kYearOfTrips_s = 365 * 86400.0;
constexpr double kNormalDensity = 0.3989422804014327;  // 1 / sqrt(2 pi)
constexpr double kFar = 38;  // deviations from which on the normal density is 0

/// P(e >= least), e normal with mean 0.
double reading_above(double least, double noise) {
  if (noise <= 0) return least <= 0 ? 1 : 0;
  return normal_tail(least / noise);
}

double power_of(double base, double times) {
  if (times == 0) return 1;
  return base <= 0 ? 0 : math::pow(base, times);
}

/// Four points of Gauss and Legendre on panels of a quarter of a deviation: the density falls by
/// less than e within one wherever it counts.
template <class F>
double over_normal(double from, double to, const F& value) {
  constexpr std::array<double, 2> kAt{0.8611363115940526, 0.3399810435848563};
  constexpr std::array<double, 2> kWeight{0.3478548451374538, 0.6521451548625461};
  if (!(from < to)) return 0;
  const auto panels = static_cast<int>(std::ceil((to - from) * 4));
  const double half = (to - from) / panels / 2;
  double sum = 0;
  for (int i = 0; i < panels; ++i) {
    const double middle = from + (2 * i + 1) * half;
    for (std::size_t k = 0; k < kAt.size(); ++k) {
      for (const double z : {middle - kAt[k] * half, middle + kAt[k] * half}) {
        sum += kWeight[k] * half * math::exp(-0.5 * z * z) * value(z);
      }
    }
  }
  return sum * kNormalDensity;
}

/// The load of a device in a slot, over its capacity.
struct PathLoad {
  double mean = 0, sd = 0;
};

PathLoad load_of(const RackRisk& risk, const RackPowerSlot& slot, const LoadPath& path,
                 double racks) {
  const double part = racks * path.mean_part;
  const double shared = risk.rack.correlation;
  const double squares = racks * path.square_part * (1 - shared) + shared * part * part;
  return {part * slot.mean_w / risk.capacity_w, slot.sd_w / risk.capacity_w * std::sqrt(squares)};
}

/// Caps are not on from the interval before: they go on above `above`, off at the target.
double fresh_share(const RackRisk& risk, const PathLoad& load) {
  if (!risk.loop) return 1;
  if (load.sd <= 0) return load.mean > risk.loop->above ? 0 : 1;
  const double on = normal_tail((risk.loop->above - load.mean) / load.sd);
  const double off = normal_tail((load.mean - risk.loop->target) / load.sd);
  return on + off > 0 ? off / (on + off) : 1;
}

/// An interval whose load trips the device within it does so with the probability late(load), which
/// is 1 from `sure` on.
template <class F>
double interval_probability(const RackRisk& risk, const PathLoad& load, std::optional<double> sure,
                            const F& late) {
  const std::optional<double> trips = risk.curve.ratio_within(risk.rack.noise_time_s);
  if (!trips) return 0;
  if (load.sd <= 0) return load.mean > *trips ? late(load.mean) : 0;
  const double from = (*trips - load.mean) / load.sd;
  const double to = sure ? std::max((*sure - load.mean) / load.sd, from) : kFar;
  const double slow = over_normal(std::max(from, -kFar), std::min(to, kFar),
                                  [&](double z) { return late(load.mean + z * load.sd); });
  return std::min(1.0, slow + (to < kFar ? normal_tail(to) : 0));
}

/// Readings that lift a cap from a load of `ratio`, in an interval; at most 1.
double lifts(const CapLoop& loop, const TripCurve& curve, double ratio, double interval_s) {
  if (loop.noise <= 0) return 0;
  const double spare = (curve.ratio_within(interval_s).value_or(ratio) - loop.target) / ratio;
  return std::min(1.0,
                  interval_s / loop.every_s * (1 - loop.lost) * normal_tail(spare / loop.noise));
}

double holds_for_ever(const TripCurve& curve) {
  return *curve.ratio_within(std::numeric_limits<double>::infinity());
}

/// Of an interval that begins without caps, and of one that begins with them.
struct IntervalTrips {
  double first = 0, later = 0;
};

IntervalTrips interval_trips(const RackRisk& risk, const RackPowerSlot& slot, const LoadPath& path,
                             double racks) {
  const double swing = racks * path.mean_part * risk.swing_w / risk.capacity_w;
  PathLoad load = load_of(risk, slot, path, racks);
  const double fresh = fresh_share(risk, load);
  load.mean += swing;
  IntervalTrips out;
  if (!risk.loop) {
    out.first = interval_probability(risk, load, 0.0, [](double) { return 1.0; });
    out.later = out.first;
    return out;
  }
  const CapLoop& loop = *risk.loop;
  const double tau_s = risk.rack.noise_time_s;
  const double floor = racks * path.mean_part * risk.least_w / risk.capacity_w;
  // From `sure` on it trips before a cap can act.
  out.first = interval_probability(
      risk, load, risk.curve.ratio_within(loop.reach_s),
      [&](double ratio) { return late_probability(loop, risk.curve, ratio, floor, tau_s); });
  const bool held = floor < holds_for_ever(risk.curve);
  const double capped = interval_probability(risk, load, {}, [&](double ratio) {
    return held ? lifts(loop, risk.curve, ratio, tau_s) : 1.0;
  });
  out.later = fresh * out.first + (1 - fresh) * capped;
  return out;
}

}  // namespace

double late_probability(const CapLoop& loop, const TripCurve& curve, double ratio, double floor,
                        double interval_s) {
  const std::optional<double> holds_s = curve.time_s(ratio);
  if (!holds_s) return 0;
  const double for_ever = holds_for_ever(curve);
  const double spare = (curve.ratio_within(interval_s).value_or(for_ever) - loop.target) / ratio;
  const double needed = std::max(loop.above / ratio - 1, -spare);
  const double enough = floor < for_ever ? reading_above(needed, loop.noise) : 0;
  const double fails = 1 - (1 - loop.lost) * enough;
  const double rounds = (*holds_s - loop.reach_s) / loop.every_s;
  double late = 1;
  if (rounds > 0) {
    const double whole = std::floor(rounds);
    late = power_of(fails, whole) * (1 - (1 - fails) * (rounds - whole));
    late = std::min(1.0, late + lifts(loop, curve, ratio, interval_s));
  }
  return loop.unavailable + (1 - loop.unavailable) * late;
}

double trips_per_year(const RackRisk& risk, const LoadPath& path, double racks) {
  HYPERDC_CHECK(risk.rack.noise_time_s > 0 && risk.capacity_w > 0, "oversubscription of nothing");
  if (racks <= 0) return 0;
  double trips = 0;
  for (const RackPowerSlot& slot : risk.rack.slots) {
    const auto [first, later] = interval_trips(risk, slot, path, racks);
    if (first <= 0) continue;
    const double intervals = path.time_share * slot.length_s / risk.rack.noise_time_s;
    if (path.visits_per_year <= 0) {
      if (later >= 1) return std::numeric_limits<double>::infinity();
      trips -= intervals * math::log1p(-later);
      continue;
    }
    const double visits = path.visits_per_year * slot.length_s / kYearOfTrips_s;
    // At most one for each time that it begins; expm1 keeps small ones.
    trips -=
        first >= 1 || later >= 1
            ? -visits
            : visits * math::expm1(math::log1p(-first) + intervals / visits * math::log1p(-later));
  }
  return trips;
}

double trips_per_year(const RackRisk& risk, double racks, std::optional<int> lost) {
  double trips = 0;
  for (const LoadPath& path : risk.paths) {
    if (!lost || path.lost == *lost) trips += path.alike * trips_per_year(risk, path, racks);
  }
  return trips;
}

double shaved_w(const RackRisk& risk, double racks) {
  if (!risk.loop || racks <= 0) return 0;
  double watts = 0;
  for (const LoadPath& path : risk.paths) {
    for (const RackPowerSlot& slot : risk.rack.slots) {
      PathLoad load = load_of(risk, slot, path, racks);
      load.mean += racks * path.mean_part * risk.swing_w / risk.capacity_w;
      const double over = load.mean - risk.loop->target;
      double above = std::max(0.0, over);
      if (load.sd > 0) {
        const double z = -over / load.sd;
        above = load.sd * math::exp(-0.5 * z * z) * kNormalDensity + over * normal_tail(z);
      }
      watts +=
          path.alike * path.time_share * slot.length_s / kYearOfTrips_s * above * risk.capacity_w;
    }
  }
  return watts;
}

std::uint32_t racks_at_probability(const RackRisk& risk, double probability) {
  const double most = -math::log1p(-probability);
  double mean_w = 0;
  for (const RackPowerSlot& slot : risk.rack.slots)
    mean_w += slot.mean_w * slot.length_s / kYearOfTrips_s;
  return most_racks([&](std::uint32_t n) {
    return shaved_w(risk, n) <= risk.shaved_most * n * mean_w && trips_per_year(risk, n) <= most;
  });
}

}  // namespace hyperdc
