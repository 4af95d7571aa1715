// The histogram of the Kubernetes vertical pod autoscaler: use in cores, newer samples weigh more.
//
// Computes: bucket n begins at first (r^n - 1) / (r - 1), first = 0.01 cores, r = 1.05, up to 1000
// cores. A sample at time t of weight w counts w 2^(t / half_life). A percentile is the end of
// the first bucket at which the sum of weights reaches its share.
// Source: kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender/util (histogram.go,
// decaying_histogram.go) and model/aggregations_config.go.
// Leaves out: the least weight of 1e-4 below which a bucket counts as empty.
#pragma once

#include <cstddef>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

class UsageHistogram {
 public:
  explicit UsageHistogram(Duration half_life);
  void add(SimTime now, double cores, double weight);
  bool empty() const { return total_ <= 0; }
  /// Share in 0..1; 0 when empty.
  double percentile(double share) const;

 private:
  std::size_t bucket_of(double cores) const;
  static double start_of(std::size_t bucket);

  Duration half_life_;
  SimTime reference_;
  double total_ = 0;
  std::vector<double> weights_;
};

}  // namespace hyperdc
