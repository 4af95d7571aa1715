// Where requests and jobs may be served, and what moves between regions, on paper.
#include <catch2/catch.hpp>

#include "support/load_example.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

Simulation run_regions(const std::vector<Override>& overrides) {
  return simulate(test::load_file("tests/property/residency.json", overrides), {});
}

double of_regions(const Simulation& run, const std::string& name) {
  return test::value(run, name);
}

const Override kAtHome{"workloads.web.residency", R"({"east": ["east"]})"};

}  // namespace

TEST_CASE("requests that may not leave their region fail with it", "[residency]") {
  const Simulation bound = run_regions({kAtHome});
  const Simulation free = run_regions({});
  // East is lost from 120 s to 240 s: of its people nobody is answered, and all others are.
  const double confined = of_regions(bound, "workloads.web.confined");
  CHECK(confined > 1000);
  CHECK(of_regions(bound, "workloads.web.failed") ==
        confined + of_regions(bound, "workloads.web.crashed"));
  CHECK(of_regions(free, "workloads.web.failed") == of_regions(free, "workloads.web.crashed"));
  CHECK(of_regions(bound, "workloads.web.regions.west.answered_share") > 0.999);  // or under way
  CHECK(of_regions(bound, "workloads.web.egress") == 0);
}

TEST_CASE("every region router and the fluid keep to residency", "[residency]") {
  for (const char* const router : {"nearest", "spill-over", "weighted", "lowest-carbon"}) {
    INFO(router);
    const Simulation run = run_regions(
        {{"workloads.web.residency", R"({"east": ["east"], "west": ["west"]})"},
         {"workloads.web.region_router", R"({"policy": ")" + std::string(router) + "\"}"},
         {"regions.east.facility.carbon", R"({"average": "400 g/kWh"})"},
         {"regions.west.facility.carbon", R"({"average": "100 g/kWh"})"}});
    CHECK(of_regions(run, "workloads.web.confined") > 1000);
    CHECK(of_regions(run, "workloads.web.egress") == 0);
  }
  const Simulation fluid = run_regions(
      {kAtHome, {"workloads.web.fidelity", "\"fluid\""}, {"workloads.web.payload", "null"}});
  // Two minutes of 10 /s, seen at each scrape of 15 s.
  CHECK(of_regions(fluid, "workloads.web.confined") == Approx(1200).epsilon(0.13));
}

TEST_CASE("calls are served where the people of the caller may be", "[residency]") {
  const Override state{"workloads.state", R"({"kind": "service", "pools": ["web-east", "web-west"],
      "service_time": "10 ms", "instance": {"cores": 0}, "replicas": {"min": 4, "max": 4},
      "region_router": {"policy": "weighted"}, "payload": {"request": "1 kB"}})"};
  const Override calls{"workloads.web.calls", R"([{"to": "state"}])"};
  const Override residency{"workloads.state.residency", R"({"east": ["east"], "west": ["west"]})"};
  const Override nothing{"failures.lost", "null"};
  const Simulation free = run_regions({state, calls, nothing});
  CHECK(of_regions(free, "workloads.state.egress") > 0);
  const Simulation bound = run_regions({state, calls, residency, nothing});
  CHECK(of_regions(bound, "workloads.state.egress") == 0);
  // West serves people of east, and asks for their state in east: a kilobyte for each request.
  const Simulation away = run_regions(
      {state, calls, residency, nothing, {"workloads.web.residency", R"({"east": ["west"]})"}});
  CHECK(of_regions(away, "workloads.state.egress") * 1e4 ==
        Approx(of_regions(away, "workloads.web.egress")).epsilon(1e-3));
}

TEST_CASE("what moves between regions is on the bill", "[residency]") {
  const double away = of_regions(run_regions({kAtHome}), "workloads.web.confined");
  const Simulation run = run_regions({});
  // A request takes 1 MB to west at 0.02 USD/GB, its answer 9 MB back at 0.05 USD/GB.
  CHECK(of_regions(run, "workloads.web.egress") == away * 10e6);
  CHECK(of_regions(run, "regions.east.cost.egress") == Approx(away * 0.02e-3).margin(1e-6));
  CHECK(of_regions(run, "regions.west.cost.egress") == Approx(away * 0.45e-3).margin(1e-6));
  const Simulation priced = run_regions(
      {{"regions.west.data_transfer", R"({"to": {"east": "1 USD"}, "internet_per_gb": "0.1 USD",
                                          "requests_per_million": "1000 USD"})"}});
  // 0.001 USD a request; 9 MB to the internet are 0.0009 USD.
  const double requests = 1000 * of_regions(priced, "regions.west.cost.requests");
  CHECK(requests == Approx(6000).epsilon(0.05));
  CHECK(of_regions(priced, "regions.west.cost.egress") ==
        Approx(away * 9e-3 + requests * 0.9e-3).margin(0.005));
}

TEST_CASE("requests have a price without a size", "[residency]") {
  const Simulation run =
      run_regions({{"workloads.web.payload", "null"},
                   {"regions.west.data_transfer.requests_per_million", "\"1000 USD\""}});
  CHECK(1000 * of_regions(run, "regions.west.cost.requests") == Approx(6000).epsilon(0.05));
  for (const MetricValue& metric : run.metrics) CHECK(metric.name != "workloads.web.egress");
}

TEST_CASE("jobs that wait for a clean window look where they may run", "[residency]") {
  const auto wait = [](std::vector<Override> more) {
    const auto steps = [](int first, int second, int third) {
      const auto step = [](const char* from, int grams) {
        return R"({"from": ")" + std::string(from) + R"(", "intensity": ")" +
               std::to_string(grams) + R"( g/kWh"})";
      };
      return R"({"average": {"time_of_use": [)" + step("0 s", first) + ", " + step("1 h", second) +
             ", " + step("2 h", third) + "]}}";
    };
    more.push_back({"regions.east.facility.carbon", steps(900, 900, 100)});
    more.push_back({"regions.west.facility.carbon", steps(300, 200, 300)});
    more.push_back({"pools.batch.scheduler", R"({"policy": "lowest-carbon-window",
                                                 "slack": "150 min"})"});
    more.push_back({"workloads.web", "null"});
    more.push_back({"failures.lost", "null"});
    more.push_back({"duration", "\"4 h\""});
    return of_regions(run_regions(more), "workloads.batch.wait.mean");
  };
  CHECK(wait({}) == Approx(7200).margin(300));  // both regions together
  CHECK(wait({{"workloads.batch.residency", R"(["west"])"}}) == Approx(3600).margin(300));
}

TEST_CASE("jobs that may not leave wait where they may be", "[residency]") {
  // Four jobs of a whole server and a minute, one a second: two servers, or one.
  CHECK(of_regions(run_regions({}), "workloads.batch.wait.max") == 58);
  const Simulation bound = run_regions({{"workloads.batch.residency", R"(["west"])"}});
  CHECK(of_regions(bound, "workloads.batch.wait.max") == 177);
  CHECK(of_regions(bound, "workloads.batch.confined_jobs") == 3);
  const Simulation large = run_regions({{"workloads.batch.residency", R"(["west"])"},
                                        {"workloads.batch.generate.members", "2"},
                                        {"workloads.batch.generate.count", "1"}});
  CHECK(of_regions(large, "workloads.batch.rejected") == 1);
  CHECK(of_regions(large, "workloads.batch.confined_jobs") == 1);
}

}  // namespace hyperdc
