// Who owns AI compute, and labelled outlooks of it.
#include "scenario/description.hpp"

namespace hyperdc {

namespace {

TypeRef share_of(std::string_view example) {
  return number_type({0, 1}, std::string(example));
}
TypeRef yearly_factor(std::string_view example) {
  return number_type({0.01, 100}, std::string(example));
}
TypeRef calendar_year(std::string_view example) {
  return integer_type({1990, 2200}, std::string(example));
}
TypeRef many_accelerators() {
  return distribution_type(Dimension::none, "5e6", {0, 1e12});
}
TypeRef dollars(std::string_view example) {
  return quantity_type(Dimension::money, example, {0, 1e14});
}

TypeRef capex_list() {
  return list_type(object_type("capex of a year", "What is invested in a calendar year.",
                               {required("year", calendar_year("2025"), "The year."),
                                required("usd", dollars("91.45 GUSD"), "All of it.")}),
                   1);
}

TypeRef owner_type() {
  const TypeRef estimate = object_type(
      "estimate of an owner", "What one source says.",
      {required("accelerators", many_accelerators(), "Reference accelerators."), sources_field()});
  return object_type(
      "owner", "One that owns accelerators.",
      {optional("accelerators", many_accelerators(), "Reference accelerators."),
       optional("estimates", map_type(estimate, 1, 100),
                "Where sources differ, by their names: each run takes one of them at random."),
       defaulted("factor", number_type({0, 100}, "0.5"), "1",
                 "Times them: below 1 what an export limit leaves."),
       defaulted("rented_out", share_of("0.4"), "0", "Share of them that others may rent."),
       defaulted("largest_site", share_of("0.4"), "1", "Share of them that can work on one run."),
       optional("site_power", quantity_type(Dimension::power, "1200 MW", {1, 1e13}),
                "Of the facility of that site; without it power does not bind."),
       only_with("site_power",
                 defaulted("pue", number_type({1, 10}, "1.15"), "1",
                           "Power of the facility over that of IT; 1 where site_power is of IT.")),
       optional("rent", distribution_type(Dimension::money_per_time, "3.85 USD/h", {0, 1}),
                "Price of a reference accelerator."),
       optional("capex", capex_list(), "Of years that follow each other; outlooks need it."),
       only_with("capex", defaulted("datacenters", share_of("0.7"), "1",
                                    "Share of capex that is for datacenters.")),
       sources_field()},
      {{{"accelerators", "estimates"}, true}});
}

TypeRef run_type() {
  return object_type(
      "frontier run", "A training run that is asked for.",
      {required("flop", number_type({1, 1e40}, "5e26"), "Operations."),
       defaulted("time", time_type("100 d", 1), "\"100 d\"", "In which it must be done."),
       defaulted("mfu", number_type({0.01, 1}, "0.4"), "0.4", "Of the peak."),
       required("peak", quantity_type(Dimension::compute_rate, "989.5 TFLOP/s", {1, 1e30}),
                "Of a reference accelerator."),
       optional("power", distribution_type(Dimension::power, "1.3 kW", {1, 1e9}),
                "IT power of a reference accelerator with its part of servers and network; "
                "owners with site_power need it.")});
}

TypeRef entrant_type() {
  return object_type(
      "entrant", "An owner that has nothing at first.",
      {required("from", calendar_year("2027"), "First year in which it buys."),
       required("capex", dollars("50 GUSD"), "In that year; later as that of the owners."),
       defaulted("rented_out", share_of("0.9"), "0", "Share that others may rent."),
       defaulted("largest_site", share_of("0.5"), "1", "Share that can work on one run."),
       optional("site_power", quantity_type(Dimension::power, "1200 MW", {1, 1e13}),
                "For IT at that site, at the end of \"year\" as those of the owners."),
       optional("rent", distribution_type(Dimension::money_per_time, "3.85 USD/h", {0, 1}),
                "Price of a reference accelerator, in \"year\" as those of the owners.")});
}

TypeRef outlook_type() {
  const TypeRef supply =
      object_type("supply of a year", "What is made in a calendar year.",
                  {required("year", calendar_year("2026"), "The year."),
                   required("accelerators", number_type({0, 1e12}, "9e6"), "For all buyers.")});
  const TypeRef merger =
      object_type("merger", "Owners that become one.",
                  {required("from", calendar_year("2028"), "From that year on."),
                   required("owners", list_type(text_type("google"), 2), "Entrants too.")});
  const TypeRef limit =
      object_type("limit of orders", "What an export limit leaves of orders.",
                  {required("from", calendar_year("2026"), "From that year on."),
                   required("owner", text_type("china"), "Whose orders."),
                   required("factor", number_type({0, 100}, "0.3"), "On its orders.")});
  const TypeRef factor = yearly_factor("0.8");
  return object_type(
      "outlook", "What would be owned if this went on; its name is its label in all results.",
      {required("until", calendar_year("2030"), "Last year."),
       optional("from_capex_of", calendar_year("2022"),
                "Begins with nothing before this year, instead of with what is owned: how far "
                "capex alone explains that."),
       required("chip_share", distribution_type(Dimension::none, "0.5", {0, 1}),
                "Of capex for datacenters that buys accelerators with their servers."),
       required("price", distribution_type(Dimension::money, "30000 USD", {1, 1e9}),
                "Of a reference accelerator with its part of a server, in \"year\"."),
       defaulted("price_factor", factor, "1", "On it, a year."),
       defaulted("capex_factor", factor, "1",
                 "On capex, a year after the last that is given; mean over owners."),
       defaulted(
           "capex_factor_cv", number_type({0, 5}, "0.1"), "0",
           "Standard deviation over mean of that factor between owners; lognormal, drawn once "
           "a run."),
       optional("supply", list_type(supply, 1),
                "Years that follow each other; before them and without it, as much as is "
                "ordered."),
       only_with("supply", defaulted("supply_factor", factor, "1", "A year after the last.")),
       only_with("supply", defaulted("split", choice_type({"pro-rata", "largest-first"}),
                                     "\"pro-rata\"", "Where less is made than ordered.")),
       required("life", integer_type({1, 100}, "6"), "Years until an accelerator is retired."),
       defaulted("entrants", map_type(entrant_type()), "{}", "New owners by name."),
       defaulted("mergers", list_type(merger), "[]", "Beside \"merge\"."),
       defaulted("limits", list_type(limit), "[]", "Of an owner the last that has begun."),
       defaulted("site_power_factor", factor, "1", "On the power of the largest sites, a year."),
       defaulted("power_factor", factor, "1", "On that of a reference accelerator, a year."),
       defaulted("flop_factor", factor, "1", "On the run that is asked for, a year."),
       defaulted("rent_factor", factor, "1", "On prices of rent, a year."), sources_field()});
}

}  // namespace

TypeRef ownership_type() {
  return object_type(
      "ownership", "Who owns how much AI compute.",
      {required("owners", map_type(owner_type(), 1, 1000), "Owners by name."),
       defaulted("others", many_accelerators(), "0", "Reference accelerators of many more."),
       defaulted("others_rented_out", share_of("0.5"), "0", "Share of them that may be rented."),
       optional("others_rent", distribution_type(Dimension::money_per_time, "3 USD/h", {0, 1}),
                "Price of a reference accelerator there."),
       optional("others_capex", capex_list(), "Of these many; outlooks need it."),
       defaulted("merge", list_type(list_type(text_type("google"), 2)), "[]",
                 "Owners that are taken as one."),
       optional("run", run_type(), "A training run: how many owners can do it."),
       optional("year", calendar_year("2025"), "At the end of which this is owned."),
       only_with("year", defaulted("outlooks", map_type(outlook_type(), 0, 100), "{}",
                                   "Scenarios of later years by their labels; none is a "
                                   "forecast.")),
       sources_field()});
}

}  // namespace hyperdc
