#include "report/storage_tables.hpp"

#include <vector>

#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "report/table.hpp"

namespace hyperdc {

namespace {

std::string request_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<std::string> names = owners(result, "workloads");
  std::erase_if(names, [&](const std::string& name) { return !is_storage_requests(result, name); });
  if (names.empty()) return {};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 8; ++i) table.column(Align::right);
  table.header(
      {"REQUESTS", "reads", "mean", "p99", "p99.9", "degraded", "writes", "p99", "drives busy"});
  for (const std::string& name : names) {
    const std::string prefix = "workloads." + name + ".";
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "reads"),
               metric_cell(result, notes, prefix + "read_time.mean"),
               metric_cell(result, notes, prefix + "read_time.p99"),
               metric_cell(result, notes, prefix + "read_time.p999"),
               metric_cell(result, notes, prefix + "reads_degraded"),
               metric_cell(result, notes, prefix + "writes"),
               metric_cell(result, notes, prefix + "write_time.p99"),
               metric_cell(result, notes, prefix + "drive_utilization")});
  }
  return below_blank(table.render());
}

bool has(const RunResult& result, const std::string& metric) {
  return find_metric(result, metric) != nullptr;
}

/// Systems that grow, or even their fill.
std::string growth_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<std::string> names = owners(result, "storage");
  std::erase_if(names, [&](const std::string& name) {
    return !has(result, "storage." + name + ".growth.written") &&
           !has(result, "storage." + name + ".rebalance.least");
  });
  if (names.empty()) return {};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 7; ++i) table.column(Align::right);
  table.header({"GROWTH", "new data", "refused", "fill", "fullest", "moved", "had to move",
                "time to share"});
  for (const std::string& name : names) {
    const std::string prefix = "storage." + name + ".";
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "growth.written"),
               metric_cell(result, notes, prefix + "growth.refused"),
               metric_cell(result, notes, prefix + "fill.mean"),
               metric_cell(result, notes, prefix + "fullest.max"),
               metric_cell(result, notes, prefix + "rebalance.moved"),
               metric_cell(result, notes, prefix + "rebalance.least"),
               metric_cell(result, notes, prefix + "rebalance.time.max")});
  }
  return below_blank(table.render());
}

/// Loss of data by simulation, beside that by the chain.
std::string durability_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<std::string> names = owners(result, "storage");
  std::erase_if(names, [&](const std::string& name) {
    return !has(result, "storage." + name + ".durability.mttdl");
  });
  if (names.empty()) return {};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 7; ++i) table.column(Align::right);
  table.header({"DURABILITY", "MTTDL, chain", "simulated", "loss a year", "bytes a year",
                "in a burst", "bytes", "unreadable"});
  for (const std::string& name : names) {
    const std::string prefix = "storage." + name + ".";
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "mttdl"),
               metric_cell(result, notes, prefix + "durability.mttdl"),
               metric_cell(result, notes, prefix + "durability.loss"),
               metric_cell(result, notes, prefix + "durability.bytes_lost"),
               metric_cell(result, notes, prefix + "durability.burst.loss"),
               metric_cell(result, notes, prefix + "durability.burst.bytes_lost"),
               metric_cell(result, notes, prefix + "unreadable.mean")});
  }
  return below_blank(table.render());
}

/// What answers beside drives: caches and metadata.
std::string service_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<std::string> names = owners(result, "storage");
  std::erase_if(names, [&](const std::string& name) {
    const std::string prefix = "storage." + name + ".";
    return !has(result, prefix + "cache.hit_rate") && !has(result, prefix + "metadata.utilization");
  });
  if (names.empty()) return {};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 5; ++i) table.column(Align::right);
  table.header({"SERVICE", "cache hits", "of bytes", "cache busy", "metadata busy", "wait, p99"});
  for (const std::string& name : names) {
    const std::string prefix = "storage." + name + ".";
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "cache.hit_rate"),
               metric_cell(result, notes, prefix + "cache.byte_hit_rate"),
               metric_cell(result, notes, prefix + "cache.utilization"),
               metric_cell(result, notes, prefix + "metadata.utilization"),
               metric_cell(result, notes, prefix + "metadata.wait.p99")});
  }
  return below_blank(table.render());
}

/// What workloads hedged, left with, or moved to the next tier.
std::string client_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<std::string> names = owners(result, "workloads");
  std::erase_if(names, [&](const std::string& name) {
    const std::string prefix = "workloads." + name + ".";
    return !has(result, prefix + "reads_hedged") && !has(result, prefix + "egress") &&
           !has(result, prefix + "tier.moved");
  });
  if (names.empty()) return {};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 6; ++i) table.column(Align::right);
  table.header(
      {"CLIENTS", "hedged", "egress", "cold reads", "first tier", "moved on", "move, p99"});
  for (const std::string& name : names) {
    const std::string prefix = "workloads." + name + ".";
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "reads_hedged"),
               metric_cell(result, notes, prefix + "egress"),
               metric_cell(result, notes, prefix + "reads_cold"),
               metric_cell(result, notes, prefix + "tier.hot_bytes.mean"),
               metric_cell(result, notes, prefix + "tier.moved"),
               metric_cell(result, notes, prefix + "tier.move_time.p99")});
  }
  return below_blank(table.render());
}

}  // namespace

bool is_storage_requests(const RunResult& result, const std::string& workload) {
  return find_metric(result, "workloads." + workload + ".requests_failed") != nullptr;
}

std::string storage_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  const std::vector<std::string> names = owners(result, "storage");
  if (names.empty()) return {};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 7; ++i) table.column(Align::right);
  table.header({"STORAGE", "data", "failed drives", "repaired", "reads each", "repair, p99",
                "degraded", "lost groups"});
  for (const std::string& name : names) {
    const std::string prefix = "storage." + name + ".";
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "data"),
               metric_cell(result, notes, prefix + "drives.failed"),
               metric_cell(result, notes, prefix + "repair.written"),
               metric_cell(result, notes, prefix + "repair.reads"),
               metric_cell(result, notes, prefix + "repair.time.p99"),
               metric_cell(result, notes, prefix + "degraded.mean"),
               metric_cell(result, notes, prefix + "groups.lost")});
  }
  return below_blank(table.render()) + durability_table(result, style, notes) +
         growth_table(result, style, notes) + request_table(result, style, notes) +
         service_table(result, style, notes) + client_table(result, style, notes);
}

}  // namespace hyperdc
