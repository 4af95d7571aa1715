#include "report/chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include <hyperdc/core/units.hpp>

#include "report/format.hpp"
#include "report/table.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kRows = 12;
constexpr std::size_t kLabel = 10;  // columns left of the axis
constexpr std::size_t kDots = 4 * kRows;

/// Dots of a chart, two columns and four rows a character.
class Canvas {
 public:
  explicit Canvas(std::size_t columns) : width_((columns + 1) / 2), cells_(width_ * kRows) {}

  /// `row` counts from the bottom.
  void dot(std::size_t column, std::size_t row) {
    constexpr std::array<std::array<unsigned, 4>, 2> kBits = {
        {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}};
    const std::size_t down = kDots - 1 - row;
    cells_[(down / 4) * width_ + column / 2] |= kBits[column % 2][down % 4];
  }

  std::string line(std::size_t row, bool unicode) const {
    std::string out;
    for (std::size_t i = 0; i < width_; ++i) {
      const unsigned bits = cells_[row * width_ + i];
      if (bits == 0) {
        out += ' ';
      } else if (!unicode) {
        out += '*';
      } else {  // U+2800 + bits
        out += '\xE2';
        out += static_cast<char>(0xA0U | (bits >> 6U));
        out += static_cast<char>(0x80U | (bits & 0x3FU));
      }
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  }
  std::size_t width() const { return width_; }

 private:
  std::size_t width_;
  std::vector<unsigned> cells_;
};

std::size_t row_of(double value, double top) {
  if (!(top > 0)) return 0;
  const double share = std::clamp(value / top, 0.0, 1.0);
  return static_cast<std::size_t>(std::lround(share * static_cast<double>(kDots - 1)));
}

std::string label(double value, const std::string& unit) {
  return compact_rate(value) + " " + unit;
}

std::string time_axis(std::size_t width, double end_s) {
  const double step = time_step(end_s);
  std::string out(kLabel + 2, ' ');
  for (double t = 0; t <= end_s * (1 + 1e-9); t += step) {
    const auto place =
        static_cast<std::size_t>(std::lround(t / end_s * static_cast<double>(width - 1)));
    const std::string text = t == 0 ? "0" : format_for_people(t, Dimension::time);
    const std::size_t half = t == 0 ? 0 : text.size() / 2;
    std::size_t at = kLabel + 1 + place - half;
    at = std::min(at, kScreenWidth - 1 - text.size());
    if (at < out.size() + (t == 0 ? 0 : 1) && t > 0) continue;  // no room
    out.resize(std::max(out.size(), at), ' ');
    out.resize(at);
    out += text;
  }
  return out;
}

}  // namespace

double round_up(double value) {
  if (!(value > 0)) return 1;
  double power = 1;
  while (power * 10 < value) power *= 10;
  while (power >= value * 1.0000001 && power > 1e-12) power /= 10;
  for (const double step : {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0}) {
    if (step * power >= value) return step * power;
  }
  return 10 * power;
}

double time_step(double end_s) {
  constexpr auto kSteps = std::to_array<double>({1,
                                                 2,
                                                 5,
                                                 10,
                                                 15,
                                                 30,
                                                 60,
                                                 120,
                                                 300,
                                                 600,
                                                 900,
                                                 1800,
                                                 3600,
                                                 7200,
                                                 10800,
                                                 21600,
                                                 43200,
                                                 86400,
                                                 2 * 86400.,
                                                 7 * 86400.,
                                                 14 * 86400.,
                                                 28 * 86400.,
                                                 73 * 86400.,
                                                 146 * 86400.,
                                                 365 * 86400.,
                                                 730 * 86400.,
                                                 1825 * 86400.});
  for (const double step : kSteps) {
    if (end_s <= 8 * step) return step;
  }
  return round_up(end_s / 8);
}

std::string chart(std::span<const ChartBand> bands, const ChartAxis& axis, const TextStyle& style) {
  Canvas canvas(bands.size());
  for (std::size_t i = 0; i < bands.size(); ++i) {
    const std::size_t high = row_of(bands[i].high, axis.top);
    for (std::size_t row = row_of(bands[i].low, axis.top); row <= high; ++row) canvas.dot(i, row);
  }
  const std::string_view side = style.unicode ? "┤" : "|";
  std::string out;
  for (std::size_t row = 0; row < kRows; ++row) {
    std::string text;
    if (row == 0) text = label(axis.top, axis.unit);
    if (row == kRows / 2) text = label(axis.top / 2, axis.unit);
    std::string line =
        fmt::format("{:>{}}{}{}", text, kLabel, side, canvas.line(row, style.unicode));
    out += style.fit("") + line + "\n";
  }
  std::string bottom;
  for (std::size_t i = 0; i < canvas.width(); ++i) bottom += style.unicode ? "─" : "-";
  out += fmt::format("{:>{}}{}{}\n", "0", kLabel, style.unicode ? "┼" : "+", bottom);
  return out + time_axis(canvas.width(), axis.end_s) + "\n";
}

}  // namespace hyperdc
