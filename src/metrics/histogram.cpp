#include "metrics/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr int kShift = 52 - Histogram::kBucketBits;

std::uint32_t bucket_of(double value) {
  return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(value) >> kShift);
}

/// Halfway between the bounds of a bucket. Subnormal buckets are wider than 1/256 of their value;
/// nothing that is measured is below 2^-1022.
double middle_of(std::uint32_t bucket) {
  const auto half = std::uint64_t{1} << (kShift - 1);
  return std::bit_cast<double>((std::uint64_t{bucket} << kShift) + half);
}

double lower_bound_of(std::uint32_t bucket) {
  return std::bit_cast<double>(std::uint64_t{bucket} << kShift);
}

/// The lower bound of the next bucket; the last one ends with the largest double.
double upper_bound_of(std::uint32_t bucket) {
  return std::min(lower_bound_of(bucket + 1), std::numeric_limits<double>::max());
}

}  // namespace

std::uint64_t nearest_rank(double q, std::uint64_t n) {
  HYPERDC_CHECK(q >= 0 && q <= 1 && n > 0, "a quantile needs q in [0, 1] and samples");
  const double product = q * static_cast<double>(n);
  const double whole = std::round(product);
  // q has an error of 2^-54 of itself and the product one more: both below 2^-52 of the product.
  const bool exact = std::fabs(product - whole) <= 0x1p-52 * product;
  const double rank = exact ? whole : std::ceil(product);
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, n);
}

void Histogram::add(double value, std::uint64_t times) {
  // One comparison refuses negative values, NaN and infinity.
  HYPERDC_CHECK(value >= 0 && value <= 1.7976931348623157e308,
                "a sample is negative or not finite");
  if (times == 0) return;
  if (count_ == 0) {
    min_ = value;
    max_ = value;
  } else {
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
  }
  count_ += times;
  // A count is exact as a double to 2^53; the product is rounded once.
  sum_.add(value * static_cast<double>(times));
  if (value == 0) {
    zeros_ += times;
    return;
  }
  const std::uint32_t bucket = bucket_of(value);
  if (bucket - first_ >= counts_.size()) [[unlikely]]
    widen(bucket);
  counts_[bucket - first_] += times;
}

/// Makes room for `bucket`, in whole octaves and a few at a time.
void Histogram::widen(std::uint32_t bucket) {
  constexpr std::uint32_t kOctave = 1U << kBucketBits;
  const std::uint32_t octave_start = bucket - bucket % kOctave;
  if (counts_.empty()) {
    first_ = octave_start;
    counts_.resize(kOctave);
    return;
  }
  if (bucket < first_) {
    const std::uint32_t added = first_ - octave_start;
    counts_.insert(counts_.begin(), added, 0);
    first_ = octave_start;
  } else {
    counts_.resize(octave_start + kOctave - first_);
  }
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  count_ += other.count_;
  zeros_ += other.zeros_;
  sum_.add(other.sum_.value());
  if (other.counts_.empty()) return;
  if (counts_.empty()) {
    first_ = other.first_;
    counts_ = other.counts_;
    return;
  }
  const auto other_last = other.first_ + static_cast<std::uint32_t>(other.counts_.size()) - 1;
  if (other.first_ < first_) widen(other.first_);
  if (other_last - first_ >= counts_.size()) widen(other_last);
  for (std::size_t i = 0; i < other.counts_.size(); ++i) {
    counts_[other.first_ - first_ + i] += other.counts_[i];
  }
}

double Histogram::mean() const {
  HYPERDC_CHECK(count_ > 0, "mean of no samples");
  return std::clamp(sum_.value() / static_cast<double>(count_), min_, max_);
}

double Histogram::min() const {
  HYPERDC_CHECK(count_ > 0, "smallest of no samples");
  return min_;
}

double Histogram::max() const {
  HYPERDC_CHECK(count_ > 0, "largest of no samples");
  return max_;
}

double Histogram::quantile(double q) const {
  HYPERDC_CHECK(count_ > 0, "quantile of no samples");
  const std::uint64_t rank = nearest_rank(q, count_);
  if (rank <= zeros_) return 0;
  if (rank == 1) return min_;
  if (rank == count_) return max_;
  std::uint64_t below = zeros_;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    below += counts_[i];
    if (below < rank) continue;
    return std::clamp(middle_of(first_ + static_cast<std::uint32_t>(i)), min_, max_);
  }
  HYPERDC_CHECK(false, "the counts of the buckets do not add up");
}

std::set<std::uint32_t> Histogram::kept_buckets() const {
  std::set<std::uint32_t> kept;
  std::uint64_t below = zeros_;
  std::size_t next = 0;  // of the quantiles, which ascend
  for (std::size_t i = 0; i < counts_.size() && next < std::size(kKeptQuantiles); ++i) {
    below += counts_[i];
    while (next < std::size(kKeptQuantiles) &&
           nearest_rank(kKeptQuantiles[next], count_) <= below) {
      // What is 0 has its own bin already.
      if (counts_[i] > 0) kept.insert(first_ + static_cast<std::uint32_t>(i));
      ++next;
    }
  }
  return kept;
}

/// The least power of two such that runs of so many buckets, from multiples of it on, are at most
/// `most` that hold a sample.
std::uint32_t Histogram::stride(std::size_t most) const {
  for (std::uint32_t stride = 1;; stride *= 2) {
    std::size_t runs = 0;
    std::uint32_t last = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] == 0) continue;
      const std::uint32_t run = (first_ + static_cast<std::uint32_t>(i)) / stride;
      runs += runs == 0 || run != last ? 1 : 0;
      last = run;
    }
    if (runs <= most) return stride;
  }
}

std::vector<HistogramBin> Histogram::bins(std::size_t most) const {
  HYPERDC_CHECK(most >= 8, "a distribution needs 8 bins");
  std::vector<HistogramBin> out;
  if (count_ == 0) return out;
  if (min_ == max_) return {{min_, max_, count_}};
  if (zeros_ > 0) out.push_back({0, 0, zeros_});
  std::vector<std::uint64_t> left = counts_;
  if (zeros_ == 0) {
    out.push_back({min_, min_, 1});
    --left[bucket_of(min_) - first_];
  }
  --left[bucket_of(max_) - first_];
  // A kept bucket cuts its run into three.
  const bool keep = most >= 64;
  const std::set<std::uint32_t> kept = keep ? kept_buckets() : std::set<std::uint32_t>{};
  const std::uint32_t step = stride(most - 3 - (keep ? 2 * std::size(kKeptQuantiles) : 0));
  std::uint64_t sum = 0;
  std::uint32_t from = first_;  // of the bin that is being filled
  for (std::size_t i = 0; i < left.size(); ++i) {
    const std::uint32_t bucket = first_ + static_cast<std::uint32_t>(i);
    sum += left[i];
    const std::uint32_t next = bucket + 1;
    if (next % step != 0 && kept.count(bucket) == 0 && kept.count(next) == 0 &&
        i + 1 < left.size()) {
      continue;
    }
    if (sum > 0) out.push_back({lower_bound_of(from), upper_bound_of(bucket), sum});
    sum = 0;
    from = next;
  }
  out.push_back({max_, max_, 1});
  return out;
}

}  // namespace hyperdc
