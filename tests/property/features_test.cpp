// Nothing in the schema is without effect: each row of docs/features.md is run with and without its
// change, and the metric that it names must move. Policies, their parameters and the keys of the
// schema must each have a row.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include <hyperdc/policy/admission.hpp>
#include <hyperdc/policy/allocator.hpp>
#include <hyperdc/policy/autoscaler.hpp>
#include <hyperdc/policy/node_autoscaler.hpp>
#include <hyperdc/policy/placement.hpp>
#include <hyperdc/policy/pricing.hpp>
#include <hyperdc/policy/procurement.hpp>
#include <hyperdc/policy/purchasing.hpp>
#include <hyperdc/policy/router.hpp>
#include <hyperdc/policy/scheduler.hpp>

#include "network/topology/topology.hpp"
#include "support/feature_rows.hpp"
#include "support/load_example.hpp"

namespace hyperdc {
namespace {

const std::string kBase = "tests/property/lab.json";

using Row = test::FeatureRow;

/// Those about scenarios.
std::vector<Row> rows() {
  std::vector<Row> table = test::feature_rows(kBase);
  std::erase_if(table, [](const Row& row) { return row.kind != "base"; });
  return table;
}

/// "a=1;b=2" to overrides.
void add_settings(const std::string& text, std::vector<Override>& overrides) {
  std::stringstream in(text);
  for (std::string setting; std::getline(in, setting, ';');) {
    const std::size_t equals = setting.find('=');
    REQUIRE(equals != std::string::npos);
    overrides.push_back({setting.substr(0, equals), setting.substr(equals + 1)});
  }
}

/// What the row's metric is in the run: text, so that null, a reason and a missing metric count.
std::string reading(const Row& row, const std::vector<Override>& overrides) {
  const Scenario scenario = test::load_file(row.base, overrides);
  if (row.metric == "the resolved scenario") return scenario.resolved_json;
  const std::atomic<bool> stop{false};
  RunRequest request;
  request.scenario = &scenario;
  request.seed = scenario.seed;
  std::vector<RunOutcome> outcomes = run_all({&request, 1}, 1, stop, nullptr);
  if (outcomes[0].failure) FAIL(outcomes[0].failure->message);
  const RunResult& result = *outcomes[0].result;
  if (row.metric == "series rows") return std::to_string(result.series.rows.size());
  if (row.metric == "exit code") {
    return std::all_of(result.objectives.begin(), result.objectives.end(),
                       [](const ResultObjective& o) { return o.met; })
               ? "0"
               : "1";
  }
  const ResultMetric* metric = find_metric(result, row.metric);
  if (metric == nullptr) return "no such metric";
  return metric->value ? nlohmann::json(*metric->value).dump() : "null: " + metric->reason;
}

TEST_CASE("every row of docs/features.md moves its metric", "[property]") {
  const std::vector<Row> table = rows();
  REQUIRE(table.size() > 400);
  std::map<std::string, std::string> known;  // what many rows begin from is run once
  for (const Row& row : table) {
    INFO(row.key << ": " << row.change << " given " << row.given);
    std::vector<Override> overrides;
    add_settings(row.given, overrides);
    std::string& before = known[row.base + "\n" + row.given + "\n" + row.metric];
    if (before.empty()) before = reading(row, overrides);
    add_settings(row.change, overrides);
    const std::string after = reading(row, overrides);
    INFO(row.metric << " stays " << before);
    CHECK(before != after);
    CHECK(after != "no such metric");
  }
}

bool has_row(const std::vector<Row>& table, const std::string& text) {
  return std::any_of(table.begin(), table.end(), [&](const Row& row) {
    return row.key.find(text) != std::string::npos || row.change.find(text) != std::string::npos ||
           row.given.find(text) != std::string::npos;
  });
}

TEST_CASE("every policy and every parameter of a policy has a row", "[property]") {
  const std::vector<Row> table = rows();
  const auto check = [&](const auto& entries, const std::string& kind) {
    for (const auto& entry : entries) {
      INFO(kind << " " << entry.name);
      CHECK(has_row(table, kind + ".policy " + std::string(entry.name)));
      for (const ParamSpec& param : entry.params) {
        INFO("parameter " << param.name);
        CHECK(has_row(table, kind + " " + std::string(entry.name) + "." + std::string(param.name)));
      }
    }
  };
  check(schedulers(), "pools.*.scheduler");
  check(allocators(), "workloads.*.allocator");
  check(placements(), "pools.*.placement");
  check(autoscalers(), "workloads.*.autoscaler");
  check(node_autoscalers(), "pools.*.nodes");
  check(routers(), "workloads.*.router");
  check(region_routers(), "workloads.*.region_router");
  check(admissions(), "workloads.*.admission");
  check(procurements(), "growth.*.procurement");
  check(pricings(), "market.*.products.*.pricing");
  check(purchasings(), "buyers.*.purchasing");
}

/// Keys that state a fact or are checked elsewhere, as the page says above its tables.
const std::set<std::string> kFacts{"vendor",  "year",  "scale_up", "size",   "sources",
                                   "source",  "date",  "note",     "domain", "$schema",
                                   "extends", "files", "assumed"};

void collect_keys(const nlohmann::json& schema, std::set<std::string>& keys) {
  if (schema.is_array()) {
    for (const auto& item : schema) collect_keys(item, keys);
  }
  if (!schema.is_object()) return;
  for (const auto& [name, value] : schema.items()) {
    if (name == "properties") {
      for (const auto& [key, type] : value.items()) keys.insert(key);
    }
    collect_keys(value, keys);
  }
}

TEST_CASE("every key of the schema has a row or is named as a fact", "[property]") {
  std::set<std::string> keys;
  collect_keys(nlohmann::json::parse(scenario_schema()), keys);
  REQUIRE(keys.size() > 60);
  const std::vector<Row> table = rows();
  for (const std::string& key : keys) {
    INFO(key);
    CHECK((kFacts.count(key) == 1 || has_row(table, key)));
  }
}

/// Parts of the schema whose keys have rows of their own, and how the rows call the part. A key
/// like "at" stands in many parts, so that it would be found anywhere.
const std::map<std::string, std::string> kParts{
    {"location", "regions.*.location"},
    {"latency", "latency"},
    {"stock-out", "nodes.stock_out"},
    {"stock-out-window", "nodes.stock_out.windows"},
    {"region", "regions.*"},
    {"server", "server_types.*"},
    {"electricity", "facility.electricity"},
    {"electricity-step", "facility.electricity.time_of_use"},
    {"electricity-series", "facility.electricity.series"},
    {"carbon", "facility.carbon"},
    {"carbon-intensity", "carbon intensity"},
    {"carbon-intensity-step", "carbon intensity.time_of_use"},
    {"carbon-intensity-series", "carbon intensity.series"},
    {"water", "facility.water"},
    {"facility-costs", "facility.costs"},
    {"demand-charge", "facility.costs.demand_charge"},
    {"purchase", "price.purchase"},
    {"embodied-carbon", "server_types.*.embodied"},
    {"provider", "provider"},
    {"platform-of-jobs", "workloads.*.platform"},
    {"checkpoints-of-a-platform-job", "workloads.*.platform.checkpoints"},
    {"spot-servers-of-a-platform", "workloads.*.platform.spot"},
    {"quota-of-a-platform", "workloads.*.platform.quota"},
    {"owner", "ownership.owners.*"},
    {"frontier-run", "ownership.run"},
    {"ownership", "ownership"},
    {"estimate-of-an-owner", "ownership.owners.*.estimates.*"},
    {"capex-of-a-year", "ownership.owners.*.capex"},
    {"outlook", "ownership.outlooks.*"},
    {"supply-of-a-year", "ownership.outlooks.*.supply"},
    {"entrant", "ownership.outlooks.*.entrants.*"},
    {"merger", "ownership.outlooks.*.mergers"},
    {"limit-of-orders", "ownership.outlooks.*.limits"},
    {"workload", "workloads.*"},
    {"request-class", "classes.*"},
    {"instance", "instance"},
    {"warm-up", "instance.warmup"},
    {"replica-bounds", "replicas"},
    {"sensors", "sensors"},
    {"call", "calls"},
    {"client", "client"},
    {"retry", "client.retry"},
    {"retry-budget", "client.retry.budget"},
    {"circuit-breaker", "client.breaker"},
    {"demand-curve", "demand"},
    {"demand-curve-clip", "demand.clip"},
    {"demand-curve-pieces", "demand.piecewise"},
    {"demand-curve-point", "demand.piecewise.points"},
    {"demand-curve-day", "demand.diurnal"},
    {"demand-curve-week", "demand.weekly"},
    {"demand-curve-growth", "demand.growth"},
    {"demand-curve-flash", "demand.flash"},
    {"demand-curve-event", "demand.event"},
    {"demand-curve-noise", "demand.noise"},
    {"demand-curve-trace", "demand.trace"},
    {"request-arrivals", "arrivals"},
    {"gamma-requests", "arrivals.gamma"},
    {"weibull-requests", "arrivals.weibull"},
    {"markov-arrivals", "arrivals.markov"},
    {"arrival-state", "arrivals.markov.states"},
    {"hawkes-arrivals", "arrivals.hawkes"},
    {"replay", "arrivals.replay"},
    {"closed-arrivals", "arrivals.closed"},
    {"session", "arrivals.closed.session"},
    {"control-plane", "control_planes.*"},
    {"plane-outage", "control_planes.*.outages"},
    {"random-plane-outages", "control_planes.*.random"},
    {"health-check", "health_check"},
    {"rollout", "rollouts"},
    {"wave", "rollouts.waves"},
    {"bad-change", "rollouts.bad"},
    {"detection", "rollouts.detection"},
    {"rollback", "rollouts.rollback"},
    {"wan", "wan"},
    {"wan-link", "wan.links"},
    {"token-lengths", "requests.generate"},
    {"common-prefixes", "requests.generate.prefix"},
    {"token-trace", "requests.trace"},
    {"token-objectives", "slo"},
    {"inference-engine", "engine"},
    {"store", "stores.*"},
    {"warm-pool", "warm_pool"},
    {"linear-iteration-time", "engine.iteration.linear"},
    {"model", "model_types.*"},
    {"attention-window", "model_types.*.window"},
    {"latent-attention", "model_types.*.latent"},
    {"experts", "model_types.*.moe"},
    {"number-formats", "model_types.*.formats"},
    {"embedding-tables", "model_types.*.tables"},
    {"elastic-profile", "profile"},
    {"elastic-kind", "profile.kinds.*"},
    {"elastic-application", "applications.*"},
    {"growth-plan", "growth.*"},
    {"demand-class", "growth.*.classes.*"},
    {"demand-branch", "growth.*.branches.*"},
    {"growth-site", "growth.*.sites.*"},
    {"grid-delivery", "growth.*.grid"},
    {"hall", "growth.*.halls"},
    {"row", "growth.*.halls.*.row"},
    {"bridging-power", "growth.*.bridging"},
    {"hardware-generation", "growth.*.generations.*"},
    {"generation-rack", "growth.*.generations.*.rack"},
    {"slip", "growth.*.slip"},
    {"capacity-lease", "growth.*.lease"},
    {"grid-contract", "growth.*.grid.contract"},
    {"growth-staff", "growth.*.staff"},
    {"growth-tax", "growth.*.tax"},
    {"growth-window", "growth.*.windows.*"},
    {"rental-market", "market.*"},
    {"rental-zone", "market.*.zones.*"},
    {"rental-product", "market.*.products.*"},
    {"rental-tenant", "market.*.tenants.*"},
    {"rental-retry", "market.*.tenants.*.retry"},
    {"reserved-use", "market.*.tenants.*.use"},
    {"work-checkpoint", "market.*.tenants.*.checkpoint"},
    {"buyer", "buyers.*"},
    {"buyer-demand", "buyers.*.demand"},
    {"buyer-on-demand", "buyers.*.on_demand"},
    {"buyer-term", "buyers.*.terms.*"},
    {"buyer-owned", "buyers.*.owned"},
    {"buyer-spot", "buyers.*.spot"},
    {"buyer-spot-zone", "buyers.*.spot.zones.*"},
};

/// True when a row is about this path or something in it: it ends there or goes on below.
bool has_path(const std::vector<Row>& table, const std::string& path) {
  return std::any_of(table.begin(), table.end(), [&](const Row& row) {
    const std::size_t at = row.key.find(path);
    if (at == std::string::npos) return false;
    const std::size_t end = at + path.size();
    return end == row.key.size() || std::string(" ,.").find(row.key[end]) != std::string::npos;
  });
}

TEST_CASE("every family of fabrics and each of its parameters has a row", "[property]") {
  const std::vector<Row> table = rows();
  for (const TopologyEntry& family : topologies()) {
    for (const ParamSpec& spec : family.params) {
      const std::string key =
          "fabric_types.*." + std::string(family.name) + "." + std::string(spec.name);
      INFO(key);
      CHECK(
          std::any_of(table.begin(), table.end(), [&](const Row& row) { return row.key == key; }));
    }
  }
}

TEST_CASE("every key of a service, of demand and of costs has a row of its own", "[property]") {
  const nlohmann::json definitions = nlohmann::json::parse(scenario_schema()).at("definitions");
  const std::vector<Row> table = rows();
  for (const auto& [part, path] : kParts) {
    INFO(part);
    REQUIRE(definitions.contains(part));
    std::set<std::string> keys;
    collect_keys(definitions.at(part), keys);
    REQUIRE(!keys.empty());
    for (const std::string& key : keys) {
      INFO(path << "." << key);
      const std::string whole = path + "." + key;
      CHECK((kFacts.count(key) == 1 || has_path(table, whole)));
    }
  }
}

}  // namespace
}  // namespace hyperdc
