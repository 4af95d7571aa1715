#include "workload/csv_table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"

namespace hyperdc {

namespace {

std::string known_names(std::span<const Column> columns) {
  std::string text = "known are ";
  for (const Column& column : columns) {
    if (&column != columns.data()) text += ", ";
    text += column.name;
  }
  return text;
}

}  // namespace

bool CsvTable::header(std::string_view line, std::uint64_t number) {
  HYPERDC_CHECK(columns_.size() <= kMaxColumns, "a format knows too many columns");
  at_.fill(-1);
  if (!fields_.split_commas(line, number)) return false;
  constexpr std::size_t kMaxFields = 1024;
  if (fields_.size() > kMaxFields) {
    fields_.row_problem(input_code::kColumns, fmt::format("{} columns", fields_.size()));
    return false;
  }
  std::vector<std::string_view> names;
  for (const Column& column : columns_) names.push_back(column.name);
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const auto known = std::find(names.begin(), names.end(), fields_[i]);
    if (known == names.end()) {
      const auto near = nearest(fields_[i], names);
      fields_.problem(
          i, input_code::kColumns, fmt::format("{}: unknown column", quoted(fields_[i], 40)),
          near ? fmt::format("did you mean {}?", quoted(*near)) : known_names(columns_));
      continue;
    }
    std::int32_t& at = at_[static_cast<std::size_t>(known - names.begin())];
    if (at >= 0) {
      fields_.problem(i, input_code::kColumns, fmt::format("{}: column repeated", quoted(*known)));
      continue;
    }
    at = static_cast<std::int32_t>(i);
  }
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (!columns_[c].required || has(c)) continue;
    fields_.row_problem(input_code::kColumns,
                        fmt::format("{}: column missing", quoted(columns_[c].name)),
                        "the first line names the columns");
  }
  header_size_ = fields_.size();
  return fields_.clean();
}

bool CsvTable::row(std::string_view line, std::uint64_t number, bool ended) {
  if (!fields_.split_commas(line, number)) return false;
  if (fields_.size() == header_size_) return true;
  fields_.row_problem(
      input_code::kRow,
      fmt::format("{} fields where the header has {}", fields_.size(), header_size_),
      ended ? "" : "the file ends in this row: it was cut off");
  return false;
}

}  // namespace hyperdc
