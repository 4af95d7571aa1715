// DemandSpec: a demand curve as a value, a tree of terms. Const, shared by every run of a scenario;
// DemandCurve (demand_curve.hpp) makes it computable for one seed.
//
// Terms are numbers over time: rates (1/s) or factors. A tree that describes a demand is a rate
// that is never below 0; modulated_sum() builds sums that keep to that. Times are instants of the
// curve's own clock: the start of the run is 0, on which it is 00:00.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct DemandSpec;
using DemandRef = std::shared_ptr<const DemandSpec>;

inline constexpr double kDayS = 86'400;

struct DemandConstant {
  double value = 0;
};

/// A table: between points the value holds (steps) or runs straight. Before the first and after the
/// last point it holds, or all repeats with `period`, which is above the last time minus the first.
struct DemandPoints {
  std::vector<SimTime> at;  // rising
  std::vector<double> value;
};
struct DemandTable {
  std::shared_ptr<const DemandPoints> points;
  bool linear = false;
  std::optional<Duration> period;
};

/// mean * (1 + (peak_to_mean - 1) cos(2 pi (t - peak) / day)); peak_to_mean in [1, 2].
struct DemandDiurnal {
  double mean = 1;
  double peak_to_mean = 1;
  Duration peak;  // time of the day
};

/// A factor that is 1 at time 0 (linear, exponential), or runs from 1 to `limit` (logistic).
struct DemandGrowth {
  enum class Form {
    linear,       // max(0, 1 + by * t / every)
    exponential,  // by ^ (t / every)
    logistic      // 1 + (by - 1) / (1 + exp(-(t - midpoint) / every))
  } form = Form::linear;
  double by = 0;
  Duration every = whole_seconds(1);
  Duration midpoint;
};

/// rest + (top - rest) * s(t): s rises straight from 0 at `at` to 1 over `rise`, stays for `hold`,
/// and falls as exp(-x / decay); decay 0: at once.
struct DemandFlash {
  double rest = 0, top = 1;
  SimTime at;
  Duration rise, hold, decay;
};

/// `on` during [at, at + lasts), and again `every` so often; else `rest`.
struct DemandEvent {
  double rest = 0, on = 1;
  SimTime at;
  Duration lasts = whole_seconds(1);
  std::optional<Duration> every;  // at least `lasts`
};

/// A log-normal multiplier of mean 1 and this coefficient of variation whose logarithm is an
/// Ornstein-Uhlenbeck process: correlation exp(-|s - t| / correlation_time).
struct DemandNoise {
  double cv = 0;
  Duration correlation_time = whole_seconds(1);
  std::string stream;  // random stream: its place in the scenario, so that other terms leave it be
};

struct DemandSum {
  std::vector<DemandSpec> terms;
};
struct DemandProduct {
  std::vector<DemandSpec> factors;
};
/// of(t - by): later by `by`.
struct DemandShift {
  Duration by;
  DemandRef of;
};
struct DemandClip {
  std::optional<double> at_least, at_most;
  DemandRef of;
};

struct DemandSpec {
  std::variant<DemandConstant, DemandTable, DemandDiurnal, DemandGrowth, DemandFlash, DemandEvent,
               DemandNoise, DemandSum, DemandProduct, DemandShift, DemandClip>
      term;
};

/// of * by.
DemandSpec scaled(DemandSpec of, double by);
DemandSpec shifted(DemandSpec of, Duration by);
/// The sum of `rates`, times 1 + sum of (m - 1) over the `modulations`, which is cut at 0. Without
/// rates the modulation alone; without modulations the sum alone.
DemandSpec modulated_sum(std::vector<DemandSpec> rates, std::vector<DemandSpec> modulations);
/// Factors Monday to Sunday on a clock that starts at 00:00 of day `first_day` (0: Monday). Steps
/// at midnight, or straight lines from noon to noon.
DemandSpec weekly(const std::array<double, 7>& factors, int first_day, bool linear);

/// Terms of the tree, itself included.
std::size_t term_count(const DemandSpec& spec);
/// Does any term of the tree depend on the seed?
bool has_noise(const DemandSpec& spec);

/// A demand and what it is called, for screens.
struct NamedDemand {
  std::string name;
  DemandSpec demand;
  std::string unit = "1/s";  // or "users"
};

}  // namespace hyperdc
