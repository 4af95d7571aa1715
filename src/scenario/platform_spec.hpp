// PlatformSpec: how a managed platform runs the jobs of a workload (world/platforms.hpp).
#pragma once

#include <string>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"

namespace hyperdc {

struct PlatformSpec {
  std::string type;              // entry of the catalog
  DistributionSpec provision_s;  // of the servers of one start
  Duration pull, stage, upload;  // of the image, of the data, of the results
  bool bills_provision = false;  // otherwise from the pull on
  Duration granularity, least;   // of the time that is billed for one start
  Duration keep_alive;           // of servers whose job has finished; 0: they are given back
};

}  // namespace hyperdc
