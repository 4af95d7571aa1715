// Small scenarios built by hand, for tests whose numbers can be checked on paper.
#pragma once

#include <string>
#include <variant>

#include "scenario/scenario.hpp"
#include "support/temporary_directory.hpp"
#include "unit/world/default_params.hpp"
#include "workload/trace.hpp"

namespace hyperdc::test {

/// A trace file that is gone at the end of the test.
class TraceFile {
 public:
  TraceFile(const std::string& name, const std::string& text)
      : path_(directory_.write(name + ".csv", text)) {}
  const std::string& path() const { return path_; }

 private:
  TemporaryDirectory directory_;
  std::string path_;
};

/// One region with one rack of `servers` servers of `cores` cores; idle 100 W, full 200 W.
inline Scenario one_pool(std::uint32_t servers, std::int64_t cores) {
  Scenario s;
  s.name = "small";
  ServerType type;
  type.name = "box";
  type.shape = {cores * 1000, std::int64_t{1} << 30, 0, 0};
  type.host_power = PowerRange{100, 200};
  s.server_types.push_back(type);
  s.regions.push_back({"lab", 1.0, std::nullopt});
  RackGroup rack;
  rack.name = "lab.boxes";
  rack.servers_per_rack = servers;
  rack.racks = 1;
  rack.servers.push_back({0, servers});
  s.racks.push_back(rack);
  PoolSpec pool;
  pool.name = "main";
  pool.racks = {0};
  pool.scheduler = {"fifo", default_params(schedulers(), "fifo")};
  pool.placement = {"first-fit", default_params(placements(), "first-fit")};
  s.pools.push_back(pool);
  return s;
}

/// Adds a workload "jobs" fed from a plain CSV.
inline void add_trace(Scenario& s, const TraceFile& file) {
  JobsWorkload workload;
  workload.name = "jobs";
  workload.jobs.workload = "jobs";
  TraceSpec trace;
  trace.format = TraceFormat::csv;
  trace.file = file.path();
  auto facts = check_trace(trace, s.models);
  workload.facts = std::get<TraceFacts>(facts);
  workload.jobs.trace = trace;
  s.workloads.push_back(workload);
}

}  // namespace hyperdc::test
