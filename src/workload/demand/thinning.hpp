// Thinning: a non-homogeneous Poisson process over a demand curve, exact, a few nanoseconds of it
// spent on the curve. See request_arrivals.hpp.
//
// Time is cut into stretches on which the curve lies in [low, high]. Candidates come at rate
// `high`; one is kept with probability rate / high, and mostly that is decided by `low` alone. A
// stretch is halved where the bounds are more than 2 % apart and many candidates fall into it,
// doubled where they are closer than 1/2 % or few fall into it. Its length has no influence on the
// law of the process.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/rng.hpp"
#include "workload/demand/demand_curve.hpp"
#include "workload/demand/exponential.hpp"

namespace hyperdc::demand_nodes {

class Thinning {
 public:
  /// Of `curve`, on [0, end).
  Thinning(const DemandCurve& curve, RandomStream stream, SimTime end)
      : curve_(curve), stream_(stream), end_(end) {}

  /// Begins again at `at` with the curve times `factor`: the process has no memory.
  void restart(SimTime at, double factor) {
    factor_ = factor;
    stop_ = at;
    stretch_ready_ = false;
  }

  /// The next arrival before `until` (at most the end); nothing, and all before it is used up, when
  /// there is none. Candidates are numbered in the order that they are drawn.
  std::optional<SimTime> next(SimTime until) {
    const SimTime limit = std::min(until, end_);
    for (;;) {
      if (!stretch_ready_ && !begin_stretch(limit)) return std::nullopt;
      const std::uint64_t word = next_word();
      at_ += ziggurat_.draw(word, stream_, block_, kMore + half_) * gap_ns_;
      if (at_ >= length_ns_) {
        stretch_ready_ = false;
        continue;
      }
      const SimTime t{begin_.ns + static_cast<std::int64_t>(at_)};
      // u * high <= low for all u that begin with these twelve bits?
      const double step = static_cast<double>(word & 0xFFFU);
      if ((step + 1) * high_ <= 4096 * low_) return t;
      const double u = (step + open_unit(stream_.bits(block_, kSqueeze)[half_])) / 4096;
      const double height = u * high_;
      if (height <= low_ || height <= curve_.rate(t)) return t;
    }
  }

 private:
  static constexpr std::int64_t kLongest = 86'400 * kNsPerSecond;
  static constexpr std::int64_t kShortest = 1000;

  // Attributes of a block: its words, the rest of their squeezes, the rest of their gaps.
  static constexpr std::uint64_t kWords = 0, kSqueeze = 1, kMore = 2;

  /// A random word: twelve bits for the squeeze, 52 for the gap. A block has two.
  std::uint64_t next_word() {
    half_ ^= 1U;
    if (half_ == 0) words_ = stream_.bits(++block_, kWords);
    return words_[half_];
  }

  static double open_unit(std::uint64_t word) {  // as RandomStream::uniform
    return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;
  }

  /// The stretch that begins where the last one ended; false at the limit.
  bool begin_stretch(SimTime limit) {
    if (stop_ >= limit) return false;
    begin_ = stop_;
    for (;;) {
      const std::int64_t length = std::min(stretch_ns_, limit.ns - begin_.ns);
      const auto [low, high] = curve_.bounds(begin_, {begin_.ns + length});
      const double candidates = factor_ * high * static_cast<double>(length) * 1e-9;
      const bool wide = high - low > 0.02 * high;
      if (wide && candidates > 512 && length / 2 >= kShortest) {
        stretch_ns_ = length / 2;
        continue;
      }
      const bool close = high - low < 0.005 * high;
      if (length == stretch_ns_ && (candidates < 64 || close)) {
        stretch_ns_ = std::min(2 * stretch_ns_, kLongest);
      }
      stop_ = {begin_.ns + length};
      low_ = low;
      high_ = high;
      length_ns_ = static_cast<double>(length);
      at_ = 0;
      const double rate = factor_ * high;
      gap_ns_ = rate > 0 ? 1e9 / rate : std::numeric_limits<double>::infinity();
      stretch_ready_ = true;
      return true;
    }
  }

  const DemandCurve& curve_;
  RandomStream stream_;
  SimTime end_;
  double factor_ = 1;
  ExponentialZiggurat ziggurat_;
  std::uint64_t block_ = 0;
  std::size_t half_ = 1;  // of the block, that was used last
  std::array<std::uint64_t, 2> words_{};
  std::int64_t stretch_ns_ = kNsPerSecond;
  bool stretch_ready_ = false;
  SimTime begin_, stop_;  // of the stretch
  double low_ = 0, high_ = 0;
  double at_ = 0;  // ns after begin_
  double length_ns_ = 0;
  double gap_ns_ = 0;  // mean gap between candidates
};

}  // namespace hyperdc::demand_nodes
