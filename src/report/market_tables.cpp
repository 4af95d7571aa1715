#include "report/market_tables.hpp"

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "report/table.hpp"

namespace hyperdc {
namespace {

using MarketColumn = std::pair<const char*, const char*>;  // quantity, title

/// Adds the table of one row a part ("zones.ZONE") of a market.
void add_parts(std::vector<Table>& out, const RunResult& result, const TextStyle& style,
               Notes& notes, const std::string& prefix, const std::string& title,
               const std::vector<MarketColumn>& columns) {
  std::vector<std::string> parts;
  std::set<std::string> known;
  for (const ResultMetric& metric : result.metrics) {
    if (!metric.name.starts_with(prefix)) continue;
    const std::string part =
        metric.name.substr(prefix.size(), metric.name.find('.', prefix.size()) - prefix.size());
    if (known.insert(part).second) parts.push_back(part);
  }
  if (parts.empty()) return;
  Table table(style);
  table.column(Align::left, 1);
  std::vector<std::string> head = {title};
  for (const auto& [_, name] : columns) {
    table.column(Align::right);
    head.emplace_back(name);
  }
  table.header(std::move(head));
  for (const std::string& part : parts) {
    std::vector<Cell> cells = {{shorten(part, 20)}};
    for (const auto& [quantity, _] : columns) {
      cells.push_back(metric_cell(result, notes, prefix + part + "." + quantity));
    }
    table.row(std::move(cells));
  }
  out.push_back(std::move(table));
}

void add_market(std::vector<Table>& out, const RunResult& result, const TextStyle& style,
                Notes& notes, const std::string& name) {
  const std::string prefix = "market." + name + ".";
  add_parts(out, result, style, notes, prefix + "zones.", "MARKET  " + name,
            {{"utilization.mean", "in use"},
             {"spot.mean", "on spot"},
             {"reserved.mean", "reserved"},
             {"stock_outs", "stock-outs"},
             {"interruptions", "interruptions"},
             {"breaches", "breaches"},
             {"revenue", "revenue"}});
  add_parts(out, result, style, notes, prefix + "products.", "PRODUCT",
            {{"rentals", "rentals"},
             {"stock_outs", "stock-outs"},
             {"paid_time", "paid time"},
             {"revenue", "revenue"}});
  add_parts(out, result, style, notes, prefix + "prices.", "PRICE",
            {{"per_hour.mean", "an hour, mean"}, {"per_hour.max", "highest"}});
  add_parts(out, result, style, notes, prefix + "tenants.", "TENANT",
            {{"requests", "requests"},
             {"served_share", "served"},
             {"interruptions", "interruptions"},
             {"useful_time", "useful time"},
             {"cost", "cost"},
             {"cost_per_useful_hour", "useful hour"}});
}

Table one_buyer(const RunResult& result, const TextStyle& style, Notes& notes,
                const std::string& name) {
  constexpr std::array<MarketColumn, 10> kRows = {{{"cost", "cost, discounted"},
                                                   {"on_demand_cost", "on-demand, as paid"},
                                                   {"reserved_cost", "reserved, as paid"},
                                                   {"spot_cost", "spot, as paid"},
                                                   {"owned_cost", "owned, as paid"},
                                                   {"breakage_cost", "breakage, as paid"},
                                                   {"penalty_cost", "penalty, as paid"},
                                                   {"cost_per_hour", "cost of a useful hour"},
                                                   {"missed_share", "missed"},
                                                   {"unused_share", "reserved, unused"}}};
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 5; ++i) table.column(Align::right);
  table.header({"BUYER  " + shorten(name, 20), "mean", "p10", "p50", "p90", "CVaR95"});
  const std::string prefix = "buyers." + name + ".";
  for (const auto& [quantity, title] : kRows) {
    std::vector<Cell> cells = {{title}};
    for (const char* statistic : {".mean", ".p10", ".p50", ".p90"}) {
      cells.push_back(metric_cell(result, notes, prefix + quantity + statistic));
    }
    const bool tail = std::string_view(quantity) == "cost";
    cells.push_back(tail ? metric_cell(result, notes, prefix + "cost.cvar95") : Cell{});
    table.row(std::move(cells));
  }
  return table;
}

}  // namespace

std::vector<Table> market_tables(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<Table> out;
  for (const std::string& name : owners(result, "market")) {
    add_market(out, result, style, notes, name);
  }
  for (const std::string& name : owners(result, "buyers")) {
    out.push_back(one_buyer(result, style, notes, name));
  }
  return out;
}

}  // namespace hyperdc
