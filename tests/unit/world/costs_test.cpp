// The bill of a run by hand, and its laws.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "support/load_example.hpp"
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
  // An old server beyond its life: nothing is written off, its mean over the life goes on.
  const auto costs = run_costs(
      {{"server_types.box.price.purchase.age", "\"9 y\""},
       {"workloads.work", kHalf},
       {"workloads.other", R"({"kind": "jobs", "generate": {"count": 10, "run": "1 h", "cores": 2,
                              "memory": "20 GiB"}, "arrivals": {"every": "1 ns"}})"}});
  CHECK(costs.at("cost.servers") == 0);
  CHECK(costs.at("workloads.work.loaded_cost") + costs.at("workloads.other.loaded_cost") ==
        Approx(costs.at("cost.total")).epsilon(1e-9));
  // Half of the cores for two hours, 20 of 32 GiB for one.
  CHECK(costs.at("workloads.other.cost") / costs.at("workloads.work.cost") ==
        Approx(20.0 / 32 / (2 * 0.5)).epsilon(1e-3));
}

TEST_CASE("carbon of making servers ends with their life") {
  const auto costs =
      run_costs({{"server_types.box.embodied.life", "\"1 d\""}, {"duration", "\"3 d\""}});
  CHECK(costs.at("carbon.embodied") == Approx(12'000));
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
