#include "workload/demand/csv_columns.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "core/text.hpp"

namespace hyperdc {
namespace {

/// Digits of `text` at `at`, exactly `count` of them.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = 10 * value + (text[i] - '0');
  }
  return value;
}

bool leap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in(int year, int month) {
  if (month == 2) return leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Days from 1970-01-01 in the Gregorian calendar.
std::int64_t day_number(int year, int month, int day) {
  const std::int64_t before = year - 1;
  std::int64_t days = 365 * before + before / 4 - before / 100 + before / 400;
  for (int m = 1; m < month; ++m) days += days_in(year, m);
  return days + day - 1 - 719'162;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (*year < 1900 || *year > 2200 || *month < 1 || *month > 12) return std::nullopt;
  if (*day < 1 || *day > days_in(*year, *month)) return std::nullopt;
  const std::int64_t days = day_number(*year, *month, *day);
  if (text.size() == 10) return days * 86'400;
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  if ((text[10] != ' ' && text[10] != 'T') || !hour || !minute || text[13] != ':') {
    return std::nullopt;
  }
  std::optional<int> second = 0;
  if (text.size() > 16 && text.back() == 'Z') text.remove_suffix(1);  // UTC, the clock of the run
  if (text.size() > 16) {
    if (text.size() != 19 || text[16] != ':') return std::nullopt;
    second = digits(text, 17, 2);
  }
  if (*hour > 23 || *minute > 59 || !second || *second > 59) return std::nullopt;
  return days * 86'400 + *hour * 3600 + *minute * 60 + *second;
}

CsvColumns::CsvColumns(const std::string& file, bool header, std::vector<std::string> wanted,
                       RowProblems& problems)
    : lines_(file),
      header_(header),
      wanted_(std::move(wanted)),
      problems_(problems),
      fields_(problems) {}

bool CsvColumns::find_columns() {
  std::vector<std::string> names;
  for (std::size_t i = 0; header_ && i < fields_.size(); ++i) names.emplace_back(fields_[i]);
  for (const std::string& name : wanted_) {
    const auto named = std::find(names.begin(), names.end(), name);
    if (named != names.end()) {
      at_.push_back(static_cast<std::size_t>(named - names.begin()));
      continue;
    }
    std::size_t number = 0;
    if (all_digits(name)) {
      std::from_chars(name.data(), name.data() + name.size(), number);
      if (number >= 1 && number <= fields_.size()) {
        at_.push_back(number - 1);
        continue;
      }
    }
    std::string hint = fmt::format("the first line has {} fields", fields_.size());
    if (const auto near = nearest(name, names))
      hint = fmt::format("did you mean {}?", quoted(*near));
    if (!header_ && !all_digits(name)) hint = "without a header columns are numbers, from 1";
    fields_.row_problem(input_code::kColumns,
                        fmt::format("there is no column {}", quoted(name, 40)), std::move(hint));
    return false;
  }
  return true;
}

bool CsvColumns::next() {
  std::string_view line;
  while (!failed_ && lines_.next(line)) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (!fields_.split_commas(line, lines_.line_number())) continue;
    if (!started_) {
      started_ = true;
      size_ = fields_.size();
      failed_ = !find_columns();
      if (failed_) return false;
      if (header_) continue;
    }
    if (fields_.size() == size_) return true;
    fields_.row_problem(input_code::kRow,
                        fmt::format("{} fields where the first line has {}", fields_.size(), size_),
                        lines_.ended() ? "" : "the file ends in this row: it was cut off");
  }
  if (const auto& failure = lines_.failure(); failure && !failed_) {
    failed_ = true;
    problems_.add(failure->line, failure->column, failure->column > 0 ? 1 : 0, failure->code,
                  failure->message);
  }
  return false;
}

double CsvColumns::number(std::size_t i, Range range) {
  return fields_.number(at_[i], wanted_[i], range);
}

std::optional<std::int64_t> CsvColumns::time(std::size_t i, double unit_s) {
  constexpr double kMost = 9.2e9;  // s: 292 years
  if (unit_s > 0) {
    const double value = number(i, {-kMost / unit_s, kMost / unit_s});
    return clean() ? std::optional(seconds(value * unit_s).ns) : std::nullopt;
  }
  const std::string_view text = fields_[at_[i]];
  if (const auto date = parse_date(text)) return *date * kNsPerSecond;
  fields_.problem(at_[i], input_code::kValue,
                  fmt::format("{}: {} is not a date", wanted_[i], quoted(text, 40)),
                  "as in 2014-07-01 00:30:00; for numbers say their \"time_unit\"");
  return std::nullopt;
}

void CsvColumns::problem(std::size_t i, const char* code, std::string message, std::string hint) {
  fields_.problem(at_[i], code, std::move(message), std::move(hint));
}

TimedRows read_timed_rows(CsvColumns& rows, double time_unit_s, Range values, std::size_t most,
                          RowProblems& problems) {
  TimedRows out;
  while (rows.next()) {
    const auto time = rows.time(0, time_unit_s);
    const double value = rows.number(1, values);
    if (!time || !rows.clean()) continue;
    if (out.value.size() == most) {
      problems.add(rows.line_number(), 1, 1, input_code::kTooMuch,
                   fmt::format("more than {} rows", most));
      break;
    }
    if (out.value.empty()) out.first_ns = *time;
    std::int64_t since = 0;
    if (__builtin_sub_overflow(*time, out.first_ns, &since)) {
      rows.problem(0, input_code::kRange, "more than 292 years after the first row");
      continue;
    }
    if (!out.value.empty() && since <= out.since_ns.back()) {
      rows.problem(0, input_code::kRange, "not later than the row before",
                   "rows are in order of time, each time once");
      continue;
    }
    out.since_ns.push_back(since);
    out.value.push_back(value);
  }
  return out;
}

}  // namespace hyperdc
