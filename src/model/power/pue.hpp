// Power usage effectiveness as a function of the IT load and the weather, and the weather.
//
// Computes: losses_w(it, T) = design * (fixed + proportional * u + square * u^2)
//                             + it * per_kelvin * max(0, T - free_below),   u = it / design
//   PUE = (it + losses) / it. A constant PUE p is fixed = square = 0, proportional = p - 1.
//   Outside temperature: mean + yearly * cos(2 pi (day - warmest) / 365 d)
//                        + daily * cos(2 pi (hour - 15 h) / 24 h), or points joined by lines.
// Units: W, degrees Celsius, s. Source: no-load, proportional and square-law losses: Rasmussen,
//   "Electrical efficiency modeling for data centers", Schneider white paper 113; the knee where
//   outside air no longer suffices: Goiri et al., "Parasol and GreenSwitch", ASPLOS'13.
// Valid range: u in 0..1, PUE at or above 1. Leaves out: humidity, water, stages of chillers.
#pragma once

#include <vector>

namespace hyperdc {

struct PueModel {
  double fixed = 0, proportional = 0, square = 0;  // of the design power
  double design_w = 0;    // IT power that the shares refer to; 0: `fixed` and `square` are 0
  double per_kelvin = 0;  // of the IT power, above free_below_c
  double free_below_c = 0;
};

/// What the facility draws beyond its servers.
double losses_w(const PueModel& model, double it_w, double outside_c);

struct WeatherPoint {
  double time_s = 0;
  double celsius = 0;
};

class Weather {
 public:
  struct Wave {
    double mean_c = 0, yearly_c = 0, daily_c = 0;
    double warmest_s = 0;  // middle of the warmest day, from the start of the run
  };
  explicit Weather(const Wave& wave) : wave_(wave) {}
  /// Times rise (InvariantError); before the first and after the last point it is theirs.
  explicit Weather(std::vector<WeatherPoint> points);

  double celsius(double time_s) const;

 private:
  Wave wave_;
  std::vector<WeatherPoint> points_;
};

}  // namespace hyperdc
