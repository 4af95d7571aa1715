#include "report/failure_tables.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include <hyperdc/core/units.hpp>

#include "report/format.hpp"
#include "report/sparkline.hpp"
#include "report/table.hpp"

namespace hyperdc {

namespace {

std::string plane_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  const std::vector<std::string> names = owners(result, "control_planes");
  if (names.empty()) return {};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 2; ++i) table.column(Align::right);
  table.header({"CONTROL PLANES", "outages", "out"});
  for (const std::string& name : names) {
    const std::string prefix = "control_planes." + name + ".";
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "outages"),
               metric_cell(result, notes, prefix + "down.mean")});
  }
  return below_blank(table.render());
}

std::string replication_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 7; ++i) table.column(Align::right);
  table.header({"REPLICATION", "copied", "lag, p99", "wait, p99", "not copied, peak", "lost",
                "recovery point", "recovery time"});
  bool any = false;
  for (const std::string& name : owners(result, "workloads")) {
    const std::string prefix = "workloads." + name + ".replication.";
    if (find_metric(result, prefix + "copied") == nullptr) continue;
    any = true;
    std::vector<Cell> cells = {{shorten(name, 20)}};
    for (const char* what : {"copied", "lag.p99", "wait.p99", "uncopied.max", "lost",
                             "recovery_point.max", "recovery_time.max"}) {
      cells.push_back(metric_cell(result, notes, prefix + what));
    }
    table.row(std::move(cells));
  }
  return any ? below_blank(table.render()) : std::string();
}

}  // namespace

std::string failure_tables(const RunResult& result, const TextStyle& style, Notes& notes) {
  const std::vector<std::string> names = owners(result, "failures");
  const std::string copies = replication_table(result, style, notes);
  if (names.empty()) return copies + plane_table(result, style, notes);
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 4; ++i) table.column(Align::right);
  table.column(Align::left, 3);
  table.header({"FAILURES", "count", "down, mean", "peak", "waiting, mean",
                fmt::format("over {}", format_for_people(result.simulated_s, Dimension::time))});
  for (const std::string& name : names) {
    const std::string prefix = "failures." + name + ".";
    const std::vector<double> down = series_column(result, prefix + "down", "items");
    std::string spark;
    if (down.size() >= 2) {
      const auto [low, high] = std::minmax_element(down.begin(), down.end());
      spark = sparkline(down, kSparkCells, *low, *high);
    }
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "count"),
               metric_cell(result, notes, prefix + "down.mean"),
               metric_cell(result, notes, prefix + "down.max"),
               metric_cell(result, notes, prefix + "waiting.mean"),
               {spark, Ink::accent}});
  }
  return copies + below_blank(table.render()) + plane_table(result, style, notes);
}

std::string complexity_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  const std::string prefix = "complexity.";
  if (find_metric(result, prefix + "decisions") == nullptr) return {};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 7; ++i) table.column(Align::right);
  table.header({"COMPLEXITY", "servers", "cables", "switches", "failures/d", "routing/s",
                "scheduling/s", "scaling/s"});
  std::vector<Cell> cells = {{"all regions"}};
  for (const char* what :
       {"servers", "cables", "switches", "failures_per_day", "routing", "scheduling", "scaling"}) {
    cells.push_back(metric_cell(result, notes, prefix + what));
  }
  table.row(std::move(cells));
  return below_blank(table.render());
}

}  // namespace hyperdc
