// Money, carbon and water: prices of servers and facilities, and rates of energy over time.
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

constexpr double kMostUsd = 1e12;  // more than all hardware of the world

TypeRef usd(std::string_view example) {
  return quantity_type(Dimension::money, example, {0, kMostUsd});
}

TypeRef rate_type(const std::string& name, const std::string& doc, Dimension dimension,
                  const char* key, std::string_view example, std::string_view unit, Range range) {
  const TypeRef value = quantity_type(dimension, example, range);
  const TypeRef step =
      object_type(name + " step", "A value from a time of the day on.",
                  {required("from", time_type("7 h"), "Time of the day, on the clock of the run."),
                   required(key, value, "Of energy drawn from the grid.")});
  const TypeRef series = object_type(
      name + " series", "A file; after its last row it begins again.",
      {required("file", file_type("nl-2022.csv"), "A CSV file, plain or gz, with a header."),
       defaulted("time_column", text_type("timestamp"), "\"1\"",
                 "Dates such as 2022-07-01T00:00:00Z, by the name of the column or its number."),
       defaulted("value_column", text_type("price"), "\"2\"",
                 "Name of the column of values, or its number from 1."),
       required("unit", quantity_type(dimension, unit, {1e-18, 1e6}), "What a value of 1 means."),
       optional("start", text_type("2022-07-01"),
                "Date at which the run begins; without it that of the first row.")});
  return one_key_type(name, doc, value,
                      {optional("time_of_use", list_type(step, 1),
                                "Steps by rising time; before the first the last one holds."),
                       optional("series", series, "Values over time.")});
}

TypeRef intensity_type() {
  return rate_type("carbon intensity", "An intensity, or one that changes over time.",
                   Dimension::carbon_per_energy, "intensity", "350 g/kWh", "1 g/kWh",
                   kIntensityRange);
}

}  // namespace

TypeRef price_type() {
  const TypeRef purchase = object_type(
      "purchase", "Bought, and written off over its life.",
      {required("usd", usd("280000 USD"), "What is paid for it."),
       required("life", time_type("5 y", 86'400), "Over which it is written off."),
       defaulted("residual", usd("20000 USD"), "\"0 USD\"", "What it is worth after its life."),
       defaulted("depreciation",
                 choice_type({"straight-line", "declining-balance", "sum-of-years"}),
                 "\"straight-line\"", "How; but for the first, a life has whole years."),
       defaulted("factor", number_type({1, 10}, "2"), "2",
                 "Of declining-balance: its rate over that of a straight line."),
       defaulted("age", time_type("1 y"), "\"0 s\"", "At the begin of the run."),
       defaulted("upkeep", quantity_type(Dimension::money_per_time, "9000 USD/y", {0, 1e6}),
                 "\"0 USD/y\"", "Maintenance, spare parts and support.")});
  return one_key_type("price", "Rent, or a purchase.",
                      quantity_type(Dimension::money_per_time, "3.2 USD/h", {0, 1e4}),
                      {optional("purchase", purchase, "Bought, and written off.")});
}

TypeRef electricity_type() {
  return rate_type("electricity", "A price, or one that changes over time.",
                   Dimension::money_per_energy, "price", "0.061 USD/kWh", "1 USD/MWh",
                   kEnergyPriceRange);
}

TypeRef carbon_type() {
  return object_type(
      "carbon", "Emissions for the energy of the facility, by method; each is a number of its own.",
      {optional("average", intensity_type(), "Of all that the grid generates (location-based)."),
       optional("marginal", intensity_type(), "Of what would not be generated without this load."),
       optional("market", intensity_type(), "Of the contracts of who runs it (market-based)."),
       optional("price", quantity_type(Dimension::money_per_mass, "80 USD/t", {0, 1e3}),
                "Paid for what is emitted."),
       only_with("price", defaulted("price_of", choice_type({"average", "marginal", "market"}),
                                    "\"average\"", "What the price is paid for."))});
}

TypeRef water_type() {
  const auto per_energy = [](std::string_view example) {
    return quantity_type(Dimension::volume_per_energy, example, {0, 1e-6});
  };
  return object_type(
      "water", "Water that evaporates on site.",
      {required("per_energy", per_energy("0.3 L/kWh"), "WUE: over energy of the servers."),
       defaulted("per_kelvin", per_energy("0.05 L/kWh"), "\"0 L/kWh\"",
                 "More for each degree outside above `above`."),
       defaulted("above", number_type({-60, 100}, "18"), "18", "Degrees Celsius."),
       optional("price", quantity_type(Dimension::money_per_volume, "1.5 USD/m3", {0, 1e4}),
                "Of the water.")});
}

TypeRef facility_costs_type() {
  const TypeRef demand = object_type(
      "demand charge", "Paid for the greatest mean power of a window in each period.",
      {required("price", quantity_type(Dimension::money_per_power, "12 USD/kW", {0, 1e3}),
                "Of a whole period; a part of one costs its part."),
       defaulted("window", time_type("15 min", 1), "\"15 min\"", "Over which power is averaged."),
       defaulted("period", time_type("730 h", 1), "\"730 h\"",
                 "Of one bill: a whole number of windows. 730 h are a twelfth of a year.")});
  return object_type("facility costs", "What the facility costs beside servers and energy.",
                     {optional("demand_charge", demand, "Without it none."),
                      optional("building", price_type(), "Shell, power and cooling."),
                      optional("network", price_type(), "Switches, optics and cables."),
                      optional("staff", price_type(), "People and what they need.")});
}

}  // namespace hyperdc
