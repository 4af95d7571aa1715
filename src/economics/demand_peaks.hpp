// DemandPeaks: the greatest mean power of a quarter of an hour, period by period.
//
// Computes: of levels of power over time the mean over each window (aligned to the begin of the
//   run), and of each billing period the greatest of them; a demand charge is
//   sum over periods of peak * price * (time of the run in the period / period).
// Units: W, s. Source: definition of a demand charge; 15 min and a month are usual in the US.
// Valid range: levels at or above 0; windows that a run (or its warm-up) cuts count only where a
// period has no whole one.
// Leaves out: ratchets over past months, peaks that count at some hours only.
#pragma once

#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

class DemandPeaks {
 public:
  /// Both positive; a period is a whole number of windows.
  DemandPeaks(Duration window, Duration period) : window_(window), period_(period) {}

  /// The power was `watts` in [from, to]; calls follow one another in time.
  void add(SimTime from, SimTime to, double watts);
  /// No more comes.
  void close();
  /// W * share of the period that was seen, summed over periods: times USD/W it is the charge.
  double charged_w() const;
  /// W; the greatest of all periods.
  double highest_w() const;

 private:
  struct Period {
    std::int64_t number = 0;
    double peak_w = 0;  // of whole windows
    double cut_w = 0;   // of windows that the run does not see whole
    double seen_s = 0;
    double highest_w() const { return peak_w > 0 ? peak_w : cut_w; }
  };
  Period& period_of(SimTime at);
  void end_window();

  Duration window_, period_;
  std::vector<Period> periods_;     // those that were seen, in order
  std::int64_t number_ = -1;        // of the window that is open; -1: none
  double joules_ = 0, seen_s_ = 0;  // of that window
};

}  // namespace hyperdc
