#include "policy/autoscaler/hourly_forecast.hpp"

#include <algorithm>

namespace hyperdc {
namespace {

constexpr std::int64_t kDay = 24;
constexpr std::int64_t kWeek = 168;
constexpr int kPairsForGrowth = 12;

std::optional<double> profile(const HourlyLoad& load, std::int64_t hour, std::int64_t season) {
  const std::int64_t oldest = load.current() - static_cast<std::int64_t>(load.closed());
  double sum = 0;
  int count = 0;
  for (std::int64_t at = hour - season; at >= oldest; at -= season) {
    const auto mean = load.mean(at);
    if (!mean) continue;
    sum += *mean;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

double growth(const HourlyLoad& load, std::int64_t season) {
  double seen = 0;
  double expected = 0;
  int pairs = 0;
  for (std::int64_t hour = load.current() - kDay; hour < load.current(); ++hour) {
    const auto mean = load.mean(hour);
    const auto base = profile(load, hour, season);
    if (!mean || !base) continue;
    seen += *mean;
    expected += *base;
    ++pairs;
  }
  if (pairs < kPairsForGrowth || expected <= 0) return 1;
  return std::clamp(seen / expected, 0.5, 2.0);
}

}  // namespace

void HourlyLoad::close() {
  hours_.push_back(count_ > 0 ? std::optional(sum_ / static_cast<double>(count_)) : std::nullopt);
  sum_ = 0;
  count_ = 0;
  if (hours_.size() <= keep_) return;
  hours_.pop_front();
  ++first_;
}

void HourlyLoad::add(SimTime now, std::optional<double> load) {
  const std::int64_t hour = hour_of(SimTime{std::max<std::int64_t>(0, now.ns - 1)});
  if (!begun_) {
    if (!load) return;
    begun_ = true;
    first_ = hour;
  }
  while (current() < hour) close();
  if (load) {
    sum_ += *load;
    ++count_;
  }
  while (current() < hour_of(now)) close();
}

std::optional<double> HourlyLoad::mean(std::int64_t hour) const {
  if (hour < first_ || hour >= current()) return std::nullopt;
  return hours_[static_cast<std::size_t>(hour - first_)];
}

std::vector<std::optional<double>> forecast(const HourlyLoad& load, std::size_t hours) {
  const double by_week = growth(load, kWeek);
  const double by_day = growth(load, kDay);
  std::vector<std::optional<double>> out;
  for (std::size_t i = 0; i < hours; ++i) {
    const std::int64_t hour = load.current() + static_cast<std::int64_t>(i);
    const auto week = profile(load, hour, kWeek);
    const auto day = profile(load, hour, kDay);
    if (week) {
      out.push_back(*week * by_week);
    } else if (day) {
      out.push_back(*day * by_day);
    } else {
      out.push_back(std::nullopt);
    }
  }
  return out;
}

}  // namespace hyperdc
