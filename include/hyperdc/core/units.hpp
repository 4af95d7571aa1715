// Quantities: "400 Gbit/s", "700 W", "2 d 9 h" as text; one SI number inside.
//
// Grammar: number, one space, unit, optionally " / unit" or "/unit"; only times may be compound
// ("2 d 9 h"). Case-sensitive. A bare number where a unit is needed is an error that says what
// to write. The table of units is data (units.cpp) and printed by the reference.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace hyperdc {

/// What a quantity measures. The SI unit that values are held in is in the comment.
enum class Dimension {
  none,               // a pure number
  time,               // s (1 y = 365 d)
  bytes,              // B
  data_rate,          // B/s; bit/s are accepted and divided by eight
  power,              // W
  energy,             // J
  frequency,          // 1/s: events, requests, jobs a second
  compute_rate,       // FLOP/s (or OP/s)
  money,              // USD
  money_per_energy,   // USD/J
  money_per_time,     // USD/s
  carbon_per_energy,  // g/J
  mass,               // kg
  length,             // m
  volume,             // m3
  volume_per_energy,  // m3/J
  money_per_volume,   // USD/m3
  money_per_mass,     // USD/kg
  money_per_power,    // USD/W
};

struct UnitError {
  std::string message;  // `"400" has no unit`
  std::string hint;     // `write "400 Gbit/s"`
};

/// Parses `text` as a quantity of `dimension`; the value is in the SI unit of the dimension.
/// `example` is a unit of that field ("Gbit/s"), used in hints.
std::variant<double, UnitError> parse_quantity(std::string_view text, Dimension dimension,
                                               std::string_view example = {});

/// The dimension of a text like "5 ms", or of a bare number; nothing where it is no quantity.
std::optional<Dimension> dimension_of(std::string_view text);

/// Shortest text that parses back to the same double, in the SI unit: "86400 s", "8589934592 B".
/// Used in the resolved scenario.
std::string format_quantity(double si, Dimension dimension);

/// For people: "2 d 9 h", "19.6 MW", "8.0 GiB", "51.9 ms", at most four significant digits.
std::string format_for_people(double si, Dimension dimension);

/// "s", "B", "W", …: the unit name that metrics of this dimension carry.
std::string_view si_unit(Dimension dimension);
std::string_view dimension_name(Dimension dimension);

struct UnitRow {
  std::string_view unit;
  Dimension dimension;
  double factor;  // to SI
};
/// Every unit that is accepted, for the reference.
std::span<const UnitRow> unit_table();

}  // namespace hyperdc
