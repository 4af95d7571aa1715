// The rows of docs/features.md, which the tests of features run.
#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace hyperdc::test {

struct FeatureRow {
  std::string key, given, change, metric;
  std::string base;  // the file that it changes
  std::string kind;  // of the base: "base" is a scenario; "study", "baseline"
};

/// Cells of a Markdown table row; `\|` is a bar, backquotes are dropped.
inline std::vector<std::string> feature_cells(const std::string& line) {
  std::vector<std::string> cells(1);
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cells.back() += line[++i];
    } else if (line[i] == '|') {
      cells.emplace_back();
    } else if (line[i] != '`') {
      cells.back() += line[i];
    }
  }
  for (std::string& cell : cells) {
    cell.erase(0, cell.find_first_not_of(' '));
    cell.erase(cell.find_last_not_of(' ') + 1);
  }
  return cells;
}

/// All rows; those of a section without a line "The base of these rows is `FILE`." change `base`.
inline std::vector<FeatureRow> feature_rows(const std::string& base) {
  std::ifstream in(std::string(HYPERDC_SOURCE_DIR) + "/docs/features.md");
  std::vector<FeatureRow> table;
  FeatureRow section;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("## ", 0) == 0) {
      section.base = base;
      section.kind = "base";
    }
    constexpr std::string_view kThe = "The ", kIs = " of these rows is `";
    if (const std::size_t at = line.find(kIs); line.rfind(kThe, 0) == 0 && at < line.size()) {
      section.kind = line.substr(kThe.size(), at - kThe.size());
      const std::size_t begin = at + kIs.size();
      section.base = line.substr(begin, line.find('`', begin) - begin);
    }
    if (line.rfind("| `", 0) != 0) continue;
    const std::vector<std::string> c = feature_cells(line);
    REQUIRE(c.size() >= 4);
    table.push_back({c[0], c[1], c[2], c[3], section.base, section.kind});
  }
  return table;
}

}  // namespace hyperdc::test
