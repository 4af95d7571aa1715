// Data points of a metric and alarms over them, as CloudWatch evaluates "N of N periods" with
// missing data treated as missing.
//
// Computes: of the newest N + 2 points those that exist. Are there N or more, the newest N of them
// must all breach. Are there fewer, all must breach and the oldest must be N periods old or older
// (so a metric that has just begun, or has a single point, raises no alarm). Are there none, no
// alarm. Source: Amazon CloudWatch user guide, "How alarm state is evaluated when data is missing",
// with its table for N = 3, in which five points are looked at. Assumption: N + 2 points for every
// N; the guide says only that it is more than N. Leaves out: M of N, other treatments of missing
// data, points that come late.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

namespace hyperdc {

class DataPoints {
 public:
  /// `longest`: the largest N that will be asked for.
  explicit DataPoints(std::size_t longest) : capacity_(longest + kExtra) {}

  void add(std::optional<double> point) {
    points_.push_front(point);
    if (points_.size() > capacity_) points_.pop_back();
  }

  template <class Breaches>
  bool alarm(std::size_t periods, Breaches breaches) const {
    std::size_t seen = 0;
    std::size_t age_of_oldest = 0;
    for (std::size_t i = 0; i < points_.size() && i < periods + kExtra && seen < periods; ++i) {
      if (!points_[i]) continue;
      if (!breaches(*points_[i])) return false;
      ++seen;
      age_of_oldest = i + 1;
    }
    return seen > 0 && age_of_oldest >= periods;
  }

  /// The newest point that exists.
  std::optional<double> latest() const {
    for (const auto& point : points_) {
      if (point) return point;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kExtra = 2;
  std::size_t capacity_;
  std::deque<std::optional<double>> points_;  // newest first
};

}  // namespace hyperdc
