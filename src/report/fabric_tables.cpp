#include "report/fabric_tables.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "report/table.hpp"

namespace hyperdc {

namespace {

constexpr int kHeatCells = 12;

/// A share as a bar of full and empty cells.
std::string heat_bar(double share) {
  const int full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kHeatCells));
  std::string out;
  for (int cell = 0; cell < kHeatCells; ++cell) out += cell < full ? "█" : "·";
  return out;
}

std::string transfer_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<std::string> names = owners(result, "workloads");
  std::erase_if(names, [&](const std::string& name) { return !is_transfers(result, name); });
  if (names.empty()) return {};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 7; ++i) table.column(Align::right);
  table.header(
      {"TRANSFERS", "completed", "moved", "time, p50", "p99", "slowdown", "p99", "throughput"});
  for (const std::string& name : names) {
    const std::string prefix = "workloads." + name + ".";
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "flows_completed"),
               metric_cell(result, notes, prefix + "flow_bytes"),
               metric_cell(result, notes, prefix + "flow_time.p50"),
               metric_cell(result, notes, prefix + "flow_time.p99"),
               metric_cell(result, notes, prefix + "flow_slowdown.mean"),
               metric_cell(result, notes, prefix + "flow_slowdown.p99"),
               metric_cell(result, notes, prefix + "flow_throughput")});
  }
  return below_blank(table.render());
}

std::string collective_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<std::string> names = owners(result, "workloads");
  std::erase_if(names, [&](const std::string& name) {
    return find_metric(result, "workloads." + name + ".collectives") == nullptr;
  });
  if (names.empty()) return {};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 6; ++i) table.column(Align::right);
  table.header(
      {"COLLECTIVES", "completed", "time, mean", "p99", "slowdown", "bus bandwidth", "exchanging"});
  for (const std::string& name : names) {
    const std::string prefix = "workloads." + name + ".";
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "collectives"),
               metric_cell(result, notes, prefix + "exchange.mean"),
               metric_cell(result, notes, prefix + "exchange.p99"),
               metric_cell(result, notes, prefix + "exchange_slowdown.mean"),
               metric_cell(result, notes, prefix + "bus_bandwidth"),
               metric_cell(result, notes, prefix + "exchange_share")});
  }
  return below_blank(table.render());
}

/// Tiers of a fabric, from the hosts up.
std::vector<std::string> tiers_of(const RunResult& result, const std::string& fabric) {
  std::vector<std::string> tiers;
  for (const ResultMetric& metric : result.metrics) {
    const MetricParts parts = metric_parts(metric.name);
    if (parts.scope != "fabrics" || parts.owner != fabric || parts.part.empty()) continue;
    if (std::find(tiers.begin(), tiers.end(), parts.part) == tiers.end()) {
      tiers.push_back(parts.part);
    }
  }
  return tiers;
}

/// Greatest use of a link of a fabric.
double hottest_of(const RunResult& result, const std::string& fabric) {
  double heat = 0;
  for (const std::string& tier : tiers_of(result, fabric)) {
    const ResultMetric* hottest =
        find_metric(result, "fabrics." + fabric + ".tiers." + tier + ".utilization.max");
    heat = std::max(heat, hottest == nullptr ? 0 : hottest->value.value_or(0));
  }
  return heat;
}

/// Do training runs exchange by the loads of links, without flows?
bool exchanges_by_loads(const RunResult& result) {
  const std::vector<std::string> workloads = owners(result, "workloads");
  return std::any_of(workloads.begin(), workloads.end(), [&](const std::string& name) {
    const std::string network = "workloads." + name + ".network.";
    return find_metric(result, network + "step_time") != nullptr &&
           find_metric(result, network + "slowdown") == nullptr;
  });
}

std::string link_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  const std::vector<std::string> names = owners(result, "fabrics");
  if (names.empty()) return {};
  Table table(style);
  table.column(Align::left, 1);
  table.column(Align::left, 2);
  for (int i = 0; i < 4; ++i) table.column(Align::right);
  table.column(Align::left, 2);
  table.header({"FABRICS", "links", "used, mean", "p50", "p99", "hottest", ""});
  const bool by_loads = exchanges_by_loads(result);
  for (const std::string& name : names) {
    std::string shown = shorten(name, 20);
    if (by_loads && hottest_of(result, name) == 0) {
      table.across({shown + ": no flows; exchanges by the loads of links are in the time of steps",
                    Ink::faint});
      continue;
    }
    for (const std::string& tier : tiers_of(result, name)) {
      const std::string metric = "fabrics." + name + ".tiers." + tier + ".utilization.";
      const ResultMetric* hottest = find_metric(result, metric + "max");
      const double heat = hottest != nullptr ? hottest->value.value_or(0) : 0;
      table.row({{shown},
                 {tier},
                 metric_cell(result, notes, metric + "mean"),
                 metric_cell(result, notes, metric + "p50"),
                 metric_cell(result, notes, metric + "p99"),
                 metric_cell(result, notes, metric + "max"),
                 {heat_bar(heat), Ink::accent}});
      shown.clear();
    }
  }
  return below_blank(table.render());
}

}  // namespace

bool is_transfers(const RunResult& result, const std::string& workload) {
  return find_metric(result, "workloads." + workload + ".flows_completed") != nullptr;
}

bool is_collectives(const RunResult& result, const std::string& workload) {
  return find_metric(result, "workloads." + workload + ".exchange_alone") != nullptr;
}

std::string fabric_tables(const RunResult& result, const TextStyle& style, Notes& notes) {
  return transfer_table(result, style, notes) + collective_table(result, style, notes) +
         link_table(result, style, notes);
}

}  // namespace hyperdc
