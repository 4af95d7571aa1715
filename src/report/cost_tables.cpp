#include "report/cost_tables.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "report/table.hpp"

namespace hyperdc {

namespace {

constexpr std::size_t kWidestItem = 40;

/// Servers and energy are told with the pools and the power; a bill of more has a table.
bool is_plain(const RunResult& result) {
  return std::all_of(result.bill.begin(), result.bill.end(), [](const ResultCharge& charge) {
    return charge.account == "servers" || charge.account == "energy";
  });
}

std::string money(double usd) {
  return for_people(usd, Show::money);
}

/// Whole from a thousand on.
std::string quantity_text(double quantity) {
  return quantity < 1000 ? for_people(quantity, Show::count) : grouped(std::round(quantity));
}

}  // namespace

std::string bill_table(const RunResult& result, const TextStyle& style, bool whole) {
  if (result.bill.empty() || (is_plain(result) && !whole)) return {};
  double total = 0;
  bool known = true;
  for (const ResultCharge& charge : result.bill) {
    total += charge.usd.value_or(0);
    known = known && charge.usd.has_value();
  }
  const bool one_region = std::all_of(
      result.bill.begin(), result.bill.end(),
      [&](const ResultCharge& charge) { return charge.region == result.bill.front().region; });
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 3; ++i) table.column(Align::right);
  table.header({"BILL", "quantity", "cost", "share"});
  for (const ResultCharge& charge : result.bill) {
    const std::string item =
        charge.item == charge.account ? charge.account : charge.account + ": " + charge.item;
    const std::string where = one_region ? "" : charge.region + " ";
    const std::string quantity = fmt::format("{} {}", quantity_text(charge.quantity), charge.unit);
    const std::string cost = charge.usd ? money(*charge.usd) : "not known";
    const std::string share =
        charge.usd && known && total > 0 ? for_people(*charge.usd / total, Show::share) : "";
    table.row({{shorten(where + item, kWidestItem)}, {quantity}, {cost}, {share}});
  }
  table.row({{"total"}, {""}, {known ? money(total) : "not known"}, {""}});
  if (!known) table.row({{"of it known"}, {""}, {money(total)}, {""}});
  return below_blank(table.render());
}

namespace {

/// Operations have too many digits to be written out.
std::string run_text(const RunResult& result, const std::string& name) {
  const ResultMetric* metric = find_metric(result, name);
  return metric != nullptr && metric->value ? fmt::format("{:.2g}", *metric->value) : "–";
}

}  // namespace

std::string ownership_table(const RunResult& result, const TextStyle& style, Notes& notes) {
  const std::vector<std::string> names = owners(result, "owners");
  if (names.empty()) return {};
  const MetricIndex metrics(result);
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 5; ++i) table.column(Align::right);
  table.header({"OWNERSHIP", "share", "largest run, FLOP", "bound by", "rentable run", "PFLOP h"});
  for (const std::string& name : names) {
    const std::string prefix = "owners." + name + ".";
    const ResultMetric* power = metrics.find(prefix + "power_binds");
    const bool asked = metrics.find(prefix + "largest_run") != nullptr;
    const bool priced = metrics.find(prefix + "price_per_pflop_hour") != nullptr;
    const char* bound = power != nullptr && power->value.value_or(0) > 0 ? "power" : "chips";
    table.row({{shorten(name, 20)},
               metric_cell(result, notes, prefix + "share"),
               {run_text(result, prefix + "largest_run")},
               {asked ? bound : "–"},
               {run_text(result, prefix + "rentable_run")},
               priced ? metric_cell(result, notes, prefix + "price_per_pflop_hour") : Cell{"–"}});
  }
  const auto text = [&](const char* quantity, Show show) {
    const ResultMetric* metric = metrics.find(std::string("concentration.") + quantity);
    return metric != nullptr && metric->value ? for_people(*metric->value, show) : "not known";
  };
  std::string words = fmt::format(
      "HHI {} (the uncounted as nobody each) to {} (as one); the sources allow {} to {}; the four "
      "largest have {}, {} to {}; {} can be rented, its HHI {} to {}",
      text("hhi", Show::number), text("hhi_single", Show::number), text("hhi_least", Show::number),
      text("hhi_most", Show::number), text("top_4", Show::share), text("top_4_least", Show::share),
      text("top_4_most", Show::share), text("rentable", Show::share),
      text("rentable_hhi_least", Show::number), text("rentable_hhi_most", Show::number));
  if (metrics.find("concentration.able") != nullptr) {
    words += fmt::format("; able owners: {}, of whom it can be rented: {}",
                         text("able", Show::count), text("able_to_rent", Show::count));
  }
  return below_blank(table.render()) + paragraph(style, words, Ink::faint);
}

std::vector<Table> outlook_tables(const RunResult& result, const TextStyle& style, Notes& notes) {
  std::vector<Table> out;
  const MetricIndex metrics(result);
  for (const std::string& label : owners(result, "outlooks")) {
    std::vector<std::string> years;
    const std::string prefix = "outlooks." + label + ".years.";
    for (const ResultMetric& metric : result.metrics) {
      if (!metric.name.starts_with(prefix) || !metric.name.ends_with(".accelerators")) continue;
      years.push_back(
          metric.name.substr(prefix.size(), metric.name.find('.', prefix.size()) - prefix.size()));
    }
    Table table(style);
    table.column(Align::left, 1);
    for (int i = 0; i < 6; ++i) table.column(Align::right);
    table.header({"OUTLOOK " + shorten(label, 24), "accelerators", "HHI", "four", "rentable HHI",
                  "able", "to rent"});
    for (const std::string& year : years) {
      std::vector<Cell> cells = {{year}};
      for (const char* quantity :
           {"accelerators", "hhi", "top_4", "rentable_hhi", "able", "able_to_rent"}) {
        const std::string name = prefix + year + "." + quantity;
        cells.push_back(metrics.find(name) == nullptr ? Cell{"–"}
                                                      : metric_cell(result, notes, name));
      }
      table.row(std::move(cells));
    }
    table.note("What would be owned if \"" + label + "\" went on: no forecast.");
    out.push_back(std::move(table));
  }
  return out;
}

}  // namespace hyperdc
