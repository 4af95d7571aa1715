// A job as it arrives, and a source that yields jobs in order of submission.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/request.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct JobRecord {
  SimTime submit;
  std::optional<Duration> run;  // nothing: it never leaves
  Duration estimate;            // what the user states; = run where the source has no estimate
  Request each;                 // of one member
  std::uint32_t members = 1;    // gang: all start together
  std::int32_t priority = 0;
  std::uint32_t tenant = 0;   // index into JobSource::tenants()
  std::uint16_t profile = 0;  // of the workload's Throughputs; 0: none
  std::string name;           // as in the trace; may be empty
};

/// A stream of jobs with non-decreasing submit times. Everything was checked before the run
/// (see trace.hpp), so next() does not meet malformed rows; a file that changed since is an
/// InputChanged exception (exit code 3).
class JobSource {
 public:
  virtual ~JobSource() = default;
  /// False at the end. `job` is overwritten; its strings are reused.
  virtual bool next(JobRecord& job) = 0;
  /// Names of tenants seen so far, by index.
  virtual std::span<const std::string> tenants() const = 0;
};

}  // namespace hyperdc
