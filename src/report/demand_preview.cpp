#include "report/demand_preview.hpp"

#include <algorithm>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/core/units.hpp>

#include "core/json_writer.hpp"
#include "report/chart.hpp"
#include "report/format.hpp"
#include "report/screen.hpp"
#include "workload/demand/demand_curve.hpp"

namespace hyperdc {
namespace {

constexpr std::int64_t kSamples = 16;  // a point

std::string short_unit(const std::string& unit) {
  return unit == "1/s" ? "/s" : unit;
}

std::string amounts(const DemandPreview& preview) {
  const std::string unit = short_unit(preview.unit);
  const auto shown = [&](double value) { return fmt::format("{} {}", compact_rate(value), unit); };
  std::string text =
      fmt::format("mean {}, from {} to {} at {}", shown(preview.mean), shown(preview.least),
                  shown(preview.peak), format_for_people(preview.peak_at_s, Dimension::time));
  if (preview.unit == "1/s") {
    text += fmt::format("; {} in {}", compact_count(preview.mean * preview.end_s),
                        format_for_people(preview.end_s, Dimension::time));
  }
  return text;
}

}  // namespace

DemandPreview preview_of(const NamedDemand& named, std::uint64_t seed, SimTime end,
                         std::size_t points) {
  HYPERDC_CHECK(points > 0 && end.ns >= static_cast<std::int64_t>(points) * kSamples,
                "a preview of no time");
  const DemandCurve curve(named.demand, seed);
  DemandPreview out;
  out.name = named.name;
  out.unit = named.unit;
  out.end_s = to_seconds(end);
  const auto n = static_cast<std::int64_t>(points);
  // end * k / n without overflow
  const auto edge = [&](std::int64_t k) { return SimTime{end.ns / n * k + end.ns % n * k / n}; };
  double before = curve.rate(SimTime{});
  out.least = before;
  double total = 0;
  for (std::int64_t k = 0; k < n; ++k) {
    const SimTime from = edge(k);
    const SimTime to = edge(k + 1);
    DemandPreview::Point point{to_seconds(from), to_seconds(to), 0, before, before};
    for (std::int64_t i = 0; i < kSamples; ++i) {
      before = curve.rate({from.ns + (to.ns - from.ns) / kSamples * i});
      point.low = std::min(point.low, before);
      point.high = std::max(point.high, before);
    }
    const double expected = curve.expected(from, to);
    total += expected;
    point.mean = expected / to_seconds(to - from);
    out.least = std::min(out.least, point.low);
    out.points.push_back(point);
  }
  out.mean = total / out.end_s;
  const DemandPeak peak = find_peak(curve, SimTime{}, end);
  out.peak = peak.rate;
  out.peak_at_s = to_seconds(peak.at);
  return out;
}

std::string preview_text(std::span<const DemandPreview> previews, const TextStyle& style) {
  std::string out;
  for (const DemandPreview& preview : previews) {
    if (!out.empty()) out += "\n";
    out += line(style, printable(preview.name), Ink::strong);
    out += line(style, amounts(preview));
    std::vector<ChartBand> bands;
    for (const DemandPreview::Point& point : preview.points) {
      bands.push_back({point.low, point.high});
    }
    const double top = round_up(preview.peak * 1.0001);
    out += chart(bands, {preview.end_s, top, short_unit(preview.unit)}, style);
  }
  return out;
}

std::string preview_json(const std::string& scenario, std::uint64_t seed,
                         std::span<const DemandPreview> previews) {
  JsonStream json(2);
  json.begin_object();
  json.key("schema").string("hyperdc.preview/1");
  json.key("scenario").string(scenario);
  json.key("seed").natural(seed);
  json.key("curves").begin_array();
  for (const DemandPreview& preview : previews) {
    json.begin_object();
    json.key("workload").string(preview.name);
    json.key("unit").string(preview.unit);
    json.key("end_s").number(preview.end_s);
    json.key("mean").number(preview.mean);
    json.key("least").number(preview.least);
    json.key("peak").number(preview.peak);
    json.key("peak_at_s").number(preview.peak_at_s);
    json.key("points").begin_array();
    for (const DemandPreview::Point& point : preview.points) {
      json.begin_object();
      json.key("from_s").number(point.from_s);
      json.key("to_s").number(point.to_s);
      json.key("mean").number(point.mean);
      json.key("low").number(point.low);
      json.key("high").number(point.high);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

}  // namespace hyperdc
