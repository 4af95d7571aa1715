#include "model/client/window_sum.hpp"

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

WindowSum::WindowSum(Duration window) : slice_ns_(window.ns / kSlices), slices_{} {
  HYPERDC_CHECK(slice_ns_ > 0, "a window of less than 10 ns");
}

void WindowSum::add(SimTime now, std::int64_t amount) {
  advance(now);
  slices_[static_cast<std::size_t>(slice_ % kSlices)] += amount;
  sum_ += amount;
}

std::int64_t WindowSum::sum(SimTime now) {
  advance(now);
  return sum_;
}

void WindowSum::clear() {
  slices_ = {};
  sum_ = 0;
}

void WindowSum::advance(SimTime now) {
  const std::int64_t slice = now.ns / slice_ns_;
  if (slice == slice_) return;
  HYPERDC_CHECK(slice > slice_, "time goes back");
  if (slice - slice_ >= kSlices) {
    clear();
  } else {
    for (std::int64_t old = slice_ + 1; old <= slice; ++old) {
      std::int64_t& forgotten = slices_[static_cast<std::size_t>(old % kSlices)];
      sum_ -= forgotten;
      forgotten = 0;
    }
  }
  slice_ = slice;
}

}  // namespace hyperdc
