#include "workload/rate_series.hpp"

#include <fmt/format.h>

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
  RateSeries out;
  std::int64_t first_ns = 0;
  while (rows.next()) {
    const auto at = rows.time(0, 0);
    const double value = rows.number(1, kSeriesValues);
    if (!at || !rows.clean()) continue;
    if (out.from.size() == kMostSeriesRows) {
      problems.add(rows.line_number(), 1, 1, input_code::kTooMuch,
                   fmt::format("more than {} rows", kMostSeriesRows));
      break;
    }
    if (out.from.empty()) first_ns = *at;
    std::int64_t since = 0;
    if (__builtin_sub_overflow(*at, first_ns, &since) ||
        (!out.from.empty() && since <= out.from.back().ns)) {
      rows.problem(0, input_code::kRange, "not later than the row before",
                   "rows are in order of time, each time once");
      continue;
    }
    out.from.push_back(Duration{since});
    out.value.push_back(value);
  }
  if (out.from.size() < 2 && problems.count() == 0) {
    problems.add(0, 0, 0, input_code::kEmpty, "there are fewer than two rows in this file");
  }
  if (problems.count() > 0) return problems.take();
  out.first_s = first_ns / kNsPerSecond;
  out.period = out.from.back() + (out.from.back() - out.from[out.from.size() - 2]);
  out.sha256 = rows.sha256();
  return out;
}

std::optional<std::int64_t> date_seconds(std::string_view text) {
  return parse_date(text);
}

}  // namespace hyperdc
