// The table of units: every spelling that is accepted, its dimension and its factor to SI.
//
// Decimal prefixes are powers of ten (SI Brochure, 9th ed.), binary ones powers of two (IEC
// 80000-13). A week is 7 d and a year 365 d. Leaves out months and leap years.
#include <array>

#include <hyperdc/core/units.hpp>

namespace hyperdc {
namespace {

constexpr double kMinute = 60;
constexpr double kHour = 3600;
constexpr double kDay = 86400;
constexpr double kWeek = 7 * kDay;
constexpr double kYear = 365 * kDay;
constexpr double kKi = 1024;
constexpr double kMi = kKi * kKi;
constexpr double kGi = kMi * kKi;
constexpr double kTi = kGi * kKi;
constexpr double kPi = kTi * kKi;
constexpr double kEi = kPi * kKi;
constexpr double kWh = 3600;  // J

using enum Dimension;

constexpr auto kUnits = std::to_array<UnitRow>({
    {"ns", time, 1e-9},
    {"us", time, 1e-6},
    {"ms", time, 1e-3},
    {"s", time, 1},
    {"min", time, kMinute},
    {"h", time, kHour},
    {"d", time, kDay},
    {"w", time, kWeek},
    {"y", time, kYear},

    {"B", bytes, 1},
    {"kB", bytes, 1e3},
    {"MB", bytes, 1e6},
    {"GB", bytes, 1e9},
    {"TB", bytes, 1e12},
    {"PB", bytes, 1e15},
    {"EB", bytes, 1e18},
    {"KiB", bytes, kKi},
    {"MiB", bytes, kMi},
    {"GiB", bytes, kGi},
    {"TiB", bytes, kTi},
    {"PiB", bytes, kPi},
    {"EiB", bytes, kEi},

    {"bit/s", data_rate, 0.125},
    {"kbit/s", data_rate, 125},
    {"Mbit/s", data_rate, 125e3},
    {"Gbit/s", data_rate, 125e6},
    {"Tbit/s", data_rate, 125e9},
    {"Pbit/s", data_rate, 125e12},
    {"B/s", data_rate, 1},
    {"kB/s", data_rate, 1e3},
    {"MB/s", data_rate, 1e6},
    {"GB/s", data_rate, 1e9},
    {"TB/s", data_rate, 1e12},
    {"PB/s", data_rate, 1e15},
    {"GB/d", data_rate, 1e9 / kDay},
    {"TB/d", data_rate, 1e12 / kDay},
    {"PB/d", data_rate, 1e15 / kDay},
    {"KiB/s", data_rate, kKi},
    {"MiB/s", data_rate, kMi},
    {"GiB/s", data_rate, kGi},
    {"TiB/s", data_rate, kTi},

    {"mW", power, 1e-3},
    {"W", power, 1},
    {"kW", power, 1e3},
    {"MW", power, 1e6},
    {"GW", power, 1e9},

    {"J", energy, 1},
    {"kJ", energy, 1e3},
    {"MJ", energy, 1e6},
    {"GJ", energy, 1e9},
    {"TJ", energy, 1e12},
    {"Wh", energy, kWh},
    {"kWh", energy, 1e3 * kWh},
    {"MWh", energy, 1e6 * kWh},
    {"GWh", energy, 1e9 * kWh},
    {"TWh", energy, 1e12 * kWh},

    {"/s", frequency, 1},
    {"k/s", frequency, 1e3},
    {"M/s", frequency, 1e6},
    {"G/s", frequency, 1e9},
    {"/min", frequency, 1 / kMinute},
    {"/h", frequency, 1 / kHour},
    {"/d", frequency, 1 / kDay},
    {"/w", frequency, 1 / kWeek},
    {"/y", frequency, 1 / kYear},
    {"Hz", frequency, 1},
    {"kHz", frequency, 1e3},
    {"MHz", frequency, 1e6},
    {"GHz", frequency, 1e9},

    {"FLOP/s", compute_rate, 1},
    {"MFLOP/s", compute_rate, 1e6},
    {"GFLOP/s", compute_rate, 1e9},
    {"TFLOP/s", compute_rate, 1e12},
    {"PFLOP/s", compute_rate, 1e15},
    {"EFLOP/s", compute_rate, 1e18},
    {"OP/s", compute_rate, 1},
    {"GOP/s", compute_rate, 1e9},
    {"TOP/s", compute_rate, 1e12},
    {"POP/s", compute_rate, 1e15},

    {"USD", money, 1},
    {"kUSD", money, 1e3},
    {"MUSD", money, 1e6},
    {"GUSD", money, 1e9},

    {"USD/J", money_per_energy, 1},
    {"USD/GJ", money_per_energy, 1e-9},
    {"USD/kWh", money_per_energy, 1 / (1e3 * kWh)},
    {"USD/MWh", money_per_energy, 1 / (1e6 * kWh)},

    {"USD/s", money_per_time, 1},
    {"USD/min", money_per_time, 1 / kMinute},
    {"USD/h", money_per_time, 1 / kHour},
    {"USD/d", money_per_time, 1 / kDay},
    {"USD/y", money_per_time, 1 / kYear},
    {"kUSD/y", money_per_time, 1e3 / kYear},

    {"g/J", carbon_per_energy, 1},
    {"g/kWh", carbon_per_energy, 1 / (1e3 * kWh)},
    {"kg/kWh", carbon_per_energy, 1 / kWh},
    {"kg/MWh", carbon_per_energy, 1 / (1e3 * kWh)},
    {"t/MWh", carbon_per_energy, 1 / kWh},

    {"g", mass, 1e-3},
    {"kg", mass, 1},
    {"t", mass, 1e3},
    {"kt", mass, 1e6},
    {"Mt", mass, 1e9},

    {"mm", length, 1e-3},
    {"cm", length, 1e-2},
    {"m", length, 1},
    {"km", length, 1e3},

    {"L", volume, 1e-3},
    {"m3", volume, 1},

    {"L/kWh", volume_per_energy, 1e-3 / (1e3 * kWh)},
    {"m3/MWh", volume_per_energy, 1 / (1e6 * kWh)},
    {"m3/J", volume_per_energy, 1},

    {"USD/m3", money_per_volume, 1},
    {"USD/L", money_per_volume, 1e3},

    {"USD/kg", money_per_mass, 1},
    {"USD/t", money_per_mass, 1e-3},

    {"USD/W", money_per_power, 1},
    {"USD/kW", money_per_power, 1e-3},
    {"USD/MW", money_per_power, 1e-6},
});

struct DimensionRow {
  Dimension dimension;
  std::string_view name;
  std::string_view si;
};

constexpr auto kDimensions = std::to_array<DimensionRow>({
    {none, "number", "1"},
    {time, "time", "s"},
    {bytes, "data", "B"},
    {data_rate, "data rate", "B/s"},
    {power, "power", "W"},
    {energy, "energy", "J"},
    {frequency, "rate", "/s"},
    {compute_rate, "compute rate", "FLOP/s"},
    {money, "money", "USD"},
    {money_per_energy, "energy price", "USD/J"},
    {money_per_time, "cost per time", "USD/s"},
    {carbon_per_energy, "carbon intensity", "g/J"},
    {mass, "mass", "kg"},
    {length, "length", "m"},
    {volume, "volume", "m3"},
    {volume_per_energy, "volume per energy", "m3/J"},
    {money_per_volume, "price by volume", "USD/m3"},
    {money_per_mass, "price by mass", "USD/kg"},
    {money_per_power, "price by power", "USD/W"},
});

const DimensionRow& row_of(Dimension dimension) {
  return kDimensions[static_cast<std::size_t>(dimension)];
}

}  // namespace

std::span<const UnitRow> unit_table() {
  return kUnits;
}

std::string_view si_unit(Dimension dimension) {
  return row_of(dimension).si;
}

std::string_view dimension_name(Dimension dimension) {
  return row_of(dimension).name;
}

}  // namespace hyperdc
