#include "report/device_tables.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "report/format.hpp"
#include "report/table.hpp"

namespace hyperdc {

namespace {

constexpr std::size_t kMostDevices = 8;

struct DeviceRow {
  std::string name;
  double peak = 0;
};

/// The devices of a region, those with the highest load first.
std::vector<DeviceRow> devices_of(const RunResult& result, const std::string& region) {
  const std::string prefix = "regions." + region + ".devices.";
  const std::string suffix = ".trips";
  std::vector<DeviceRow> rows;
  for (const ResultMetric& metric : result.metrics) {
    const std::string& name = metric.name;
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    DeviceRow row;
    row.name = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    const ResultMetric* load = find_metric(result, prefix + row.name + ".load.max");
    if (load != nullptr) row.peak = load->value.value_or(0);
    rows.push_back(std::move(row));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const DeviceRow& a, const DeviceRow& b) { return a.peak > b.peak; });
  return rows;
}

std::string load_table(const RunResult& result, const TextStyle& style, Notes& notes,
                       const std::vector<std::string>& regions) {
  Table table(style);
  for (int i = 0; i < 2; ++i) table.column(Align::left, i == 0 ? 1 : 2);
  for (int i = 0; i < 3; ++i) table.column(Align::right);
  table.header({"DEVICES", "highest load first", "load, mean", "peak", "trips"});
  for (const std::string& region : regions) {
    const std::vector<DeviceRow> rows = devices_of(result, region);
    const std::string prefix = "regions." + region + ".devices.";
    for (std::size_t i = 0; i < std::min(rows.size(), kMostDevices); ++i) {
      table.row({{i == 0 ? shorten(region, 20) : std::string()},
                 {shorten(rows[i].name, 24)},
                 metric_cell(result, notes, prefix + rows[i].name + ".load.mean"),
                 metric_cell(result, notes, prefix + rows[i].name + ".load.max"),
                 metric_cell(result, notes, prefix + rows[i].name + ".trips")});
    }
    if (rows.size() > kMostDevices) {
      table.row({{}, {fmt::format("and {} more", rows.size() - kMostDevices)}, {}, {}, {}});
    }
  }
  return below_blank(table.render());
}

std::string rack_table(const RunResult& result, const TextStyle& style, Notes& notes,
                       const std::vector<std::string>& regions) {
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 4; ++i) table.column(Align::right);
  table.header({"RACKS", "slowed, mean", "peak", "dark, mean", "peak"});
  bool any = false;
  for (const std::string& region : regions) {
    const std::string prefix = "regions." + region + ".racks.";
    if (find_metric(result, prefix + "dark.max") == nullptr) continue;
    any = true;
    table.row({{shorten(region, 20)},
               metric_cell(result, notes, prefix + "slowed.mean"),
               metric_cell(result, notes, prefix + "slowed.max"),
               metric_cell(result, notes, prefix + "dark.mean"),
               metric_cell(result, notes, prefix + "dark.max")});
  }
  return any ? below_blank(table.render()) : std::string();
}

}  // namespace

std::string device_tables(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<std::string> regions = owners(result, "regions");
  std::erase_if(regions,
                [&](const std::string& region) { return devices_of(result, region).empty(); });
  if (regions.empty()) return {};
  return load_table(result, style, notes, regions) + rack_table(result, style, notes, regions);
}

}  // namespace hyperdc
