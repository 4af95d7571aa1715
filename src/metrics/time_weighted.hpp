// Sums that lose nothing to the order or number of their terms, and the integral of a step signal.
//
// CompensatedSum computes a sum of doubles with Neumaier's compensation (ZAMM 54, 1974): error
// about 1 ulp of the result + n * 2^-106 of the sum of magnitudes. Valid while the sum is finite.
// TimeWeighted computes integral, smallest and largest value of a piecewise constant signal over a
// window that opens at some moment; unit: that of the signal times ns. Values that hold for no time
// (several changes at one moment) count for nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

class CompensatedSum {
 public:
  void add(double term) {
    const double total = sum_ + term;
    const double a = sum_ < 0 ? -sum_ : sum_;
    const double b = term < 0 ? -term : term;
    lost_ += a >= b ? (sum_ - total) + term : (term - total) + sum_;
    sum_ = total;
  }
  double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

class TimeWeighted {
 public:
  /// The signal is 0 from time 0 until it is set; the window opens at `opens`.
  explicit TimeWeighted(SimTime opens = {}) : opens_(opens) {}

  /// From `at` on the signal is `value`; at must not be before an earlier one.
  void set(SimTime at, double value) {
    advance(at);
    value_ = value;
  }

  /// Counts the value in force until `at`.
  void advance(SimTime at) {
    if (at == since_) return;
    HYPERDC_CHECK(at > since_, "a level was written in the past");
    // An int64 of nanoseconds as a double is exact up to 104 days, then within 2^-53 of itself.
    step_.add(value_ * static_cast<double>((at - since_).ns));
    if (at > opens_) {
      const SimTime from = std::max(since_, opens_);
      integral_.add(value_ * static_cast<double>((at - from).ns));
      low_ = std::min(low_, value_);
      high_ = std::max(high_, value_);
    }
    since_ = at;
  }

  double value() const { return value_; }
  SimTime since() const { return since_; }
  double integral_ns() const { return integral_.value(); }
  /// Smallest and largest value that held for some time; the value in force when none did.
  double low() const { return low_ <= high_ ? low_ : value_; }
  double high() const { return low_ <= high_ ? high_ : value_; }

  /// The integral since the last call, whether the window is open or not; call advance() before.
  double take_step_ns() {
    const double result = step_.value();
    step_ = {};
    return result;
  }

 private:
  SimTime opens_;
  SimTime since_;
  double value_ = 0;
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
  CompensatedSum integral_;
  CompensatedSum step_;
};

}  // namespace hyperdc
