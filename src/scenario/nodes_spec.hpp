// NodesSpec: servers of a pool that are switched on and off by a node autoscaler.
// Units: SI; times as Duration.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "scenario/service.hpp"

namespace hyperdc {

/// No server of these types is to be had for a while.
struct StockOutWindow {
  Duration at, lasts;
  std::vector<std::uint32_t> types;  // indices into Scenario::server_types; empty: all
};

struct NodesSpec {
  PolicyChoice policy;
  std::uint32_t min = 0, max = 0;               // servers that are not off
  std::uint32_t initial = 0;                    // at the start, up at once
  std::optional<DistributionSpec> boot_s = {};  // nothing: the boot time of the server type
  double refused = 0;                           // probability that a request meets no stock
  std::vector<StockOutWindow> windows = {};
  bool jobs_move = false;  // jobs are stopped when their server is removed, as replicas are
};

}  // namespace hyperdc
