// The last values of something, by time: what stabilisation windows and moving means are made of.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// Values of the last `length`, those exactly as old as it excluded. Values come in order of time.
class TimedWindow {
 public:
  explicit TimedWindow(Duration length) : length_(length) {}

  void add(SimTime now, double value) {
    forget(now);
    values_.push_back({now, value});
  }
  /// Drops what is too old, when nothing new comes.
  void forget(SimTime now) {
    while (!values_.empty() && values_.front().at <= now - length_) values_.pop_front();
  }
  bool empty() const { return values_.empty(); }
  std::optional<double> max() const {
    if (values_.empty()) return std::nullopt;
    return std::max_element(values_.begin(), values_.end(),
                            [](const Timed& a, const Timed& b) { return a.value < b.value; })
        ->value;
  }
  std::optional<double> mean() const {
    if (values_.empty()) return std::nullopt;
    double sum = 0;
    for (const Timed& timed : values_) sum += timed.value;
    return sum / static_cast<double>(values_.size());
  }

 private:
  struct Timed {
    SimTime at;
    double value = 0;
  };
  Duration length_;
  std::deque<Timed> values_;
};

}  // namespace hyperdc
