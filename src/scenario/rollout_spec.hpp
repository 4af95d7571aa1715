// RolloutSpec: a new version of a service, wave after wave (docs/models/rollouts.md).
#pragma once

#include <cstdint>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"

namespace hyperdc {

/// How many replicas change at a time, as shares of those wanted: up to `surge` more than wanted
/// are there (rounded up), and at least wanted less `unavailable` (rounded down) are ready.
struct RollingSpec {
  double surge = 0.25;
  double unavailable = 0.25;
};

struct WaveSpec {
  std::vector<bool> deployments;  // by deployment: is it in the wave?
  double share = 1;               // of its replicas that have the new version when the wave is done
  Duration bake;                  // watched for so long before the next wave
};

struct RolloutSpec {
  Duration at;
  std::vector<WaveSpec> waves;  // together they reach every replica
  RollingSpec rolling, rollback;
  double bad_probability = 0;      // that the new version is bad; then
  double service_time_factor = 1;  // it takes so many times as long for a request
  double error_rate = 0;           // and fails this share of them, when their work is done
  double detection_probability = 1;
  DistributionSpec detection_delay = Constant{0};  // s, from its first ready replica on
};

}  // namespace hyperdc
