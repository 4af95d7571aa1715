// Writing of quantities: exact for files, rounded for people.
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/core/units.hpp>

namespace hyperdc {
namespace {

struct Step {
  std::string_view unit;
  double factor;
};

/// At most four significant digits, no zeros at the end ("8.0" with keep_decimal).
std::string four_digits(double value, bool keep_decimal = false) {
  const double size = std::fabs(value);
  if (size != 0 && (size < 0.001 || size >= 1e7)) return fmt::format("{:.4g}", value);
  if (size >= 9999.5) {
    const double unit = size < 99995 ? 10 : (size < 999950 ? 100 : 1000);
    return fmt::format("{:.0f}", std::round(value / unit) * unit);
  }
  int decimals = 0;
  for (double top = 999.95; decimals < 6 && size < top && size != 0; top /= 10) ++decimals;
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (decimals > 0) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  if (keep_decimal && decimals > 1 && text.find('.') == std::string::npos) text += ".0";
  return text == "-0" ? "0" : text;
}

/// The largest unit in which the rounded value is at least 1.
std::string on_ladder(double si, std::span<const Step> ladder, bool keep_decimal = false) {
  const double size = std::fabs(si);
  std::size_t at = 0;
  for (; at + 1 < ladder.size(); ++at) {
    // What would be printed as 1000 (1024) of one unit is written as 1 of the next.
    const bool binary = ladder[at + 1].factor == 1024 * ladder[at].factor;
    if (size < ladder[at + 1].factor * (binary ? 1023.5 / 1024 : 0.99995)) break;
  }
  double value = si / ladder[at].factor;
  if (at > 0 && std::fabs(value) < 1) value = std::copysign(1.0, value);
  return fmt::format("{} {}", four_digits(value, keep_decimal && at > 0), ladder[at].unit);
}

constexpr auto kBytes = std::to_array<Step>({{"B", 1},
                                             {"KiB", 1024.0},
                                             {"MiB", 1048576.0},
                                             {"GiB", 1073741824.0},
                                             {"TiB", 1099511627776.0},
                                             {"PiB", 1125899906842624.0},
                                             {"EiB", 1152921504606846976.0}});
constexpr auto kDataRate = std::to_array<Step>({{"bit/s", 0.125},
                                                {"kbit/s", 125},
                                                {"Mbit/s", 125e3},
                                                {"Gbit/s", 125e6},
                                                {"Tbit/s", 125e9},
                                                {"Pbit/s", 125e12}});
constexpr auto kPower =
    std::to_array<Step>({{"mW", 1e-3}, {"W", 1}, {"kW", 1e3}, {"MW", 1e6}, {"GW", 1e9}});
constexpr auto kEnergy = std::to_array<Step>(
    {{"J", 1}, {"Wh", 3600}, {"kWh", 3.6e6}, {"MWh", 3.6e9}, {"GWh", 3.6e12}, {"TWh", 3.6e15}});
constexpr auto kFrequency = std::to_array<Step>({{"/d", 1.0 / 86400},
                                                 {"/h", 1.0 / 3600},
                                                 {"/min", 1.0 / 60},
                                                 {"/s", 1},
                                                 {"k/s", 1e3},
                                                 {"M/s", 1e6},
                                                 {"G/s", 1e9}});
constexpr auto kCompute = std::to_array<Step>({{"FLOP/s", 1},
                                               {"MFLOP/s", 1e6},
                                               {"GFLOP/s", 1e9},
                                               {"TFLOP/s", 1e12},
                                               {"PFLOP/s", 1e15},
                                               {"EFLOP/s", 1e18}});
constexpr auto kMoney =
    std::to_array<Step>({{"USD", 1}, {"kUSD", 1e3}, {"MUSD", 1e6}, {"GUSD", 1e9}});
constexpr auto kEnergyPrice = std::to_array<Step>({{"USD/kWh", 1.0 / 3.6e6}});
constexpr auto kCostRate = std::to_array<Step>({{"USD/h", 1.0 / 3600}});
constexpr auto kCarbon = std::to_array<Step>({{"g/kWh", 1.0 / 3.6e6}});
constexpr auto kMass =
    std::to_array<Step>({{"g", 1e-3}, {"kg", 1}, {"t", 1e3}, {"kt", 1e6}, {"Mt", 1e9}});
constexpr auto kLength = std::to_array<Step>({{"mm", 1e-3}, {"cm", 1e-2}, {"m", 1}, {"km", 1e3}});
constexpr auto kVolume = std::to_array<Step>({{"L", 1e-3}, {"m3", 1}});
constexpr auto kWaterUse = std::to_array<Step>({{"L/kWh", 1.0 / 3.6e9}});
constexpr auto kMassPrice = std::to_array<Step>({{"USD/t", 1e-3}});
constexpr auto kPowerPrice = std::to_array<Step>({{"USD/kW", 1e-3}});
constexpr auto kShortTime =
    std::to_array<Step>({{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}});

std::string time_for_people(double s) {
  constexpr auto kLong =
      std::to_array<Step>({{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"y", 365 * 86400.0}});
  const double size = std::fabs(s);
  if (size < 59.995) return s == 0 ? "0 s" : on_ladder(s, kShortTime);
  const char* sign = s < 0 ? "-" : "";
  const double years = size / kLong.back().factor;
  if (years >= 1000) return fmt::format("{}{} y", sign, four_digits(years));
  // Two neighbouring units: the smaller one rounded, then the larger one chosen, so that 59 min
  // 59.8 s becomes "1 h" and not "59 min 60 s".
  for (std::size_t i = 0; i + 1 < kLong.size(); ++i) {
    const auto ratio = std::llround(kLong[i + 1].factor / kLong[i].factor);
    const long long count = std::llround(size / kLong[i].factor);
    const bool last = i + 2 == kLong.size();
    const double next = last ? 0 : kLong[i + 2].factor;
    if (!last && static_cast<double>(count) * kLong[i].factor >= next) continue;
    const long long large = count / ratio;
    const long long small = count % ratio;
    if (small == 0) return fmt::format("{}{} {}", sign, large, kLong[i + 1].unit);
    return fmt::format("{}{} {} {} {}", sign, large, kLong[i + 1].unit, small, kLong[i].unit);
  }
  return {};
}

}  // namespace

std::optional<Dimension> dimension_of(std::string_view text) {
  // The last unit of "2 d 9 h" decides: only one dimension has it.
  std::string joined;  // "10 GB / s" is "10 GB/s"
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool at_slash =
        text.substr(i, 2) == " /" || (text[i] == ' ' && i > 0 && text[i - 1] == '/');
    if (!at_slash) joined += text[i];
  }
  const std::string unit = joined.substr(joined.rfind(' ') + 1);
  for (const UnitRow& row : unit_table()) {
    if (row.unit != unit) continue;
    const bool reads = std::holds_alternative<double>(parse_quantity(text, row.dimension));
    return reads ? std::optional(row.dimension) : std::nullopt;
  }
  return std::nullopt;
}

std::string format_quantity(double si, Dimension dimension) {
  HYPERDC_CHECK(std::isfinite(si), "a quantity is not finite");
  if (dimension == Dimension::none) return fmt::format("{}", si);
  return fmt::format("{} {}", si, si_unit(dimension));
}

std::string format_for_people(double si, Dimension dimension) {
  if (std::isnan(si)) return "undefined";
  if (std::isinf(si)) return si > 0 ? "unlimited" : "-unlimited";
  if (si == 0) si = 0;  // no "-0"
  switch (dimension) {
    case Dimension::none:
      return four_digits(si);
    case Dimension::time:
      return time_for_people(si);
    case Dimension::bytes:
      return on_ladder(si, kBytes, true);
    case Dimension::data_rate:
      return on_ladder(si, kDataRate);
    case Dimension::power:
      return si == 0 ? "0 W" : on_ladder(si, kPower);
    case Dimension::energy:
      return on_ladder(si, kEnergy);
    case Dimension::frequency:
      return si == 0 ? "0 /s" : on_ladder(si, kFrequency);
    case Dimension::compute_rate:
      return on_ladder(si, kCompute);
    case Dimension::money:
      return on_ladder(si, kMoney);
    case Dimension::money_per_energy:
      return on_ladder(si, kEnergyPrice);
    case Dimension::money_per_time:
      return on_ladder(si, kCostRate);
    case Dimension::carbon_per_energy:
      return on_ladder(si, kCarbon);
    case Dimension::mass:
      return si == 0 ? "0 kg" : on_ladder(si, kMass);
    case Dimension::length:
      return si == 0 ? "0 m" : on_ladder(si, kLength);
    case Dimension::volume:
      return si == 0 ? "0 m3" : on_ladder(si, kVolume);
    case Dimension::volume_per_energy:
      return on_ladder(si, kWaterUse);
    case Dimension::money_per_volume:
      return fmt::format("{} USD/m3", four_digits(si));
    case Dimension::money_per_mass:
      return on_ladder(si, kMassPrice);
    case Dimension::money_per_power:
      return on_ladder(si, kPowerPrice);
  }
  return {};
}

}  // namespace hyperdc
