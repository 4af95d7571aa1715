#include "scenario/resolve_residency.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scenario/resolve_costs.hpp"

namespace hyperdc {
namespace {

constexpr double kBytesPerGb = 1e9;
constexpr double kRequestsPerPrice = 1e6;

/// Does another endpoint hand requests over to it?
bool is_handed(const Resolution& r, const std::string& name) {
  for (const auto& [_, other, span] : r.spec["workloads"].each()) {
    if (other["handoff"]["to"].text() == name) return true;
  }
  return false;
}

bool is_called(const Resolution& r, const std::string& name) {
  for (const auto& [_, other, span] : r.spec["workloads"].each()) {
    for (const auto& [index, call, at] : other["calls"].each()) {
      if (call["to"].text() == name) return true;
    }
  }
  return false;
}

/// Who is called may be asked for people of any region.
bool may_come_from(const Resolution& r, const ServiceWorkload& service, std::uint32_t region) {
  const bool asked = std::any_of(service.origins.begin(), service.origins.end(),
                                 [&](const OriginSpec& origin) { return origin.region == region; });
  return asked || is_handed(r, service.name) || is_called(r, service.name);
}

}  // namespace

void resolve_residency(Resolution& r, const View& workload, ServiceWorkload& out) {
  const View residency = workload["residency"];
  if (!residency || out.deployments.empty()) return;
  out.residency.assign(r.scenario.regions.size(), {});
  for (const auto& [name, list, _] : residency.each()) {
    const auto home = region_named(r, list, name);
    if (!home || !list) continue;
    if (!may_come_from(r, out, *home)) {
      r.error("E034", list, fmt::format("nobody asks from {}", name),
              "name a region of \"origins\"");
    }
    const std::vector<std::uint32_t> regions =
        named_once(r, list, "region", region_names(r.scenario));
    for (std::uint32_t d = 0; d < out.deployments.size(); ++d) {
      const std::uint32_t region = out.deployments[d].region;
      if (std::find(regions.begin(), regions.end(), region) != regions.end()) {
        out.residency[*home].push_back(d);
      }
    }
    if (out.residency[*home].empty() && regions.size() == list.each().size()) {
      r.error("E034", list, "the service has no pool in these regions", "add one to \"pools\"");
    }
  }
}

void resolve_payload(Resolution& r, const View& workload, ServiceWorkload& out) {
  const View payload = workload["payload"];
  if (out.network) {
    out.payload = PayloadSpec{out.network->request_bytes, out.network->response_bytes};
  }
  if (!payload) return;
  if (workload["network"]) {
    r.error("E015", payload, "\"network\" says what a request and its answer move");
  }
  if (is_handed(r, out.name)) {
    r.error("E034", payload, "what is handed over is answered by who handed it over",
            "state the payload there");
  }
  out.payload = PayloadSpec{payload["request"].number(), payload["response"].number(), 0, 0};
  if (!out.inference) return;
  out.payload->prompt_token = payload["prompt_token"].number();
  out.payload->output_token = payload["output_token"].number();
}

void resolve_job_residency(Resolution& r, const View& workload, JobsWorkload& out) {
  const View residency = workload["residency"];
  if (!residency) return;
  out.residency = named_once(r, residency, "region", region_names(r.scenario));
  const PoolSpec& pool = r.scenario.pools[out.pool];
  std::set<std::string> zones;
  bool somewhere = false;
  for (const std::uint32_t rack : pool.racks) {
    const RackGroup& group = r.scenario.racks[rack];
    zones.insert(zone_name(r.scenario, group));
    somewhere = somewhere || std::find(out.residency.begin(), out.residency.end(), group.region) !=
                                 out.residency.end();
  }
  if (!somewhere && !out.residency.empty()) {
    r.error("E034", residency, fmt::format("pool \"{}\" has no racks in these regions", pool.name));
  }
  if (zones.size() > kMaxZonesOfPool) {
    r.error("E035", residency,
            fmt::format("pool \"{}\" has {} zones; jobs are kept to some of at most {}", pool.name,
                        zones.size(), kMaxZonesOfPool));
  }
  if (pool.nodes) {
    r.error("E016", residency, "a node autoscaler adds servers in any region",
            "make a pool for each region");
  }
  if (workload["platform"]) {
    r.error("E016", residency, "a platform keeps warm servers in any region",
            "make a pool for each region");
  }
}

void resolve_data_transfer(Resolution& r) {
  const std::size_t regions = r.scenario.regions.size();
  for (Region& region : r.scenario.regions) {
    const View prices = r.spec["regions"][region.name]["data_transfer"];
    if (!prices) continue;
    DataTransferPrices out;
    out.region_B.assign(regions, prices["regions_per_gb"].number() / kBytesPerGb);
    const auto own = static_cast<std::size_t>(&region - r.scenario.regions.data());
    out.region_B[own] = 0;
    for (const auto& [name, price, _] : prices["to"].each()) {
      const auto to = region_named(r, price, name);
      if (!to || !price) continue;
      if (*to == own) r.error("E034", price, "nothing leaves a region for itself");
      out.region_B[*to] = price.number() / kBytesPerGb;
    }
    out.internet_B = prices["internet_per_gb"].number() / kBytesPerGb;
    out.request = prices["requests_per_million"].number() / kRequestsPerPrice;
    out.source = source_of(prices["sources"], "prices");
    check_facts(r, prices["sources"], std::vector<std::string>{"prices"});
    note_facts(r, prices["sources"], fmt::format("regions.{}.data_transfer", region.name));
    region.transfer = std::move(out);
  }
}

void check_transfer_sizes(Resolution& r) {
  const auto& regions = r.scenario.regions;
  const bool requests = std::any_of(regions.begin(), regions.end(), [](const Region& region) {
    return region.transfer && region.transfer->request > 0;
  });
  const bool bytes = std::any_of(regions.begin(), regions.end(), [](const Region& region) {
    if (!region.transfer) return false;
    const auto& prices = region.transfer->region_B;
    return region.transfer->internet_B > 0 ||
           std::any_of(prices.begin(), prices.end(), [](double price) { return price > 0; });
  });
  for (const ServiceWorkload& service : r.scenario.services) {
    const View at = r.spec["workloads"][service.name];
    if (service.payload || is_handed(r, service.name)) continue;
    if (at["fidelity"].text() == "fluid") {
      if (!bytes && !requests) continue;
      r.warning("E034", at, "a fluid service moves no bytes and counts no requests by region",
                "none of them is on the bill");
    } else if (bytes) {
      r.warning("E034", at, "has no size: the bytes that leave a region for it are not on the bill",
                R"(add "payload": {"request": "2 kB", "response": "80 kB"})");
    }
  }
}

}  // namespace hyperdc
