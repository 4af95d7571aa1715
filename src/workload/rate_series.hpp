// A value over time from a CSV file: prices of energy, carbon intensities.
//
// Format: a header, a column of dates ("2022-01-01T00:00:00Z", no time zone but UTC) and one of
// numbers; other columns are ignored. Each value holds until the next row; the last one as long as
// the one before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "workload/trace.hpp"

namespace hyperdc {

struct RateSeries {
  std::vector<Duration> from;  // since the first row
  std::vector<double> value;   // as in the file
  std::int64_t first_s = 0;    // since 1970
  Duration period;             // until the end of the last row
  std::string sha256;
};

/// Columns by name, or by number from 1. At least two and at most 4,000,000 rows.
Result<RateSeries> read_rate_series(const std::string& file, const std::string& time_column,
                                    const std::string& value_column);

/// Seconds since 1970 of "2022-07-01" or "2022-07-01 06:00:00"; nothing if it is no date.
std::optional<std::int64_t> date_seconds(std::string_view text);

}  // namespace hyperdc
