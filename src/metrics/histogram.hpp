// Histogram: counts of non-negative samples in logarithmic buckets, for quantiles in bounded
// memory.
//
// A bucket is 1/256 of an octave, found from the bits of the double (exponent and 8 bits of the
// fraction); zero has its own. A quantile is the middle of its bucket, so it is within 2^-9 of the
// exact sample (0.2 %); the smallest and the largest sample, the mean and the count are exact.
// Unit: that of the samples. Valid for finite samples >= 0 (others are an InvariantError).
// Memory: 8 bytes for each bucket between the smallest and the largest, 2 KiB an octave.
// Leaves out: the order of the samples. Merging gives the histogram of all samples together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "metrics/time_weighted.hpp"

namespace hyperdc {

/// `count` samples that lie between `from` and `to`. The bins of a distribution have each sample
/// once, and no sample of a bin is below one of a bin before it.
struct HistogramBin {
  double from = 0, to = 0;
  std::uint64_t count = 0;
};

/// Quantiles that a distribution keeps however coarse it is.
inline constexpr double kKeptQuantiles[] = {0.01, 0.05, 0.1,  0.25,  0.5,   0.75,
                                            0.9,  0.95, 0.99, 0.999, 0.9999};

class Histogram {
 public:
  static constexpr int kBucketBits = 8;                // 256 buckets an octave
  static constexpr double kRelativeError = 1.0 / 512;  // of a quantile

  /// `times` samples of the same value; 0 of them change nothing.
  void add(double value, std::uint64_t times = 1);
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  double mean() const;  // these need count() > 0, else InvariantError
  double min() const;
  double max() const;
  /// Nearest rank: the smallest sample such that at least q * count() samples are not above it;
  /// q in [0, 1]; q = 0 is the smallest sample, q = 1 the largest. Between min() and max().
  double quantile(double q) const;
  /// The whole distribution in about `most` bins (at least 8), without those that are empty; see
  /// HistogramBin. The bins have equal steps of the logarithm, as fine as `most` allows. The
  /// smallest and the largest sample have bins of their own, and so have, where `most` leaves room
  /// (from 64 on), the buckets of kKeptQuantiles: these are the same from the bins.
  std::vector<HistogramBin> bins(std::size_t most) const;

 private:
  void widen(std::uint32_t bucket);
  std::set<std::uint32_t> kept_buckets() const;
  std::uint32_t stride(std::size_t most) const;

  std::uint64_t count_ = 0;
  std::uint64_t zeros_ = 0;
  std::uint32_t first_ = 0;            // bucket of counts_[0]
  std::vector<std::uint64_t> counts_;  // empty until the first positive sample
  CompensatedSum sum_;
  double min_ = 0;
  double max_ = 0;
};

/// The rank ceil(q n), at least 1, without the rounding of the product: 0.07 * 100 is rank 7.
std::uint64_t nearest_rank(double q, std::uint64_t n);

}  // namespace hyperdc
