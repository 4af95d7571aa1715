// WindowSum: the sum of what was added in the last `window`, in ten slices.
//
// The window is cut into ten slices; when time enters a new slice the oldest is forgotten whole. So
// an amount counts for at least nine tenths of the window and for at most all of it. Ten slices as
// in Finagle's WindowedAdder and Hystrix's rolling counts; memory does not grow with the number of
// amounts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

class WindowSum {
 public:
  static constexpr std::int64_t kSlices = 10;

  /// window >= 10 ns.
  explicit WindowSum(Duration window);
  /// Times must not go back.
  void add(SimTime now, std::int64_t amount);
  std::int64_t sum(SimTime now);
  void clear();

 private:
  void advance(SimTime now);

  std::int64_t slice_ns_;
  std::int64_t slice_ = 0;                    // number of the present slice since time 0
  std::array<std::int64_t, kSlices> slices_;  // slice n at n % kSlices
  std::int64_t sum_ = 0;
};

}  // namespace hyperdc
