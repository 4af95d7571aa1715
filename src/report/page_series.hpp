// Time series for the HTML page: every row where there are few, else an envelope.
//
// Computes: buckets of consecutive rows, equally many each (to one), and of each column the least,
// the greatest and the mean by the length of the steps. The extremes of the whole series are
// extremes of some bucket, so nothing that stands out gets lost; a mean is never shown as if it
// were a row. Units: those of the column; counters of requests and bytes as rates (amount over the
// length of the step). Numbers travel as base64 of little-endian IEEE values: 32 bits (a relative
// error of 6e-8), times as 64.
// A finer level, for where the reader zooms in: report/page_fine.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/metric_info.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

/// Values over all columns up to which every row is shown, and buckets beyond.
inline constexpr std::size_t kMostRawValues = 200'000;
inline constexpr std::size_t kMostBuckets = 4096, kLeastBuckets = 64;
/// Values of all series of a page: 3.2 MB as base64. Finer levels fill up what is left.
inline constexpr std::size_t kMostPageValues = 600'000;

struct PageSeriesColumn {
  std::string name;   // as in series.csv
  std::string label;  // "offered", "us: ready"
  std::string panel;  // title of the chart that it belongs to
  std::string unit;   // of the values as they are here: "requests/s", "W", "1"
  Show show = Show::number;
  bool all_zero = true;
  std::vector<double> low, high;  // empty where every row is shown
  std::vector<double> mean;       // or the values
};

struct PageSeries {
  std::size_t rows = 0;
  bool envelope = false;
  std::vector<double> from_s, to_s;  // of each row or bucket
  std::vector<PageSeriesColumn> columns;
};

/// `most_values`: what the page has room for, over all columns.
PageSeries page_series(const ResultTable& series, std::size_t most_values = kMostPageValues);

/// In so many buckets, at most as many as rows; without an envelope every row.
PageSeries series_in_buckets(const ResultTable& series, std::size_t buckets, bool envelope);

/// RFC 4648.
std::string base64(const std::string& bytes);
/// base64 of the values as 32 or 64 bit.
std::string packed_floats(std::span<const double> values);
std::string packed_doubles(std::span<const double> values);

}  // namespace hyperdc
