// Table: columns of text, aligned by display width, for screens of at most 100 columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/terminal.hpp"

namespace hyperdc {

inline constexpr std::size_t kScreenWidth = 100;

enum class Align { left, right };

struct Cell {
  std::string text;
  Ink ink = Ink::plain;
};

class Table {
 public:
  explicit Table(const TextStyle& style) : style_(style) {}

  /// `gap`: spaces before the column.
  void column(Align align, std::size_t gap = 2);
  /// A row may be shorter than the columns.
  void row(std::vector<Cell> cells);
  /// A row of titles: bold, aligned like its columns.
  void header(std::vector<std::string> titles);
  void blank() { rows_.emplace_back(); }
  /// A line of its own across the columns, which it does not widen.
  void across(Cell cell);

  /// A sentence that stands below the table: not part of render().
  void note(std::string text) { notes_.push_back(std::move(text)); }
  const std::vector<std::string>& notes() const { return notes_; }
  const std::vector<std::vector<Cell>>& rows() const { return rows_; }
  Align align(std::size_t column) const { return columns_[column].align; }
  /// Widest line, without the escape sequences.
  std::size_t width() const;
  /// Lines that end with a line feed, no white space at their ends.
  std::string render() const;

 private:
  struct Column {
    Align align;
    std::size_t gap;
  };
  std::vector<std::size_t> widths() const;

  TextStyle style_;
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<std::string> notes_;
  std::vector<bool> across_;  // by row; as long as the last true one
};

/// `text` cut into pieces of at most `width` columns, between words where that is possible.
std::vector<std::string> folded(std::string_view text, std::size_t width);

}  // namespace hyperdc
