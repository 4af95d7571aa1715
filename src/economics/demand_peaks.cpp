#include "economics/demand_peaks.hpp"

#include <algorithm>

namespace hyperdc {

DemandPeaks::Period& DemandPeaks::period_of(SimTime at) {
  const std::int64_t number = at.ns / period_.ns;
  if (periods_.empty() || periods_.back().number != number) periods_.push_back({number, 0, 0});
  return periods_.back();
}

void DemandPeaks::end_window() {
  if (number_ >= 0 && seen_s_ > 0) {
    Period& period = period_of(SimTime{number_ * window_.ns});
    const bool whole = seen_s_ > to_seconds(window_) * (1 - 1e-9);
    double& peak = whole ? period.peak_w : period.cut_w;
    peak = std::max(peak, joules_ / seen_s_);
    period.seen_s += seen_s_;
  }
  number_ = -1;
  joules_ = seen_s_ = 0;
}

void DemandPeaks::add(SimTime from, SimTime to, double watts) {
  while (from < to) {
    const std::int64_t number = from.ns / window_.ns;
    if (number != number_) end_window();
    const SimTime window_end{(number + 1) * window_.ns};
    if (from.ns % window_.ns == 0 && window_end <= to) {
      // Whole windows of one power within a period are one step, however many they are.
      Period& period = period_of(from);
      const SimTime end{
          std::min((period.number + 1) * period_.ns, to.ns / window_.ns * window_.ns)};
      period.peak_w = std::max(period.peak_w, watts);
      period.seen_s += to_seconds(end - from);
      from = end;
      continue;
    }
    const SimTime end = std::min(window_end, to);
    number_ = number;
    joules_ += watts * to_seconds(end - from);
    seen_s_ += to_seconds(end - from);
    from = end;
  }
}

void DemandPeaks::close() {
  end_window();
}

double DemandPeaks::charged_w() const {
  double sum = 0;
  for (const Period& period : periods_) {
    sum += period.highest_w() * period.seen_s / to_seconds(period_);
  }
  return sum;
}

double DemandPeaks::highest_w() const {
  double highest = 0;
  for (const Period& period : periods_) highest = std::max(highest, period.highest_w());
  return highest;
}

}  // namespace hyperdc
