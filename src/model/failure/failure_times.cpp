#include "model/failure/failure_times.hpp"

#include <algorithm>
#include <variant>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kDrawAttributes = 1024;  // of one variate
constexpr std::uint64_t kGap = 0;                // attributes of a failure of the superposition
constexpr std::uint64_t kChoice = 1;             // then two for each item that is tried

}  // namespace

FailureTimes::FailureTimes(const Options& options, RandomStream stream, RandomStream lemons)
    : options_(options),
      stream_(stream),
      lemons_(lemons),
      time_to_failure_(options.time_to_failure),
      superposed_(std::holds_alternative<Exponential>(options.time_to_failure)) {
  HYPERDC_CHECK(options.lemon_factor >= 1, "a lemon fails sooner than others, not later");
  renewals_.assign(options_.items, 0);
  if (!superposed_) {
    for (std::uint32_t item = 0; item < options_.items; ++item) push(item, SimTime{});
    return;
  }
  double rate = options_.items;  // in units of the rate of an ordinary item
  if (options_.lemon_share > 0) {
    for (std::uint32_t item = 0; item < options_.items; ++item) {
      if (is_lemon(item)) rate += options_.lemon_factor - 1;
    }
  }
  over_ = options_.items == 0;
  if (!over_) mean_gap_s_ = time_to_failure_.mean() / rate;
}

bool FailureTimes::is_lemon(std::uint32_t item) const {
  return options_.lemon_share > 0 && lemons_.uniform(item) < options_.lemon_share;
}

void FailureTimes::push(std::uint32_t item, SimTime from) {
  const std::uint32_t renewal = renewals_[item];
  double life_s = time_to_failure_.draw(stream_, item, renewal * kDrawAttributes);
  if (is_lemon(item)) life_s /= options_.lemon_factor;
  if (life_s > to_seconds(options_.horizon - from)) return;
  const SimTime at = from + std::max(seconds(life_s), nanoseconds(1));
  heap_.push_back({at, item, renewal});
  std::push_heap(heap_.begin(), heap_.end());
}

void FailureTimes::draw_superposed() {
  const double gap_s = -mean_gap_s_ * math::log(stream_.uniform(drawn_, kGap));
  over_ = gap_s > to_seconds(options_.horizon - last_);
  if (over_) return;
  // An item is drawn evenly and kept in proportion to its rate.
  std::uint64_t attribute = kChoice;
  std::uint32_t item = 0;
  for (bool kept = false; !kept; attribute += 2) {
    item = static_cast<std::uint32_t>(stream_.below(options_.items, drawn_, attribute));
    if (options_.lemon_share == 0) break;
    const double threshold = is_lemon(item) ? 1 : 1 / options_.lemon_factor;
    kept = stream_.uniform(drawn_, attribute + 1) < threshold;
  }
  last_ = last_ + seconds(gap_s);
  next_ = Next{last_, item};
  ++drawn_;
}

std::optional<FailureTimes::Next> FailureTimes::peek() {
  if (superposed_) {
    if (!next_ && !over_) draw_superposed();
    return next_;
  }
  while (!heap_.empty() && heap_.front().renewal != renewals_[heap_.front().item]) {
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
  }
  if (heap_.empty()) return std::nullopt;
  return Next{heap_.front().at, heap_.front().item};
}

void FailureTimes::pop() {
  if (superposed_) {
    next_.reset();
    return;
  }
  std::pop_heap(heap_.begin(), heap_.end());
  heap_.pop_back();
}

void FailureTimes::failed(std::uint32_t item) {
  ++renewals_[item];
}

void FailureTimes::renewed(std::uint32_t item, SimTime at) {
  if (!superposed_) push(item, at);
}

std::size_t FailureTimes::memory_used() const {
  return renewals_.capacity() * sizeof(std::uint32_t) + heap_.capacity() * sizeof(Entry);
}

}  // namespace hyperdc
