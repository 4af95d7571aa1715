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

void Table::header(std::vector<std::string> titles) {
  std::vector<Cell> cells;
  for (std::string& title : titles) cells.push_back({std::move(title), Ink::strong});
  row(std::move(cells));
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const std::vector<Cell>& cells : rows_) {
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
  for (const std::vector<Cell>& cells : rows_) {
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

}  // namespace hyperdc
