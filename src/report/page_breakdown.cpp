#include "report/page_breakdown.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <string_view>

#include "report/format.hpp"
#include "report/page_parts.hpp"

namespace hyperdc {
namespace {

/// Owners within a scope that have a metric of this quantity, in the order of the result.
std::vector<std::string> owners_of(const RunResult& result, std::string_view scope,
                                   std::string_view quantity) {
  std::vector<std::string> owners;
  for (const ResultMetric& metric : result.metrics) {
    const MetricParts parts = metric_parts(metric.name);
    if (parts.scope == scope && parts.quantity == quantity && parts.statistic.empty()) {
      owners.push_back(parts.owner);
    }
  }
  return owners;
}

class BreakdownOf {
 public:
  BreakdownOf(const MetricIndex& metrics, std::string id, std::string title, std::string total)
      : metrics_(metrics) {
    out_.id = std::move(id);
    out_.title = std::move(title);
    out_.metric = std::move(total);
    const ResultMetric* metric = metrics.find(out_.metric);
    if (metric == nullptr || !metric->value) return;
    known_ = true;
    out_.total = *metric->value;
    out_.show = show_of(metric->name, metric->unit);
  }

  std::optional<double> value(const std::string& metric) const {
    const ResultMetric* found = metrics_.find(metric);
    return found == nullptr ? std::nullopt : found->value;
  }

  void add(const std::string& label, std::optional<double> value) {
    if (value) {
      out_.parts.push_back({label, *value});
    } else {
      out_.missing.push_back(label);
    }
  }

  /// Appends it, with its rest, to those that are worth a picture.
  void end(std::string_view rest, std::vector<Breakdown>& to) {
    if (!known_ || out_.total == 0) return;
    join_small();
    double sum = 0;
    for (const BreakdownPart& part : out_.parts) sum += part.value;
    const double left = out_.total - sum;
    if (std::fabs(left) > kNoRest * std::fabs(out_.total)) {
      out_.parts.push_back({std::string(rest), left});
    }
    if (out_.parts.size() > 1) to.push_back(std::move(out_));
  }

 private:
  void join_small() {
    std::erase_if(out_.parts, [](const BreakdownPart& part) { return part.value == 0; });
    if (out_.parts.size() <= kMostBreakdownParts) return;
    std::vector<double> sizes;
    for (const BreakdownPart& part : out_.parts) sizes.push_back(std::fabs(part.value));
    std::sort(sizes.begin(), sizes.end(), std::greater<>());
    const double least = sizes[kMostBreakdownParts - 2];
    std::vector<BreakdownPart> kept;
    BreakdownPart small;
    std::size_t joined = 0;
    for (BreakdownPart& part : out_.parts) {
      if (std::fabs(part.value) >= least && kept.size() + 1 < kMostBreakdownParts) {
        kept.push_back(std::move(part));
      } else {
        small.value += part.value;
        ++joined;
      }
    }
    small.label = fmt::format("{} smaller parts", joined);
    kept.push_back(std::move(small));
    out_.parts = std::move(kept);
  }

  const MetricIndex& metrics_;
  Breakdown out_;
  bool known_ = false;
};

std::string of_region(const std::string& region, std::string_view part, std::size_t regions) {
  return regions == 1 ? std::string(part) : fmt::format("{}: {}", region, part);
}

/// Of the bill; world/bill.hpp names them.
constexpr std::array<const char*, 11> kCostAccounts{"servers", "upkeep",   "energy",   "demand",
                                                    "carbon",  "water",    "building", "network",
                                                    "staff",   "requests", "egress"};

void break_cost(const RunResult& result, const MetricIndex& metrics, std::vector<Breakdown>& to) {
  BreakdownOf cost(metrics, "cost", "Cost", "cost.total");
  const std::vector<std::string> regions = owners_of(result, "regions", "cost.servers");
  for (const std::string& region : regions) {
    const std::string prefix = "regions." + region + ".cost.";
    for (const char* account : kCostAccounts) {
      if (metrics.find(prefix + account) == nullptr) continue;
      cost.add(of_region(region, account, regions.size()), cost.value(prefix + account));
    }
  }
  cost.end("other", to);
  BreakdownOf servers(metrics, "servers", "Cost of servers, by who holds them", "cost.servers");
  const std::vector<std::string> services = owners_of(result, "workloads", "cost");
  if (services.empty()) return;
  for (const std::string& service : services) {
    servers.add(service, servers.value("workloads." + service + ".cost"));
  }
  servers.end("held by no service", to);
}

void break_energy(const RunResult& result, const MetricIndex& metrics, std::vector<Breakdown>& to) {
  BreakdownOf energy(metrics, "energy", "Energy", "energy.total");
  const std::vector<std::string> regions = owners_of(result, "regions", "energy");
  for (const std::string& region : regions) {
    const std::optional<double> all = energy.value("regions." + region + ".energy");
    const std::optional<double> pue = energy.value("regions." + region + ".pue");
    if (all && pue && *pue > 0) {
      energy.add(of_region(region, "servers", regions.size()), *all / *pue);
      energy.add(of_region(region, "losses and cooling", regions.size()), *all - *all / *pue);
    } else {
      energy.add(region, all);
    }
  }
  energy.end("other", to);
}

}  // namespace

std::vector<Breakdown> breakdowns_of(const RunResult& result) {
  const MetricIndex metrics(result);
  std::vector<Breakdown> out;
  break_cost(result, metrics, out);
  break_energy(result, metrics, out);
  return out;
}

void write_breakdowns(JsonWriter& json, const RunResult& result) {
  json.key("breakdowns").open_array();
  for (const Breakdown& one : breakdowns_of(result)) {
    json.open_object();
    json.key("id").text(one.id);
    json.key("title").text(one.title);
    json.key("metric").text(one.metric);
    json.key("show").text(name_of(one.show));
    json.key("total").number(one.total);
    json.key("text").text(for_people(one.total, one.show));
    json.key("parts").open_array();
    for (const BreakdownPart& part : one.parts) {
      json.open_object();
      json.key("label").text(part.label);
      json.key("value").number(part.value);
      json.key("text").text(for_people(part.value, one.show));
      json.key("share").text(for_people(part.value / one.total, Show::share));
      json.close();
    }
    json.close();
    json.key("missing").open_array();
    for (const std::string& label : one.missing) json.text(label);
    json.close();
    json.close();
  }
  json.close();
}

}  // namespace hyperdc
