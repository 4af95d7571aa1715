#include "report/format.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include <hyperdc/core/units.hpp>

namespace hyperdc {
namespace {

struct Unit {
  double factor;
  std::string_view name;
  double from;  // of the largest value in the row
};

constexpr auto kTime = std::to_array<Unit>({{1e-6, "us", 0},
                                            {1e-3, "ms", 1e-3},
                                            {1, "s", 1},
                                            {60, "min", 300},
                                            {3600, "h", 3 * 3600.0},
                                            {86400, "d", 4 * 86400.0}});
constexpr auto kPower =
    std::to_array<Unit>({{1, "W", 0}, {1e3, "kW", 1e3}, {1e6, "MW", 1e6}, {1e9, "GW", 1e9}});
constexpr auto kEnergy = std::to_array<Unit>({{1, "J", 0},
                                              {3600, "Wh", 3600},
                                              {3.6e6, "kWh", 3.6e6},
                                              {3.6e9, "MWh", 3.6e9},
                                              {3.6e12, "GWh", 3.6e13}});
constexpr auto kAcceleratorTime = std::to_array<Unit>(
    {{1, "acc. s", 0}, {3600, "acc. h", 3600}, {86400, "acc. d", 86400.0 * 1000}});
constexpr auto kReplicaTime = std::to_array<Unit>({{1, "replica s", 0}, {3600, "replica h", 3600}});
constexpr auto kServerTime = std::to_array<Unit>({{1, "server s", 0}, {3600, "server h", 3600}});
constexpr auto kMoney = std::to_array<Unit>(
    {{1, "USD", 0}, {1e3, "kUSD", 1e5}, {1e6, "MUSD", 1e7}, {1e9, "GUSD", 1e10}});
constexpr auto kMass =
    std::to_array<Unit>({{1e-3, "g", 0}, {1, "kg", 1}, {1e3, "t", 1e4}, {1e6, "kt", 1e7}});
constexpr auto kVolume = std::to_array<Unit>({{1e-3, "L", 0}, {1, "m3", 1}});
constexpr auto kRate =
    std::to_array<Unit>({{1.0 / 86400, "/d", 0}, {1.0 / 3600, "/h", 1.0 / 3600}, {1, "/s", 1}});
constexpr auto kBytes = std::to_array<Unit>({{1, "B", 0},
                                             {1e3, "kB", 1e3},
                                             {1e6, "MB", 1e6},
                                             {1e9, "GB", 1e9},
                                             {1e12, "TB", 1e12},
                                             {1e15, "PB", 1e15}});
constexpr auto kDataRate = std::to_array<Unit>({{1, "B/s", 0},
                                                {1e3, "kB/s", 1e3},
                                                {1e6, "MB/s", 1e6},
                                                {1e9, "GB/s", 1e9},
                                                {1e12, "TB/s", 1e12},
                                                {1e15, "PB/s", 1e15}});
constexpr auto kShare = std::to_array<Unit>({{0.01, "%", 0}});
constexpr auto kNumber = std::to_array<Unit>({{1, "", 0}});

std::span<const Unit> units_of(Show show) {
  switch (show) {
    case Show::time:
      return kTime;
    case Show::power:
      return kPower;
    case Show::energy:
      return kEnergy;
    case Show::accelerator_time:
      return kAcceleratorTime;
    case Show::replica_time:
      return kReplicaTime;
    case Show::server_time:
      return kServerTime;
    case Show::money:
      return kMoney;
    case Show::mass:
      return kMass;
    case Show::volume:
      return kVolume;
    case Show::rate:
      return kRate;
    case Show::bytes:
      return kBytes;
    case Show::data_rate:
      return kDataRate;
    case Show::share:
      return kShare;
    case Show::factor:
    case Show::count:
    case Show::number:
      break;
  }
  return kNumber;
}

/// Decimals after which `size` has `digits` significant digits, 0 to 9.
int decimals_for(double size, int digits) {
  if (size <= 0) return 0;
  int decimals = digits - 1;
  for (; size >= 9.999999999999; size /= 10) --decimals;
  for (; size < 0.999999999999 && decimals < 9; size *= 10) ++decimals;
  return std::clamp(decimals, 0, 9);
}

bool whole(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return value == std::floor(value); });
}

std::string group_digits(std::string digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t begin = digits.front() == '-' ? 1 : 0;
  for (std::size_t at = point; at > begin + 3; at -= 3) digits.insert(at - 3, 1, ' ');
  return digits;
}

std::string share_for_people(double value) {
  const double percent = value * 100;
  const double size = std::fabs(percent);
  if (size == 0) return "0 %";
  if (size >= 9.995) {
    std::string text = fmt::format("{:.1f}", percent);
    if (text.substr(text.size() - 2) == ".0" && whole(std::array{percent})) {
      text.resize(text.size() - 2);
    }
    return text + " %";
  }
  return fmt::format("{:.{}f} %", percent, size >= 1 ? 2 : decimals_for(size, 2));
}

}  // namespace

std::string grouped(double value) {
  if (std::fabs(value) >= 1e15) return fmt::format("{:.4g}", value);
  const std::string text = fmt::format("{:.0f}", value);
  return group_digits(text == "-0" ? "0" : text);
}

std::string compact_count(double value) {
  struct Prefix {
    double factor;
    const char* name;
  };
  constexpr auto kPrefixes =
      std::to_array<Prefix>({{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e4, " k"}});
  for (const Prefix& prefix : kPrefixes) {
    const bool thousands = prefix.factor == 1e4;
    if (std::fabs(value) < prefix.factor * (thousands ? 0.99995 : 0.9995)) continue;
    const double shown = value / (thousands ? 1e3 : prefix.factor);
    const int decimals = decimals_for(std::max(1.0, std::fabs(shown)), 3);
    return fmt::format("{:.{}f}{}", shown, decimals, prefix.name);
  }
  return fmt::format("{:.0f}", value);
}

std::string compact_rate(double value) {
  if (std::fabs(value) >= 1e3 || whole(std::array{value})) return compact_count(value);
  return fmt::format("{:.{}f}", value, decimals_for(std::fabs(value), 3));
}

std::string for_people(double value, Show show) {
  switch (show) {
    case Show::time:
      return format_for_people(value, Dimension::time);
    case Show::power:
      return format_for_people(value, Dimension::power);
    case Show::energy:
      return format_for_people(value, Dimension::energy);
    case Show::share:
      return share_for_people(value);
    case Show::factor:
      return group_digits(
                 fmt::format("{:.{}f}", value, decimals_for(std::max(1.0, std::fabs(value)), 3))) +
             " ×";
    case Show::rate:
      return format_for_people(value, Dimension::frequency);
    case Show::bytes:
      return format_for_people(value, Dimension::bytes);
    case Show::data_rate:
      return format_for_people(value, Dimension::data_rate);
    case Show::count:
      if (std::fabs(value) >= 1e9) return compact_count(value);
      return whole(std::array{value})
                 ? grouped(value)
                 : fmt::format("{:.{}f}", value, decimals_for(std::fabs(value), 3));
    case Show::accelerator_time:
    case Show::replica_time:
    case Show::server_time:
    case Show::money:
    case Show::mass:
    case Show::volume:
    case Show::number:
      break;
  }
  const std::array<double, 1> alone{value};
  const RowScale scale = row_scale(alone, {}, show);
  return in_scale(value, scale) + (scale.unit.empty() ? "" : " " + scale.unit);
}

RowScale row_scale(std::span<const double> values, std::span<const double> half_widths, Show show) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::fabs(value));
  RowScale scale;
  for (const Unit& unit : units_of(show)) {
    if (largest < unit.from) break;
    scale.factor = unit.factor;
    scale.unit = unit.name;
  }
  if (show == Show::factor) scale.unit = "×";
  scale.show = show;
  for (const double value : values) {
    scale.apart = scale.apart || (value != 0 && std::fabs(value) * 200 < largest);
  }
  if (scale.apart && show != Show::count && show != Show::share) {
    scale.unit.clear();
    return scale;
  }
  scale.apart = false;
  double narrowest = 0;
  for (const double half : half_widths) {
    if (half > 0 && (narrowest == 0 || half < narrowest)) narrowest = half;
  }
  const double shown = largest / scale.factor;
  scale.decimals = decimals_for(shown, shown >= 1000 ? 4 : (show == Show::share ? 4 : 3));
  if (narrowest > 0) {
    scale.decimals = std::min(decimals_for(narrowest / scale.factor, 2), decimals_for(shown, 6));
  } else if (scale.factor == 1 && show == Show::count && whole(values)) {
    scale.decimals = 0;
  }
  if (show == Show::share) scale.decimals = std::min(scale.decimals, 2);
  return scale;
}

std::string in_scale(double value, const RowScale& scale) {
  if (scale.apart) return for_people(value, scale.show);
  std::string text = fmt::format("{:.{}f}", value / scale.factor, scale.decimals);
  if (text.find_first_not_of("-0.") == std::string::npos && text.front() == '-') text.erase(0, 1);
  return group_digits(std::move(text));
}

std::string seed_list(std::span<const std::uint64_t> seeds) {
  if (seeds.empty()) return "none";
  bool run = true;
  for (std::size_t i = 1; i < seeds.size(); ++i) run = run && seeds[i] == seeds[i - 1] + 1;
  if (run && seeds.size() > 2) return fmt::format("{} to {}", seeds.front(), seeds.back());
  std::string text;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    if (i == 8) return text + fmt::format(", … ({} in all)", seeds.size());
    text += fmt::format("{}{}", i == 0 ? "" : ", ", seeds[i]);
  }
  return text;
}

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
  return grouped(static_cast<double>(count)) + " " + std::string(count == 1 ? one : many);
}

}  // namespace hyperdc
