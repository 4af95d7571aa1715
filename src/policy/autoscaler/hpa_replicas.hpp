// The replica calculator of the Kubernetes HPA: how many replicas one metric asks for.
//
// Computes, with n replicas and all divisions as the controller does them (whole millicores and
// whole per cent, cut off; float64 elsewhere):
//   utilization (a Resource metric)   u = floor(100 sum(use) / sum(request)), r = u / target over
//     replicas that have a sample and are ready for it. If nothing is missing or unready: n when
//     1 - down <= r <= 1 + up, else ceil(r * ready). Otherwise missing samples count as 100 % when
//     r < 1 and 0 when r > 1, unready replicas as 0 when r > 1, and r' is taken again over all of
//     them: n when r' is within tolerance or on the other side of 1, else ceil(r' * counted), or n
//     if that goes against r'.
//   others (an External metric, AverageValue)   r = total / (target * n); n when within tolerance,
//     else ceil(total / target), in thousandths.
//   times to tokens (an External metric, Value)   r = value / target, both in us (a query in ms, of
//     which thousandths are kept); n when within tolerance, else ceil(r * ready), ceil(r) if n = 0.
// Ready for its sample: within `initialization` of its creation a sample counts only if the
// replica is ready and the sample began after it became so; later it must be ready.
// No answer: no sample, or no replica to take one of.
// Source: kubernetes/kubernetes, pkg/controller/podautoscaler/replica_calculator.go and
// metrics/utilization.go (as of 1.33, tolerances by direction).
// Leaves out: pods that were ready and are not any more (a replica here is ready until it goes, so
// the initial readiness delay of 30 s never decides); containers; Object metrics with a plain
// value.
#pragma once

#include <cstdint>
#include <optional>

#include "policy/autoscaler/readings.hpp"

namespace hyperdc {

struct HpaTolerance {
  double up = 0, down = 0;
  bool holds(double ratio) const { return 1.0 - down <= ratio && ratio <= 1.0 + up; }
};

struct HpaMetric {
  ScaleMetric metric = ScaleMetric::utilization;
  double target = 0;  // a share with utilization
};

/// Replicas that the metric asks for; `current` is what is wanted now.
std::optional<std::int64_t> hpa_replicas(const ScaleView& view, const HpaMetric& metric,
                                         HpaTolerance tolerance, Duration initialization);

}  // namespace hyperdc
