#include "policy/autoscaler/usage_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/math.hpp"

namespace hyperdc {
namespace {

constexpr double kFirst = 0.01;
constexpr double kRatio = 1.05;
constexpr double kMost = 1000;
constexpr double kLn2 = 0.69314718055994530942;
constexpr std::int64_t kLargestExponent = 100;

}  // namespace

double UsageHistogram::start_of(std::size_t bucket) {
  return kFirst * (math::pow(kRatio, static_cast<double>(bucket)) - 1) / (kRatio - 1);
}

UsageHistogram::UsageHistogram(Duration half_life) : half_life_(half_life) {
  std::size_t buckets = 1;
  while (start_of(buckets - 1) < kMost) ++buckets;
  weights_.resize(buckets);
}

std::size_t UsageHistogram::bucket_of(double cores) const {
  if (!(cores > kFirst)) return 0;
  const double n = std::floor(math::log(cores * (kRatio - 1) / kFirst + 1) / math::log(kRatio));
  return std::min(static_cast<std::size_t>(n), weights_.size() - 1);
}

void UsageHistogram::add(SimTime now, double cores, double weight) {
  const std::int64_t halves = (now - reference_).ns / half_life_.ns;
  if (halves > kLargestExponent) {
    // Only relative weights matter; these would become too large to hold.
    const double scale = std::ldexp(1.0, -static_cast<int>(std::min<std::int64_t>(halves, 2000)));
    for (double& each : weights_) each *= scale;
    total_ *= scale;
    reference_ = reference_ + Duration{halves * half_life_.ns};
  }
  const double age =
      static_cast<double>((now - reference_).ns) / static_cast<double>(half_life_.ns);
  const double counted = weight * math::exp(age * kLn2);
  weights_[bucket_of(cores)] += counted;
  total_ += counted;
}

double UsageHistogram::percentile(double share) const {
  if (empty()) return 0;
  const double enough = share * total_;
  double sum = 0;
  std::size_t bucket = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (weights_[i] > 0) last = i;
  }
  for (; bucket < last; ++bucket) {
    sum += weights_[bucket];
    if (sum > 0 && sum >= enough) break;
  }
  const bool open_end = bucket + 1 >= weights_.size();
  return start_of(open_end ? bucket : bucket + 1);
}

}  // namespace hyperdc
