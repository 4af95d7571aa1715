// The table of metrics and the runs name the same metrics: what the reference page describes can be
// had, and nothing is reported that it does not describe.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "report/metric_info.hpp"
#include "support/load_example.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

/// The examples, and the laboratories of docs/features.md with what these lack.
std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> scenarios;
  scenarios.push_back(
      test::load_file("tests/property/lab.json", {{"pools.main.demand_points", "[0.5]"}}));
  scenarios.push_back(test::load_file(
      "tests/property/elastic.json",
      {{"workloads.cart.slo", R"("300 ms")"}, {"workloads.cart.slo_windows", "{}"}}));
  scenarios.push_back(test::load_file("tests/property/planes.json"));
  scenarios.push_back(test::load_file("tests/property/model.json"));
  scenarios.push_back(test::load_file(
      "tests/property/training.json",
      {{"workloads.train.stragglers", R"({"mtbf": "3 h", "lasts": "1 min", "speed": 0.5})"},
       {"workloads.train.swing", R"({"low": 0.3, "share": 0.2, "edge": "100 ms"})"},
       {"regions.lab.facility.carbon", R"({"marginal": "1 g/kWh"})"}}));
  scenarios.push_back(test::load_file(
      "tests/property/training.json",
      {{"stores.s", R"({"rate": "1 GB/s", "write_rate": "2 GB/s"})"},
       {"workloads.train.checkpoints", R"({"store": {"into": "s", "every": "2 min"}})"}}));
  scenarios.push_back(test::load_file("tests/property/elastic_training.json"));
  scenarios.push_back(test::load_file("tests/property/storage.json"));
  scenarios.push_back(test::load_file("tests/property/costs.json",
                                      {{"provider", R"({"name": "X", "as_of": "2026-11-22"})"}}));
  scenarios.push_back(
      test::load_file("tests/property/residency.json",
                      {{"workloads.batch.residency", R"(["west"])"},
                       {"workloads.web.slo", R"("1 s")"},
                       {"server_types.box.embodied", R"({"carbon": "1 t", "life": "5 y"})"},
                       {"regions.east.facility.water", R"({"per_energy": "1 L/kWh"})"},
                       {"regions.east.facility.carbon",
                        R"({"average": "1 g/kWh", "marginal": "1 g/kWh", "market": "1 g/kWh"})"}}));
  scenarios.push_back(
      test::load_file("tests/property/growth.json",
                      {{"growth.p.decisions",
                        R"({"q": {"procurement": {"policy": "quantile", "fractile": 0.5}}})"}}));
  scenarios.push_back(test::load_file("tests/property/windows.json",
                                      {{"growth.p.tax", R"({"rate": 0.2, "racks": "5 y"})"}}));
  scenarios.push_back(test::load_file("tests/property/market.json"));
  scenarios.push_back(test::load_file("tests/property/buyers.json"));
  scenarios.push_back(test::load_file("tests/property/owners.json"));
  scenarios.push_back(test::load_file("tests/property/network.json", {{"complexity", "true"}}));
  scenarios.push_back(
      test::load_file("tests/property/network.json",
                      {{"workloads.train",
                        R"({"kind": "collectives", "ranks": 8, "bytes": "1 MB", "count": 2})"}}));
  scenarios.push_back(test::load_file(
      "tests/property/plant.json",
      {{"regions.site.facility.pue",
        R"({"losses": {"design": "20 kW", "fixed": 0.02, "proportional": 0.05}})"},
       {"regions.site.facility.capping", R"({"every": "3 s", "delay": "1 s", "actuate": "2 s"})"},
       {"regions.site.facility.devices.row.oversubscription",
        R"({"trips_per_year": 0.01, "mean": "1 kW", "deviation": "300 W", "peak": "4 kW",
            "capped": {"least": "100 W", "shaved": 0.01}})"}}));
  const std::filesystem::path examples =
      std::filesystem::path(HYPERDC_SOURCE_DIR) / "scenarios/examples";
  for (const auto& entry : std::filesystem::directory_iterator(examples)) {
    if (entry.path().extension() != ".json") continue;
    scenarios.push_back(test::load_example(entry.path().stem().string()));
  }
  return scenarios;
}

/// What they report, by the rows of the table.
std::set<std::string> reported() {
  std::set<std::string> rows;
  for (const Scenario& scenario : all_scenarios()) {
    for (const MetricValue& metric : metric_names(scenario)) {
      const MetricParts parts = metric_parts(metric.name);
      INFO(scenario.name << " reports " << metric.name);
      REQUIRE(parts.info != nullptr);
      // Jobs fail and requests do: one name, two rows.
      const auto table = metric_info_table();
      CHECK((parts.statistic == "count" ||
             std::any_of(table.begin(), table.end(), [&](const MetricInfoRow& row) {
               return row.scope == parts.info->scope && row.quantity == parts.info->quantity &&
                      row.unit == metric.unit;
             })));
      rows.insert(parts.scope + "/" + parts.quantity + "/" + parts.statistic);
    }
  }
  return rows;
}

TEST_CASE("every metric of the table is reported by a run, and none beside them", "[property]") {
  const std::set<std::string> rows = reported();
  for (const MetricInfoRow& row : metric_info_table()) {
    std::vector<std::string> statistics(1);
    for (const char c : row.statistics) {
      if (c == ' ') {
        statistics.emplace_back();
      } else {
        statistics.back() += c;
      }
    }
    for (const std::string& statistic : statistics) {
      const std::string name =
          std::string(row.scope) + "/" + std::string(row.quantity) + "/" + statistic;
      INFO(name);
      CHECK((rows.count(name) == 1 || statistic == "count"));
    }
  }
}

TEST_CASE("what is said not to depend on the seed gives the same bytes for two seeds",
          "[property]") {
  const std::string trace =
      R"({"kind": "jobs", "pool": "main", "generate": null, "arrivals": null,
          "trace": {"format": "csv", "file": "lab.csv"}})";
  const std::string carbon =
      R"({"average": {"time_of_use": [{"from": "0 s", "intensity": "400 g/kWh"},
                                      {"from": "2 h", "intensity": "100 g/kWh"}]}})";
  std::size_t independent = 0;
  const auto check = [&](std::vector<Override> overrides, bool seeded) {
    overrides.insert(overrides.begin(), {{"workloads.mix", trace}, {"duration", "null"}});
    overrides.push_back({"regions.lab.facility.carbon", carbon});
    const Scenario scenario = test::load_file("tests/property/lab.json", overrides);
    CHECK(depends_on_seed(scenario) == seeded);
    std::vector<RunResult> runs;
    for (const std::uint64_t seed : {1, 2}) {
      SimulateOptions options;
      options.seed = seed;
      const Simulation run = simulate(scenario, options);
      RunResult result;
      result.resolved_json = "{}";
      result.fingerprint = run.fingerprint;
      result.hourly_fingerprints = run.hourly_fingerprints;
      result.simulated_s = to_seconds(run.end);
      result.events = run.events;
      for (const MetricValue& m : run.metrics) {
        result.metrics.push_back({m.name, m.unit, m.value, m.reason});
      }
      result.series.columns = run.series_columns;
      result.series.rows = run.series_rows;
      runs.push_back(std::move(result));
    }
    if (seeded) return;  // said to depend on it: nothing is reused
    ++independent;
    CHECK(to_json(runs[0]) == to_json(runs[1]));
    CHECK(runs[0].series.rows == runs[1].series.rows);
  };
  for (const SchedulerEntry& entry : schedulers()) {
    INFO("scheduler " << entry.name);
    check({{"pools.main.scheduler", R"({"policy": ")" + std::string(entry.name) + "\"}"}}, false);
  }
  for (const PlacementEntry& entry : placements()) {
    INFO("placement " << entry.name);
    check({{"pools.main.placement", R"({"policy": ")" + std::string(entry.name) + "\"}"}},
          entry.name == "random");
  }
  CHECK(independent == schedulers().size() + placements().size() - 1);
  check({{"workloads.mix.arrivals", R"({"every": "1 min"})"}}, false);
  check({{"workloads.mix.arrivals", R"({"poisson": {"rate": "1 /min"}})"}}, true);
  check({{"workloads.mix.shuffle", "true"}}, true);
  check({{"workloads.mix.inflate_to", "3"}}, true);
  check({{"pools.main.ties", "shuffled"}}, true);
}

}  // namespace
}  // namespace hyperdc
