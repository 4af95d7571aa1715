// Growth plans: contracts of power, UPS, people, leases, software, and regret between plans.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "support/growth_plan.hpp"
#include "unit/world/metric_value.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

constexpr double kPlanYear_h = 8760;
constexpr double kSecondsOfYear = 365 * 86'400.0;

Simulation optioned(const json& changes) {
  const test::TemporaryDirectory home;
  SimulateOptions options;
  options.seed = 1;
  return simulate(test::load_text(home, test::growth_plan(changes)), options);
}

double metric(const Simulation& run, const std::string& name, const std::string& plan = "p") {
  return test::value(run, "growth." + plan + "." + name);
}

TEST_CASE("a minimum bill is paid for what is not drawn, within its term") {
  // Ten racks of 100 kW stand from year 2: nothing is drawn in year 1, 1 MW of 2 MW then.
  const auto with = [](const char* term) {
    return optioned(
        {{"years", 4},
         {"sites",
          {{"s",
            {{"electricity", "0.1 USD/kWh"},
             {"grid",
              {{"g",
                {{"power", "2 MW"}, {"contract", {{"minimum_bill", 0.8}, {"term", term}}}}}}}}}}}});
  };
  const double mwh = kPlanYear_h * 1000 * 0.1;  // USD a MW and year
  CHECK(metric(with("10 y"), "minimum_bill.mean") == Approx((1.6 + 3 * 0.6) * mwh));
  CHECK(metric(with("2 y"), "minimum_bill.mean") == Approx((1.6 + 0.6) * mwh));
  CHECK(metric(with("2 y"), "energy_cost.mean") == Approx(3 * 1 * mwh));
}

TEST_CASE("power that is not needed is given up, at a fee within its term") {
  // g carries what stands; h has no need from year 1 on and goes after a year without.
  const auto with = [](const char* term) {
    return optioned({{"years", 5},
                     {"sites",
                      {{"s",
                        {{"electricity", "0.1 USD/kWh"},
                         {"grid",
                          {{"g", {{"power", "1 MW"}}},
                           {"h",
                            {{"at", "0 s"},
                             {"power", "3 MW"},
                             {"contract",
                              {{"minimum_bill", 1},
                               {"term", term},
                               {"give_up_after", "1 y"},
                               {"exit_fee", "7 MUSD"}}}}}}}}}}}});
  };
  const Simulation early = with("10 y");
  CHECK(metric(early, "exit_fees.mean") == 7e6);
  CHECK(metric(early, "grid.mean") == Approx((4 + 4 + 1 + 1 + 1) * 1e6 / 5));
  CHECK(metric(early, "minimum_bill.mean") == Approx((3 + 2) * kPlanYear_h * 100));
  CHECK(metric(with("1 y"), "exit_fees.mean") == 0);
  CHECK(metric(with("2 y"), "exit_fees.mean") == 0);  // it goes at the end of the term
  CHECK(metric(with("3 y"), "exit_fees.mean") == 7e6);
  CHECK(metric(early, "npv.mean") ==
        Approx(-metric(early, "capex.mean") - metric(early, "opex.mean") - 7e6));
}

TEST_CASE("two contracts of one site are one minimum bill, each within its own term") {
  // 1 MW is drawn from year 2 on. Asked for: 0.8, 1.3 and 0.8 MW.
  const json grid = {
      {"g", {{"power", "1 MW"}, {"contract", {{"minimum_bill", 0.8}, {"term", "10 y"}}}}},
      {"h",
       {{"at", "365 d"},
        {"power", "1 MW"},
        {"contract", {{"minimum_bill", 0.5}, {"term", "365 d"}}}}}};
  const Simulation run = optioned(
      {{"years", 4}, {"sites", {{"s", {{"electricity", "0.1 USD/kWh"}, {"grid", grid}}}}}});
  CHECK(metric(run, "minimum_bill.mean") == Approx((0.8 + 0.3) * kPlanYear_h * 1000 * 0.1));
}

TEST_CASE("no bridging power is ordered while people keep racks out") {
  const auto with = [](int persons) {
    return optioned(
        {{"years", 4},
         {"heed_power", false},
         {"sites",
          {{"s",
            {{"grid", {{"g", {{"power", "500 kW"}}}}},
             {"bridging",
              {{"power", "1 MW"},
               {"lead_time", "1 d"},
               {"term", "9 y"},
               {"cost", "100 USD/y"}}}}}}},
         {"staff", {{"power_per_person", "100 kW"}, {"start", persons}, {"lead_time", "9 y"}}}});
  };
  const Simulation few = with(3);
  CHECK(metric(few, "capacity.max") == 30);
  CHECK(metric(few, "limits.staff.first.p50") == kSecondsOfYear);
  CHECK(metric(few, "limits.grid.share") == 0);
  CHECK(metric(few, "bridging_cost.mean") == 0);
  const Simulation enough = with(20);
  CHECK(metric(enough, "limits.grid.first.p50") == kSecondsOfYear);
  CHECK(metric(enough, "bridging_cost.mean") > 0);
  CHECK(metric(enough, "capacity.max") == 100);
}

TEST_CASE("the UPS of a hall binds where its rows have room") {
  const json halls = {
      {"h", {{"rows", 2}, {"ups", "650 kW"}, {"row", {{"positions", 20}, {"power", "1 MW"}}}}}};
  const Simulation run = optioned({{"heed_power", false}, {"sites", {{"s", {{"halls", halls}}}}}});
  CHECK(metric(run, "capacity.max") == 60);
  CHECK(metric(run, "limits.ups.first.p50") == kSecondsOfYear);
  // 20 racks of which 6 are carried; then 14 that are not.
  CHECK(metric(run, "stranded.ups.power.mean") == Approx(1.4e6));
  const Simulation heeded = optioned({{"sites", {{"s", {{"halls", halls}}}}}});
  CHECK(metric(heeded, "stored.mean") == 0);
}

TEST_CASE("an order is cut down by what ends first at its site, not by halls that are there") {
  const auto first = [](const json& row, const json& hall, const json& rack, const char* limit) {
    json one = {{"rows", 2}, {"row", {{"positions", 20}, {"power", "1 MW"}}}};
    one["row"].merge_patch(row);
    one.merge_patch(hall);
    const Simulation run = optioned({{"sites", {{"s", {{"halls", {{"h", one}}}}}}},
                                     {"generations", {{"g", {{"rack", rack}}}}}});
    CHECK(metric(run, "limits.halls.share") == 0);
    CHECK(metric(run, std::string("limits.") + limit + ".first.p50") == 0);
  };
  const json none = json::object();
  first({{"positions", 2}}, none, none, "positions");
  first({{"power", "250 kW"}}, none, none, "power");
  first({{"liquid", "100 kW"}}, none, {{"liquid", 0.5}}, "liquid");
  first(none, {{"ups", "650 kW"}}, none, "ups");
  const Simulation small =
      optioned({{"sites", {{"s", {{"grid", {{"g", {{"at", "0 s"}, {"power", "500 kW"}}}}}}}}}});
  CHECK(metric(small, "limits.grid.first.p50") == 0);
  CHECK(metric(small, "limits.halls.share") == 0);
}

TEST_CASE("bridging power is ordered for an order that the grid cuts down") {
  // Power for ten racks comes after ten years; racks take a year, bridging power two.
  const auto with = [](const char* lead) {
    const json site = {
        {"grid", {{"g", {{"at", "10 y"}, {"power", "1 MW"}}}}},
        {"bridging",
         {{"power", "1 MW"}, {"lead_time", lead}, {"term", "1 y"}, {"cost", "1000 USD/y"}}}};
    return optioned({{"years", 5}, {"sites", {{"s", site}}}});
  };
  // Ordered at 1 for 1 + 2; racks of year 2 come then, stand, and it is kept for them.
  const Simulation late = with("730 d");
  CHECK(metric(late, "capacity.mean") == Approx((0 + 0 + 0 + 100 + 100) / 5.0));
  CHECK(metric(late, "bridging_cost.mean") == 2000);
  // Racks that are ordered at 1 come at 2; power that could be there at once is taken for then.
  const Simulation early = with("0 s");
  CHECK(metric(early, "capacity.mean") == Approx((0 + 0 + 100 + 100 + 100) / 5.0));
  CHECK(metric(early, "bridging_cost.mean") == 3000);
}

TEST_CASE("what is leased keeps the price of the day it was taken") {
  // 100 units at 1 USD/h, taken at 0 for years 2 and 3; for year 4 they are taken at 2 for 0.25.
  const Simulation run = optioned(
      {{"years", 4},
       {"generations", {{"g", {{"from", "4 y"}}}}},
       {"lease", {{"price", "1 USD/h"}, {"price_factor", 0.5}, {"most", 100}, {"term", "730 d"}}}});
  CHECK(metric(run, "lease_cost.mean") == Approx(100 * kPlanYear_h * (1 + 1 + 0.25)));
  CHECK(metric(run, "unserved_share.mean") == Approx(0.25));
}

TEST_CASE("halls and grid with a life are sold on at the end by a straight line") {
  const auto with = [](const json& hall, const json& grid) {
    return optioned({{"sites", {{"s", {{"halls", {{"h", hall}}}, {"grid", {{"g", grid}}}}}}}});
  };
  const json hall = {{"capex", "20 MUSD"}, {"life", "20 y"}};
  const json grid = {{"capex", "10 MUSD"}, {"life", "2 y"}};
  CHECK(metric(with(hall, json::object()), "resale.mean") == Approx(20e6 * 17 / 20));
  CHECK(metric(with(json::object(), grid), "resale.mean") == 0);  // two years are over
  CHECK(metric(with({{"capex", "20 MUSD"}}, json::object()), "resale.mean") == 0);
}

TEST_CASE("racks wait for the people who look after them") {
  // A person for two racks. Four are there; six more are hired with the order of ten racks, two a
  // year, and half of all leave.
  const json staff = {
      {"power_per_person", "200 kW"}, {"start", 4}, {"lead_time", "365 d"}, {"cost", "1000 USD/y"}};
  const auto with = [&](const json& other) {
    json all = staff;
    all.merge_patch(other);
    return optioned(
        {{"years", 4}, {"generations", {{"g", {{"lead_time", "365 d"}}}}}, {"staff", all}});
  };
  const Simulation enough = with(json::object());
  CHECK(metric(enough, "limits.staff.share") == 0);
  CHECK(metric(enough, "capacity.max") == 100);
  CHECK(metric(enough, "staff_cost.mean") == Approx((4 + 5 * 3) * 1000));
  const Simulation late = with({{"lead_time", "730 d"}});
  CHECK(metric(late, "limits.staff.first.p50") == kSecondsOfYear);
  CHECK(metric(late, "capacity.mean") == Approx((0 + 80 + 100 + 100) / 4.0));
  CHECK(metric(late, "stored.mean") == Approx(20 * kSecondsOfYear));
  const Simulation leaving = with({{"attrition", 0.5}, {"most", 1}});
  // Persons 4, 3, 2.5, 2.25: racks that stand stay, and no more are placed.
  CHECK(metric(leaving, "staff_cost.mean") == Approx((4 + 3 + 2.5 + 2.25) * 1000));
  CHECK(metric(leaving, "capacity.max") == 60);
}

TEST_CASE("build or lease: the break-even is the cost of an hour over the price of a leased one") {
  // A rack of ten units costs a million in five years: 2.283 USD a unit-hour.
  const double own = 1e6 / 10 / (5 * kPlanYear_h);
  const auto with = [&](double price, const json& procurement) {
    json changes = {
        {"years", 6},
        {"futures", 50},
        {"classes", {{"use", {{"growth_cv", 0.4}}}}},
        {"generations", {{"g", {{"life", "5 y"}}}}},
        {"lease", {{"price", std::to_string(price) + " USD/h"}, {"most", 1000}, {"term", "365 d"}}},
        {"procurement", procurement}};
    return optioned(changes);
  };
  const json policy = {{"policy", "build-or-lease"}};
  CHECK(metric(with(own * 0.99, policy), "capex.mean") == 0);
  CHECK(metric(with(own * 0.99, policy), "leased.max") > 90);
  CHECK(metric(with(own * 1.01, policy), "capex.mean") > 0);
  // At 4 times its own cost a unit pays if it is used for a quarter of the time: fractile 3/4.
  const Simulation four = with(own * 4, policy);
  const Simulation same = with(own * 4, {{"policy", "quantile"}, {"fractile", 0.75}});
  CHECK(metric(four, "npv.mean") == Approx(metric(same, "npv.mean")).epsilon(1e-4));
  CHECK(metric(four, "orders.mean") == metric(same, "orders.mean"));
}

TEST_CASE("a portfolio splits by shares; software moves what a rack gives, and is ported once") {
  json other = test::growth_plan(json::object())["growth"]["p"]["generations"]["g"];
  other.merge_patch({{"share", 3}, {"porting", "5 MUSD"}});
  const json base = {{"step", "quarter"},
                     {"generations", {{"n", other}}},
                     {"procurement", {{"policy", "portfolio"}, {"fractile", 0.5}}}};
  const Simulation run = optioned(base);
  CHECK(metric(run, "deliveries.g-q5.racks") == 3);  // 2.5 of 10 racks, rounded up
  CHECK(metric(run, "deliveries.n-q5.racks") == 7);
  CHECK(metric(run, "porting_cost.mean") == 5e6);
  json unsure = base;
  unsure["futures"] = 2000;
  unsure["generations"]["n"]["efficiency_cv"] = 0.3;
  const Simulation spread = optioned(unsure);
  // Mean 1 a unit, so that the first 70 give 70 on average; what is missing is ordered anew.
  CHECK(metric(spread, "capex.p90") > metric(run, "capex.mean"));
  CHECK(metric(spread, "unserved.p90") > metric(run, "unserved.mean"));
}

TEST_CASE("regret is what the best plan of a future brings more, in that same future") {
  const Simulation run =
      optioned({{"futures", 200},
                {"years", 4},
                {"classes", {{"use", {{"growth_cv", 0.5}, {"price", "8 USD/h"}}}}},
                {"decisions",
                 {{"more", {{"procurement", {{"policy", "quantile"}, {"fractile", 0.95}}}}},
                  {"same", {{"budget_factor", 1}, {"budget", "1000 GUSD"}}}}}});
  CHECK(metric(run, "regret.mean", "same") == metric(run, "regret.mean"));
  CHECK(metric(run, "regret.mean") - metric(run, "regret.mean", "more") ==
        Approx(metric(run, "npv.mean", "more") - metric(run, "npv.mean")));
  CHECK(metric(run, "best_share") + metric(run, "best_share", "more") >= 1);
  CHECK(metric(run, "regret.max") >= metric(run, "regret.p90"));
  CHECK(metric(run, "regret.p10") == 0);
}

}  // namespace
}  // namespace hyperdc
