// PlatformSpec: how a managed platform runs the jobs of a workload (world/platforms.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"

namespace hyperdc {

/// What a job writes while it runs, so that its work outlives its servers.
struct PlatformCheckpoints {
  Duration upload;                // of one
  std::optional<Duration> every;  // nothing: only within the notice of an interruption
};

/// Servers that the platform may take back (world/platform_spot.hpp).
struct SpotSpec {
  double discount = 0;               // on the price of the servers
  Duration notice;                   // before they are gone
  DistributionSpec interruption_s;   // from a start until one of its servers is taken
  DistributionSpec away_s;           // from then on until there are servers again
  std::optional<Duration> max_wait;  // from submission; a job that is not done then is stopped
};

/// The most servers of its jobs at a time (world/pipelines.hpp).
struct QuotaSpec {
  std::uint64_t servers = 0;
  bool refuses = false;  // what is over it; otherwise it waits
};

struct PlatformSpec {
  std::string type;              // entry of the catalog
  DistributionSpec provision_s;  // of the servers of one start
  Duration pull, stage, upload;  // of the image, of the data, of the results
  bool bills_provision = false;  // otherwise from the pull on
  Duration granularity, least;   // of the time that is billed for one start
  Duration keep_alive;           // of servers whose job has finished; 0: they are given back
  std::optional<PlatformCheckpoints> checkpoints = {};
  std::optional<SpotSpec> spot = {};
  std::vector<std::string> after = {};  // workloads of the steps before it (world/pipelines.hpp)
  std::optional<QuotaSpec> quota = {};
};

}  // namespace hyperdc
