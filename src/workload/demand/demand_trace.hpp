// A demand curve from a CSV file: a column of times and one of values.
#pragma once

#include <optional>
#include <string>

#include <hyperdc/core/issue.hpp>

#include "workload/demand/demand_spec.hpp"

namespace hyperdc {

struct DemandTraceSpec {
  std::string file;  // path that can be opened; plain or gz
  bool header = true;
  std::string time_column = "1", value_column = "2";  // names or numbers
  double time_unit_s = 0;                             // of numbers; 0: dates
  enum class Value {
    rate,   // times `unit`
    count,  // over the interval from this row to the next (or `interval`)
    shape   // over the mean of the trace: a factor of mean 1
  } value = Value::rate;
  double unit = 1;                   // of a rate, in 1/s
  std::optional<Duration> interval;  // of a count
  bool linear = false;
  bool repeat = false;  // after the interval of the last row; else its value holds
};

struct LoadedDemandTrace {
  DemandTable table;  // the first row is at time 0
  std::size_t rows = 0;
  std::string sha256;  // of the file as it lies on disk
};

inline constexpr std::size_t kMaxDemandRows = 4'000'000;

/// Reads the whole file: the first 20 problems and the count of the others, each with its place.
/// The interval of the last row is that of the row before it.
Result<LoadedDemandTrace> load_demand_trace(const DemandTraceSpec& spec);

}  // namespace hyperdc
