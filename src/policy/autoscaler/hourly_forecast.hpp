// Hourly means of a load and their forecast: the forecaster of `predictive`.
//
// Computes, from closed hours y (some may be missing) and for S = 168 h (the week) and S = 24 h
// (the day): the profile P_S(h) = mean of y(h - k S), k = 1, 2, ... that exist, and the growth g_S
// = sum y / sum P_S over those of the last 24 h that have both, between 1/2 and 2, and 1 with fewer
// than 12 of them. The forecast of hour h is P_168(h) g_168 if a week ago is known, else P_24(h)
// g_24, else nothing. Ours: AWS and GCP do not publish their forecasters. Valid for loads with a
// daily and weekly shape; after a holiday it is wrong until a week has passed. Leaves out: trends
// beyond g, events, hours counted by quality of the fit.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

inline constexpr Duration kHour = whole_seconds(3600);

/// Which hour of the run; hour 0 begins with it.
inline std::int64_t hour_of(SimTime t) {
  return t.ns / kHour.ns;
}

class HourlyLoad {
 public:
  explicit HourlyLoad(std::size_t keep) : keep_(keep) {}

  /// A reading that looked back from `now`: it belongs to the hour that ends there, if one does.
  void add(SimTime now, std::optional<double> load);
  /// Hours that are over: known or not, from the first with a reading.
  std::size_t closed() const { return hours_.size(); }
  /// Mean of an hour; nothing if it is not closed, not kept or had no reading.
  std::optional<double> mean(std::int64_t hour) const;
  /// The hour that is not over.
  std::int64_t current() const { return first_ + static_cast<std::int64_t>(hours_.size()); }

 private:
  void close();
  std::size_t keep_;
  bool begun_ = false;
  std::int64_t first_ = 0;  // hour of hours_[0]
  std::deque<std::optional<double>> hours_;
  double sum_ = 0;  // of the hour that is not over
  std::uint64_t count_ = 0;
};

/// Of the hours current(), current() + 1, ...
std::vector<std::optional<double>> forecast(const HourlyLoad& load, std::size_t hours);

}  // namespace hyperdc
