// Goodput: what a training job with data parallelism makes of accelerators and of its batch.
//
// Computes, for k accelerators on n servers, each with a local batch b and a steps of accumulation
// before an exchange, the batch B = k b (a + 1):
//   compute     Tc = alpha_c + beta_c b
//   network     Tn = alpha + beta max(k - 2, 0): alpha_n and beta_n where n > 1, alpha_r and beta_r
//               within a server, nothing for one accelerator
//   step        T = a Tc + (Tc^g + Tn^g)^(1/g), g in [1, 10]: 1 no overlap, 10 nearly all
//   efficiency  of a sample, against one at the first batch B0, with s = B / B0:
//               (var + sqr) / (var / s + sqr) / s
//   goodput     B / T x efficiency, in samples a second that are worth those of the first batch
//   fit         the parameters with the least
//               rms(log Tc - log measured) + rms(log T - log measured) + 1e-3 (g - 1)^2
//               + 1e-2 ((beta_n / alpha_n)^2 + (beta_r / alpha_r)^2)
//               by damped Gauss-Newton steps in the logarithms, each square weighted by its rms.
//               What nothing was measured of is taken to cost nothing (between servers at least
//               1.1 of within one), and half of a step at the only batch for constant.
//   best batch  of 50 from the least to the most, evenly in the logarithm, that of most goodput
// Units: s, samples. Source: Qiao et al., "Pollux: Co-adaptive Cluster Scheduling for
// Goodput-Optimized Deep Learning", OSDI'21, par. 3 and 4.1; weights and priors as in their
// artefact (petuum/adaptdl).
// Valid: synchronous data parallelism by all-reduce on accelerators of one kind; batches between B0
// and the last that was validated. Leaves out: stragglers, other traffic, learning rate schedules.
#pragma once

#include <cstdint>
#include <span>

#include "workload/elastic_profile.hpp"

namespace hyperdc {

struct ThroughputModel {
  double alpha_c = 0, beta_c = 0;  // s, s a sample
  double alpha_n = 0, beta_n = 0;  // s, s an accelerator
  double alpha_r = 0, beta_r = 0;
  double overlap = 1;  // g

  double compute_s(double local) const { return alpha_c + beta_c * local; }
  double network_s(std::uint32_t servers, std::uint32_t accelerators) const;
  /// One step with its exchange, without accumulation.
  double step_s(std::uint32_t servers, std::uint32_t accelerators, double local) const;
};

/// A step as it was measured.
struct StepObserved {
  std::uint32_t servers = 1, accelerators = 1;
  std::uint64_t local = 1;
  double compute_s = 0, step_s = 0;
  bool same_setting(const StepObserved& other) const {
    return servers == other.servers && accelerators == other.accelerators && local == other.local;
  }
};

/// At least one observation.
ThroughputModel fit_throughput(std::span<const StepObserved> observed);

/// Worth of a batch `scale` times the first, in first batches.
double batch_gain(const GradientNoise& noise, double scale);

struct BatchLimits {
  std::uint64_t first = 1, last = 1;              // of all accelerators together
  std::uint64_t least_local = 1, most_local = 1;  // of one, at a time
};

/// How a batch is spread: `local` at a time on each accelerator, accumulation + 1 times.
struct BatchPlan {
  std::uint64_t local = 1;
  std::uint64_t accumulation = 0;
  double goodput = 0;  // of best_batch only; 0: no batch is possible

  std::uint64_t batch(std::uint64_t accelerators) const {
    return accelerators * local * (accumulation + 1);
  }
};

/// Not above the last batch, in whole local batches, and never below the first: where no whole
/// local batch lies between them the next one above.
BatchPlan bounded(BatchPlan plan, std::uint32_t accelerators, const BatchLimits& limits);

/// Useful samples a second of such a plan.
double goodput_of(const ThroughputModel& model, const GradientNoise& noise,
                  const BatchLimits& limits, std::uint32_t servers, std::uint32_t accelerators,
                  const BatchPlan& plan);

/// A given batch on so many accelerators, rounded up to whole local batches, and bounded.
BatchPlan spread_batch(double batch, std::uint32_t accelerators, const BatchLimits& limits);

BatchPlan best_batch(const ThroughputModel& model, const GradientNoise& noise,
                     const BatchLimits& limits, std::uint32_t servers, std::uint32_t accelerators);

}  // namespace hyperdc
