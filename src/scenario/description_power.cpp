// The facility of a region: its power devices, cooling, caps, losses and weather.
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

TypeRef watts(std::string_view example) {
  return quantity_type(Dimension::power, example, {1, 1e12});
}

TypeRef celsius() {
  return number_type({-60, 100}, "25");
}

std::vector<Field> fault_fields() {
  const TypeRef outage =
      object_type("device outage", "One failure at a given time.",
                  {required("at", time_type("2 h"), "When it fails."),
                   optional("lasts", time_type("1 h", 1e-3),
                            "Until it works again; without it, until the end of the run.")});
  const TypeRef time = distribution_type(Dimension::time, "1 y", {1e-3, kMaxSeconds});
  return {
      defaulted("outages", list_type(outage), "[]", "Failures at given times."),
      optional("time_to_failure", time, "Time in service until it fails by itself."),
      optional("repair", time,
               "From a failure by itself, or a trip, until it works again; without it, never.")};
}

Field feeds_field() {
  return required("feeds", list_type(text_type("ups-a"), 1),
                  "Devices above it, in the order in which they are used.");
}

Field supply_field(std::string_view fallback) {
  return defaulted("supply", choice_type({"shared", "first"}), fallback,
                   "shared: equal parts from all live feeds; first: all from the first live one.");
}

Field plan_field() {
  const TypeRef share = number_type({0, 1}, "0.01");
  const TypeRef measured =
      object_type("measurement", "How well mean and deviation are known.",
                  {required("samples", integer_type({30, 1e12}, "500"),
                            "Independent measurements of a rack that they come from."),
                   required("confidence", number_type({0.01, 0.999}, "0.95"),
                            "Of both limits together that the racks are planned by.")});
  const TypeRef capped =
      object_type("capped racks", "What caps may do to racks.",
                  {required("least", watts("6 kW"), "Power of a rack under its tightest cap."),
                   required("shaved", number_type({0, 1}, "0.001"),
                            "Share of what racks would draw, in the mean of a year, that caps may "
                            "take.")});
  return optional(
      "oversubscription",
      object_type(
          "oversubscription", "How many racks of a kind the device may take.",
          {required("trips_per_year", number_type({1e-12, 0.999}, "0.01"),
                    "Probability of a trip in a year that is accepted."),
           required("mean", watts("10 kW"), "Mean power of a rack."),
           required("deviation", quantity_type(Dimension::power, "2 kW", {0, 1e12}),
                    "Standard deviation of the power of a rack over time."),
           required("peak", watts("18 kW"),
                    "Power of a rack in a plan without statistics: its nameplate or peak."),
           defaulted("swing", quantity_type(Dimension::power, "1 kW", {0, 1e12}), "\"0 W\"",
                     "What each draws above its mean while all compute, where racks work in step "
                     "(synchronous training)."),
           optional("capped", capped,
                    "The plan counts on the caps of the facility; without it, on none."),
           defaulted("correlation", share, "0", "Between the deviations of two racks."),
           optional("measured", measured,
                    "Plans by upper confidence limits of mean and deviation; without it they are "
                    "exact."),
           defaulted("alike_for", time_type("1 min", 1e-3), "\"1 min\"",
                     "How long a deviation lasts; the device must not hold its overload longer.")}),
      "Reports how many racks it may feed at a stated risk; nothing else changes.");
}

std::vector<Field> trip_fields() {
  const TypeRef point =
      object_type("trip point", "A point of a trip curve.",
                  {required("load", number_type({1, 100}, "1.25"), "Load over capacity."),
                   required("time", time_type("30 s", 1e-3), "How long a cold device holds it.")});
  return {optional("trip", list_type(point, 1),
                   "Overload against time to trip, joined by lines in log-log; without it the "
                   "curve of the kind."),
          defaulted("cool_down", time_type("10 min", 1e-3), "\"10 min\"",
                    "From just before a trip to cold."),
          plan_field()};
}

std::vector<Field> joined(std::vector<Field> fields, const std::vector<Field>& more) {
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

TypeRef device_type() {
  const Field capacity = required("capacity", watts("1 MW"), "Load that it carries for ever.");
  const Field transfer =
      defaulted("transfer", time_type("100 ms"), "\"0 s\"",
                "From a dead feed to the next live one; up to 12 ms are ridden through.");
  const TypeRef battery = object_type(
      "battery", "Energy that bridges dead feeds.",
      {required("energy", quantity_type(Dimension::energy, "80 kWh", {1, 1e15}), "When full."),
       required("recharge", quantity_type(Dimension::power, "50 kW", {0, 1e12}),
                "While a feed lives.")});
  return tagged_type(
      "power device", "A device between the grid and the racks.", "kind",
      {{"utility",
        "The grid.",
        joined({optional("capacity", watts("20 MW"), "Without it, whatever is asked for.")},
               fault_fields()),
        {}},
       {"generator",
        "Starts when no feed before it lives.",
        joined({capacity, defaulted("start", time_type("10 s"), "\"10 s\"",
                                    "From the moment it is asked for until it carries load.")},
               joined(trip_fields(), fault_fields())),
        {}},
       {"ups",
        "A lineup of uninterruptible power supplies.",
        joined({capacity, feeds_field(), supply_field("\"first\""), transfer,
                optional("battery", battery, "Without it, it dies with its feeds.")},
               joined(trip_fields(), fault_fields())),
        {}},
       {"pdu",
        "A distribution unit, row or rack breaker.",
        joined({capacity, feeds_field(), supply_field("\"first\""), transfer},
               joined(trip_fields(), fault_fields())),
        {}},
       {"bus",
        "Joins feeds that share its load; carries anything.",
        joined({feeds_field(), supply_field("\"shared\"")}, fault_fields()),
        {}}});
}

TypeRef group_type() {
  return object_type(
      "redundancy group", "Devices that stand in for each other.",
      {required("devices", list_type(text_type("ups-a"), 2), "Its members, of equal capacity."),
       required("scheme", text_type("4N3"),
                "N+1, N+2, 2N, or 4N3: four devices of which three carry the load."),
       plan_field()});
}

TypeRef cooling_type() {
  const TypeRef unit = object_type(
      "cooling unit", "A CRAH, or a pump and heat exchanger.",
      joined({required("capacity", watts("300 kW"), "Heat that it takes away."),
              defaulted("feeds", list_type(text_type("ups-a")), "[]",
                        "Power devices of which one must live; without, it is always powered.")},
             fault_fields()));
  const auto fields = [&](std::string_view setpoint, std::string_view throttle,
                          std::string_view shutdown, std::string_view rise) {
    return std::vector<Field>{
        required("units", map_type(unit, 1), "Its devices by name."),
        defaulted("setpoint", celsius(), setpoint, "Inlet of servers in degrees Celsius."),
        defaulted("throttle", celsius(), throttle, "Inlet at which servers slow down."),
        defaulted("shutdown", celsius(), shutdown, "Inlet at which servers stop."),
        defaulted("time_per_kelvin", time_type("9 s", 1e-3), rise,
                  "In which the inlet warms by 1 K without any cooling while the heat is the "
                  "capacity of all units together."),
        optional("time_constant", time_type("10 min", 1e-3),
                 "In which walls and racks take part; without it the inlet warms by a line.")};
  };
  return tagged_type(
      "cooling zone", "Racks that share air or a liquid loop.", "kind",
      {{"air", "Room air.", fields("25", "35", "45", "\"9 s\""), {}},
       {"liquid", "A loop to cold plates.", fields("32", "45", "55", "\"4 s\""), {}}});
}

TypeRef capping_type() {
  const auto share = [](std::string_view example) {
    return number_type({0.01, 10}, std::string(example));
  };
  return object_type(
      "capping", "A controller that caps racks below devices near their limit.",
      joined(
          {required("every", time_type("3 s", 1e-3), "Between two measurements."),
           required("delay", time_type("1 s"), "From a measurement to the decision."),
           required("actuate", time_type("2 s"), "From the decision to the lower power."),
           defaulted("above", share("0.99"), "0.99",
                     "Share of its capacity at which a device is capped."),
           defaulted("target", share("0.95"), "0.95", "Share to which it is brought."),
           defaulted("priority", map_type(integer_type({-1000, 1000}, "1")), "{}",
                     "By rack group; the lowest is capped first. 0 where none is given."),
           defaulted(
               "noise", number_type({0, 0.2}, "0.01"), "0",
               "Standard deviation of a reading of a device over its value, drawn anew each time."),
           defaulted(
               "lost", number_type({0, 0.999}, "0.01"), "0",
               "Probability that a command does not reach a rack group, which keeps its cap.")},
          fault_fields()));
}

TypeRef throttle_type() {
  return object_type("throttling", "What slower clocks save and cost.",
                     {defaulted("exponent", number_type({1, 3}, "2"), "2",
                                "Dynamic power falls with this power of the clock."),
                      defaulted("least_clock", number_type({0.01, 1}, "0.5"), "0.5",
                                "The slowest clock over the full one."),
                      defaulted("clock_bound", number_type({0, 1}, "1"), "1",
                                "Share of the work that depends on the clock.")});
}

TypeRef pue_type() {
  const auto share = [](std::string_view example) {
    return number_type({0, 10}, std::string(example));
  };
  const TypeRef losses = object_type(
      "losses", "Losses as a function of load and weather.",
      {required("design", watts("20 MW"), "IT power that the shares refer to."),
       required("fixed", share("0.03"), "Losses without load, of the design power."),
       required("proportional", share("0.05"), "Losses in proportion to the load, of the load."),
       defaulted("square", share("0.01"), "0",
                 "Losses with the square of the load, of the design power at full load."),
       defaulted("per_kelvin", number_type({0, 1}, "0.004"), "0",
                 "More for each degree outside above free_below, of the load."),
       defaulted("free_below", celsius(), "18",
                 "Outside temperature up to which outside air is enough.")});
  return one_key_type("pue", "A constant, or losses that depend on load and weather.",
                      number_type({1, 10}, "1.09"),
                      {optional("losses", losses, "A function of load and weather.")});
}

TypeRef weather_type() {
  const TypeRef wave = object_type(
      "weather wave", "A year and a day as waves.",
      {required("mean", celsius(), "Mean of the year in degrees Celsius."),
       required("yearly", number_type({0, 60}, "8"), "From the mean to the warmest day."),
       required("daily", number_type({0, 60}, "5"), "From a day's mean to 15 h."),
       defaulted("warmest", time_type("200 d"), "\"200 d\"",
                 "The warmest day, from the start of the run.")});
  const TypeRef point =
      object_type("weather point", "A temperature at a time.",
                  {required("time", time_type("6 h"), "From the start of the run."),
                   required("celsius", celsius(), "Outside temperature.")});
  return one_key_type("weather", "Outside temperature: exactly one key.", nullptr,
                      {optional("wave", wave, "Sinusoids."),
                       optional("points", list_type(point, 1), "Joined by lines; times rise.")});
}

}  // namespace

TypeRef facility_type() {
  return object_type(
      "facility", "The building: its limits and losses, its power and its cooling.",
      {defaulted("pue", pue_type(), "1.0",
                 "Power usage effectiveness: power of the facility over power of its servers."),
       optional("power", quantity_type(Dimension::power, "24 MW", {0, 1e12}),
                "What the facility may draw, cooling included; without it there is no limit."),
       optional("electricity", electricity_type(), "What its energy costs."),
       optional("carbon", carbon_type(), "What its energy emits."),
       optional("water", water_type(), "What its cooling evaporates."),
       optional("costs", facility_costs_type(), "What else it costs."), sources_field(),
       defaulted("devices", map_type(device_type()), "{}",
                 "Power devices by name; without any, power never fails."),
       defaulted("groups", map_type(group_type()), "{}", "Redundancy groups by name."),
       defaulted("cooling", map_type(cooling_type()), "{}", "Cooling zones by name."),
       optional("capping", capping_type(), "Power caps; without it none."),
       defaulted("throttling", throttle_type(), "{}", "What slower clocks save and cost."),
       optional("weather", weather_type(), "Outside temperature.")});
}

Field rack_feeds_field() {
  return optional("feeds", list_type(text_type("ups-a"), 1),
                  "Power devices that feed the racks: the primary, then reserves.");
}

Field rack_supply_field() {
  return only_with("feeds", supply_field("\"shared\""));
}

Field rack_cooling_field() {
  return optional("cooling", text_type("hall"), "The cooling zone they stand in.");
}

}  // namespace hyperdc
