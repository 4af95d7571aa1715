// Growth plans: demand, sites, hardware and procurement over years.
#include <hyperdc/policy/procurement.hpp>

#include "scenario/description.hpp"
#include "scenario/policy_choice.hpp"

namespace hyperdc {
namespace {

constexpr double kDay = 86'400;
constexpr double kYear = 365 * kDay;
constexpr double kMostUnits = 1e9;
constexpr double kMostMoney = 1e13;  // USD
constexpr double kMostPower = 1e12;  // W

TypeRef when_type(std::string_view example) {
  return quantity_type(Dimension::time, example, {0, 30 * kYear});
}
TypeRef watts_type(std::string_view example) {
  return quantity_type(Dimension::power, example, {0, kMostPower});
}
TypeRef money_type(std::string_view example) {
  return quantity_type(Dimension::money, example, {0, kMostMoney});
}
TypeRef share_type(std::string_view example) {
  return number_type({0, 1}, std::string(example));
}
TypeRef factor_type(std::string_view example) {
  return number_type({0.01, 100}, std::string(example));
}
TypeRef volatility_type() {
  return number_type({0, 2}, "0.15");
}

Field slip_field() {
  const TypeRef slip =
      object_type("slip", "That something comes later than promised.",
                  {required("probability", share_type("0.3"), "That it does."),
                   required("time", distribution_type(Dimension::time, "180 d", {0, 20 * kYear}),
                            "How much later.")});
  return optional("slip", slip, "How it may be late; without it it never is.");
}

TypeRef demand_class_type() {
  return object_type(
      "demand class", "One kind of use whose demand grows; in accelerators of performance 1.",
      {required("start", number_type({0, kMostUnits}, "20000"), "At the beginning."),
       defaulted("growth", factor_type("1.4"), "1", "Factor a year, mean over futures."),
       defaulted("growth_cv", number_type({0, 5}, "0.2"), "0",
                 "Standard deviation over mean of that factor between futures; lognormal."),
       defaulted("volatility", volatility_type(), "0",
                 "About its growth, standard deviation of the logarithm in a year."),
       optional("price", quantity_type(Dimension::money_per_time, "2 USD/h", {0, 1e6}),
                "What a served accelerator-hour brings; without it nothing."),
       only_with("price", defaulted("price_factor", factor_type("0.85"), "1", "On it, a year.")),
       defaulted("takes_repurposed", boolean_type(), "false",
                 "Whether hardware that is past its repurpose age serves it."),
       optional("reservation", number_type({1e-3, kMostUnits}, "64"),
                "Accelerators of one reservation: they come at random (Poisson), and one that "
                "finds no room is turned away. Without it demand is served as far as there is "
                "capacity.")});
}

TypeRef demand_branch_type() {
  return object_type("demand branch", "A future in which all demand is another.",
                     {required("weight", number_type({0, 1e6}, "1"),
                               "Its share of the futures is this over the sum of all."),
                      required("factor", factor_type("2"), "On all demand."),
                      defaulted("at", when_type("2 y"), "\"0 s\"", "From then on.")});
}

TypeRef grid_contract_type() {
  return object_type(
      "grid contract", "What a utility asks of who has asked for its power.",
      {required("minimum_bill", share_type("0.85"),
                "Share of the firm power whose energy is paid for, drawn or not (take or pay); the "
                "site's deliveries together."),
       optional("term", when_type("12 y"),
                "How long that holds, from its coming; without it as long as the power is there."),
       optional("give_up_after", when_type("1 y"),
                "Without need of it, counting all that is on order; without it, it is kept."),
       only_with("give_up_after", defaulted("exit_fee", money_type("20 MUSD"), "\"0 USD\"",
                                            "Paid when it is given up within its term."))});
}

/// Of a hall or of power of the grid.
Field part_life_field() {
  return only_with("capex",
                   optional("life", quantity_type(Dimension::time, "20 y", {kDay, 100 * kYear}),
                            "From its coming; by a straight line over it what is left of "
                            "the capex is sold on at the end of the plan. Without it, "
                            "nothing is."));
}

TypeRef grid_type() {
  return object_type(
      "grid delivery", "Power of the grid that comes at a time.",
      {required("at", when_type("3 y"), "When it is promised."),
       required("power", watts_type("100 MW"), "Firm, of the whole site, cooling included."),
       defaulted("interruptible", watts_type("20 MW"), "\"0 W\"",
                 "Beside it, power that is away for a share of the time."),
       defaulted("ramp", when_type("1 y"), "\"0 s\"", "Over which it rises in a straight line."),
       defaulted("capex", money_type("100 MUSD"), "\"0 USD\"", "Paid when it comes."),
       part_life_field(),
       optional("contract", grid_contract_type(), "Beside the energy; without it none."),
       slip_field()});
}

TypeRef hall_type() {
  const TypeRef row = object_type(
      "row", "What one row of a hall holds.",
      {required("positions", integer_type({1, 10'000}, "20"), "Racks that it holds."),
       required("power", watts_type("600 kW"), "Of its busway."),
       optional("air", watts_type("300 kW"), "Heat that air takes away; without it all."),
       defaulted("liquid", watts_type("600 kW"), "\"0 W\"", "Heat that liquid takes away."),
       optional("ports", integer_type({0, 1e7}, "2000"),
                "Of the network; without it as many as are asked for."),
       optional("weight", quantity_type(Dimension::mass, "40 t", {0, 1e9}),
                "That its floor bears; without it all.")});
  return object_type(
      "hall", "Equal rows that are ready at a time.",
      {required("at", when_type("1 y"), "When it is promised."),
       required("rows", integer_type({1, 10'000}, "40"), "How many rows."),
       required("row", row, "Each of them."),
       optional("ups", watts_type("20 MW"),
                "Of its UPS line-ups together, less what stands by; without it as its rows."),
       defaulted("capex", money_type("300 MUSD"), "\"0 USD\"", "Paid when it is ready."),
       part_life_field(),
       defaulted("rent", quantity_type(Dimension::money_per_time, "1000000 USD/y", {0, 1e6}),
                 "\"0 USD/s\"", "From then on."),
       slip_field()});
}

TypeRef bridging_type() {
  return object_type(
      "bridging power",
      "Turbines or batteries that are ordered when the grid stops a rack or an order.",
      {required("power", watts_type("50 MW"), "As firm power of the grid."),
       required("lead_time", when_type("270 d"), "From order to power."),
       required("term", when_type("3 y"), "How long it stays; it is ordered again if need be."),
       required("cost", quantity_type(Dimension::money_per_time, "40000000 USD/y", {0, 1e6}),
                "While it is there, beside the energy.")});
}

TypeRef site_type() {
  return object_type(
      "growth site", "A place with grid power and halls; earlier ones are filled first.",
      {defaulted("pue", number_type({1, 5}, "1.15"), "1", "Power of the site over its racks'."),
       defaulted("electricity", quantity_type(Dimension::money_per_energy, "0.07 USD/kWh", {0, 1}),
                 "\"0 USD/J\"", "Price of energy; racks draw their full power."),
       only_with("electricity",
                 defaulted("electricity_factor", factor_type("1.02"), "1", "On it, a year.")),
       defaulted("interrupted", share_type("0.02"), "0",
                 "Share of time that interruptible power is away."),
       required("grid", map_type(grid_type(), 1, 100), "Deliveries by name."),
       required("halls", map_type(hall_type(), 1, 100), "Halls by name."),
       optional("bridging", bridging_type(), "What helps until the grid is there.")});
}

TypeRef generation_type() {
  const TypeRef rack = object_type(
      "generation rack", "What is ordered and placed as one.",
      {required("accelerators", integer_type({1, 100'000}, "72"), "In one rack."),
       required("power", watts_type("132 kW"), "Full, all of it."),
       defaulted("liquid", share_type("0.85"), "0", "Share of its heat that liquid takes."),
       defaulted("positions", integer_type({1, 100}, "1"), "1", "It stands on."),
       defaulted("ports", integer_type({0, 100'000}, "72"), "0", "Of the network."),
       defaulted("weight", quantity_type(Dimension::mass, "1.36 t", {0, 1e6}), "\"0 kg\"",
                 "Of one rack.")});
  return object_type(
      "hardware generation", "Racks of one kind, as they are sold, age and go.",
      {defaulted("vendor", text_type("nvidia"), "\"\"", "Who sells it."),
       defaulted("from", when_type("1 y"), "\"0 s\"", "When its sale begins."),
       optional("until", when_type("4 y"), "When it ends; without it, never."),
       defaulted("performance", number_type({1e-3, 1e6}, "2.5"), "1",
                 "Of an accelerator, in those of performance 1."),
       required("rack", rack, "What is ordered."),
       required("price", money_type("3 MUSD"), "Of a rack with its network, at \"from\"."),
       defaulted("price_factor", factor_type("0.9"), "1", "On it, a year."),
       defaulted("price_volatility", volatility_type(), "0", "About that, as of demand."),
       defaulted("efficiency_cv", number_type({0, 5}, "0.3"), "0",
                 "Standard deviation over mean, between futures, of what software makes of its "
                 "performance; lognormal of mean 1, known once one has come."),
       defaulted("porting", money_type("20 MUSD"), "\"0 USD\"",
                 "Of software, once, when the first of them comes."),
       defaulted("share", number_type({0, 1e6}, "0.5"), "1",
                 "Its weight in what the policy \"portfolio\" orders."),
       required("lead_time", distribution_type(Dimension::time, "26 w", {0, 10 * kYear}),
                "From order to arrival, rounded up to steps."),
       slip_field(),
       defaulted("installed", integer_type({0, 1e7}, "500"), "0",
                 "Racks that wait for a place at the beginning; nothing is paid for them."),
       defaulted("installed_age", when_type("1 y"), "\"0 s\"", "Their age then."),
       defaulted("life", quantity_type(Dimension::time, "6 y", {kDay, 100 * kYear}), "\"6 y\"",
                 "From arrival until it is retired and sold on."),
       optional("repurpose", when_type("4 y"),
                "Age from which it serves only classes that take it."),
       defaulted("afr", number_type({0, 10}, "0.02"), "0",
                 "Accelerators of a new rack that fail for good, a year and accelerator."),
       only_with("afr", defaulted("wear", number_type({0, 10}, "0.1"), "0",
                                  "That rate at age a is afr (1 + wear a), a in years.")),
       defaulted("residual", share_type("0.6"), "0",
                 "What is sold on at age a brings the price it had times this to the power a, a "
                 "in years; also at the end of the plan."),
       defaulted("deposit", share_type("0.2"), "0", "Share of the price that is paid at once."),
       defaulted("breakage", share_type("0.15"), "0",
                 "Share of the price that a cancelled order costs."),
       optional("most", integer_type({0, 1e7}, "200"), "Racks that the vendor takes a step."),
       only_with("breakage", defaulted("minimum_take", integer_type({0, 1e7}, "50"), "0",
                                       "Racks of each year of the plan in all of which it is on "
                                       "sale, by contract; each that is not ordered costs the "
                                       "breakage."))});
}

TypeRef lease_type() {
  return object_type(
      "capacity lease", "Accelerators of others, taken when demand is not served.",
      {required("price", quantity_type(Dimension::money_per_time, "2.5 USD/h", {0, 1e6}),
                "Of one of performance 1, used or not."),
       defaulted("price_factor", factor_type("0.9"), "1",
                 "On it, a year; each keeps the price of the day it is taken."),
       required("most", number_type({0, kMostUnits}, "5000"), "At a time."),
       defaulted("lead_time", when_type("30 d"), "\"0 s\"", "Until they are there."),
       required("term", when_type("1 y"), "Each is paid for so long.")});
}

TypeRef staff_type() {
  return object_type(
      "growth staff", "People who look after racks, of all sites together.",
      {required("power_per_person", quantity_type(Dimension::power, "1 MW", {1, kMostPower}),
                "Of racks; beyond it racks wait."),
       required("start", number_type({0, 1e7}, "60"), "Persons at the beginning."),
       required("lead_time", when_type("180 d"),
                "Until who is hired is there; who is missing for what stands, waits or is on order "
                "is hired."),
       optional("most", number_type({0, 1e7}, "100"), "Hires a year; without it no limit."),
       defaulted("attrition", share_type("0.1"), "0", "Share that leaves a year."),
       defaulted("cost", quantity_type(Dimension::money_per_time, "150000 USD/y", {0, 1e6}),
                 "\"0 USD/s\"", "Of one.")});
}

TypeRef tax_type() {
  const auto life = [](std::string_view example) {
    return quantity_type(Dimension::time, example, {kDay, 100 * kYear});
  };
  return object_type(
      "growth tax", "Tax on income: revenue less costs and depreciation, paid year by year.",
      {required("rate", share_type("0.21"), "Of income above 0."),
       required("racks", life("5 y"),
                "Over which racks are written off in the books, in a straight line from arrival; "
                "what is left is written off when they are sold."),
       defaulted("halls", life("20 y"), "\"20 y\"", "The same, of halls."),
       defaulted("grid", life("20 y"), "\"20 y\"", "The same, of what grid power cost."),
       defaulted("carry_forward", boolean_type(), "true",
                 "Whether losses lower the income of later years.")});
}

TypeRef window_type() {
  return object_type(
      "growth window",
      "A short time of one class, event by event: services of this file under the demand of a date "
      "and a future, with the racks that serve then.",
      {required("at", when_type("5 y"), "When, in the plan."),
       required("class", text_type("serving"), "Whose demand."),
       defaulted("quantile", number_type({0, 1}, "0.9"), "0.5",
                 "Which future: that of this rank by demand over the capacity that the class may "
                 "use."),
       required("units", number_type({1e-6, kMostUnits}, "100"),
                "Demand, in accelerators of performance 1, for which the demand of the services is "
                "written."),
       required("services", map_type(text_type("chat"), 1, 50),
                "By generation the service (or endpoint) that its racks run; racks of others carry "
                "their share of the demand out of sight. At most as many replicas as the service "
                "has are simulated, each with the load that it has in the plan.")});
}

}  // namespace

TypeRef growth_type() {
  return object_type(
      "growth plan", "Capacity over years, in many futures of demand, prices and deliveries.",
      {required("years", integer_type({1, 30}, "10"), "From the beginning of the run."),
       defaulted("step", choice_type({"month", "quarter", "year"}), "\"month\"",
                 "Time between decisions; a year is 365 d, a month a twelfth of it."),
       defaulted("futures", integer_type({1, 100'000}, "1000"), "1000", "Drawn from the seed."),
       defaulted("discount", number_type({0, 1}, "0.08"), "0", "Of money, a year."),
       defaulted("demand_correlation", share_type("0.6"), "0",
                 "Between the growth, and between the moves, of two classes."),
       defaulted("slip_correlation", share_type("0.3"), "0",
                 "Between the slips of what is promised for, or ordered in, one year."),
       optional("budget", money_type("500 MUSD"),
                "For racks, halls and grid, a year; without it no limit."),
       only_with("budget", defaulted("budget_factor", factor_type("1.2"), "1", "On it, a year.")),
       defaulted("heed_power", boolean_type(), "true",
                 "Whether no more racks are ordered than the promised power and rows carry when "
                 "they come."),
       required("classes", map_type(demand_class_type(), 1, 50),
                "Demand by name; earlier ones are served first."),
       defaulted("branches", map_type(demand_branch_type(), 0, 50), "{}", "By name."),
       required("sites", map_type(site_type(), 1, 100), "By name."),
       required("generations", map_type(generation_type(), 1, 50), "Hardware by name."),
       optional("lease", lease_type(), "Capacity of others."),
       optional("staff", staff_type(), "People as a limit; without it none."),
       optional("tax", tax_type(), "On income; without it none."),
       defaulted("windows", map_type(window_type(), 0, 50), "{}",
                 "Times that are simulated exactly, by name. In a file with windows, what stands "
                 "and runs (regions, pools, workloads, failures) does so in windows alone, and "
                 "\"duration\" and \"warmup\" are those of a window."),
       optional("decisions", map_type(any_type("{\"discount\": 0.1}"), 0, 50),
                "Further plans by name: what each changes of this one. They meet the same futures, "
                "and regret is counted between all plans of a run."),
       required("procurement",
                tagged_type("procurement", "Who orders what, and when.", "policy",
                            variants_of(procurements())),
                "Who orders."),
       sources_field()});
}

}  // namespace hyperdc
