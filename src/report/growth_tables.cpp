#include "report/growth_tables.hpp"

#include <array>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "report/table.hpp"

namespace hyperdc {
namespace {

constexpr std::array<std::string_view, 4> kStatistics = {".mean", ".p10", ".p50", ".p90"};
constexpr std::array<const char*, 12> kLimits = {"chips", "budget", "grid",      "halls",
                                                 "ups",   "staff",  "positions", "power",
                                                 "air",   "liquid", "ports",     "weight"};

Table table_of(const TextStyle& style, std::vector<std::string> titles) {
  Table table(style);
  table.column(Align::left, 1);
  for (std::size_t i = 1; i < titles.size(); ++i) table.column(Align::right);
  table.header(std::move(titles));
  return table;
}

double number(const RunResult& result, const std::string& name) {
  const ResultMetric* metric = find_metric(result, name);
  return metric == nullptr ? 0 : metric->value.value_or(0);
}

Table outcomes(const RunResult& result, const TextStyle& style, Notes& notes,
               const std::string& name) {
  constexpr std::array<std::pair<const char*, const char*>, 17> kRows = {
      {{"unserved_share", "demand unserved"},
       {"idle", "idle capacity"},
       {"stored", "capacity in store"},
       {"capex", "capex"},
       {"opex", "opex"},
       {"revenue", "revenue"},
       {"resale", "sold on"},
       {"breakage", "breakage"},
       {"lease_cost", "leases"},
       {"minimum_bill", "minimum bills"},
       {"tax", "tax"},
       {"exit_fees", "exit fees"},
       {"staff_cost", "staff"},
       {"porting_cost", "porting"},
       {"cost_per_hour", "cost of a served hour"},
       {"npv", "net present value"},
       {"regret", "regret"}}};
  Table table = table_of(style, {"PLAN  " + shorten(name, 20), "mean", "p10", "p50", "p90"});
  const std::string prefix = "growth." + name + ".";
  for (const auto& [quantity, title] : kRows) {
    std::vector<Cell> cells = {{title}};
    bool any = false;
    for (const std::string_view statistic : kStatistics) {
      const std::string metric = prefix + quantity + std::string(statistic);
      any = any || number(result, metric) != 0;
      cells.push_back(metric_cell(result, notes, metric));
    }
    const bool always = std::string_view(quantity) == "unserved_share";
    if (any || always) table.row(std::move(cells));
  }
  return table;
}

/// A limit that never binds and strands nothing has no row.
Table limits(const RunResult& result, const TextStyle& style, const std::string& name) {
  Table table = table_of(
      style, {"WHAT BINDS", "in futures", "first, p10", "p50", "p90", "stranded, mean", "p90"});
  for (const char* limit : kLimits) {
    const std::string prefix = fmt::format("growth.{}.limits.{}.", name, limit);
    const std::string stranded = fmt::format("growth.{}.stranded.{}.power", name, limit);
    const double share = number(result, prefix + "share");
    if (share == 0 && number(result, stranded + ".mean") == 0) continue;
    std::vector<Cell> cells = {{limit}, {for_people(share, Show::share)}};
    for (const char* statistic : {"p10", "p50", "p90"}) {
      const ResultMetric* metric = find_metric(result, prefix + "first." + statistic);
      const bool binds = metric != nullptr && metric->value;
      constexpr double kYear = 365 * 86'400.0;
      cells.push_back(binds ? Cell{fmt::format("{:.1f} y", *metric->value / kYear)}
                            : Cell{"never", Ink::faint});
    }
    for (const char* statistic : {".mean", ".p90"}) {
      const ResultMetric* metric = find_metric(result, stranded + statistic);
      cells.push_back(metric == nullptr ? Cell{}
                                        : Cell{for_people(metric->value.value_or(0), Show::power)});
    }
    table.row(std::move(cells));
  }
  return table;
}

Table years(const RunResult& result, const TextStyle& style, Notes& notes,
            const std::string& name) {
  Table table =
      table_of(style, {"YEAR", "unserved, p50", "p90", "capex, p10", "p50", "p90", "opex, p50"});
  for (int year = 1;; ++year) {
    const std::string prefix = fmt::format("growth.{}.years.{}.", name, year);
    if (find_metric(result, prefix + "capex.mean") == nullptr) break;
    std::vector<Cell> cells = {{fmt::format("{}", year)}};
    for (const char* metric : {"unserved_share.p50", "unserved_share.p90", "capex.p10", "capex.p50",
                               "capex.p90", "opex.p50"}) {
      cells.push_back(metric_cell(result, notes, prefix + metric));
    }
    table.row(std::move(cells));
  }
  return table;
}

/// Nothing, or the table of exact windows.
void add_windows(std::vector<Table>& out, const RunResult& result, const TextStyle& style,
                 Notes& notes, const std::string& name) {
  constexpr std::string_view kLast = ".simulated";
  const std::string all = "growth." + name + ".windows.";
  Table table = table_of(style, {"WINDOW", "load", "generation", "replicas", "simulated",
                                 "within slo", "first, p99", "each next, p99", "latency, p99"});
  bool any = false;
  for (const ResultMetric& metric : result.metrics) {  // one ends so for each generation of each
    if (!metric.name.starts_with(all) || !metric.name.ends_with(kLast)) continue;
    any = true;
    const std::string prefix = metric.name.substr(0, metric.name.size() - kLast.size() + 1);
    const std::string rest = prefix.substr(all.size());
    const std::string window = rest.substr(0, rest.find('.'));
    const std::size_t last = rest.rfind('.', rest.size() - 2) + 1;
    std::vector<Cell> cells = {{window},
                               metric_cell(result, notes, all + window + ".load"),
                               {rest.substr(last, rest.size() - 1 - last)}};
    for (const char* quantity :
         {"replicas", "simulated", "attainment", "ttft.p99", "tpot.p99", "latency.p99"}) {
      cells.push_back(metric_cell(result, notes, prefix + quantity));
    }
    table.row(std::move(cells));
  }
  if (any) out.push_back(std::move(table));
}

}  // namespace

std::vector<Table> growth_tables(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<Table> out;
  for (const std::string& name : owners(result, "growth")) {
    out.push_back(outcomes(result, style, notes, name));
    out.push_back(limits(result, style, name));
    out.push_back(years(result, style, notes, name));
    add_windows(out, result, style, notes, name);
  }
  return out;
}

}  // namespace hyperdc
