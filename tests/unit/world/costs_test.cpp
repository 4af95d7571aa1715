// The bill of a run by hand, and its laws.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "support/load_example.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

std::map<std::string, double> run_costs(const std::vector<Override>& set) {
  const Scenario scenario = test::load_file("tests/property/costs.json", set);
  const Simulation run = simulate(scenario, {});
  std::map<std::string, double> out;
  for (const MetricValue& metric : run.metrics) {
    if (metric.value) out[metric.name] = *metric.value;
  }
  for (const BillItem& item : run.bill) {
    out["bill"] += static_cast<double>(item.micro_usd) / 1e6;
    CHECK(item.missing.empty());
  }
  return out;
}

constexpr double kYear_h = 365.0 * 24;

TEST_CASE("the bill of a small cluster by hand") {
  const auto costs = run_costs({});
  // Second year of double-declining balance: 0.4 of 7,200, ten servers, two hours.
  CHECK(costs.at("cost.servers") == Approx(10 * 2 / kYear_h * 0.4 * 7200).epsilon(1e-7));
  CHECK(costs.at("cost.upkeep") == Approx(10 * 2 / kYear_h * 500).epsilon(1e-6));
  CHECK(costs.at("cost.building") == Approx(2 / kYear_h * 2000).epsilon(1e-5));
  const double kwh = costs.at("regions.site.energy") / 3.6e6;
  CHECK(costs.at("cost.energy") == Approx(0.08 * kwh).epsilon(1e-5));
  CHECK(costs.at("carbon.average") == Approx(0.3 * kwh));
  CHECK(costs.at("carbon.marginal") == Approx(0.5 * kwh));
  CHECK(costs.at("carbon.market") == Approx(0.05 * kwh));
  CHECK(costs.at("cost.carbon") == Approx(0.3 * kwh * 0.08).epsilon(1e-4));
  CHECK(costs.at("carbon.embodied") == Approx(10 * 1200 / (5 * kYear_h) * 2));
}

TEST_CASE("every account adds up to the total, to the millionth of a dollar") {
  const auto costs = run_costs({});
  double sum = 0;
  for (const char* account : {"servers", "upkeep", "energy", "demand", "carbon", "water",
                              "building", "network", "staff"}) {
    sum += costs.at(std::string("cost.") + account);
  }
  CHECK(std::llround(sum * 1e6) == std::llround(costs.at("cost.total") * 1e6));
  CHECK(std::llround(costs.at("bill") * 1e6) == std::llround(costs.at("cost.total") * 1e6));
}

const char* const kHalf = R"({"kind": "jobs", "generate": {"count": 10, "run": "5 h", "cores": 4,
                             "memory": "1 GiB"}, "arrivals": {"every": "1 ns"}})";

TEST_CASE("jobs that hold half of the servers all the time cost half of them, loaded all of it") {
  const auto costs =
      run_costs({{"server_types.box.price", "\"1 USD/h\""}, {"workloads.work", kHalf}});
  CHECK(costs.at("cost.servers") == Approx(20));
  CHECK(costs.at("workloads.work.cost") == Approx(10).epsilon(1e-6));
  CHECK(costs.at("workloads.work.loaded_cost") == Approx(costs.at("cost.total")).epsilon(1e-6));
}

TEST_CASE("loaded costs of all workloads are the bill, whatever is written off and however") {
  // Old servers beyond their life: nothing is written off any more, upkeep goes on.
  const auto costs = run_costs(
      {{"server_types.box.price.purchase.age", "\"9 y\""},
       {"workloads.work", kHalf},
       {"workloads.other", R"({"kind": "jobs", "generate": {"count": 10, "run": "1 h", "cores": 2,
                              "memory": "20 GiB"}, "arrivals": {"every": "1 ns"}})"}});
  CHECK(costs.at("cost.servers") == 0);
  CHECK(costs.at("workloads.work.cost") ==
        Approx(costs.at("cost.upkeep") / 2).epsilon(1e-6));  // and a workload pays no more
  CHECK(costs.at("workloads.work.loaded_cost") + costs.at("workloads.other.loaded_cost") ==
        Approx(costs.at("cost.total")).epsilon(1e-9));
  // Half of the cores for two hours, 20 of 32 GiB for one.
  CHECK(costs.at("workloads.other.cost") / costs.at("workloads.work.cost") ==
        Approx(20.0 / 32 / (2 * 0.5)).epsilon(1e-3));
}

TEST_CASE("carbon of making servers ends with their life, which began with their purchase") {
  const Override life{"server_types.box.embodied.life", "\"1 d\""};
  const Override span{"duration", "\"3 d\""};
  const auto embodied = [&](const char* age) {
    return run_costs({life, span, {"server_types.box.price.purchase.age", age}})
        .at("carbon.embodied");
  };
  CHECK(embodied("\"0 s\"") == Approx(12'000));
  CHECK(embodied("\"6 h\"") == Approx(9'000));
  CHECK(embodied("\"1 y\"") == 0);
}

TEST_CASE("what workloads hold of servers that are written off is what the bill says") {
  // Full all the time, in the third year of a schedule that is not a straight line.
  const auto costs =
      run_costs({{"server_types.box.price.purchase.age", "\"2 y\""},
                 {"workloads.work", R"({"kind": "jobs", "generate": {"count": 20, "run": "5 h",
                     "cores": 4, "memory": "1 GiB"}, "arrivals": {"every": "1 ns"}})"}});
  CHECK(costs.at("workloads.work.cost") ==
        Approx(costs.at("cost.servers") + costs.at("cost.upkeep")).epsilon(1e-6));
}

TEST_CASE("a bill of more than 64 bits of micro-dollars is added up whole") {
  const char* const kMost = R"({"purchase": {"usd": "1e12 USD", "life": "1 d",
      "residual": "0 USD", "age": "0 s", "upkeep": "0 USD/y", "depreciation": "straight-line"}})";
  const auto costs = run_costs({{"server_types.box.price", kMost},
                                {"regions.site.facility.costs.building", kMost},
                                {"regions.site.facility.costs.network", kMost},
                                {"duration", "\"30 h\""}});
  CHECK(costs.at("cost.servers") == 10e12);
  CHECK(costs.at("cost.building") == 1e12);
  CHECK(costs.at("cost.total") == Approx(12e12).epsilon(1e-9));
}

TEST_CASE("of a bill with an unknown price the rest is known") {
  const Scenario scenario =
      test::load_file("tests/property/costs.json", {{"regions.site.facility.electricity", "null"}});
  const Simulation run = simulate(scenario, {});
  for (const MetricValue& metric : run.metrics) {
    if (metric.name == "cost.total") CHECK(!metric.value);
  }
  const auto whole = run_costs({});
  CHECK(test::value(run, "cost.known") ==
        Approx(whole.at("cost.total") - whole.at("cost.energy")).epsilon(1e-9));
  CHECK(whole.count("cost.known") == 0);
}

TEST_CASE("each price is traced to its own source, or the run says that there is none") {
  const Scenario scenario = test::load_file(
      "tests/property/costs.json",
      {{"regions.site.facility.sources",
        R"({"electricity": {"source": "a tariff"}, "costs.demand_charge": {"source": "its annex",
            "date": "2026-01"}})"}});
  const Simulation run = simulate(scenario, {});
  for (const BillItem& item : run.bill) {
    if (item.account == Account::energy) CHECK(item.source == "a tariff");
    if (item.account == Account::demand) CHECK(item.source == "its annex, 2026-01");
  }
  std::string said;
  const std::vector<RunResult> runs = test::run_seeds(scenario, 1);
  for (const ResultAssumption& of : runs.front().assumptions) {
    if (of.path == "bill") said = of.text;
  }
  for (const char* const name : {"servers box", "water", "building", "staff"}) {
    CHECK(said.find(name) != std::string::npos);
  }
  CHECK(said.find("energy") == std::string::npos);
  CHECK(said.find("demand") == std::string::npos);
}

TEST_CASE("a price of drives alone makes a bill") {
  const Simulation run = simulate(
      test::load_file(
          "tests/property/storage.json",
          {{"drive_types.small.price", R"({"purchase": {"usd": "100 USD", "life": "5 y"}})"}}),
      {});
  CHECK(test::value(run, "cost.known") > 0);
}

TEST_CASE("energy and carbon at rates that vary are added up twice, each by its name") {
  const char* const kSteps = R"({"time_of_use": [{"from": "7 min", "price": "0.3 USD/kWh"},
      {"from": "29 min", "price": "-0.1 USD/kWh"}, {"from": "71 min", "price": "0.2 USD/kWh"}]})";
  const char* const kGreen = R"({"time_of_use": [{"from": "0 s", "intensity": "500 g/kWh"},
      {"from": "40 min", "intensity": "10 g/kWh"}]})";
  const Scenario scenario = test::load_file("tests/property/costs.json",
                                            {{"regions.site.facility.electricity", kSteps},
                                             {"regions.site.facility.carbon.marginal", kGreen}});
  std::map<std::string, int> seen;
  const Simulation run = simulate(scenario, {});
  for (const CheckOutcome& check : run.checks) {
    ++seen[check.name];
    if (check.name == "cost regions.site" || check.name == "carbon marginal regions.site") {
      CHECK(check.text.find("step by step") != std::string::npos);
      CHECK(check.error < 1e-9);
    }
  }
  for (const char* const name : {"bill", "cost regions.site", "carbon average regions.site",
                                 "carbon marginal regions.site", "carbon market regions.site"}) {
    CHECK(seen[name] == 1);
  }
}

TEST_CASE("carbon and water of workloads add up to those of their region") {
  const auto costs = run_costs(
      {{"workloads.work", kHalf},
       {"workloads.other", R"({"kind": "jobs", "generate": {"count": 10, "run": "1 h", "cores": 2,
                              "memory": "1 GiB"}, "arrivals": {"every": "1 ns"}})"}});
  for (const char* const what :
       {"carbon.average", "carbon.marginal", "carbon.market", "carbon.embodied", "water"}) {
    const std::string name = what;
    CHECK(costs.at("workloads.work." + name) + costs.at("workloads.other." + name) ==
          Approx(costs.at(name)).epsilon(1e-9));
    // Half of the cores for two hours, a quarter of them for one.
    CHECK(costs.at("workloads.work." + name) ==
          Approx(4 * costs.at("workloads.other." + name)).epsilon(1e-3));
  }
}

TEST_CASE("a request costs what the endpoint costs over its answers") {
  const Simulation run =
      simulate(test::load_file("tests/property/residency.json",
                               {{"server_types.box.price", "\"1 USD/h\""},
                                {"regions.east.facility.carbon", R"({"average": "400 g/kWh"})"},
                                {"regions.west.facility.carbon", R"({"average": "100 g/kWh"})"},
                                {"workloads.web.slo", "\"150 ms\""}}),
               {});
  const auto of = [&](const std::string& name) {
    return test::value(run, "workloads.web." + name);
  };
  CHECK(of("cost_per_request") * of("completed") == Approx(of("cost")));
  CHECK(of("cost_per_good_request") * of("good") == Approx(of("cost")));
  CHECK(of("good") < of("completed"));
  CHECK(of("carbon.average_per_request") * of("completed") == Approx(of("carbon.average")));
}

TEST_CASE("what training costs after the warm-up is over the steps that count since then") {
  const auto run = [](const char* warmup) {
    return simulate(test::load_file("tests/property/training.json",
                                    {{"server_types.box.price", "\"1 USD/h\""},
                                     {"regions.lab.facility.electricity", "\"0 USD/kWh\""},
                                     {"duration", "\"10 min\""},
                                     {"workloads.train.steps", "100000"},
                                     {"warmup", warmup}}),
                    {});
  };
  // It does the same all the time: a token costs the same, but for a step that is cut.
  const char* const kPer = "workloads.train.loaded_cost_per_mtoken";
  CHECK(test::value(run("\"5 min\""), kPer) ==
        Approx(test::value(run("\"0 s\""), kPer)).epsilon(0.02));
  const char* const kFlops = "workloads.train.loaded_cost_per_pflop_hour";
  CHECK(test::value(run("\"5 min\""), kFlops) ==
        Approx(test::value(run("\"0 s\""), kFlops)).epsilon(0.02));
}

TEST_CASE("what jobs hold before the warm-up is not paid for") {
  const auto costs = run_costs(
      {{"server_types.box.price", "\"1 USD/h\""},
       {"warmup", "\"90 min\""},
       {"workloads.work", R"({"kind": "jobs", "generate": {"count": 10, "run": "5 h", "cores": 8,
                             "memory": "1 GiB"}, "arrivals": {"every": "1 ns"}})"}});
  CHECK(costs.at("cost.servers") == Approx(5));
  CHECK(costs.at("workloads.work.cost") == Approx(5).epsilon(1e-6));
}

TEST_CASE("switches and optics of a fabric are written off, as many as it has") {
  const char* const kHall = R"({"family": "leaf-spine", "leaves": 4, "hosts": 3, "spines": 2,
      "leaf_links": 3, "host_bandwidth": "100 Gbit/s", "leaf_bandwidth": "100 Gbit/s",
      "latency": "1 us", "switches": {"price": "20000 USD"}, "optics": {"price": "500 USD"},
      "life": "4 y"})";
  const std::vector<Override> set = {{"fabric_types.hall", kHall},
                                     {"regions.site.fabric", "\"hall\""},
                                     {"regions.site.facility.costs.network", "null"}};
  // 6 switches, 4 x 2 x 3 cables between them.
  CHECK(run_costs(set).at("cost.network") ==
        Approx((6 * 20'000 + 24 * 2 * 500) / 4.0 / kYear_h * 2).epsilon(1e-6));
}

TEST_CASE("a demand charge is that of the busiest window") {
  // Ten servers of 100 W; eight cores of all of them are busy in the second quarter of an hour.
  const auto costs =
      run_costs({{"regions.site.facility.pue", "1.0"},
                 {"regions.site.facility.weather", "null"},
                 {"regions.site.facility.water", "null"},
                 {"workloads.work", R"({"kind": "jobs", "generate": {"count": 10, "run": "15 min",
                             "cores": 8, "memory": "1 GiB"}, "arrivals": {"every": "1 ns"}})"}});
  CHECK(costs.at("cost.demand") == Approx(3.0 * 12 * 2 / 730).epsilon(1e-4));
}

}  // namespace
}  // namespace hyperdc
