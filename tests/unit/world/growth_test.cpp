// Growth plans: steps by hand, limits, contracts, and the same bytes on two threads.
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include <hyperdc/core/assert.hpp>

#include "experiment/run.hpp"
#include "support/growth_plan.hpp"
#include "unit/world/metric_value.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

constexpr double kYearHours = 8760;
constexpr double kYear = 365 * 86'400.0;

Simulation planned(const json& changes, std::uint64_t seed = 1) {
  const test::TemporaryDirectory home;
  SimulateOptions options;
  options.seed = seed;
  return simulate(test::load_text(home, test::growth_plan(changes)), options);
}

double of(const Simulation& run, const std::string& metric) {
  return test::value(run, "growth.p." + metric);
}

std::string reason(const Simulation& run, const std::string& metric) {
  for (const MetricValue& value : run.metrics) {
    if (value.name == "growth.p." + metric) return value.value ? "has a value" : value.reason;
  }
  return "no such metric";
}

TEST_CASE("three years by hand: orders, ages, money") {
  // Demand 100, 120, 144, forecast 172.8. Orders: 12 racks in year 1, 3 in year 2; in year 3 the
  // first are two years old when the next come, so 15 racks for 172.8 less 30.
  const Simulation run = planned(
      {{"discount", 0.1},
       {"classes", {{"use", {{"growth", 1.2}, {"price", "1 USD/h"}, {"price_factor", 0.9}}}}},
       {"sites", {{"s", {{"pue", 1.25}, {"electricity", "0.1 USD/kWh"}}}}},
       {"generations", {{"g", {{"life", "2 y"}, {"residual", 0.5}, {"deposit", 0.2}}}}}});
  CHECK(of(run, "orders.p50") == 3);
  CHECK(of(run, "demand.mean") == Approx((100 + 120 + 144) / 3.0));
  CHECK(of(run, "capacity.mean") == Approx((0 + 120 + 150) / 3.0));
  CHECK(of(run, "unserved.mean") == Approx(100 * kYear));
  CHECK(of(run, "idle.mean") == Approx(6 * kYear));
  CHECK(of(run, "years.1.capex.p10") == Approx(12 * 0.2 * 1e6));
  CHECK(of(run, "years.2.capex.p50") == Approx((12 * 0.8 + 3 * 0.2) * 1e6));
  // The 15 racks of year 3 do not come within the plan: their deposit is given back at its end.
  CHECK(of(run, "years.3.capex.p90") == Approx(3 * 0.8 * 1e6));
  const double second = 120 * kYearHours * 0.9;
  const double third = 144 * kYearHours * 0.81;
  CHECK(of(run, "revenue.mean") == Approx(second + third).epsilon(1e-9));
  const double energy2 = 1200 * 1.25 * kYearHours * 0.1;
  const double energy3 = 1500 * 1.25 * kYearHours * 0.1;
  CHECK(of(run, "energy_cost.mean") == Approx(energy2 + energy3).epsilon(1e-9));
  const double resale = 12e6 * 0.25 + 3e6 * 0.5;
  CHECK(of(run, "resale.mean") == resale);
  const double npv = -2.4e6 + (second - energy2 - 10.2e6) / 1.1 + (third - energy3 - 5.4e6) / 1.21 +
                     (resale + 3e6) / 1.331;
  CHECK(of(run, "npv.mean") == Approx(npv).epsilon(1e-9));
  const double hours = 120 * kYearHours / 1.1 + 144 * kYearHours / 1.21;
  const double costs =
      2.4e6 + (energy2 + 10.2e6) / 1.1 + (energy3 + 5.4e6) / 1.21 - (resale + 3e6) / 1.331;
  CHECK(of(run, "cost_per_hour.mean") == Approx(costs / hours).epsilon(1e-9));
}

TEST_CASE("the grid binds first, and says what it strands") {
  // Racks of 100 kW; rows of 1 MW and 5 positions: 500 kW of each row have no position. The grid
  // carries 7 racks, then 30.
  const json site = {
      {"grid",
       {{"g", {{"at", "0 s"}, {"power", "700 kW"}}}, {"h", {{"at", "2 y"}, {"power", "2300 kW"}}}}},
      {"halls", {{"h", {{"rows", 2}, {"row", {{"positions", 5}, {"power", "1 MW"}}}}}}}};
  const Simulation run = planned({{"heed_power", false}, {"sites", {{"s", site}}}});
  CHECK(of(run, "limits.grid.share") == 1);
  CHECK(of(run, "limits.grid.first.p50") == kYear);
  CHECK(of(run, "capacity.max") == 100);
  CHECK(of(run, "stored.mean") == Approx(30 * kYear));
  CHECK(of(run, "stranded.positions.power.mean") == Approx(1e6));
  // Year 1: 10 racks fit, the grid carries 7. Year 2: 7 stand, 3 fit and none is carried. Year 3:
  // all stand, and 2 MW of grid have no rows.
  CHECK(of(run, "stranded.grid.power.mean") == Approx((3e5 + 3e5 + 0) / 3));
  CHECK(of(run, "stranded.halls.power.mean") == Approx((0 + 0 + 2e6) / 3));
  CHECK(reason(run, "limits.liquid.first.p50") == "it does not bind in 100 % of the futures");
  // In year 1 nothing is on order, later what is missing waits for the grid.
  CHECK(reason(run, "limits.chips.first.p10") == "it does not bind in 100 % of the futures");
  // Who heeds the promised power orders seven, and three that come with the rest.
  const Simulation heeded = planned({{"sites", {{"s", site}}}});
  CHECK(of(heeded, "stored.mean") == 0);
  CHECK(of(heeded, "orders.mean") == 2);
  CHECK(of(heeded, "limits.grid.first.p50") == 0);
}

TEST_CASE("liquid heat, weight and budgets bind where they end") {
  const json row = {{"positions", 20}, {"power", "2 MW"}, {"liquid", "270 kW"}, {"weight", "10 t"}};
  const json rack = {{"liquid", 0.9}, {"weight", "1 t"}};
  const auto with = [&](const json& other) {
    json changes = {{"heed_power", false},
                    {"sites", {{"s", {{"halls", {{"h", {{"rows", 1}, {"row", row}}}}}}}}},
                    {"generations", {{"g", {{"rack", rack}}}}}};
    changes.merge_patch(other);
    return planned(changes);
  };
  const Simulation wet = with(json::object());  // three racks of 90 kW of liquid heat
  CHECK(of(wet, "capacity.max") == 30);
  CHECK(of(wet, "limits.liquid.first.p50") == kYear);
  CHECK(of(wet, "stranded.liquid.power.mean") == Approx((1.7e6 * 3) / 3));
  const Simulation poor = with({{"budget", "2 MUSD"}});
  CHECK(of(poor, "limits.budget.first.p50") == 0);
  CHECK(of(poor, "capacity.max") == 30);
  CHECK(of(poor, "years.2.capex.p50") == 2e6);
}

TEST_CASE("failures and retirements leave the fleet, and the law counts them") {
  const Simulation run = planned({{"years", 10},
                                  {"futures", 50},
                                  {"step", "month"},
                                  {"generations", {{"g", {{"afr", 0.2}, {"life", "3 y"}}}}}});
  CHECK(of(run, "failed.mean") > 50);
  CHECK(of(run, "retired.mean") > 100);
  bool counted = false;
  for (const CheckOutcome& check : run.checks) {
    counted = counted || check.name == "accelerators growth.p";
  }
  CHECK(counted);
}

TEST_CASE("racks that are there at the beginning serve at once, and have an age") {
  const Simulation run =
      planned({{"years", 2},
               {"generations",
                {{"g", {{"installed", 10}, {"installed_age", "365 d"}, {"life", "730 d"}}}}}});
  CHECK(of(run, "unserved.mean") == 0);
  CHECK(of(run, "retired.mean") == 100);
  CHECK(of(run, "orders.mean") == 1);
  CHECK(of(run, "years.1.capex.mean") == 0);
  CHECK(of(run, "years.2.capex.mean") == 1e7);
}

TEST_CASE("what is cancelled costs its breakage, and minimum take is paid for") {
  // Demand halves after a year: a base stock gives up what is not there yet.
  const json changes = {
      {"branches", {{"bust", {{"weight", 1}, {"factor", 0.5}, {"at", "365 d"}}}}},
      {"generations",
       {{"g", {{"lead_time", "730 d"}, {"deposit", 0.3}, {"breakage", 0.1}, {"minimum_take", 4}}}}},
      {"procurement", {{"policy", "buffer"}, {"reorder", 0}, {"up_to", 0}, {"cancel", true}}}};
  const Simulation run = planned(changes);
  // 10 racks in year 1; 5 given up in year 2; four racks a year are not taken in years 2 and 3.
  CHECK(of(run, "cancelled.p50") == 50);
  CHECK(of(run, "breakage.p50") == Approx(1e6 * (5 * 0.1 + 2 * 4 * 0.1)));
  CHECK(of(run, "years.1.capex.p50") == 3e6);
  CHECK(of(run, "years.2.capex.p50") == -1.5e6);
  CHECK(of(run, "years.3.capex.p50") == 3.5e6);
}

TEST_CASE("what is cancelled within its year is neither taken nor spent") {
  json changes = {
      {"years", 2},
      {"step", "month"},
      {"branches", {{"bust", {{"weight", 1}, {"factor", 0.5}, {"at", "170 d"}}}}},
      {"generations", {{"g", {{"lead_time", "730 d"}, {"breakage", 0.1}, {"minimum_take", 7}}}}},
      {"procurement", {{"policy", "buffer"}, {"reorder", 0}, {"up_to", 0}, {"cancel", true}}}};
  // Five of ten are given up: two are missing in year 1, seven in year 2.
  const Simulation run = planned(changes);
  CHECK(of(run, "cancelled.p50") == 50);
  CHECK(of(run, "breakage.p50") == Approx(1e6 * 0.1 * (5 + 2 + 7)));
}

TEST_CASE("leases, bridging power and interruptible power") {
  const Simulation leased = planned(
      {{"lease", {{"price", "2 USD/h"}, {"most", 40}, {"lead_time", "0 s"}, {"term", "365 d"}}}});
  // Missing 100 in year 1: 40 are there in year 2, when own racks have come too.
  CHECK(of(leased, "leased.max") == 40);
  CHECK(of(leased, "lease_cost.mean") == Approx(40 * 2 * kYearHours));
  const json site = {
      {"grid", {{"g", {{"power", "500 kW"}}}}},
      {"bridging",
       {{"power", "300 kW"}, {"lead_time", "365 d"}, {"term", "365 d"}, {"cost", "7 USD/h"}}}};
  const Simulation bridged =
      planned({{"years", 4}, {"heed_power", false}, {"sites", {{"s", site}}}});
  CHECK(of(bridged, "capacity.max") == 80);
  CHECK(of(bridged, "bridging_cost.mean") == Approx(2 * 7 * kYearHours));  // it is kept
  const json weak = {{"interrupted", 0.1},
                     {"electricity", "0.1 USD/kWh"},
                     {"grid", {{"g", {{"power", "600 kW"}, {"interruptible", "400 kW"}}}}}};
  const Simulation interrupted = planned({{"sites", {{"s", weak}}}});
  CHECK(of(interrupted, "capacity.max") == Approx(100 - 40 * 0.1));
  CHECK(of(interrupted, "energy_cost.mean") == Approx(2 * (1000 - 400 * 0.1) * kYearHours * 0.1));
}

TEST_CASE("power that a site lacks is missing from what stands there") {
  // Five old racks fill site a, which never fails; the new one stands at s, half of the time away.
  const json plan = test::growth_plan(json::object())["growth"]["p"];
  json there = plan["sites"]["s"];
  there["grid"]["g"]["power"] = "500 kW";
  json better = plan["generations"]["g"];
  better.merge_patch({{"performance", 10}, {"price", "1 kUSD"}});
  const Simulation run =
      planned({{"sites",
                {{"a", there},
                 {"s",
                  {{"interrupted", 0.5},
                   {"grid", {{"g", {{"power", "1 W"}, {"interruptible", "1 MW"}}}}}}}}},
               {"generations", {{"g", {{"installed", 5}}}, {"n", better}}}});
  CHECK(of(run, "capacity.max") == Approx(50 + 100 * 0.5));
}

TEST_CASE("bridging power goes by the promised date, and is ordered anew when that slips") {
  const auto with = [](const char* at) {
    const json late = {
        {"at", at}, {"power", "500 kW"}, {"slip", {{"probability", 1}, {"time", "365 d"}}}};
    const json site = {
        {"grid", {{"g", {{"power", "500 kW"}}}, {"h", late}}},
        {"bridging",
         {{"power", "300 kW"}, {"lead_time", "365 d"}, {"term", "365 d"}, {"cost", "7 USD/h"}}}};
    return planned({{"years", 5}, {"heed_power", false}, {"sites", {{"s", site}}}});
  };
  // Ordered in year 2 for year 3. Overdue then: kept for year 4, when the grid is there.
  const Simulation overdue = with("2 y");
  CHECK(of(overdue, "bridging_cost.mean") == Approx(2 * 7 * kYearHours));
  CHECK(of(overdue, "capacity.mean") == Approx((0 + 50 + 80 + 100 + 100) / 5.0));
  // Promised for year 4: not kept, and year 4 goes without.
  CHECK(of(with("3 y"), "capacity.mean") == Approx((0 + 50 + 80 + 50 + 100) / 5.0));
}

TEST_CASE("a lead time without a finite variance ends with the plan") {
  const Simulation run =
      planned({{"futures", 2000},
               {"generations",
                {{"g",
                  {{"lead_time", {{"pareto", {{"shape", 1.2}, {"minimum", "200 d"}}}}},
                   {"slip",
                    {{"probability", 0.5},
                     {"time", {{"lognormal", {{"mean", "10 y"}, {"cv", 20}}}}}}}}}}}});
  CHECK(of(run, "unserved_share.p90") == 1);
  CHECK(of(run, "unserved_share.p10") < 1);
}

TEST_CASE("a plan beyond all numbers stops") {
  CHECK_THROWS_AS(planned({{"years", 30}, {"classes", {{"use", {{"growth", 10}}}}}}),
                  InvariantError);
}

TEST_CASE("a run that ends early has no numbers of the years that it did not reach") {
  const test::TemporaryDirectory home;
  SimulateOptions options;
  options.until = SimTime{} + whole_seconds(300 * 86'400);
  const Simulation run =
      simulate(test::load_text(home, test::growth_plan(json::object())), options);
  CHECK(of(run, "years.1.unserved_share.p50") == 1);
  CHECK(reason(run, "years.2.unserved_share.p50") == "the run ended before this year");
  CHECK(reason(run, "years.3.capex.mean") == "the run ended before this year");
}

TEST_CASE("old hardware serves only who takes it") {
  const auto with = [](bool takes) {
    return planned({{"years", 4},
                    {"classes", {{"use", {{"takes_repurposed", takes}}}}},
                    {"generations", {{"g", {{"repurpose", "365 d"}}}}}});
  };
  CHECK(of(with(true), "orders.mean") == 1);
  CHECK(of(with(true), "unserved.mean") == Approx(100 * kYear));
  CHECK(of(with(false), "orders.mean") == 4);
  CHECK(of(with(false), "idle.mean") == Approx((100 + 200) * kYear));
  // Where another class does not take them, they count for no more than the demand of those that
  // do.
  const Simulation mixed =
      planned({{"years", 4},
               {"classes", {{"batch", {{"start", 20}, {"takes_repurposed", true}}}}},
               {"generations", {{"g", {{"repurpose", "365 d"}}}}}});
  CHECK(of(mixed, "orders.mean") == 4);
  CHECK(of(mixed, "unserved.mean") == Approx(120 * kYear));
}

TEST_CASE("two plans of one file meet the same demand, and two threads give the same bytes") {
  json text = test::growth_plan(
      {{"years", 5},
       {"step", "quarter"},
       {"futures", 200},
       {"classes", {{"use", {{"growth", 1.3}, {"growth_cv", 0.3}, {"volatility", 0.2}}}}}});
  text["growth"]["q"] = text["growth"]["p"];
  text["growth"]["q"]["procurement"] = {{"policy", "quantile"}, {"fractile", 0.95}};
  const test::TemporaryDirectory home;
  const Scenario scenario = test::load_text(home, text);
  std::vector<RunRequest> requests(2);
  for (std::size_t i = 0; i < 2; ++i) requests[i] = {&scenario, i + 1, {}, {}, {}};
  const std::atomic<bool> stop{false};
  const auto two = run_all(requests, 2, stop, nullptr);
  const auto one = run_all(requests, 1, stop, nullptr);
  for (std::size_t i = 0; i < 2; ++i) {
    REQUIRE(two[i].result);
    CHECK(two[i].result->fingerprint == one[i].result->fingerprint);
    REQUIRE(two[i].result->metrics.size() == one[i].result->metrics.size());
    for (std::size_t m = 0; m < two[i].result->metrics.size(); ++m) {
      CHECK(two[i].result->metrics[m].value == one[i].result->metrics[m].value);
    }
  }
  CHECK(two[0].result->fingerprint != two[1].result->fingerprint);
  const auto metric = [&](const char* name) { return *find_metric(*two[0].result, name)->value; };
  CHECK(metric("growth.p.demand.mean") == metric("growth.q.demand.mean"));
  CHECK(metric("growth.q.unserved.mean") < metric("growth.p.unserved.mean"));
}

}  // namespace
}  // namespace hyperdc
