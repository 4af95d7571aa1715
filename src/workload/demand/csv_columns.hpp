// Tables of other people: a few columns of a CSV file, by name or number, the rest ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "workload/fields.hpp"
#include "workload/line_reader.hpp"

namespace hyperdc {

/// Reads rows one by one; problems go to `problems` and the rows that have them are left out.
class CsvColumns {
 public:
  /// `wanted`: names of the header, or numbers from 1 in digits.
  CsvColumns(const std::string& file, bool header, std::vector<std::string> wanted,
             RowProblems& problems);

  /// The next row that has the shape of the first; false at the end of the file, or when the
  /// columns are not there.
  bool next();
  /// Wanted column i of the row, checked.
  double number(std::size_t i, Range range);
  /// Nanoseconds of column i: numbers of `unit_s` seconds, or with unit_s 0 a date
  /// ("2014-07-01 00:30:00", "2014-07-01T00:30", "2014-07-01") since 1970, without time zone.
  /// Numbers are rounded to the nanosecond, within 292 years of 0.
  std::optional<std::int64_t> time(std::size_t i, double unit_s);

  void problem(std::size_t i, const char* code, std::string message, std::string hint = {});
  /// The row had no problem.
  bool clean() const { return fields_.clean(); }
  std::uint64_t line_number() const { return lines_.line_number(); }
  std::string sha256() { return lines_.sha256(); }

 private:
  bool find_columns();

  LineReader lines_;
  bool header_;
  std::vector<std::string> wanted_;
  RowProblems& problems_;
  Fields fields_;
  std::vector<std::size_t> at_;
  std::size_t size_ = 0;  // fields of the first line
  bool started_ = false;
  bool failed_ = false;
};

/// Two columns of a table as a value over time.
struct TimedRows {
  std::vector<std::int64_t> since_ns;  // the first row; rising
  std::vector<double> value;
  std::int64_t first_ns = 0;  // time of the first row
};

/// Wanted columns 0, times of `time_unit_s` as CsvColumns::time takes them, and 1. What is wrong
/// goes to the problems of `rows`; at most `most` rows.
TimedRows read_timed_rows(CsvColumns& rows, double time_unit_s, Range values, std::size_t most,
                          RowProblems& problems);

/// Seconds since 1970-01-01 00:00 of a date as CsvColumns::time takes it; nothing if it is none.
/// A "Z" at the end of a time means UTC, as it does without one.
std::optional<std::int64_t> parse_date(std::string_view text);

}  // namespace hyperdc
