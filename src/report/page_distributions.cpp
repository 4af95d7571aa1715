#include "report/page_distributions.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "report/format.hpp"
#include "report/page_parts.hpp"
#include "report/page_series.hpp"
#include "results/distribution.hpp"

namespace hyperdc {
namespace {

constexpr auto kPageQuantiles =
    std::to_array<std::pair<std::string_view, double>>({{"p1", 0.01},
                                                        {"p10", 0.1},
                                                        {"p50", 0.5},
                                                        {"p90", 0.9},
                                                        {"p95", 0.95},
                                                        {"p99", 0.99},
                                                        {"p99.9", 0.999},
                                                        {"p99.99", 0.9999},
                                                        {"max", 1}});

/// "latency" of "latency, mean".
std::string distribution_label(const MetricParts& parts, const std::string& metric) {
  if (parts.info == nullptr) return metric;
  const std::string label = metric_label(parts, metric + ".mean");
  return label.substr(0, label.rfind(", "));
}

void write_quantiles(JsonWriter& json, const ResultDistribution& distribution, Show show) {
  json.key("quantiles").open_array();
  for (const auto& [name, q] : kPageQuantiles) {
    const std::optional<double> value = known_quantile_of(distribution, q);
    json.open_array();
    json.text(name);
    value ? json.number(*value) : json.null();
    json.text(value ? for_people(*value, show) : "–");
    json.close();
  }
  json.close();
}

void write_bins(JsonWriter& json, const ResultDistribution& distribution) {
  std::vector<double> from, to, count;
  for (const ResultBin& bin : distribution.bins) {
    from.push_back(bin.from);
    to.push_back(bin.to);
    count.push_back(static_cast<double>(bin.count));
  }
  json.key("from").text(packed_floats(from));
  json.key("to").text(packed_floats(to));
  json.key("count").text(packed_floats(count));
}

}  // namespace

void write_distributions(JsonWriter& json, const RunResult& result, std::size_t most_bins) {
  const std::size_t all = result.distributions.size();
  const std::size_t shown = std::min(all, std::max<std::size_t>(1, most_bins / kLeastPageBins));
  const std::size_t each = std::max(kLeastPageBins, most_bins / std::max<std::size_t>(1, shown));
  json.key("distributions").open_array();
  for (std::size_t i = 0; i < shown; ++i) {
    const ResultDistribution& one = result.distributions[i];
    if (one.bins.empty()) continue;
    const MetricParts parts = metric_parts(one.metric + ".mean");
    const Show show = show_of(one.metric + ".mean", one.unit);
    json.open_object();
    json.key("metric").text(one.metric);
    json.key("label").text(distribution_label(parts, one.metric));
    json.key("owner").text(parts.info == nullptr ? "" : parts.owner);
    json.key("unit").text(one.unit);
    json.key("show").text(name_of(show));
    json.key("samples").text(grouped(static_cast<double>(samples_of(one))));
    json.key("meaning").text(parts.info == nullptr ? "" : parts.info->meaning);
    write_quantiles(json, one, show);
    write_bins(json, coarsened(one, each));
    json.close();
  }
  json.close();
  json.key("distributions_left_out").natural(all - shown);
}

}  // namespace hyperdc
