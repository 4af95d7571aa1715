#include "report/page_series.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

struct ColumnName {
  std::string metric, unit;
};

/// "regions.east.power_W": its metric and its unit; ratios have no unit in their name.
ColumnName column_name(const std::string& column, const std::set<std::string_view>& units) {
  const std::size_t at = column.rfind('_');
  if (at != std::string::npos && units.count(std::string_view(column).substr(at + 1)) > 0) {
    return {column.substr(0, at), column.substr(at + 1)};
  }
  return {column, "1"};
}

/// What the chart shows besides the owner: quantities of one unit that are read together.
std::string panel_topic(const MetricParts& parts, std::string_view quantity) {
  struct Topic {
    std::string_view quantity, topic;
  };
  constexpr Topic kTopics[] = {
      {"offered", "demand and answers"},
      {"completed", "demand and answers"},
      {"good", "demand and answers"},
      {"failed", "failures and retries"},
      {"retries", "failures and retries"},
      {"timed_out", "failures and retries"},
      {"refused", "failures and retries"},
      {"crashed", "failures and retries"},
      {"blocked", "failures and retries"},
      {"wasted", "failures and retries"},
      {"unreachable", "failures and retries"},
      {"confined", "failures and retries"},
      {"POOL.wanted", "replicas"},
      {"POOL.ready", "replicas"},
      {"POOL.undetected", "replicas"},
      {"POOL.utilization", "utilization"},
      {"POOL.waiting", "waiting"},
      {"allocation.cores", "allocated"},
      {"allocation.memory", "allocated"},
      {"allocation.accelerators", "allocated"},
      {"fragmentation", "allocated"},
      {"waiting", "waiting and running"},
      {"running", "waiting and running"},
      {"power", "power"},
      {"it_power", "power"},
  };
  for (const Topic& topic : kTopics) {
    const bool jobs = topic.topic == "waiting and running" && parts.scope != "pools";
    if (topic.quantity == quantity && !jobs) return std::string(topic.topic);
  }
  if (parts.scope == "pools" && (quantity.starts_with("nodes") || quantity.starts_with("servers")))
    return "servers";
  return parts.info == nullptr ? std::string(quantity) : std::string(parts.info->label);
}

std::string panel_title(const MetricParts& parts, const std::string& metric) {
  const std::string_view quantity =
      parts.info == nullptr ? std::string_view(metric) : parts.info->quantity;
  const std::string topic = panel_topic(parts, quantity);
  if (parts.scope == "workloads" && !parts.owner.empty()) return parts.owner + ": " + topic;
  if (parts.scope.empty()) return topic;
  constexpr std::pair<std::string_view, std::string_view> kScopes[] = {
      {"pools", "Pools"},       {"regions", "Regions"},
      {"fabrics", "Fabrics"},   {"growth", "Growth"},
      {"market", "Market"},     {"buyers", "Buyers"},
      {"failures", "Failures"}, {"control_planes", "Control planes"}};
  for (const auto& [scope, title] : kScopes) {
    if (parts.scope == scope) return std::string(title) + ": " + topic;
  }
  return topic;
}

/// "ready in us" of a workload, "us: cores allocated" of what is shown for several owners.
std::string series_label(const MetricParts& parts, const std::string& metric) {
  if (parts.info == nullptr) return metric;
  std::string label(parts.info->label);
  if (!parts.part.empty()) label = parts.part + ": " + label;
  return parts.scope == "workloads" || parts.owner.empty() ? label : parts.owner + ": " + label;
}

/// Names and units; values follow.
PageSeriesColumn described(const std::string& column, const std::set<std::string_view>& units) {
  const ColumnName name = column_name(column, units);
  MetricParts parts = metric_parts(name.metric);
  // A level has its table row with the statistics of the run.
  if (parts.info == nullptr) parts = metric_parts(name.metric + ".mean");
  PageSeriesColumn out;
  out.name = column;
  out.label = series_label(parts, name.metric);
  out.panel = panel_title(parts, name.metric);
  out.unit = name.unit;
  out.show = show_of(name.metric + ".mean", name.unit);
  const bool counter = parts.info != nullptr && parts.info->statistics.empty();
  if (counter && (name.unit == "requests" || name.unit == "tokens" || name.unit == "B")) {
    out.unit += "/s";
    out.show = name.unit == "B" ? Show::data_rate : Show::rate;
  }
  return out;
}

/// Where two lines of one chart would read the same, the names of their columns tell them apart.
void tell_apart(std::vector<PageSeriesColumn>& columns) {
  std::map<std::pair<std::string, std::string>, std::size_t> count;
  for (const PageSeriesColumn& column : columns) ++count[{column.panel, column.label}];
  for (PageSeriesColumn& column : columns) {
    if (count[{column.panel, column.label}] > 1) column.label = column.name;
  }
}

class SeriesReader {
 public:
  explicit SeriesReader(const ResultTable& series)
      : series_(series), columns_(series.columns.size()) {}

  std::size_t rows() const { return columns_ == 0 ? 0 : series_.rows.size() / columns_; }
  double end_s(std::size_t row) const { return series_.rows[row * columns_]; }
  double begin_s(std::size_t row) const { return row == 0 ? 0 : end_s(row - 1); }
  double length_s(std::size_t row) const { return end_s(row) - begin_s(row); }
  double value(std::size_t row, std::size_t column, bool rate) const {
    const double value = series_.rows[row * columns_ + column];
    return rate && length_s(row) > 0 ? value / length_s(row) : value;
  }

 private:
  const ResultTable& series_;
  std::size_t columns_;
};

struct Bucket {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  double sum = 0, weight = 0;

  void add(double value, double length) {
    if (std::isnan(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value * length;
    weight += length;
  }
};

void fill(const SeriesReader& reader, std::size_t column, std::size_t buckets, bool envelope,
          PageSeriesColumn& out) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const bool rate = out.unit.ends_with("/s");
  for (std::size_t b = 0; b < buckets; ++b) {
    const std::size_t begin = b * reader.rows() / buckets;
    const std::size_t end = (b + 1) * reader.rows() / buckets;
    Bucket bucket;
    double last = kNone;
    for (std::size_t row = begin; row < end; ++row) {
      last = reader.value(row, column, rate);
      out.all_zero = out.all_zero && (last == 0 || std::isnan(last));
      bucket.add(last, reader.length_s(row));
    }
    if (!envelope) {
      out.mean.push_back(last);
      continue;
    }
    const bool any = bucket.low <= bucket.high;
    out.low.push_back(any ? bucket.low : kNone);
    out.high.push_back(any ? bucket.high : kNone);
    out.mean.push_back(bucket.weight > 0 ? bucket.sum / bucket.weight : any ? bucket.low : kNone);
  }
}

template <class Bits>
void put_bytes(std::string& out, Bits bits) {
  for (std::size_t i = 0; i < sizeof(Bits); ++i) out += static_cast<char>(bits >> (8 * i) & 0xFFU);
}

}  // namespace

std::string base64(const std::string& bytes) {
  constexpr std::string_view kSigns =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) {
      three = three << 8U | (j < here ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= here ? kSigns[three >> (18 - 6 * j) & 63U] : '=';
    }
  }
  return out;
}

PageSeries page_series(const ResultTable& series, std::size_t most_values) {
  const std::size_t rows = SeriesReader(series).rows();
  if (series.columns.size() < 2 || rows == 0) return series_in_buckets(series, rows, false);
  const std::size_t columns = series.columns.size() - 1;
  const bool envelope = rows * columns > std::min(kMostRawValues, most_values);
  const std::size_t room = std::clamp(most_values / (3 * columns), kLeastBuckets, kMostBuckets);
  return series_in_buckets(series, envelope ? std::min(rows, room) : rows, envelope);
}

PageSeries series_in_buckets(const ResultTable& series, std::size_t buckets, bool envelope) {
  PageSeries out;
  const SeriesReader reader(series);
  out.rows = reader.rows();
  if (series.columns.size() < 2 || out.rows == 0) return out;
  HYPERDC_CHECK(series.rows.size() % series.columns.size() == 0, "a row is not complete");
  HYPERDC_CHECK(buckets <= out.rows && (envelope || buckets == out.rows), "rows are left out");
  const std::size_t columns = series.columns.size() - 1;
  out.envelope = envelope;
  for (std::size_t b = 0; b < buckets; ++b) {
    out.from_s.push_back(reader.begin_s(b * out.rows / buckets));
    out.to_s.push_back(reader.end_s((b + 1) * out.rows / buckets - 1));
  }
  std::set<std::string_view> units = {"W", "servers", "racks", "degC"};
  for (const MetricInfoRow& row : metric_info_table()) units.insert(row.unit);
  for (std::size_t c = 1; c <= columns; ++c) {
    out.columns.push_back(described(series.columns[c], units));
    fill(reader, c, buckets, out.envelope, out.columns.back());
  }
  tell_apart(out.columns);
  return out;
}

std::string packed_floats(std::span<const double> values) {
  std::string bytes;
  for (const double value : values) {
    put_bytes(bytes, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  }
  return base64(bytes);
}

std::string packed_doubles(std::span<const double> values) {
  std::string bytes;
  for (const double value : values) put_bytes(bytes, std::bit_cast<std::uint64_t>(value));
  return base64(bytes);
}

}  // namespace hyperdc
