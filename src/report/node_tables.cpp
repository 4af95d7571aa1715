#include "report/node_tables.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include <hyperdc/core/units.hpp>

#include "report/format.hpp"
#include "report/sparkline.hpp"
#include "report/table.hpp"

namespace hyperdc {

std::string node_tables(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<std::string> names = owners(result, "pools");
  std::erase_if(names, [&](const std::string& name) {
    return find_metric(result, "pools." + name + ".nodes.mean") == nullptr;
  });
  if (names.empty()) return {};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 6; ++i) table.column(Align::right);
  table.column(Align::left, 3);
  table.header(
      {"SERVERS", "on, mean", "highest", "booted", "removed", "moved", "out of stock",
       fmt::format("on, over {}", format_for_people(result.simulated_s, Dimension::time))});
  for (const std::string& name : names) {
    const std::string prefix = "pools." + name + ".nodes";
    const std::vector<double> on = series_column(result, prefix, "servers");
    std::string spark;
    if (on.size() >= 2) {
      const auto [low, high] = std::minmax_element(on.begin(), on.end());
      spark = sparkline(on, kSparkCells, *low, *high);
    }
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + ".mean"),
               metric_cell(result, notes, prefix + ".max"),
               metric_cell(result, notes, prefix + ".booted"),
               metric_cell(result, notes, prefix + ".removed"),
               metric_cell(result, notes, prefix + ".moved"),
               metric_cell(result, notes, prefix + ".stock_outs"),
               {spark, Ink::accent}});
  }
  return below_blank(table.render());
}

}  // namespace hyperdc
