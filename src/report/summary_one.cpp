#include "report/summary_one.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <functional>
#include <optional>
#include <utility>

#include <hyperdc/core/units.hpp>

#include "report/cost_tables.hpp"
#include "report/device_tables.hpp"
#include "report/fabric_tables.hpp"
#include "report/failure_tables.hpp"
#include "report/format.hpp"
#include "report/growth_tables.hpp"
#include "report/market_tables.hpp"
#include "report/metric_info.hpp"
#include "report/node_tables.hpp"
#include "report/platform_tables.hpp"
#include "report/run_title.hpp"
#include "report/service_tables.hpp"
#include "report/sparkline.hpp"
#include "report/storage_tables.hpp"
#include "report/table.hpp"
#include "report/training_tables.hpp"
#include "results/json_writer.hpp"
#include "results/resolved.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kWidestName = 20, kNarrowestName = 8;
constexpr std::size_t kWidestMetric = 52;  // beside its value in the full screen

std::string each_below(const std::vector<Table>& tables, const TextStyle& style) {
  std::string out;
  for (const Table& table : tables) {
    out += below_blank(table.render());
    for (const std::string& note : table.notes()) out += paragraph(style, note, Ink::faint);
  }
  return out;
}

class OneRun {
 public:
  OneRun(const RunResult& result, const ScreenOptions& options)
      : result_(result), metrics_(result), style_(options.style), options_(options) {}

  std::string render() {
    std::string out = run_title(result_, style_);
    out += objectives();
    out += jobs();
    out += times();
    out += training_tables(result_, style_, notes_);
    out += each_below(platform_tables(result_, style_, notes_), style_);
    out += service_tables(result_, style_, notes_);
    out += fabric_tables(result_, style_, notes_);
    out += storage_table(result_, style_, notes_);
    out += each_below(growth_tables(result_, style_, notes_), style_);
    out += each_below(market_tables(result_, style_, notes_), style_);
    out += pools();
    out += node_tables(result_, style_, notes_);
    out += demand();
    out += ownership_table(result_, style_, notes_);
    out += each_below(outlook_tables(result_, style_, notes_), style_);
    out += bill_table(result_, style_, options_.detail == Detail::full);
    out += plant();
    out += device_tables(result_, style_, notes_);
    out += failure_tables(result_, style_, notes_);
    out += complexity_table(result_, style_, notes_);
    if (options_.detail == Detail::full) {
      out += all_metrics();
      out += checks();
      out += assumptions();
      out += files();
    }
    const std::string notes = notes_.render(style_);
    if (!notes.empty()) out += below_blank(notes);
    return out + footer();
  }

 private:
  std::string objectives() const;
  std::string objective_list() const;
  std::string fitting(std::size_t most_left_out,
                      const std::function<Table(std::size_t, std::size_t)>& build) const;
  std::string jobs();
  std::string times();
  std::string pools();
  Table pool_table(const std::vector<std::string>& names, std::size_t name_width);
  std::string demand();
  Table demand_table(const std::vector<std::string>& points, std::size_t name_width);
  std::string plant();
  std::string all_metrics() const;
  std::string checks() const;
  std::string assumptions() const;
  std::string files() const;
  std::string footer() const;

  std::optional<double> value(const std::string& name) const {
    const ResultMetric* metric = metrics_.find(name);
    return metric == nullptr ? std::nullopt : metric->value;
  }
  Cell cell(const std::string& name) { return metric_cell(result_, notes_, name); }
  /// Is there such a metric of any owner that is not zero?
  bool any(std::string_view scope, std::string_view quantity) const;
  std::string spark(const std::string& metric, std::string_view unit, bool share) const;
  std::string over_time() const {
    return fmt::format("over {}", format_for_people(result_.simulated_s, Dimension::time));
  }

  const RunResult& result_;
  const MetricIndex metrics_;
  const TextStyle style_;
  const ScreenOptions& options_;
  Notes notes_;
};

bool OneRun::any(std::string_view scope, std::string_view quantity) const {
  return std::any_of(result_.metrics.begin(), result_.metrics.end(), [&](const ResultMetric& m) {
    const MetricParts parts = metric_parts(m.name);
    return parts.scope == scope && parts.quantity == quantity && m.value && *m.value != 0;
  });
}

std::string OneRun::spark(const std::string& metric, std::string_view unit, bool share) const {
  const std::vector<double> values = series_column(result_, metric, unit);
  if (values.size() < 2) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return sparkline(values, kSparkCells, share ? 0 : *low, share ? 1 : *high);
}

std::string OneRun::objectives() const {
  if (result_.objectives.empty()) return {};
  const auto missed = static_cast<std::size_t>(
      std::count_if(result_.objectives.begin(), result_.objectives.end(),
                    [](const ResultObjective& objective) { return !objective.met; }));
  const std::size_t all = result_.objectives.size();
  const std::string verdict = missed == 0 ? fmt::format("{} of {} met", all, all)
                                          : fmt::format("{} of {} missed", missed, all);
  Table table(style_);
  table.column(Align::left, 1);
  table.column(Align::left, 1);
  table.column(Align::right);
  table.column(Align::left, 3);
  table.column(Align::left, 3);
  for (const ResultObjective& objective : result_.objectives) {
    const Ink ink = objective.met ? Ink::good : Ink::bad;
    const Show show = show_of(objective.metric, objective.unit);
    table.row({{objective.met ? "✓" : "✗", ink},
               {objective.metric},
               {objective.value ? for_people(*objective.value, show) : "no value", Ink::strong},
               {limit_text(objective)},
               {margin_text(objective), ink}});
  }
  return fmt::format("\n {}  {}\n{}", style_.paint("OBJECTIVES", Ink::strong),
                     style_.paint(verdict, missed == 0 ? Ink::good : Ink::bad),
                     table.width() <= kScreenWidth ? table.render() : objective_list());
}

/// For long names: a paragraph each.
std::string OneRun::objective_list() const {
  std::string out;
  for (const ResultObjective& objective : result_.objectives) {
    const Show show = show_of(objective.metric, objective.unit);
    const std::string margin = margin_text(objective);
    out += paragraph(style_,
                     fmt::format("{} {}: {}, {}{}", objective.met ? "✓" : "✗", objective.metric,
                                 objective.value ? for_people(*objective.value, show) : "no value",
                                 limit_text(objective), margin.empty() ? "" : ", " + margin),
                     objective.met ? Ink::good : Ink::bad);
  }
  return out;
}

/// The first table that fits the screen: with shorter names, then with fewer columns.
std::string OneRun::fitting(std::size_t most_left_out,
                            const std::function<Table(std::size_t, std::size_t)>& build) const {
  for (std::size_t left_out = 0;; ++left_out) {
    for (std::size_t name_width = kWidestName; name_width >= kNarrowestName; name_width -= 2) {
      const Table table = build(name_width, left_out);
      const bool last = left_out == most_left_out && name_width == kNarrowestName;
      if (table.width() <= kScreenWidth || last) return below_blank(table.render());
    }
  }
}

std::string OneRun::jobs() {
  std::vector<std::string> names = owners(result_, "workloads");
  std::erase_if(names, [&](const std::string& name) {
    return is_service(result_, name) || is_transfers(result_, name) ||
           is_collectives(result_, name) || is_storage_requests(result_, name);
  });
  if (names.empty()) return {};
  struct Field {
    const char* quantity;
    const char* title;
  };
  std::vector<Field> all = {{"finished", "finished"}, {"rejected", "rejected"}};
  for (const char* name :
       {"unfinished", "preempted", "interrupted", "failed", "restarts", "efficiency"}) {
    if (any("workloads", name)) all.push_back({name, name});
  }
  all.push_back({"makespan", "makespan"});
  constexpr auto kDispensable = std::to_array<std::string_view>({"makespan"});
  return fitting(kDispensable.size(), [&](std::size_t name_width, std::size_t left_out) {
    std::vector<Field> fields;
    for (const Field& field : all) {
      const auto end = kDispensable.begin() + static_cast<std::ptrdiff_t>(left_out);
      if (std::find(kDispensable.begin(), end, field.title) == end) fields.push_back(field);
    }
    Table table(style_);
    table.column(Align::left, 1);
    std::vector<std::string> titles = {"JOBS"};
    for (const Field& field : fields) {
      table.column(Align::right);
      titles.emplace_back(field.title);
    }
    table.header(std::move(titles));
    for (const std::string& name : names) {
      std::vector<Cell> cells = {{shorten(name, name_width)}};
      for (const Field& field : fields) {
        cells.push_back(cell("workloads." + name + "." + field.quantity));
      }
      table.row(std::move(cells));
    }
    return table;
  });
}

std::string OneRun::times() {
  Table table(style_);
  table.column(Align::left, 1);
  table.column(Align::left, 2);
  for (int i = 0; i < 4; ++i) table.column(Align::right);
  table.header({"TIMES", "", "mean", "p50", "p95", "highest"});
  bool any = false;
  for (const std::string& name : owners(result_, "workloads")) {
    const std::string prefix = "workloads." + name + ".";
    const bool stopped = value(prefix + "preempted").value_or(0) > 0;
    std::string shown = shorten(name, 20);
    for (const char* quantity : {"wait", "completion", "slowdown"}) {
      const std::string metric = prefix + quantity;
      if (find_metric(result_, metric + ".mean") == nullptr) continue;
      const bool first_wait = stopped && std::string_view(quantity) == "wait";
      std::vector<Cell> cells = {{shown}, {first_wait ? std::string(kWaitOfPreempted) : quantity}};
      for (const char* statistic : {".mean", ".p50", ".p95", ".max"}) {
        cells.push_back(cell(metric + statistic));
      }
      table.row(std::move(cells));
      shown.clear();
      any = true;
    }
  }
  return any ? below_blank(table.render()) : std::string();
}

std::string OneRun::pools() {
  const std::vector<std::string> names = owners(result_, "pools");
  if (names.empty()) return {};
  return fitting(
      0, [&](std::size_t name_width, std::size_t) { return pool_table(names, name_width); });
}

Table OneRun::pool_table(const std::vector<std::string>& names, std::size_t name_width) {
  Table table(style_);
  table.column(Align::left, 1);
  table.column(Align::left, 2);
  for (int i = 0; i < 4; ++i) table.column(Align::right);
  table.column(Align::left, 3);
  table.header({"POOLS", "allocated", "mean", "peak", "fragmented", "waiting, peak", over_time()});
  for (const std::string& name : names) {
    bool first = true;
    for (const char* resource : {"accelerators", "cores", "memory"}) {
      const std::string metric = "pools." + name + ".allocation." + resource;
      const ResultMetric* mean = metrics_.find(metric + ".mean");
      if (mean == nullptr) continue;
      if (!first && value(metric + ".max") == 0.0) continue;  // jobs do not ask for it
      std::vector<Cell> cells = {{first ? shorten(name, name_width) : ""},
                                 {resource},
                                 cell(metric + ".mean"),
                                 cell(metric + ".max"),
                                 {},
                                 {}};
      if (first) {
        cells[4] = cell("pools." + name + ".fragmentation.mean");
        cells[5] = cell("pools." + name + ".waiting.max");
      }
      cells.push_back({spark(metric, "1", true), Ink::accent});
      table.row(std::move(cells));
      first = false;
    }
    const std::string prefix = "pools." + name + ".";
    if (find_metric(result_, prefix + "availability") == nullptr) continue;
    table.row({{first ? shorten(name, 20) : ""},
               {"available"},
               cell(prefix + "availability"),
               {},
               {},
               {},
               {}});
  }
  return table;
}

std::string OneRun::demand() {
  std::vector<std::string> points;
  for (const ResultMetric& metric : result_.metrics) {
    const MetricParts parts = metric_parts(metric.name);
    if (parts.quantity != "allocation_at.N") continue;
    if (std::find(points.begin(), points.end(), parts.number) == points.end()) {
      points.push_back(parts.number);
    }
  }
  if (points.empty()) return {};
  constexpr std::size_t kMostPoints = 8;
  return fitting(kMostPoints - 1, [&](std::size_t name_width, std::size_t left_out) {
    const std::size_t shown = std::min(points.size(), kMostPoints - left_out);
    return demand_table({points.end() - static_cast<std::ptrdiff_t>(shown), points.end()},
                        name_width);
  });
}

Table OneRun::demand_table(const std::vector<std::string>& points, std::size_t name_width) {
  Table table(style_);
  table.column(Align::left, 1);
  table.column(Align::left);
  std::vector<std::string> titles = {"DEMAND OFFERED", "share of accelerators"};
  for (const std::string& point : points) {
    table.column(Align::right);
    titles.push_back(point + " %");
  }
  table.header(std::move(titles));
  for (const std::string& name : owners(result_, "pools")) {
    for (const char* quantity : {"allocation_at.", "fragmentation_at."}) {
      const bool allocation = std::string_view(quantity) == "allocation_at.";
      std::vector<Cell> cells = {{allocation ? shorten(name, name_width) : ""},
                                 {allocation ? "allocated" : "fragmented"}};
      bool present = false;
      for (const std::string& point : points) {
        cells.push_back(cell("pools." + name + "." + quantity + point));
        present = present || !cells.back().text.empty();
      }
      if (present) table.row(std::move(cells));
    }
  }
  return table;
}

std::string OneRun::plant() {
  const std::vector<std::string> names = owners(result_, "regions");
  if (names.empty()) return {};
  const bool limited = any("regions", "power.share_of_limit");
  Table table(style_);
  table.column(Align::left, 1);
  for (int i = 0; i < 4; ++i) table.column(Align::right);
  table.column(Align::left, 3);
  table.header({"PLANT", "energy", "power, mean", "peak", limited ? "of limit" : "", over_time()});
  for (const std::string& name : names) {
    const std::string prefix = "regions." + name + ".";
    Cell share = limited ? cell(prefix + "power.share_of_limit") : Cell{};
    if (value(prefix + "power.share_of_limit").value_or(0) > 1) share.ink = Ink::bad;
    table.row({{shorten(name, 20)},
               cell(prefix + "energy"),
               cell(prefix + "power.mean"),
               cell(prefix + "power.max"),
               share,
               {spark(prefix + "power", "W", false), Ink::accent}});
    std::string available;
    for (const ResultMetric& metric : result_.metrics) {
      const MetricParts parts = metric_parts(metric.name);
      if (parts.quantity != "zones.N.availability" || parts.owner != name) continue;
      available += fmt::format("{}{} {}", available.empty() ? "" : ", ", parts.number,
                               for_people(metric.value.value_or(0), Show::share));
    }
    if (!available.empty()) {
      table.row({{"  zones available"}, {}, {}, {}, {}, {available, Ink::faint}});
    }
  }
  return below_blank(table.render());
}

std::string OneRun::all_metrics() const {
  struct Entry {
    std::string name, value, detail;
  };
  std::vector<Entry> entries;
  constexpr std::string_view kNames = "METRICS", kValues = "value";
  std::size_t names = kNames.size(), values = kValues.size();
  for (const ResultMetric& metric : result_.metrics) {
    Entry entry{metric.name, "–", printable(metric.reason)};
    if (metric.value) {
      entry.value = for_people(*metric.value, show_of(metric.name, metric.unit));
      entry.detail = shortest(*metric.value) + (metric.unit == "1" ? "" : " " + metric.unit);
    }
    const std::size_t width = display_width(entry.name);
    if (width <= kWidestMetric) names = std::max(names, width);
    values = std::max(values, display_width(entry.value));
    entries.push_back(std::move(entry));
  }
  constexpr std::size_t kGaps = 1 + 2 + 3, kLeast = 12;
  const std::size_t used = std::min(names + values + kGaps, kScreenWidth - kLeast);
  Table table(style_);
  table.column(Align::left, 1);
  table.column(Align::right);
  table.column(Align::left, 3);
  table.header({std::string(kNames), std::string(kValues), "in SI units"});
  for (Entry& entry : entries) {
    if (display_width(entry.name) > kWidestMetric) {
      for (std::string& piece : folded(std::exchange(entry.name, {}), kScreenWidth - 1)) {
        table.across({std::move(piece)});
      }
    }
    const Ink ink = entry.value == "–" ? Ink::faint : Ink::plain;
    for (std::string& piece : folded(style_.fit(entry.detail), kScreenWidth - used)) {
      table.row({{std::exchange(entry.name, {})},
                 {std::exchange(entry.value, {}), ink},
                 {std::move(piece), Ink::faint}});
    }
  }
  return below_blank(table.render());
}

std::string OneRun::checks() const {
  if (result_.checks.empty()) return {};
  std::size_t names = 0;
  for (const ResultCheck& check : result_.checks) {
    names = std::max(names, display_width(check.name));
  }
  Table table(style_);
  table.column(Align::left, 1);
  table.column(Align::left, 1);
  table.column(Align::left);
  const std::size_t mark_width = display_width(style_.fit("✓"));
  const std::size_t used = std::min(1 + mark_width + 1 + names + 2, kScreenWidth / 2);
  for (const ResultCheck& check : result_.checks) {
    Cell mark{"✓", Ink::good}, name{check.name};
    for (std::string& piece : folded(style_.fit(printable(check.text)), kScreenWidth - used)) {
      table.row({std::exchange(mark, {}), std::exchange(name, {}), {std::move(piece), Ink::faint}});
    }
  }
  return below_blank(line(style_, "CHECKS", Ink::strong).append(table.render()));
}

std::string OneRun::assumptions() const {
  if (result_.assumptions.empty()) return {};
  std::string out = below_blank(line(style_, "ASSUMPTIONS", Ink::strong));
  for (const ResultAssumption& assumption : result_.assumptions) {
    out += paragraph(style_, assumption.path + ": " + printable(assumption.text));
  }
  return out;
}

std::string OneRun::files() const {
  Table table(style_);
  table.column(Align::left, 1);
  table.column(Align::left);
  table.row({{"scenario"}, {result_.sha256, Ink::faint}});
  for (const ResultFile& file : result_.files) {
    std::string path = printable(file.path);
    if (display_width(path) > kScreenWidth - file.sha256.size() - 3) {
      for (std::string& piece : folded(std::exchange(path, {}), kScreenWidth - 1)) {
        table.across({std::move(piece)});
      }
    }
    table.row({{std::move(path)}, {file.sha256, Ink::faint}});
  }
  table.row({{"fingerprint"}, {hex16(result_.fingerprint), Ink::faint}});
  return below_blank(line(style_, "FILES (sha256)", Ink::strong).append(table.render()));
}

std::string OneRun::footer() const {
  const std::string file = options_.files.empty() ? "SCENARIO" : options_.files.front();
  std::string out = "\n";
  if (!result_.assumptions.empty() && options_.detail == Detail::compact) {
    out += paragraph(
        style_, fmt::format("{} (chosen, or without a citable source).  see: hyperdc run {} "
                            "--summary full",
                            plural(result_.assumptions.size(), "assumption", "assumptions"), file));
  }
  return out + paragraph(style_, fmt::format("One seed: no uncertainty shown.  next: hyperdc run "
                                             "{} --seeds 5",
                                             file));
}

}  // namespace

std::string summary_one(const RunResult& result, const ScreenOptions& options) {
  return OneRun(result, options).render();
}

}  // namespace hyperdc
