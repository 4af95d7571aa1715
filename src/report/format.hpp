// Numbers as people read them: alone ("2 h 12 min"), or several in one unit so that they compare at
// a glance ("2.21  4.83 h").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "report/metric_info.hpp"

namespace hyperdc {

/// With unit: "51.9 ms", "95.1 %", "8 152", "3.2 x".
std::string for_people(double value, Show show);

/// Digits in groups of three: "12 345 678"; rounded to an integer.
std::string grouped(double value);

/// At most three or four significant digits with a letter for the power of ten: "12.4 M".
std::string compact_count(double value);
/// The same for rates: three digits below a thousand.
std::string compact_rate(double value);

/// A unit and a number of decimals for a row of values.
struct RowScale {
  double factor = 1;  // shown = value / factor
  std::string unit;   // "h", "%", empty
  int decimals = 0;
  bool apart = false;  // too far apart for one unit: each value has its own
  Show show = Show::number;
};

/// The scale for values that stand side by side. With half widths two of their significant digits
/// are shown, and never more than six digits of a value. Values more than a factor of 200 apart
/// keep their own units.
RowScale row_scale(std::span<const double> values, std::span<const double> half_widths, Show show);
std::string in_scale(double value, const RowScale& scale);

/// "1 to 5", "7", "1, 3, 9".
std::string seed_list(std::span<const std::uint64_t> seeds);

/// "1 job", "2 jobs".
std::string plural(std::uint64_t count, std::string_view one, std::string_view many);

}  // namespace hyperdc
