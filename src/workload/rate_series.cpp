#include "workload/rate_series.hpp"

#include <utility>

#include "workload/demand/csv_columns.hpp"

namespace hyperdc {

namespace {

constexpr std::size_t kMostSeriesRows = 4'000'000;
constexpr Range kSeriesValues{-1e12, 1e12};

}  // namespace

Result<RateSeries> read_rate_series(const std::string& file, const std::string& time_column,
                                    const std::string& value_column) {
  RowProblems problems(file);
  CsvColumns rows(file, true, {time_column, value_column}, problems);
  TimedRows read = read_timed_rows(rows, 0, kSeriesValues, kMostSeriesRows, problems);
  RateSeries out;
  for (const std::int64_t since : read.since_ns) out.from.push_back(Duration{since});
  out.value = std::move(read.value);
  if (out.from.size() < 2 && problems.count() == 0) {
    problems.add(0, 0, 0, input_code::kEmpty, "there are fewer than two rows in this file");
  }
  if (problems.count() > 0) return problems.take();
  out.first_s = read.first_ns / kNsPerSecond;
  out.period = out.from.back() + (out.from.back() - out.from[out.from.size() - 2]);
  out.sha256 = rows.sha256();
  return out;
}

std::optional<std::int64_t> date_seconds(std::string_view text) {
  return parse_date(text);
}

}  // namespace hyperdc
