#include "scenario/resolve_stores.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace hyperdc {
namespace {

/// The region that a store names, or the only one; nothing and a problem otherwise.
std::optional<std::uint32_t> region_of_store(Resolution& r, const View& store) {
  std::vector<std::string> known;
  for (const Region& region : r.scenario.regions) known.push_back(region.name);
  const View at = store["region"];
  if (!at && at.json() != nullptr) return std::nullopt;  // reported
  if (!at) {
    if (known.size() == 1) return 0;
    if (!known.empty()) {
      r.error("E011", View(store.json(), store.path() + ".region"), "is missing",
              fmt::format("there are {} regions; add \"region\": \"{}\"", known.size(), known[0]));
    }
    return std::nullopt;
  }
  const auto it = std::ranges::find(known, at.text());
  if (it != known.end()) return static_cast<std::uint32_t>(it - known.begin());
  r.unknown(at, "region", known);
  return std::nullopt;
}

/// Index into Scenario::stores; nothing and a problem if there is none of that name.
std::optional<std::uint32_t> store_named(Resolution& r, const View& at) {
  std::vector<std::string> known;
  for (const StoreSpec& store : r.scenario.stores) known.push_back(store.name);
  const auto it = std::ranges::find(known, at.text());
  if (it != known.end()) return static_cast<std::uint32_t>(it - known.begin());
  std::vector<std::string> stated;  // one that has a problem of its own is reported there
  for (const auto& [name, value, _] : r.spec["stores"].each()) stated.push_back(name);
  if (std::ranges::find(stated, at.text()) == stated.end()) r.unknown(at, "store", stated);
  return std::nullopt;
}

/// Servers that are switched off and come again have lost what they kept.
void check_local_rate(Resolution& r, const View& local, const ServiceWorkload& service) {
  for (const DeploymentSpec& deployment : service.deployments) {
    const PoolSpec& pool = r.scenario.pools[deployment.pool];
    if (!pool.nodes) continue;
    r.error("E034", local,
            fmt::format("servers of pool \"{}\" are switched off, and what they kept is gone",
                        pool.name),
            "remove it, or \"nodes\" of the pool");
  }
}

}  // namespace

void resolve_stores(Resolution& r) {
  for (const auto& [name, store, _] : r.spec["stores"].each()) {
    if (!store) continue;
    const auto region = region_of_store(r, store);
    if (!region || !store["rate"]) continue;
    const double rate = store["rate"].number();
    const View client = store["client_rate"];
    if (client && client.number() > rate) {
      r.error("E034", client, "one reader gets more than all of them together", "at most \"rate\"");
    }
    StoreSpec out{name, *region, rate, client ? client.number() : rate,
                  store["latency"].duration()};
    if (const View write = store["write_rate"]) out.write_rate_Bps = write.number();
    r.scenario.stores.push_back(std::move(out));
  }
}

void resolve_loads(Resolution& r, const View& engine, const ServiceWorkload& service, double bytes,
                   InferenceSpec& spec) {
  const View rate = engine["load_rate"], from = engine["load_from"], local = engine["local_rate"];
  const bool for_adapters = static_cast<bool>(engine["adapters"]["host"]);
  if (rate && from && !for_adapters) {
    r.error("E015", from, "\"load_rate\" gives each replica a rate of its own, a store one to all",
            "remove one of both");
  }
  if (local && from.json() == nullptr) {
    r.error("E016", local, "what servers keep is what they read from a store",
            engine["models"] ? "remove it" : "remove it, or add \"load_from\"");
  }
  if (local) check_local_rate(r, local, service);
  if (from && engine["models"]) {
    r.error("E034", from, "a new replica of several models has none of them loaded",
            "remove it; \"load_rate\" is for what a host does not keep");
  }
  for (EngineSpec& one : spec.engines) {
    if (rate && !from && !engine["models"]) one.load = seconds(bytes / rate.number());
    one.weight_bytes = bytes;
    if (local) one.local_load = seconds(bytes / local.number());
  }
  if (!from) return;
  const auto store = store_named(r, from);
  if (!store) return;
  const std::uint32_t region = r.scenario.stores[*store].region;
  for (std::size_t i = 0; i < service.deployments.size(); ++i) {
    spec.engines[i].store = store;
    const DeploymentSpec& deployment = service.deployments[i];
    if (deployment.region == region) continue;
    r.error("E034", from,
            fmt::format("store \"{}\" is in {}, and pool \"{}\" in {}", from.text(),
                        r.scenario.regions[region].name, deployment.name,
                        r.scenario.regions[deployment.region].name),
            "an endpoint for each region, with a store there");
  }
}

}  // namespace hyperdc
