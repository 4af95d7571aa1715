// The fields of one row, by position, and their checked conversion to numbers. A problem is
// recorded with the place of its field, and the row is marked as unclean; conversion goes on, so
// that every problem of a row is found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workload/row_problems.hpp"

namespace hyperdc {

/// Inclusive range of a value.
struct Range {
  double low = 0;
  double high = 0;
};

class Fields {
 public:
  explicit Fields(RowProblems& problems) : problems_(problems) {}

  /// Comma-separated, RFC 4180 but for quoted line breaks. Blanks around fields without quotes are
  /// dropped. False (and a problem) when quotes do not close or something follows them.
  bool split_commas(std::string_view line, std::uint64_t number);
  /// Fields separated by any number of blanks and tabs.
  void split_blanks(std::string_view line, std::uint64_t number);

  std::size_t size() const { return fields_.size(); }
  std::string_view operator[](std::size_t i) const { return fields_[i].text; }
  std::uint64_t line_number() const { return number_; }
  /// No problem was recorded since the last split.
  bool clean() const { return clean_; }

  void problem(std::size_t field, const char* code, std::string message, std::string hint = {});
  void row_problem(const char* code, std::string message, std::string hint = {});

  /// The value of field `i`, called `name` in messages; range.low after a problem.
  double number(std::size_t i, std::string_view name, Range range);
  /// The same for a whole number ("8" or "8.0"); the range is within +-2^53.
  std::int64_t whole(std::size_t i, std::string_view name, Range range);

  RowProblems& problems() { return problems_; }

 private:
  struct Field {
    std::string_view text;
    std::size_t begin = 0, length = 0;  // in the line, quotes included
  };
  bool quoted_field(std::size_t& position);
  double outside(std::size_t i, std::string_view name, Range range);
  int column_at(std::size_t byte) const;

  RowProblems& problems_;
  std::vector<Field> fields_;
  std::string unquoted_;  // text of quoted fields of this line; never grows beyond its capacity
  std::string_view line_;
  std::uint64_t number_ = 0;
  bool clean_ = true;
};

}  // namespace hyperdc
