#include "report/page_fine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

namespace hyperdc {
namespace {

constexpr std::string_view kFineSigns =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Characters of a value with its part of the bounds of the block (two floats as base64).
constexpr double kFineCharacters = 2 + 2 * 16.0 / 3 / kFineBlock;

/// The length of the steps, all but the last; nothing where they differ.
std::optional<double> step_of(const ResultTable& series) {
  const std::size_t columns = series.columns.size();
  const std::size_t rows = series.rows.size() / columns;
  if (rows < 2) return std::nullopt;
  const double step = series.rows[0];
  for (std::size_t row = 1; row + 1 < rows; ++row) {
    const double end = series.rows[row * columns];
    if (std::fabs(end - step * static_cast<double>(row + 1)) > 1e-9 * end) return std::nullopt;
  }
  const double last = series.rows[(rows - 1) * columns] - step * static_cast<double>(rows - 1);
  if (!(step > 0 && last > 0 && last <= step * (1 + 1e-9))) return std::nullopt;
  return step;
}

/// What is 0 throughout takes no room.
std::size_t shown_columns(const PageSeries& series) {
  return static_cast<std::size_t>(
      std::count_if(series.columns.begin(), series.columns.end(),
                    [](const PageSeriesColumn& column) { return !column.all_zero; }));
}

enum class Toward { nearest, down, up };

class BlockCodes {
 public:
  BlockCodes(double low, double high) : low_(low), span_(high - low) {}

  void put(std::string& out, double value, Toward toward) const {
    unsigned code = kFineNone;
    if (!std::isnan(value)) {
      const double at = span_ > 0 ? (value - low_) / span_ * kFineSteps : 0;
      const double whole = toward == Toward::down ? std::floor(at)
                           : toward == Toward::up ? std::ceil(at)
                                                  : std::floor(at + 0.5);
      code = static_cast<unsigned>(std::clamp(whole, 0.0, static_cast<double>(kFineSteps)));
    }
    out += kFineSigns[code >> 6U];
    out += kFineSigns[code & 63U];
  }

 private:
  double low_, span_;
};

PageFineColumn fine_column(const PageSeriesColumn& column, bool envelope) {
  PageFineColumn out;
  const std::vector<double>& least = envelope ? column.low : column.mean;
  const std::vector<double>& most = envelope ? column.high : column.mean;
  for (std::size_t begin = 0; begin < least.size(); begin += kFineBlock) {
    const std::size_t end = std::min(begin + kFineBlock, least.size());
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t i = begin; i < end; ++i) {
      if (least[i] < low) low = least[i];
      if (most[i] > high) high = most[i];
    }
    if (low > high) low = high = std::numeric_limits<double>::quiet_NaN();
    out.low.push_back(low);
    out.high.push_back(high);
    const BlockCodes codes(low, high);
    for (std::size_t i = begin; i < end; ++i) {
      codes.put(out.values, column.mean[i], Toward::nearest);
      if (!envelope) continue;
      codes.put(out.bucket_low, column.low[i], Toward::down);
      codes.put(out.bucket_high, column.high[i], Toward::up);
    }
  }
  return out;
}

}  // namespace

std::size_t characters_of(const PageSeries& series) {
  const std::size_t each = series.envelope ? 3 : 1;
  return series.to_s.size() * (16 * each * shown_columns(series) + 2 * 32) / 3;
}

PageLevels levels_of(const ResultTable& series, std::size_t most_values) {
  PageLevels out{page_series(series, most_values), {}};
  if (!out.overview.envelope) return out;
  const std::size_t buckets = std::min(kOverviewBuckets, out.overview.to_s.size());
  PageSeries overview = series_in_buckets(series, buckets, true);
  const std::size_t most = most_values * kMostFineCharacters / kMostPageValues;
  out.fine = fine_series(series, overview, most - std::min(most, characters_of(overview)));
  if (out.fine) out.overview = std::move(overview);
  return out;
}

std::optional<PageFine> fine_series(const ResultTable& series, const PageSeries& overview,
                                    std::size_t most_characters) {
  if (!overview.envelope) return std::nullopt;
  const std::optional<double> step = step_of(series);
  if (!step) return std::nullopt;
  const std::size_t columns = shown_columns(overview);
  if (columns == 0) return std::nullopt;
  const double of_point = kFineCharacters * static_cast<double>(columns);
  const double room = static_cast<double>(most_characters);
  PageFine out;
  out.envelope = static_cast<double>(overview.rows) * of_point > room;
  out.points = out.envelope ? static_cast<std::size_t>(room / (3 * of_point)) : overview.rows;
  if (out.points < 2 * overview.to_s.size()) return std::nullopt;
  out.step_s = *step;
  out.end_s = overview.to_s.back();
  for (const PageSeriesColumn& column :
       series_in_buckets(series, out.points, out.envelope).columns) {
    out.columns.push_back(column.all_zero ? PageFineColumn() : fine_column(column, out.envelope));
  }
  return out;
}

void write_fine(JsonWriter& json, const std::optional<PageFine>& fine) {
  json.key("fine");
  if (!fine) {
    json.null();
    return;
  }
  json.open_object();
  json.key("points").natural(fine->points);
  json.key("envelope").boolean(fine->envelope);
  json.key("step").number(fine->step_s);
  json.key("end").number(fine->end_s);
  json.key("block").natural(kFineBlock);
  json.key("columns").open_array();
  for (const PageFineColumn& column : fine->columns) {
    json.open_object();
    json.key("low").text(packed_floats(column.low));
    json.key("high").text(packed_floats(column.high));
    json.key("values").text(column.values);
    if (fine->envelope) {
      json.key("bucket_low").text(column.bucket_low);
      json.key("bucket_high").text(column.bucket_high);
    }
    json.close();
  }
  json.close();
  json.close();
}

}  // namespace hyperdc
