// Tariff: what a unit of energy costs, over the day.
//
// Computes: the integral of the price over time, so that a level of power costs watts * integral.
// Equation: cost = sum over stretches of constant power of P * integral of price dt. Exact.
// Units: USD/J, s. Source: definition of a time-of-use tariff; prices come with the scenario.
// Valid range: prices of either sign; one day's table that repeats, on the clock of the run.
// Leaves out: demand charges, seasons, weekends, taxes, markets.
#pragma once

#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct TariffStep {
  Duration from;  // time of the day, in [0, 24 h)
  double price_usd_per_j = 0;
};

class Tariff {
 public:
  /// One price at all times.
  explicit Tariff(double price_usd_per_j = 0) : steps_{{Duration{}, price_usd_per_j}} {}
  /// Steps by rising `from`; before the first the last of the day before holds. Not empty.
  explicit Tariff(std::vector<TariffStep> steps);

  double price(SimTime at) const;
  /// USD * s / J of [from, to]; from <= to, both at 0 or later.
  double integral(SimTime from, SimTime to) const;

 private:
  double since_midnight(Duration of_day) const;  // integral from 0:00 on

  std::vector<TariffStep> steps_;
};

}  // namespace hyperdc
