#include "report/metric_info.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

namespace hyperdc {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = words.find(word); at != std::string_view::npos;
       at = words.find(word, at + 1)) {
    const bool begins = at == 0 || words[at - 1] == ' ';
    const bool ends = at + word.size() == words.size() || words[at + word.size()] == ' ';
    if (begins && ends && !word.empty()) return true;
  }
  return false;
}

const MetricInfoRow* find_row(std::string_view scope, std::string_view quantity,
                              std::string_view statistic) {
  const auto found = std::find_if(
      metric_info_table().begin(), metric_info_table().end(), [&](const MetricInfoRow& row) {
        return row.scope == scope && row.quantity == quantity &&
               (statistic.empty() ? row.statistics.empty() : has_word(row.statistics, statistic));
      });
  return found == metric_info_table().end() ? nullptr : &*found;
}

/// A device, group or cooling zone within a region: its name is D.
std::string without_name(std::string_view quantity) {
  for (const std::string_view kind : {"devices.", "groups.", "cooling."}) {
    if (quantity.substr(0, kind.size()) != kind) continue;
    const std::size_t end = quantity.find('.', kind.size());
    if (end == std::string_view::npos) continue;
    return std::string(kind) + "D" + std::string(quantity.substr(end));
  }
  return std::string(quantity);
}

std::string better_text(Better better) {
  if (better == Better::neither) return "";
  return better == Better::lower ? "less" : "more";
}

/// "us-east.ready.mean": the row "POOL.ready", its part and its statistic.
void find_part(MetricParts& parts, std::string_view rest) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kKinds = {
      {{"classes.", "classes.CLASS."},
       {"tenants.", "tenants.TENANT."},
       {"zones.", "zones.ZONE."},
       {"products.", "products.PRODUCT."},
       {"prices.", "prices.PRICE."},
       {"years.", "years.YEAR."},
       {"owners.", "owners.OWNER."},
       {"limits.", "limits.LIMIT."},
       {"windows.", "windows.WINDOW."},
       {"deliveries.", "deliveries.GENERATION-QUARTER."},
       {"stranded.", "stranded.LIMIT."},
       {"sizes.", "sizes.SIZE."},
       {"tiers.", "tiers.TIER."},
       {"checkpoints.", "checkpoints.TIER."}}};
  std::string_view shown = "POOL.";
  for (const auto& [kind, row] : kKinds) {
    if (!rest.starts_with(kind)) continue;
    rest.remove_prefix(kind.size());
    shown = row;
    break;
  }
  std::size_t dot = rest.find('.');
  if (dot == std::string_view::npos) return;
  constexpr std::string_view kGenerations = ".generations.";
  const bool of_generation =
      shown == "windows.WINDOW." && rest.substr(dot).starts_with(kGenerations);
  if (of_generation) {
    dot = rest.find('.', dot + kGenerations.size());
    if (dot == std::string_view::npos) return;
    shown = "windows.WINDOW.generations.GENERATION.";
  }
  const std::string_view part = rest.substr(0, dot);
  const std::string quantity = std::string(shown) + std::string(rest.substr(dot + 1));
  parts.info = find_row(parts.scope, quantity, "");
  std::string_view statistic;
  if (parts.info == nullptr) {
    const std::size_t last = quantity.rfind('.');
    statistic = rest.substr(rest.rfind('.') + 1);
    parts.info = find_row(parts.scope, quantity.substr(0, last), statistic);
  }
  if (parts.info == nullptr) return;
  parts.quantity = parts.info->quantity;
  parts.statistic = statistic;
  parts.part = part;
}

}  // namespace

MetricParts metric_parts(std::string_view name) {
  MetricParts parts;
  std::string_view rest = name;
  for (const std::string_view scope :
       {"workloads", "pools", "regions", "fabrics", "failures", "control_planes", "stores",
        "storage", "growth", "market", "buyers", "owners", "outlooks"}) {
    if (name.substr(0, scope.size() + 1) != std::string(scope) + ".") continue;
    rest.remove_prefix(scope.size() + 1);
    std::size_t dot = rest.find('.');
    if (scope == "storage" && dot != std::string_view::npos) {  // of a region: "us-east.blob"
      dot = rest.find('.', dot + 1);
    }
    parts.scope = scope;
    parts.owner = rest.substr(0, dot);
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  }
  const std::string part = without_name(rest);  // "devices.ups-a.load": "devices.D.load"
  rest = part;
  parts.quantity = rest;
  const std::size_t dot = rest.rfind('.');
  const std::string_view head = rest.substr(0, dot);
  const std::string_view tail = dot == std::string_view::npos ? "" : rest.substr(dot + 1);
  for (const std::string_view kind : {"zones.", "regions."}) {
    if (!head.starts_with(kind) || (tail != "availability" && tail != "answered_share")) continue;
    parts.number = head.substr(kind.size());
    parts.quantity = std::string(kind) + "N." + std::string(tail);
  }
  if (is_number(tail)) {
    parts.quantity = std::string(head) + ".N";
    parts.number = tail;
  }
  parts.info = find_row(parts.scope, parts.quantity, "");
  if (parts.info == nullptr && dot != std::string_view::npos) {
    parts.info = find_row(parts.scope, head, tail);
    if (parts.info != nullptr) {
      parts.quantity = head;
      parts.statistic = tail;
    }
  }
  const bool has_parts = parts.scope == "workloads" || parts.scope == "fabrics" ||
                         parts.scope == "pools" || parts.scope == "growth" ||
                         parts.scope == "market" || parts.scope == "outlooks";
  if (parts.info == nullptr && has_parts) find_part(parts, rest);
  return parts;
}

Better better_of(const MetricParts& parts) {
  if (parts.info == nullptr || parts.statistic == "count") return Better::neither;
  return parts.info->better;
}

Show show_of(std::string_view name, std::string_view unit) {
  const MetricParts parts = metric_parts(name);
  if (parts.statistic == "count") return Show::count;
  if (parts.info != nullptr) return parts.info->show;
  if (unit == "s") return Show::time;
  if (unit == "W") return Show::power;
  if (unit == "J") return Show::energy;
  if (unit == "jobs") return Show::count;
  if (unit == "accelerator s") return Show::accelerator_time;
  if (unit == "replica s") return Show::replica_time;
  if (unit == "server s") return Show::server_time;
  if (unit == "USD") return Show::money;
  if (unit == "kg") return Show::mass;
  if (unit == "m3") return Show::volume;
  if (unit == "B") return Show::bytes;
  if (unit == "B/s") return Show::data_rate;
  return Show::number;
}

std::string metric_label(const MetricParts& parts, std::string_view name) {
  if (parts.info == nullptr) return std::string(name);
  std::string label(parts.info->label);
  if (!parts.number.empty()) {
    const std::size_t at = label.find('N');
    if (at != std::string::npos) label.replace(at, 1, parts.number);
  }
  if (!parts.part.empty()) label = parts.part + ": " + label;
  if (parts.statistic.empty()) return label;
  return label + ", " + (parts.statistic == "max" ? "highest" : parts.statistic);
}

std::string metric_reference() {
  std::string out =
      "# Metrics\n\n"
      "A metric is named by its path in the scenario and its quantity: `workloads.W.wait.p95`. "
      "Values are in SI units; 1 is a pure number. Quantiles are within 0.2 % of the value. A "
      "metric that has no value says why. *Better* says which way `run` of several scenarios "
      "counts as an improvement.\n\n"
      "| metric | statistics | unit | better | meaning |\n|---|---|---|---|---|\n";
  for (const MetricInfoRow& row : metric_info_table()) {
    std::string name(row.scope);
    if (row.scope == "workloads") name += ".W.";
    if (row.scope == "pools") name += ".P.";
    if (row.scope == "regions") name += ".R.";
    if (row.scope == "fabrics") name += ".R.";
    if (row.scope == "failures") name += ".F.";
    if (row.scope == "control_planes") name += ".C.";
    if (row.scope == "stores") name += ".S.";
    if (row.scope == "storage") name += ".R.S.";
    if (row.scope == "growth") name += ".G.";
    if (row.scope == "market") name += ".M.";
    if (row.scope == "buyers") name += ".B.";
    if (row.scope == "owners") name += ".O.";
    if (row.scope == "outlooks") name += ".LABEL.";
    name += row.quantity;
    std::string statistics;
    for (const char c : row.statistics) statistics += c == ' ' ? ", " : std::string(1, c);
    out += "| `" + name + "` | " + statistics + " | " + std::string(row.unit) + " | " +
           better_text(row.better) + " | " + std::string(row.meaning) + " |\n";
  }
  return out;
}

}  // namespace hyperdc
