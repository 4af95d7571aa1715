#include "report/service_tables.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include <hyperdc/core/units.hpp>

#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "report/sparkline.hpp"
#include "report/table.hpp"
#include "results/resolved.hpp"

namespace hyperdc {
namespace {

class ServiceTables {
 public:
  ServiceTables(const RunResult& result, const TextStyle& style, Notes& notes)
      : result_(result), style_(style), notes_(notes) {
    for (const std::string& name : owners(result, "workloads")) {
      if (is_service(result, name)) services_.push_back(name);
    }
  }

  std::string render() {
    if (services_.empty()) return {};
    return requests() + tokens() + replicas() + places() + rollouts();
  }

 private:
  Cell cell(const std::string& name) { return metric_cell(result_, notes_, name); }
  bool any(const std::string& quantity) const {
    return std::any_of(services_.begin(), services_.end(), [&](const std::string& service) {
      const ResultMetric* metric = find_metric(result_, "workloads." + service + "." + quantity);
      return metric != nullptr && metric->value.value_or(1) != 0;
    });
  }
  /// X of each metric workloads.`service`.X`suffix`, in the order of the scenario.
  std::vector<std::string> parts(const std::string& service, std::string_view suffix) const;
  std::string requests();
  std::string tokens();
  std::string replicas();
  std::string places();
  std::string rollouts();
  std::string spark(const std::string& metric) const;

  const RunResult& result_;
  const TextStyle& style_;
  Notes& notes_;
  std::vector<std::string> services_;
};

std::vector<std::string> ServiceTables::parts(const std::string& service,
                                              std::string_view suffix) const {
  const std::string prefix = "workloads." + service + ".";
  std::vector<std::string> names;
  for (const ResultMetric& metric : result_.metrics) {
    const std::string& name = metric.name;
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    if (name.size() <= prefix.size() + suffix.size()) continue;  // of the service itself
    names.push_back(name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
  }
  return names;
}

std::string ServiceTables::requests() {
  struct Field {
    const char* quantity;
    const char* title;
  };
  std::vector<Field> fields = {{"offered", "requests"}};
  if (any("attainment")) fields.push_back({"attainment", "within slo"});
  for (const Field& field : {Field{"latency.mean", "latency mean"}, Field{"latency.p50", "p50"},
                             Field{"latency.p99", "p99"}}) {
    fields.push_back(field);
  }
  if (any("retries")) fields.push_back({"retries", "retries"});
  fields.push_back({"failed_share", "failed"});
  Table table(style_);
  table.column(Align::left, 1);
  std::vector<std::string> titles = {"SERVICES"};
  for (const Field& field : fields) {
    table.column(Align::right);
    titles.emplace_back(field.title);
  }
  table.header(std::move(titles));
  for (const std::string& name : services_) {
    std::vector<Cell> cells = {{shorten(name, 20)}};
    for (const Field& field : fields) {
      cells.push_back(cell(fmt::format("workloads.{}.{}", name, field.quantity)));
    }
    table.row(std::move(cells));
  }
  return below_blank(table.render());
}

/// Endpoints of language models.
std::string ServiceTables::tokens() {
  Table table(style_);
  table.column(Align::left, 1);
  for (int i = 0; i < 7; ++i) table.column(Align::right);
  table.header(
      {"TOKENS", "first, p50", "p99", "each next, p50", "p99", "per s", "cache", "preempted"});
  bool any_model = false;
  for (const std::string& service : services_) {
    const std::string prefix = "workloads." + service + ".";
    const ResultMetric* all = find_metric(result_, prefix + "output_tokens");
    if (all == nullptr) continue;
    any_model = true;
    std::vector<Cell> cells = {{shorten(service, 20)}};
    for (const char* quantity : {"ttft.p50", "ttft.p99", "tpot.p50", "tpot.p99"}) {
      cells.push_back(cell(prefix + quantity));
    }
    const double span_s = result_.simulated_s - resolved_facts(result_).warmup_s;
    cells.push_back({all->value && span_s > 0 ? compact_rate(*all->value / span_s) : ""});
    const std::vector<std::string> pools = parts(service, ".kv_use.mean");
    cells.push_back(pools.size() == 1 ? cell(prefix + pools.front() + ".kv_use.mean") : Cell{});
    cells.push_back(cell(prefix + "kv_preemptions"));
    table.row(std::move(cells));
  }
  return any_model ? below_blank(table.render()) : std::string();
}

std::string ServiceTables::spark(const std::string& metric) const {
  const std::vector<double> values = series_column(result_, metric, "replicas");
  if (values.size() < 2) return {};
  const double high = *std::max_element(values.begin(), values.end());
  return sparkline(values, kSparkCells, 0, high);
}

std::string ServiceTables::replicas() {
  Table table(style_);
  table.column(Align::left, 1);
  table.column(Align::left);
  for (int i = 0; i < 4; ++i) table.column(Align::right);
  table.column(Align::left, 3);
  table.header({"REPLICAS", "pool", "ready, mean", "peak", "utilization", "held",
                fmt::format("over {}", format_for_people(result_.simulated_s, Dimension::time))});
  for (const std::string& service : services_) {
    bool first = true;
    for (const std::string& pool : parts(service, ".ready.mean")) {
      const std::string prefix = fmt::format("workloads.{}.{}.", service, pool);
      table.row({{first ? shorten(service, 20) : std::string()},
                 {shorten(pool, 20)},
                 cell(prefix + "ready.mean"),
                 cell(prefix + "ready.max"),
                 cell(prefix + "utilization.mean"),
                 cell(prefix + "replica_time"),
                 {spark(prefix + "ready"), Ink::accent}});
      first = false;
    }
  }
  return below_blank(table.render());
}

/// Where replicas served, and whose requests were answered: the service, its regions, its zones.
std::string ServiceTables::places() {
  constexpr std::size_t kMostPlaces = 16;
  Table table(style_);
  table.column(Align::left, 1);
  table.column(Align::left);
  for (int i = 0; i < 2; ++i) table.column(Align::right);
  table.header({"AVAILABILITY", "of", "of the time", "of the requests"});
  bool any_place = false;
  for (const std::string& service : services_) {
    const std::string prefix = "workloads." + service + ".";
    if (find_metric(result_, prefix + "availability") == nullptr) continue;
    any_place = true;
    table.row({{shorten(service, 20)},
               {"the service"},
               cell(prefix + "availability"),
               cell(prefix + "answered_share")});
    const std::vector<std::string> names = parts(service, ".availability");
    for (std::size_t i = 0; i < std::min(names.size(), kMostPlaces); ++i) {
      const std::string of = names[i].substr(names[i].find('.') + 1);  // "zones.east.a"
      const std::string answered = prefix + names[i] + ".answered_share";
      const bool told = find_metric(result_, answered) != nullptr;
      table.row({{},
                 {shorten(of, 30)},
                 cell(prefix + names[i] + ".availability"),
                 told ? cell(answered) : Cell{}});
    }
    if (names.size() > kMostPlaces) {
      table.row({{}, {fmt::format("and {} more", names.size() - kMostPlaces)}, {}, {}});
    }
  }
  return any_place ? below_blank(table.render()) : std::string();
}

std::string ServiceTables::rollouts() {
  Table table(style_);
  table.column(Align::left, 1);
  for (int i = 0; i < 6; ++i) table.column(Align::right);
  table.header(
      {"ROLLOUTS", "finished", "rolled back", "bad", "under way", "served by bad ones", "errors"});
  bool any_rollout = false;
  for (const std::string& service : services_) {
    const std::string prefix = "workloads." + service + ".rollouts.";
    if (find_metric(result_, prefix + "finished") == nullptr) continue;
    any_rollout = true;
    std::vector<Cell> cells = {{shorten(service, 20)}};
    for (const char* quantity : {"finished", "rolled_back", "bad", "time", "exposure", "errors"}) {
      cells.push_back(cell(prefix + quantity));
    }
    table.row(std::move(cells));
  }
  return any_rollout ? below_blank(table.render()) : std::string();
}

}  // namespace

bool is_service(const RunResult& result, const std::string& workload) {
  return find_metric(result, "workloads." + workload + ".offered") != nullptr;
}

std::string service_tables(const RunResult& result, const TextStyle& style, Notes& notes) {
  return ServiceTables(result, style, notes).render();
}

}  // namespace hyperdc
