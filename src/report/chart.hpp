// Chart: a band over time in a terminal, of braille dots, or of asterisks without Unicode.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/terminal.hpp"

namespace hyperdc {

/// What a column of dots covers, from the lowest to the highest value.
struct ChartBand {
  double low = 0;
  double high = 0;
};

struct ChartAxis {
  double end_s = 0;  // of the time axis, which begins at 0
  double top = 0;    // of the value axis, which begins at 0
  std::string unit;  // behind the values: "/s"
};

/// Dot columns of a chart as wide as the screen: two a character.
inline constexpr std::size_t kChartColumns = 176;

/// Lines with a value axis at the left and a time axis below, at most kScreenWidth columns.
std::string chart(std::span<const ChartBand> bands, const ChartAxis& axis, const TextStyle& style);

/// The least of 1, 2, 3, 4, 5, 6, 8 and 10 times a power of ten that is not below `value`.
double round_up(double value);
/// A step of a time axis of `end_s` seconds: whole seconds to years, at most eight of them.
double time_step(double end_s);

}  // namespace hyperdc
