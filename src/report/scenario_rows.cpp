#include "report/scenario_rows.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "report/format.hpp"
#include "report/table.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kTitleWidth = 13;
constexpr std::size_t kNameWidth = 28;

/// Words of a title, set in lines of at most kTitleWidth columns where words allow.
std::vector<std::string> title_lines(const std::string& title) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at < title.size();) {
    const std::size_t space = std::min(title.find(' ', at), title.size());
    const std::string word = title.substr(at, space - at);
    if (!lines.back().empty() &&
        display_width(lines.back()) + 1 + display_width(word) > kTitleWidth) {
      lines.emplace_back();
    }
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
    at = space + 1;
  }
  return lines;
}

struct MetricColumn {
  const ComparedRow* row = nullptr;
  RowScale scale;
  std::vector<std::string> title;
};

MetricColumn column_of(const ComparedRow& row) {
  MetricColumn column{&row, scale_of(row), {}};
  std::string title = row.parts.owner;
  if (!title.empty()) title += ' ';
  title += row.label;
  column.title = title_lines(title);
  if (!column.scale.unit.empty()) column.title.push_back(fmt::format("[{}]", column.scale.unit));
  return column;
}

class Rows {
 public:
  Rows(const Comparison& comparison, const TextStyle& style, Notes& notes)
      : comparison_(comparison), style_(style), notes_(notes) {}

  std::string render(const std::vector<MetricColumn>& columns);

 private:
  void add_titles(Table& table, const std::vector<MetricColumn>& columns) const;
  void add_best(Table& table, const std::vector<MetricColumn>& columns) const;
  Table table(const std::vector<MetricColumn>& columns);

  const Comparison& comparison_;
  const TextStyle& style_;
  Notes& notes_;
};

void Rows::add_titles(Table& table, const std::vector<MetricColumn>& columns) const {
  std::size_t lines = 0;
  for (const MetricColumn& column : columns) lines = std::max(lines, column.title.size());
  for (std::size_t i = 0; i < lines; ++i) {
    std::vector<std::string> titles = {""};
    for (const MetricColumn& column : columns) {
      const std::size_t above = lines - column.title.size();  // titles end in the same line
      titles.push_back(i < above ? std::string() : column.title[i - above]);
      titles.emplace_back();
    }
    table.header(std::move(titles));
  }
}

void Rows::add_best(Table& table, const std::vector<MetricColumn>& columns) const {
  if (!comparison_.paired || comparison_.one_seed) return;
  std::vector<Cell> cells = {{"best", Ink::strong}};
  for (const MetricColumn& column : columns) {
    const std::vector<std::size_t>& best = column.row->best;
    if (best.size() == 1) {
      cells.push_back({shorten(comparison_.scenarios[best.front()], kTitleWidth), Ink::good});
    } else {
      cells.push_back(
          {best.empty() ? std::string() : fmt::format("one of {}", best.size()), Ink::warn});
    }
    cells.emplace_back();
  }
  table.row(std::move(cells));
}

Table Rows::table(const std::vector<MetricColumn>& columns) {
  Table table(style_);
  table.column(Align::left, 1);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    table.column(Align::right, 3);
    table.column(Align::left, 1);
  }
  add_titles(table, columns);
  for (std::size_t i = 0; i < comparison_.scenarios.size(); ++i) {
    std::vector<Cell> cells = {{shorten(comparison_.scenarios[i], kNameWidth)}};
    for (const MetricColumn& column : columns) {
      for (Cell& cell : value_cells(*column.row, i, column.scale, notes_)) {
        cells.push_back(std::move(cell));
      }
    }
    table.row(std::move(cells));
  }
  add_best(table, columns);
  return table;
}

/// As many columns as fit in each block.
std::string Rows::render(const std::vector<MetricColumn>& columns) {
  std::string out;
  for (std::size_t first = 0; first < columns.size();) {
    std::size_t count = columns.size() - first;
    const auto block = [&] {
      const auto begin = columns.begin() + static_cast<std::ptrdiff_t>(first);
      return table({begin, begin + static_cast<std::ptrdiff_t>(count)});
    };
    while (count > 1 && block().width() > kScreenWidth) --count;
    out += below_blank(block().render());
    first += count;
  }
  return out;
}

}  // namespace

std::string scenario_rows(const Comparison& comparison, const TextStyle& style, Notes& notes) {
  std::vector<MetricColumn> columns;
  std::string same;
  for (const ComparedRow& row : comparison.rows) {
    const bool known =
        std::any_of(row.values.begin(), row.values.end(),
                    [](const ComparedValue& value) { return value.mean.has_value(); });
    if (!known) {
      notes.missing(row.metric, row.values.front().reason);
    } else if (row.all_same) {
      same += fmt::format("{}{} {} {}", same.empty() ? "" : " · ", row.parts.owner, row.label,
                          for_people(*row.values.front().mean, row.show));
    } else {
      columns.push_back(column_of(row));
    }
  }
  std::string out = Rows(comparison, style, notes).render(columns);
  if (!same.empty()) out += below_blank(paragraph(style, "the same for all: " + same));
  return out;
}

}  // namespace hyperdc
