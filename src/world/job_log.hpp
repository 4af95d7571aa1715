// JobLog: one row a job, written as it leaves (jobs.csv). The world does not know files.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <hyperdc/core/request.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

// running, waiting: at the end of the run; failed: a failure stopped it for good
enum class JobFate { finished, rejected, running, waiting, failed };

struct JobRow {
  std::uint64_t number = 0;  // order of submission
  std::string_view workload;
  std::string_view name;
  std::string_view tenant;
  SimTime submit;
  std::optional<SimTime> start;  // the first
  std::optional<SimTime> end;
  Duration run;  // executed, overheads and lost work included
  std::uint32_t members = 1;
  Request each;
  std::int32_t priority = 0;
  std::uint32_t preemptions = 0;
  JobFate fate = JobFate::finished;
  std::string_view server;   // of the first member, of the last start
  std::string_view because;  // reason of the start, or of the rejection
};

class JobLog {
 public:
  virtual ~JobLog() = default;
  virtual void left(const JobRow& row) = 0;
};

}  // namespace hyperdc
