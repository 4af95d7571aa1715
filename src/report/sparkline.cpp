#include "report/sparkline.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace hyperdc {

std::string sparkline(std::span<const double> values, std::size_t cells, double low, double high) {
  constexpr auto kBlocks =
      std::to_array<std::string_view>({"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"});
  cells = std::min(cells, values.size());
  std::string out;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const std::size_t begin = cell * values.size() / cells;
    const std::size_t end = (cell + 1) * values.size() / cells;
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += values[i];
    const double mean = sum / static_cast<double>(end - begin);
    const double share = high > low ? std::clamp((mean - low) / (high - low), 0.0, 1.0) : 0.45;
    out += kBlocks[std::min<std::size_t>(7, static_cast<std::size_t>(share * 8))];
  }
  return out;
}

std::vector<double> series_column(const RunResult& result, std::string_view metric,
                                  std::string_view unit) {
  std::string name(metric);
  if (unit != "1") name.append("_").append(unit);  // as the recorder names its columns
  const std::vector<std::string>& columns = result.series.columns;
  const auto found = std::find(columns.begin(), columns.end(), name);
  std::vector<double> values;
  if (found == columns.end()) return values;
  const auto at = static_cast<std::size_t>(found - columns.begin());
  for (std::size_t i = at; i < result.series.rows.size(); i += columns.size()) {
    values.push_back(result.series.rows[i]);
  }
  return values;
}

}  // namespace hyperdc
