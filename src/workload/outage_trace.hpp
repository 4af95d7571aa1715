// Outage traces: when a service was out, for how long, and how much of it.
//
// Format opendc: a CSV with failure_interval (ms since the begin of the previous outage),
// failure_duration (ms) and failure_intensity (share of the hosts that are hit, 0..1).
// Source: Cloud Uptime Archive (Talluri et al., arXiv 2504.09476), as shipped with OpenDC.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "workload/trace.hpp"

namespace hyperdc {

struct OutageRow {
  Duration interval;  // since the begin of the previous one; of the first: since the start
  Duration lasts;
  double share = 0;
};

struct OutageList {
  std::vector<OutageRow> rows;
  std::string sha256;
};

/// At most 4,000,000 rows.
Result<OutageList> read_outages(const std::string& file);

}  // namespace hyperdc
