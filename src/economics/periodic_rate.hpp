// PeriodicRate: what a unit of energy costs or emits over time.
//
// Computes: the integral of a rate over time, so that a level of power costs watts * integral.
// Equation: cost = sum over stretches of constant power of P * integral of rate dt. Exact.
// Units: USD/J or g/J, and s. Source: definition of a time-of-use tariff and of an hourly series.
// Valid range: rates of either sign; one table that repeats, a day or the length of a file.
// Leaves out: demand charges (demand_peaks.hpp), seasons of a tariff, weekends, taxes.
#pragma once

#include <optional>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct RateStep {
  Duration from;     // since the begin of the period
  double value = 0;  // per J
};

class PeriodicRate {
 public:
  /// One rate at all times.
  explicit PeriodicRate(double value = 0) : steps_{{Duration{}, value}} {}
  /// Steps by rising `from` in [0, period); before the first the last one holds. Not empty.
  explicit PeriodicRate(std::vector<RateStep> steps, Duration period = whole_seconds(86'400));
  /// The same, where the run begins at `start` of the period.
  void start_at(Duration start) { start_ = start; }

  double value(SimTime at) const;
  bool is_constant() const { return steps_.size() == 1; }
  /// (rate) * s of [from, to]; from <= to, both at 0 or later.
  double integral(SimTime from, SimTime to) const;
  /// The first moment after `at` at which a step begins; nothing: the rate is constant.
  std::optional<SimTime> next_step(SimTime at) const;

 private:
  double since_begin(Duration of_period) const;  // integral from the begin of the period on
  std::size_t step_at(Duration of_period) const;

  std::vector<RateStep> steps_;
  std::vector<double> before_;  // by step: integral until it begins; empty with one step
  Duration period_;
  Duration start_;
};

}  // namespace hyperdc
