// Buyers: the newsvendor's quantile, breakage, spot and its correlated loss, each by hand.
#include "world/buyer/buyer.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "support/load_example.hpp"
#include "support/model_endpoint.hpp"
#include "unit/world/metric_value.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

constexpr double kHoursOfYear = 8760;

/// Demand of 100, on-demand at 10 USD/h, a year's reservation at 4.
Simulation bought(const json& changes) {
  json buyer = {{"years", 1},
                {"futures", 1},
                {"demand", {{"start", 100}}},
                {"on_demand", {{"price", "10 USD/h"}}},
                {"terms", {{"1y", {{"term", "1 y"}, {"price", "4 USD/h"}}}}},
                {"purchasing", {{"policy", "commit"}}}};
  buyer.merge_patch(changes);
  const test::TemporaryDirectory home;
  const json text = {{"name", "b"}, {"buyers", {{"b", buyer}}}};
  return simulate(test::load_text(home, text), {});
}

double bought_value(const Simulation& run, const std::string& metric) {
  return test::value(run, "buyers.b." + metric);
}

json spot_in(const json& zones) {
  return {{"notice", "30 s"},
          {"persistence", "0 s"},
          {"checkpoint", {{"every", "1 h"}, {"cost", "40 s"}, {"restart", "20 s"}}},
          {"zones", zones}};
}

}  // namespace

TEST_CASE("demand that is known is reserved whole, or bought by the hour") {
  CHECK(bought_value(bought(json::object()), "cost.mean") == Approx(100 * 4 * kHoursOfYear));
  const json none = {{"purchasing", {{"quantile", 0}}}};
  CHECK(bought_value(bought(none), "cost.mean") == Approx(100 * 10 * kHoursOfYear));
  // Owned hardware comes first; a term that goes on after the end gives its prepayment back.
  const json owned = {{"owned", {{"accelerators", 30}, {"price", "1 USD/h"}}},
                      {"terms", {{"1y", {{"term", "2 y"}, {"upfront", 1}}}}}};
  CHECK(bought_value(bought(owned), "cost.mean") == Approx((70 * 4 + 30) * kHoursOfYear));
}

TEST_CASE("the quantile 1 - r / p of demand is cheapest on average") {
  const auto cost = [](double quantile) {
    return bought_value(bought({{"futures", 30},
                                {"demand", {{"spread", 0.5}}},
                                {"purchasing", {{"quantile", quantile}}}}),
                        "cost.mean");
  };
  const double best = cost(0.6);  // 1 - 4 / 10
  for (const double other : {0.3, 0.45, 0.75, 0.9}) CHECK(best < cost(other));
  // E[cost] / p = r/p Q + E[(D - Q)+], of a lognormal of mean 100 and cv 0.5 at its 0.6-quantile.
  const double sigma = std::sqrt(std::log1p(0.25));
  const double z = 0.2533471031357997;                               // N^-1(0.6)
  const double upper = 0.5 * std::erfc((z - sigma) / std::sqrt(2));  // N(sigma - z)
  const double q = 100 * std::exp(sigma * z - sigma * sigma / 2);
  const double beyond = 100 * upper - q * 0.4;
  CHECK(best == Approx((4 * q + 10 * beyond) * kHoursOfYear).epsilon(0.01));
}

TEST_CASE("breakage of what is given up by hand") {
  // Demand halves in a year: half-way a review gives up the part 1 - sqrt(1/2).
  const Simulation run = bought({{"step", "week"},
                                 {"review", 26},
                                 {"demand", {{"growth", 0.5}}},
                                 {"terms", {{"1y", {{"term", "364 d"}, {"breakage", 0.25}}}}},
                                 {"purchasing", {{"release", true}}}});
  const double first = bought_value(run, "reserved.max"), half_h = 26 * 7 * 24;
  CHECK(bought_value(run, "breakage_cost.mean") ==
        Approx(0.25 * 4 * first * (1 - std::sqrt(0.5)) * half_h).epsilon(1e-9));
  CHECK(bought_value(run, "reserved_cost.mean") ==
        Approx(4 * first * (1 + std::sqrt(0.5)) * half_h).epsilon(1e-9));
}

TEST_CASE("giving up what goes on after the end costs breakage until the end") {
  // Demand falls by half in a year; the term is of three: half-way 1 - sqrt(1/2) is given up.
  const auto cost = [](double breakage, double upfront) {
    return bought(
        {{"step", "week"},
         {"review", 26},
         {"demand", {{"growth", 0.5}}},
         {"terms", {{"1y", {{"term", "3 y"}, {"breakage", breakage}, {"upfront", upfront}}}}},
         {"purchasing", {{"release", true}, {"quantile", 0.5}}}});
  };
  const Simulation kept = cost(1, 0);
  const double first = bought_value(kept, "reserved.max");
  // All of what is still to be paid: as dear as to keep it, by the hour or prepaid.
  const double whole = 4 * first * 52 * 7 * 24;
  CHECK(bought_value(kept, "breakage_cost.mean") > 0);
  CHECK(bought_value(kept, "reserved_cost.mean") + bought_value(kept, "breakage_cost.mean") ==
        Approx(whole));
  CHECK(bought_value(cost(0.5, 1), "reserved_cost.mean") == Approx(whole));
}

TEST_CASE("terms follow each other without a gap, and a year is a year's steps") {
  for (const char* step : {"week", "day"}) {
    const Simulation run =
        bought({{"years", 3}, {"step", step}, {"review", 52}, {"demand", {{"start", 1000}}}});
    CHECK(bought_value(run, "reserved.mean") == Approx(1000));
    CHECK(bought_value(run, "on_demand_cost.mean") == 0);
  }
}

TEST_CASE("spot costs its ratio in the mean, however scarce, and what is lost was held") {
  json spot = spot_in({{"a", {{"ratio", 0.5}, {"available", 0.6}}}});
  spot["price_volatility"] = 0.8;
  json first = {
      {"policy", "spot-first"}, {"quantile", 0}, {"checkpoint_aware", false}, {"bid", 99}};
  json changes = {{"futures", 60}, {"spot", spot}, {"purchasing", first}};
  const Simulation run = bought(changes);
  const double useful = 3600.0 / 3640;
  const double spot_h = bought_value(run, "spot_share.mean") * 100 * kHoursOfYear / useful;
  CHECK(bought_value(run, "spot_cost.mean") / spot_h == Approx(5).epsilon(0.02));
  // A bid that the price passes loses work as a zone without spot does.
  changes["spot"]["zones"]["a"]["available"] = 1;
  CHECK(bought_value(bought(changes), "redone_time.mean") == 0);
  changes["purchasing"]["bid"] = 0.5;
  CHECK(bought_value(bought(changes), "redone_time.mean") > 0);
  // Checkpoints of 30 days: a day's spot loses no more than a day.
  changes["spot"]["checkpoint"] = {{"every", "30 d"}, {"cost", "40 s"}};
  const Simulation seldom = bought(changes);
  CHECK(bought_value(seldom, "redone_time.mean") <=
        bought_value(seldom, "spot_share.mean") * 100 * kHoursOfYear * 3600);
}

TEST_CASE("missed demand is at most all of it, and has no cost of an hour") {
  const json spot = spot_in({{"a", {{"ratio", 0.5}, {"available", 0.01}}}});
  json changes = {{"on_demand", {{"stock", 0.01}}},
                  {"futures", 1},
                  {"spot", spot},
                  {"purchasing", {{"quantile", 0}}}};
  changes["spot"]["persistence"] = "30 y";
  const Simulation run = bought(changes);
  CHECK(bought_value(run, "missed_share.mean") == 1);
  for (const MetricValue& metric : run.metrics) {
    if (metric.name == "buyers.b.cost_per_hour.mean") CHECK_FALSE(metric.value);
  }
}

TEST_CASE("a run that is stopped pays for its own time") {
  json buyer = {{"years", 2},
                {"futures", 1},
                {"demand", {{"start", 100}}},
                {"on_demand", {{"price", "10 USD/h"}}},
                {"terms", {{"2y", {{"term", "2 y"}, {"price", "4 USD/h"}, {"upfront", 1}}}}},
                {"purchasing", {{"policy", "commit"}}}};
  const test::TemporaryDirectory home;
  SimulateOptions half;
  half.until = SimTime{} + whole_seconds(365 * 86'400 - 1);  // a day that has begun counts whole
  const Simulation run =
      simulate(test::load_text(home, {{"name", "b"}, {"buyers", {{"b", buyer}}}}), half);
  CHECK(bought_value(run, "cost.mean") == Approx(100 * 4 * kHoursOfYear));
}

TEST_CASE("giving up pays nothing for the time after a run that is stopped") {
  json buyer = {
      {"years", 2},
      {"futures", 1},
      {"demand", {{"start", 100}, {"growth", 0.2}}},
      {"on_demand", {{"price", "10 USD/h"}}},
      {"terms",
       {{"3y", {{"term", "3 y"}, {"price", "4 USD/h"}, {"upfront", 0.5}, {"breakage", 1}}}}},
      {"purchasing", {{"policy", "commit"}, {"quantile", 0.8}, {"release", true}}}};
  const test::TemporaryDirectory home;
  SimulateOptions half;
  half.until = SimTime{} + whole_seconds(365 * 86'400 - 1);
  const Simulation run =
      simulate(test::load_text(home, {{"name", "b"}, {"buyers", {{"b", buyer}}}}), half);
  CHECK(bought_value(run, "breakage_cost.mean") > 0);
  // With all of it as breakage it is as dear to give up as to keep, until the end of the run.
  CHECK(bought_value(run, "breakage_cost.mean") + bought_value(run, "reserved_cost.mean") ==
        Approx(4 * bought_value(run, "reserved.max") * kHoursOfYear));
}

TEST_CASE("who moves between zones restarts there, and stays where that is dearer than it saves") {
  json spot = spot_in({{"a", {{"ratio", 0.5}}}, {"b", {{"ratio", 0.5}}}});
  spot["price_volatility"] = 0.5;
  spot["checkpoint"] = {{"every", "1 s"}, {"cost", "0 s"}, {"restart", "2 h"}};
  const auto run = [&](bool aware, const char* restart) {
    spot["checkpoint"]["restart"] = restart;
    return bought(
        {{"futures", 10},
         {"spot", spot},
         {"purchasing", {{"policy", "spot-first"}, {"bid", 99}, {"checkpoint_aware", aware}}}});
  };
  // Both zones are drawn anew each day: half of the days the other one is cheaper.
  const Simulation naive = run(false, "2 h");
  CHECK(bought_value(naive, "redone_time.mean") ==
        Approx(0.5 * 365 * 100 * 2 * 3600).epsilon(0.06));
  CHECK(bought_value(run(false, "0 s"), "redone_time.mean") == Approx(0).margin(100 * 365));
  const Simulation aware = run(true, "12 h");
  const Simulation moves = run(false, "12 h");
  CHECK(bought_value(aware, "redone_time.mean") < 0.5 * bought_value(moves, "redone_time.mean"));
  CHECK(bought_value(aware, "cost.mean") < bought_value(moves, "cost.mean"));
}

TEST_CASE("spot by hand: checkpoints, interruptions and their price") {
  json spot = spot_in({{"a", {{"ratio", 0.5}}}});
  spot["interruptions"] = "0.01 /h";
  const json first = {{"policy", "spot-first"}, {"quantile", 0}, {"share", 0.8}};
  const Simulation run = bought({{"spot", spot}, {"purchasing", first}});
  // e = 3600, c = 40, r = 20, the notice too short for a checkpoint.
  const double share = 3600.0 / 3640;
  const double lost = (3600.0 * 3600 / 2 + 3600.0 * 40) / 3640 + 20 * share;
  const double useful = share - 0.01 / 3600 * lost;
  CHECK(bought_value(run, "spot_cost.mean") == Approx(80 / useful * 5 * kHoursOfYear));
  CHECK(bought_value(run, "on_demand_cost.mean") == Approx(20 * 10 * kHoursOfYear));
  CHECK(bought_value(run, "interruptions.mean") == Approx(80 / useful * 0.01 * kHoursOfYear));
  spot["notice"] = "40 s";
  const double less = share - 0.01 / 3600 * 60 * share;
  CHECK(bought_value(bought({{"spot", spot}, {"purchasing", first}}), "spot_cost.mean") ==
        Approx(80 / less * 5 * kHoursOfYear));
}

TEST_CASE("zones that run dry together are missed more than zones that do not") {
  const auto missed = [](double correlation) {
    json spot = spot_in(
        {{"a", {{"ratio", 0.5}, {"available", 0.8}}}, {"b", {{"ratio", 0.5}, {"available", 0.8}}}});
    spot["correlation"] = correlation;
    spot["checkpoint"] = {{"every", "1 s"}, {"cost", "0 s"}, {"restart", "0 s"}};
    const Simulation run = bought({{"futures", 20},
                                   {"on_demand", {{"stock", 0.8}}},
                                   {"spot", spot},
                                   {"purchasing", {{"policy", "spot-first"}, {"quantile", 0}}}});
    return bought_value(run, "missed_share.mean");
  };
  CHECK(missed(0) == Approx(0.2 * 0.2).margin(0.012));
  CHECK(missed(1) == Approx(0.2).margin(0.03));
}

TEST_CASE("who counts what leaving costs pays no more than who does not, or than on-demand") {
  // Of one zone: its mean price and how it swings, and a restart that is dear or not.
  struct Zone {
    double ratio, volatility;
    const char *persistence, *restart, *step;
    double available;
  };
  const std::vector<Zone> zones = {
      {0.9, 0.1, "1 h", "3 h", "hour", 1},    {0.8, 0.4, "6 h", "30 min", "hour", 0.9},
      {0.95, 0.4, "6 h", "3 h", "hour", 0.7}, {1, 0.1, "1 h", "3 h", "hour", 1},
      {0.9, 0.1, "1 h", "3 h", "day", 1},     {0.95, 0.4, "9 d", "12 h", "day", 0.7}};
  double saved = 0;
  for (const Zone& zone : zones) {
    const auto cost = [&](const json& purchasing) {
      json spot = spot_in({{"a", {{"ratio", zone.ratio}, {"available", zone.available}}}});
      spot["persistence"] = zone.persistence;
      spot["price_volatility"] = zone.volatility;
      spot["interruptions"] = "0.005 /h";
      spot["checkpoint"] = {{"every", "12 h"}, {"cost", "40 s"}, {"restart", zone.restart}};
      json first = {{"policy", "spot-first"}};
      first.merge_patch(purchasing);
      return bought_value(
          bought({{"futures", 4}, {"step", zone.step}, {"spot", spot}, {"purchasing", first}}),
          "cost.mean");
    };
    const double aware = cost({{"checkpoint_aware", true}});
    INFO("ratio " << zone.ratio << " volatility " << zone.volatility << " step " << zone.step);
    CHECK(aware <= cost({{"share", 0}}) * 1.001);
    // The same scarcity in both: what is left to chance is small.
    CHECK(aware <= cost({{"checkpoint_aware", false}}) * 1.005);
    // It pays to be allowed more: what is held need not go at each crossing of on-demand's price.
    const double free = cost({{"checkpoint_aware", true}, {"bid", 99}});
    CHECK(free <= aware * 1.005);
    saved += cost({{"share", 0}}) - free;
  }
  CHECK(saved > 0.1 * 100 * 10 * kHoursOfYear);
}

TEST_CASE("CVaR95 is the mean of the dearest twentieth") {
  std::vector<double> costs(40);
  std::iota(costs.begin(), costs.end(), 1.0);
  CHECK(cvar95(costs) == 39.5);
  CHECK(cvar95({7}) == 7);
  costs.push_back(100);  // of 41: two, and a twentieth of the third
  CHECK(cvar95(costs) == Approx((100 + 40 + 0.05 * 39) / 2.05));
  costs.resize(30);  // one and a half
  CHECK(cvar95(costs) == Approx((30 + 0.5 * 29) / 1.5));
}

}  // namespace hyperdc
