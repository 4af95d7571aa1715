// SampleBuckets: gathers very many samples before they go into a Recorder, ten times as fast as one
// by one: counts and sums of buckets as fine as those of Histogram.
//
// Each bucket is told as its count of its mean, the top one with its largest value apart: mean and
// maximum of all samples are exact to rounding, quantiles as good as Histogram's (0.2 %). Samples
// are finite and not negative. Memory: 16 bytes a bucket, 4 KiB an octave. Leaves out: the order of
// samples; the smallest sample is told as the mean of its bucket.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <hyperdc/metrics/sink.hpp>

#include "metrics/histogram.hpp"

namespace hyperdc {

class SampleBuckets {
 public:
  void add(double value, std::uint64_t times) {
    if (times == 0) return;
    if (value < kLeast) {
      least_.count += times;
      least_.sum += value * static_cast<double>(times);
      return;
    }
    const auto bucket = static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(value) >> kShift);
    if (bucket - first_ >= buckets_.size()) [[unlikely]]
      widen(bucket);
    Bucket& at = buckets_[bucket - first_];
    at.count += times;
    at.sum += value * static_cast<double>(times);
    max_ = std::max(max_, value);
  }

  /// Tells all samples to the sink, and forgets them.
  void flush(MetricSink& sink, MetricId id, SimTime at) {
    if (least_.count > 0) {
      sink.sample(id, at, least_.sum / static_cast<double>(least_.count), least_.count);
      least_ = {};
    }
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      Bucket& bucket = buckets_[i];
      if (bucket.count == 0) continue;
      const auto n = static_cast<double>(bucket.count);
      const bool top =
          static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(max_) >> kShift) == first_ + i;
      if (top) sink.sample(id, at, max_, 1);
      if (!top) sink.sample(id, at, bucket.sum / n, bucket.count);
      if (top && bucket.count > 1) {
        sink.sample(id, at, std::max(0.0, (bucket.sum - max_) / (n - 1)), bucket.count - 1);
      }
      bucket = {};
    }
    max_ = 0;
  }

 private:
  static constexpr int kShift = 52 - Histogram::kBucketBits;
  static constexpr double kLeast = 1e-9;  // below, in seconds less than the clock tells: one bucket
  struct Bucket {
    std::uint64_t count = 0;
    double sum = 0;
  };

  void widen(std::uint32_t bucket) {
    if (buckets_.empty()) first_ = bucket;
    if (bucket < first_) {
      buckets_.insert(buckets_.begin(), first_ - bucket, Bucket{});
      first_ = bucket;
    } else if (bucket - first_ >= buckets_.size()) {
      buckets_.resize(bucket - first_ + 1U);
    }
  }

  std::uint32_t first_ = 0;  // bucket of buckets_[0]
  std::vector<Bucket> buckets_;
  Bucket least_;
  double max_ = 0;
};

}  // namespace hyperdc
