// Rental markets, and buyers that plan what they rent.
#include <hyperdc/policy/pricing.hpp>
#include <hyperdc/policy/purchasing.hpp>

#include "scenario/description.hpp"
#include "scenario/policy_choice.hpp"

namespace hyperdc {
namespace {

constexpr double kRentalYear = 365 * 86'400.0;
constexpr double kMostRented = 1e7;   // accelerators
constexpr double kMostPrice = 1000;   // USD/s
constexpr double kMostFactor = 1000;  // of a yearly trend

TypeRef span_type(std::string_view example, double least = 0) {
  return quantity_type(Dimension::time, example, {least, 30 * kRentalYear});
}
TypeRef rental_price_type(std::string_view example) {
  return quantity_type(Dimension::money_per_time, example, {0, kMostPrice});
}
TypeRef part_type(std::string_view example) {
  return number_type({0, 1}, std::string(example));
}

TypeRef rental_zone_type() {
  return object_type(
      "rental zone", "Accelerators of one zone that a provider rents out.",
      {required("accelerators", integer_type({1, kMostRented}, "512"), "All of them."),
       defaulted("blocks", integer_type({0, kMostRented}, "64"), "0",
                 "Of them, those that only capacity blocks have, and spot while they are lent."),
       defaulted("oversell", number_type({1, 100}, "1.2"), "1",
                 "Reserved accelerators that are sold for one that is set aside for them; above 1 "
                 "on-demand may have what a reservation then misses: a breach."),
       defaulted("lend", boolean_type(), "true",
                 "Whether spot may have what is set aside for reservations and blocks while they "
                 "do not use it.")});
}

Field pricing_field() {
  return required(
      "pricing",
      tagged_type("pricing", "What an accelerator costs.", "policy", variants_of(pricings())),
      "Its price in each zone.");
}

std::vector<Field> term_fields() {
  return {required("term", span_type("1 y", 60), "How long it is taken for."),
          required("price", rental_price_type("4 USD/h"), "Of an accelerator, used or not."),
          defaulted("upfront", part_type("0.5"), "0", "Share of that which is paid at the begin."),
          defaulted("breakage", part_type("0.3"), "1",
                    "Share of what is still to be paid that leaving early costs.")};
}

TypeRef rental_product_type() {
  return tagged_type(
      "rental product", "One way to rent.", "kind",
      {{"on-demand", "For as long as it is needed, where there is room.", {pricing_field()}, {}},
       {"reserved", "For a term, and again while it is needed.", term_fields(), {}},
       {"block",
        "For a time that is booked before, out of the blocks of a zone.",
        {required("price", rental_price_type("4.5 USD/h"), "Of an accelerator, paid at booking.")},
        {}},
       {"spot",
        "What nobody else has, until somebody does.",
        {pricing_field(),
         required("notice", span_type("120 s"), "From the notice of an interruption to its end.")},
        {}}});
}

TypeRef work_checkpoint_type() {
  return object_type(
      "work checkpoint", "What work that is interrupted goes on from.",
      {required("every", span_type("30 min", 1), "Work between two checkpoints."),
       defaulted("cost", span_type("60 s"), "\"0 s\"",
                 "Time of one without work; a notice that is as long saves all work."),
       defaulted("restart", span_type("5 min"), "\"0 s\"",
                 "From being there again to working again.")});
}

TypeRef rental_tenant_type() {
  const TypeRef use = object_type(
      "reserved use", "When what it has reserved is at work; else all the time.",
      {required("busy", distribution_type(Dimension::time, "8 h", {1, 30 * kRentalYear}),
                "At work for so long."),
       required("idle", distribution_type(Dimension::time, "16 h", {1, 30 * kRentalYear}),
                "Then idle for so long.")});
  const TypeRef retry =
      object_type("rental retry", "That a request which is refused asks again.",
                  {required("every", span_type("10 min", 1), "Time between two attempts."),
                   required("for", span_type("1 d"), "It gives up after this.")});
  const TypeRef bid = distribution_type(Dimension::money_per_time, "3 USD/h", {0, kMostPrice});
  return object_type(
      "rental tenant", "Those who ask for accelerators of one kind of work.",
      {required("demand", demand_type(), "Requests over time, at the reference price."),
       defaulted("elasticity", number_type({0, 20}, "1.2"), "0",
                 "Requests come at demand times (price / reference) to minus this; price is the "
                 "lowest of its first product."),
       only_with("elasticity",
                 optional("reference", rental_price_type("6.88 USD/h"),
                          "At which demand is as stated; required if elasticity is above 0.")),
       defaulted("accelerators", distribution_type(Dimension::none, "8", {1, kMostRented}), "1",
                 "Of a request, rounded to whole ones."),
       required("duration", distribution_type(Dimension::time, "6 h", {1e-3, 30 * kRentalYear}),
                "Work of a request; of a reservation how long it is needed."),
       required("products", list_type(text_type("spot"), 1), "In order of preference."),
       defaulted("zones", list_type(text_type("a")), "[]",
                 "Where it may run, of one price in this order; without it in all."),
       optional("bid", bid, "Most that it pays for spot; without it whatever spot costs."),
       optional("checkpoint", work_checkpoint_type(),
                "Without it an interruption loses all work of the request."),
       optional("use", use, "Of reservations."),
       defaulted("ahead", distribution_type(Dimension::time, "3 d", {0, 30 * kRentalYear}),
                 "\"0 s\"", "From the request for a block to its begin."),
       optional("retry", retry, "Without it a request that is refused is lost.")});
}

TypeRef buyer_demand_type() {
  return object_type(
      "buyer demand", "Accelerators that a buyer needs, in many futures.",
      {required("start", number_type({1e-3, kMostRented}, "1000"), "At the beginning."),
       defaulted("growth", number_type({1 / kMostFactor, kMostFactor}, "1.3"), "1",
                 "Factor a year, mean over futures."),
       defaulted("growth_cv", number_type({0, 5}, "0.3"), "0",
                 "Standard deviation over mean of that factor between futures; lognormal."),
       defaulted("volatility", number_type({0, 2}, "0.2"), "0",
                 "About its growth, standard deviation of the logarithm in a year."),
       defaulted("spread", number_type({0, 5}, "0.3"), "0",
                 "Standard deviation over mean of demand in a step about that path; lognormal.")});
}

TypeRef buyer_spot_type() {
  const TypeRef zone = object_type(
      "buyer spot zone", "Spot of one zone.",
      {required("ratio", number_type({0, 100}, "0.4"),
                "Price over that of on-demand, mean of the time in which it has any."),
       defaulted("available", number_type({0.01, 1}, "0.9"), "1",
                 "Share of the time in which it has any, at most \"stock\" of on-demand."),
       optional("most", number_type({0, kMostRented}, "500"),
                "Accelerators' worth of demand that it carries; without it all.")});
  return object_type(
      "buyer spot", "Spot as a buyer meets it.",
      {required("notice", span_type("120 s"), "From the notice of an interruption to its end."),
       defaulted("interruptions", quantity_type(Dimension::frequency, "0.01 /h", {0, 1}),
                 "\"0 /s\"", "Of one accelerator, while its zone has spot."),
       defaulted("price_volatility", number_type({0, 3}, "0.3"), "0",
                 "Standard deviation of the logarithm of the price; scarce is dear."),
       defaulted("correlation", part_type("0.5"), "0", "Between the scarcity of two zones."),
       defaulted("persistence", span_type("3 d"), "\"1 d\"",
                 "Time in which the correlation of scarcity with itself falls to 1/e."),
       required("checkpoint", work_checkpoint_type(), "Of the work on it."),
       required("zones", map_type(zone, 1, 20), "By name.")});
}

}  // namespace

TypeRef market_type() {
  return object_type(
      "rental market", "A provider's accelerators, its products and those who rent them.",
      {defaulted("reprice", span_type("5 min", 1), "\"5 min\"", "Time between two prices."),
       required("zones", map_type(rental_zone_type(), 1, 100), "By name."),
       required("products", map_type(rental_product_type(), 1, 50), "By name."),
       required("tenants", map_type(rental_tenant_type(), 1, 100), "By name."), sources_field()});
}

TypeRef buyer_type() {
  const TypeRef on_demand = object_type(
      "buyer on-demand", "On-demand as a buyer meets it.",
      {required("price", rental_price_type("6.88 USD/h"), "At the beginning."),
       defaulted("price_factor", number_type({0.01, 100}, "0.85"), "1", "On it, a year."),
       defaulted("price_volatility", number_type({0, 2}, "0.15"), "0",
                 "About that, standard deviation of the logarithm in a year."),
       defaulted("stock", number_type({0.01, 1}, "0.99"), "1",
                 "Share of the time in which a zone of \"spot\" has any, whether or not spot is "
                 "rented there; without \"spot\" of one zone, drawn anew each step.")});
  std::vector<Field> term = term_fields();
  term[1].doc = "Of an accelerator at the beginning; of later ones it moves with on-demand.";
  const TypeRef owned = object_type(
      "buyer owned", "Accelerators that the buyer owns.",
      {required("accelerators", number_type({0, kMostRented}, "200"),
                "From the beginning to the end."),
       required("price", rental_price_type("2 USD/h"), "All costs of one, used or not.")});
  return object_type(
      "buyer", "Who needs accelerators for years, in many futures, and what it rents.",
      {required("years", integer_type({1, 30}, "3"), "From the beginning of the run."),
       defaulted("step", choice_type({"hour", "day", "week"}), "\"day\"",
                 "Demand and prices change so often; a year is 365 d or 52 weeks."),
       defaulted("review", integer_type({1, 10'000}, "30"), "30",
                 "Steps between two decisions on reservations; one more whenever one ends."),
       defaulted("futures", integer_type({1, 100'000}, "1000"), "1000", "Drawn from the seed."),
       defaulted("discount", part_type("0.08"), "0", "Of money, a year."),
       defaulted("risk_weight", number_type({0, 100}, "0.5"), "0",
                 "Of CVaR95 beside the mean in the objective."),
       defaulted("penalty", rental_price_type("20 USD/h"), "\"0 USD/s\"",
                 "Of an accelerator that is needed and not there."),
       required("demand", buyer_demand_type(), "What it needs."),
       required("on_demand", on_demand, "What is there at any time, as a rule."),
       defaulted(
           "terms",
           map_type(object_type("buyer term", "A reservation on offer.", std::move(term)), 0, 20),
           "{}", "Reservations by name."),
       optional("owned", owned, "What it has anyway."),
       optional("spot", buyer_spot_type(), "Without it there is none."),
       required("purchasing",
                tagged_type("purchasing", "What it rents.", "policy", variants_of(purchasings())),
                "Who decides."),
       sources_field()});
}

}  // namespace hyperdc
