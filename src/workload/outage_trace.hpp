// Outage traces: when a service was out, for how long, and how much of it.
//
// Format opendc: a CSV with failure_interval (ms since the begin of the previous outage),
// failure_duration (ms) and failure_intensity (share of the hosts that are hit, 0..1).
// Source: Cloud Uptime Archive (Talluri et al., arXiv 2504.09476), as shipped with OpenDC.
//
// Format bamboo: a CSV without header, time (ms, not falling), "add" or "remove", name of a node:
// the members of a group that loses some and gets others. A node takes the place of lowest number
// that is free; a place is out from its node's removal until another takes it, before its first one
// too, and from the last removal on. A place that changes hands is out for no time: what its node
// did is lost. Source: spot instances of Bamboo (Thorpe et al., NSDI 2023).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "workload/trace.hpp"

namespace hyperdc {

struct OutageRow {
  Duration interval;  // since the begin of the previous one; of the first: since the start
  Duration lasts;
  double share = 0;
  std::optional<std::uint32_t> item;  // this one is out, and no other
};

struct OutageList {
  std::vector<OutageRow> rows;
  std::uint32_t places = 0;  // that rows name
  std::string sha256;
};

/// Format opendc; at most 4,000,000 rows.
Result<OutageList> read_outages(const std::string& file);
/// Format bamboo; at most 4,000,000 rows.
Result<OutageList> read_members(const std::string& file);

}  // namespace hyperdc
