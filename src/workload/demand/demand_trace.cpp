#include "workload/demand/demand_trace.hpp"

#include <utility>

#include "workload/demand/csv_columns.hpp"

namespace hyperdc {
namespace {

constexpr Range kValues{0, 1e15};

/// Rows as they are in the file, times from the first one.
DemandPoints read_points(CsvColumns& rows, const DemandTraceSpec& spec, RowProblems& problems) {
  TimedRows read = read_timed_rows(rows, spec.time_unit_s, kValues, kMaxDemandRows, problems);
  DemandPoints points;
  for (const std::int64_t since : read.since_ns) points.at.push_back({since});
  points.value = std::move(read.value);
  return points;
}

/// From a row to the next; of the last one as of the row before it.
Duration interval_of(const DemandPoints& points, std::size_t i) {
  if (i + 1 < points.at.size()) return points.at[i + 1] - points.at[i];
  return i == 0 ? Duration{} : points.at[i] - points.at[i - 1];
}

/// The mean over the whole trace, the interval of the last row included.
double mean_of(const DemandPoints& points, bool linear) {
  double area = 0;
  double length = 0;
  for (std::size_t i = 0; i < points.at.size(); ++i) {
    const double next = linear && i + 1 < points.at.size() ? points.value[i + 1] : points.value[i];
    const double span = to_seconds(interval_of(points, i));
    area += span * 0.5 * (points.value[i] + next);
    length += span;
  }
  return length > 0 ? area / length : points.value.front();
}

/// Counts and shapes become rates and factors.
void convert(DemandPoints& points, const DemandTraceSpec& spec, RowProblems& problems) {
  using Value = DemandTraceSpec::Value;
  const bool by_rows = (spec.value == Value::count && !spec.interval) || spec.repeat;
  if (points.at.size() == 1 && by_rows) {
    problems.add(0, 0, 0, input_code::kEmpty, "one row says nothing about its interval");
    return;
  }
  for (std::size_t i = 0; i < points.at.size(); ++i) {
    if (spec.value == Value::rate) points.value[i] *= spec.unit;
    if (spec.value == Value::count) {
      points.value[i] /= to_seconds(spec.interval ? *spec.interval : interval_of(points, i));
    }
  }
  if (spec.value != Value::shape) return;
  const double mean = mean_of(points, spec.linear);
  if (mean <= 0) {
    problems.add(0, 0, 0, input_code::kRange, "every value is 0: there is no shape");
    return;
  }
  for (double& value : points.value) value /= mean;
}

}  // namespace

Result<LoadedDemandTrace> load_demand_trace(const DemandTraceSpec& spec) {
  RowProblems problems(spec.file);
  CsvColumns rows(spec.file, spec.header, {spec.time_column, spec.value_column}, problems);
  DemandPoints points = read_points(rows, spec, problems);
  if (points.at.empty() && problems.count() == 0) {
    problems.add(0, 0, 0, input_code::kEmpty, "there are no rows in this file");
  }
  if (problems.count() == 0) convert(points, spec, problems);
  if (problems.count() > 0) return problems.take();
  LoadedDemandTrace out;
  out.rows = points.at.size();
  out.sha256 = rows.sha256();
  out.table.linear = spec.linear;
  if (spec.repeat) {
    out.table.period =
        (points.at.back() - points.at.front()) + interval_of(points, points.at.size() - 1);
  }
  out.table.points = std::make_shared<const DemandPoints>(std::move(points));
  return out;
}

}  // namespace hyperdc
