#include "economics/tariff.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

namespace {

constexpr Duration kDay = whole_seconds(86'400);

}  // namespace

Tariff::Tariff(std::vector<TariffStep> steps) : steps_(std::move(steps)) {
  HYPERDC_CHECK(!steps_.empty(), "a tariff without a price");
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    HYPERDC_CHECK(steps_[i].from.ns >= 0 && steps_[i].from < kDay, "a step outside the day");
    HYPERDC_CHECK(i == 0 || steps_[i - 1].from < steps_[i].from, "steps do not rise");
  }
  // The night before the first step belongs to the last one.
  if (steps_.front().from.ns > 0) {
    steps_.insert(steps_.begin(), {Duration{}, steps_.back().price_usd_per_j});
  }
}

double Tariff::price(SimTime at) const {
  const Duration of_day{at.ns % kDay.ns};
  const auto next =
      std::upper_bound(steps_.begin(), steps_.end(), of_day,
                       [](Duration t, const TariffStep& step) { return t < step.from; });
  return std::prev(next)->price_usd_per_j;
}

double Tariff::since_midnight(Duration of_day) const {
  double sum = 0;
  for (std::size_t i = 0; i < steps_.size() && steps_[i].from < of_day; ++i) {
    const Duration end = i + 1 < steps_.size() ? std::min(steps_[i + 1].from, of_day) : of_day;
    sum += steps_[i].price_usd_per_j * to_seconds(end - steps_[i].from);
  }
  return sum;
}

double Tariff::integral(SimTime from, SimTime to) const {
  if (steps_.size() == 1) return steps_[0].price_usd_per_j * to_seconds(to - from);
  const std::int64_t days = to.ns / kDay.ns - from.ns / kDay.ns;
  return static_cast<double>(days) * since_midnight(kDay) +
         since_midnight(Duration{to.ns % kDay.ns}) - since_midnight(Duration{from.ns % kDay.ns});
}

}  // namespace hyperdc
