// Money, carbon and water: what a scenario may not say of them, each with a reason.
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <string>

#include "files.hpp"

using namespace hyperdc;
using test::has;

namespace {

std::string costs_text(const std::string& facility, const std::string& price = "\"1 USD/h\"") {
  return fmt::format(
      R"({{"name": "c", "duration": "1 d", "server_types": {{"box": {{"cores": 4, "memory": "1 GiB",
      "host_power": {{"idle": "1 W", "full": "2 W"}}, "price": {}}}}},
      "regions": {{"r": {{"facility": {{{}}}, "racks": {{"a": {{"server": "box", "count": 1,
      "servers_per_rack": 1}}}}}}}}, "pools": {{"p": {{}}}}}})",
      price, facility);
}

/// With a file beside the scenario.
Issues with_rates(const std::string& series, const std::string& csv) {
  const test::TemporaryDirectory home;
  home.write("rates.csv", csv);
  const std::string path = home.write(
      "s.json", costs_text(fmt::format(R"("electricity": {{"series": {{{}}}}})", series)));
  return test::issues_of(path);
}

const std::string kAt = "regions.r.facility.";
const std::string kSeries = R"("file": "rates.csv", "unit": "1 USD/MWh")";

}  // namespace

TEST_CASE("what of prices cannot be is refused by its key") {
  const auto refused = [](const char* purchase, const char* key, const char* reason) {
    return has(
        test::issues_of_text(costs_text("", fmt::format(R"({{"purchase": {{{}}}}})", purchase))),
        "E034", std::string("server_types.box.price.purchase.") + key, reason);
  };
  CHECK(refused(R"("usd": "100 USD", "life": "5 y", "residual": "101 USD")", "residual",
                "worth more after its life"));
  CHECK(refused(R"("usd": "100 USD", "life": "4 y 100 d", "depreciation": "sum-of-years")", "life",
                "whole years"));
  CHECK(test::issues_of_text(costs_text("", R"({"purchase": {"usd": "100 USD", "life": "100 d"}})"))
            .empty());
}

TEST_CASE("what of a facility's costs cannot be is refused by its key") {
  const auto refused = [](const char* facility, const char* key, const char* reason) {
    return has(test::issues_of_text(costs_text(facility)), "E034", kAt + key, reason);
  };
  CHECK(refused(R"("costs": {"demand_charge": {"price": "9 USD/kW", "window": "7 min"}})",
                "costs.demand_charge.period", "whole number of windows"));
  CHECK(refused(R"("carbon": {"market": "0 g/kWh", "price": "50 USD/t"})", "carbon.price",
                "there is no \"average\""));
  CHECK(refused(R"("water": {"per_energy": "1 L/kWh", "per_kelvin": "1 L/kWh"})",
                "water.per_kelvin", "no weather"));
  CHECK(refused(R"("electricity": {"time_of_use": [{"from": "8 h", "price": "1 USD/kWh"},
                   {"from": "7 h", "price": "1 USD/kWh"}]})",
                "electricity.time_of_use.1.from", "do not rise"));
}

TEST_CASE("sources of prices are of keys that there are") {
  const auto issues = [](const char* fact) {
    return test::issues_of_text(costs_text(fmt::format(
        R"("electricity": "0.1 USD/kWh", "sources": {{"{}": {{"source": "a bill"}}}})", fact)));
  };
  CHECK(issues("electricity").empty());
  CHECK(issues("costs.demand_charge").empty());
  CHECK(has(issues("elektricity"), "E012", kAt + "sources.elektricity", "unknown key"));
  CHECK(has(issues("costs.demand"), "E012", kAt + "sources.costs.demand", "unknown key"));
  for (const Issue& issue : issues("elektricity")) {
    CHECK(issue.hint == "did you mean \"electricity\"?");
  }
}

TEST_CASE("a purchase of more than the world's hardware is refused") {
  const Issues issues =
      test::issues_of_text(costs_text("", R"({"purchase": {"usd": "2e12 USD", "life": "5 y"}})"));
  CHECK(has(issues, "E021", "server_types.box.price.purchase.usd", "1000 GUSD"));
}

TEST_CASE("a series is read from its file, with all that is wrong with it") {
  const std::string good = "at,price\n2022-01-01T00:00:00Z,1\n2022-01-01T01:00:00Z,-2\n";
  CHECK(with_rates(kSeries, good).empty());
  const std::string file = kAt + "electricity.series.file";
  const std::string start = kAt + "electricity.series.start";
  CHECK(has(with_rates(kSeries + R"(, "start": "2022-01-01 02:00")", good), "E021", start,
            "not within the file"));
  CHECK(
      has(with_rates(kSeries + R"(, "start": "yesterday")", good), "E021", start, "is not a date"));
  CHECK(with_rates(kSeries + R"(, "start": "2022-01-01 01:59")", good).empty());
  const Issues bad = with_rates(kSeries, "at,price\n2022-01-02,1\n2022-01-01,2\nnever,3\n");
  CHECK(has(bad, "E065", file, "not later"));
  CHECK(has(bad, "E064", file, "is not a date"));
  CHECK(has(with_rates(kSeries, "at,price\n2022-01-02,1\n"), "E067", file, "fewer than two rows"));
}

TEST_CASE("a scheduler that goes by a signal needs it where its pool stands") {
  const auto issues = [](const char* signal, const char* facility, const char* more = "") {
    std::string text = costs_text(facility);
    const std::string pool = R"("pools": {"p": {)";
    text.insert(
        text.find(pool) + pool.size(),
        fmt::format(R"("scheduler": {{"policy": "lowest-carbon-window", "signal": "{}"}}{})",
                    signal, more));
    return test::issues_of_text(text);
  };
  const char* const carbon = R"("carbon": {"average": "300 g/kWh"})";
  CHECK(issues("average", carbon).empty());
  CHECK(has(issues("marginal", carbon), "E034", "pools.p.scheduler", "region \"r\""));
  CHECK(has(issues("price", carbon), "E034", "pools.p.scheduler", "does not state"));
  CHECK(issues("price", R"("electricity": "0.1 USD/kWh")").empty());
  // Whatever else is wrong; and not where the signal itself is stated and wrong.
  CHECK(has(issues("price", R"("pue": "low")"), "E034", "pools.p.scheduler", "does not state"));
  CHECK(!has(issues("average", R"("carbon": {"average": "dirty"})"), "E034", "pools.p.scheduler",
             "does not state"));
  // Jobs that wait by choice are neither rejected nor a reason to buy.
  CHECK(has(issues("average", carbon, R"(, "queue_limit": 5)"), "E034", "pools.p.queue_limit",
            "by choice"));
  CHECK(has(issues("average", carbon, R"(, "nodes": {"policy": "cluster-autoscaler"})"), "E034",
            "pools.p.nodes", "by choice"));
  std::string placed = costs_text(carbon);
  placed.insert(placed.find(R"("p": {)") + 6,
                R"("placement": {"policy": "lowest-carbon", "signal": "price"})");
  CHECK(has(test::issues_of_text(placed), "E034", "pools.p.placement", "does not state"));
  std::string text = costs_text(carbon);
  text.insert(text.find(R"("p": {)") + 6,
              R"("scheduler": {"policy": "lowest-carbon-window", "slack": "25 h"})");
  CHECK(has(test::issues_of_text(text), "E034", "pools.p.scheduler.slack", "longer than the run"));
}
