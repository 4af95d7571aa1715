#include "report/table.hpp"

#include <algorithm>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

void Table::column(Align align, std::size_t gap) {
  columns_.push_back({align, gap});
}

void Table::row(std::vector<Cell> cells) {
  HYPERDC_CHECK(cells.size() <= columns_.size(), "a row is wider than its table");
  for (Cell& cell : cells) cell.text = style_.fit(cell.text);
  rows_.push_back(std::move(cells));
}

void Table::across(Cell cell) {
  cell.text = style_.fit(cell.text);
  rows_.push_back({std::move(cell)});
  across_.resize(rows_.size(), false);
  across_.back() = true;
}

void Table::header(std::vector<std::string> titles) {
  std::vector<Cell> cells;
  for (std::string& title : titles) cells.push_back({std::move(title), Ink::strong});
  row(std::move(cells));
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    const std::vector<Cell>& cells = rows_[row];
    if (row < across_.size() && across_[row]) continue;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(cells[i].text));
    }
  }
  return widths;
}

std::size_t Table::width() const {
  std::size_t total = 0;
  const std::vector<std::size_t> columns = widths();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] > 0) total += columns[i] + columns_[i].gap;
  }
  return total;
}

std::string Table::render() const {
  const std::vector<std::size_t> columns = widths();
  std::string out;
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    const std::vector<Cell>& cells = rows_[row];
    if (row < across_.size() && across_[row]) {
      out.append(columns_.front().gap, ' ') += style_.paint(cells[0].text, cells[0].ink) + "\n";
      continue;
    }
    std::size_t pending = 0;  // spaces that are written only if something follows
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (columns[i] == 0) continue;
      const std::size_t space = columns[i] - display_width(cells[i].text);
      const bool right = columns_[i].align == Align::right;
      pending += columns_[i].gap + (right ? space : 0);
      if (!cells[i].text.empty()) {
        out.append(std::exchange(pending, 0), ' ');
        out += style_.paint(cells[i].text, cells[i].ink);
      }
      if (!right) pending += space;
    }
    out += '\n';
  }
  return out;
}

std::vector<std::string> folded(std::string_view text, std::size_t width) {
  std::vector<std::string> pieces;
  std::string current;
  const auto flush = [&] { pieces.push_back(std::exchange(current, {})); };
  bool first = true;  // of the words: what begins with a space keeps it
  while (!text.empty() || first) {
    const std::size_t space = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (!first && display_width(current) + 1 + display_width(word) > width) {
      flush();
    } else if (!first) {
      current += ' ';
    }
    first = false;
    for (std::size_t used = display_width(current); display_width(word) + used > width; used = 0) {
      std::size_t bytes = 0;  // a word that fits nowhere is cut
      for (Character next = first_character(word); bytes < word.size();
           next = first_character(word.substr(bytes))) {
        const std::size_t columns = character_width(next.code);
        if (used + columns > width && used > 0) break;
        used += columns;
        bytes += next.length;
      }
      current += word.substr(0, bytes);
      word.remove_prefix(bytes);
      flush();
    }
    current += word;
  }
  if (!current.empty() || pieces.empty()) flush();
  return pieces;
}

}  // namespace hyperdc
