// A comma-separated table whose first line names its columns: maps known columns to fields.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "workload/fields.hpp"

namespace hyperdc {

struct Column {
  std::string_view name;
  bool required = false;
};

class CsvTable {
 public:
  static constexpr std::size_t kMaxColumns = 16;  // that a format knows

  CsvTable(std::span<const Column> columns, RowProblems& problems)
      : columns_(columns), fields_(problems) {}

  bool has_header() const { return header_size_ > 0; }
  /// False, with problems, when a column is unknown, repeated or missing.
  bool header(std::string_view line, std::uint64_t number);
  /// Splits a row; false, with a problem, when it has another number of fields than the header.
  /// `ended` tells whether a newline ended it.
  bool row(std::string_view line, std::uint64_t number, bool ended);

  bool has(std::size_t column) const { return at_[column] >= 0; }
  /// Field of a column that is there.
  std::size_t field(std::size_t column) const { return static_cast<std::size_t>(at_[column]); }
  /// Empty when the column is missing.
  std::string_view text(std::size_t column) const {
    return has(column) ? fields_[field(column)] : std::string_view{};
  }
  /// Checked values of a column that is there; the `_or` forms give `fallback` when it is missing
  /// or the field is empty.
  double number(std::size_t column, Range range) {
    return fields_.number(field(column), columns_[column].name, range);
  }
  std::int64_t whole(std::size_t column, Range range) {
    return fields_.whole(field(column), columns_[column].name, range);
  }
  double number_or(std::size_t column, Range range, double fallback) {
    return text(column).empty() ? fallback : number(column, range);
  }
  std::int64_t whole_or(std::size_t column, Range range, std::int64_t fallback) {
    return text(column).empty() ? fallback : whole(column, range);
  }
  void problem(std::size_t column, const char* code, std::string message, std::string hint = {}) {
    fields_.problem(field(column), code, std::move(message), std::move(hint));
  }
  Fields& fields() { return fields_; }

 private:
  std::span<const Column> columns_;
  Fields fields_;
  std::array<std::int32_t, kMaxColumns> at_{};  // field of each known column; -1: missing
  std::size_t header_size_ = 0;
};

}  // namespace hyperdc
