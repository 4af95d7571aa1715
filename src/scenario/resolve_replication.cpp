#include "scenario/resolve_replication.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace hyperdc {
namespace {

/// A copy is where the data of people is at rest: in no region in which they may not be served.
void check_residency_of_copies(Resolution& r, const View& workload, const View& to) {
  for (const auto& [home, list, _] : workload["residency"].each()) {
    std::vector<std::string> allowed;
    for (const auto& [index, name, span] : list.each()) allowed.push_back(name.text());
    for (const auto& [index, name, span] : to.each()) {
      if (!name || std::find(allowed.begin(), allowed.end(), name.text()) != allowed.end()) {
        continue;
      }
      r.error("E034", name,
              fmt::format("\"residency\" keeps the data of people of {} out of this region", home),
              "copy to regions that it names");
    }
  }
}

}  // namespace

std::optional<ReplicationSpec> replication_of(Resolution& r, const View& workload,
                                              const ServiceWorkload& service) {
  const View replication = workload["replication"];
  if (!replication) return std::nullopt;
  ReplicationSpec out;
  const View to = replication["to"];
  out.to = named_once(r, to, "region", region_names(r.scenario));
  out.share = replication["share"].number();
  out.bytes = static_cast<std::uint64_t>(replication["bytes"].number());
  out.synchronous = replication["mode"].text() == "synchronous";
  if (!out.synchronous) out.every = replication["every"].duration();
  if (const View cap = replication["cap"]) out.cap_Bps = cap.number();
  check_residency_of_copies(r, workload, to);
  if (r.spec["wan"].json() == nullptr) {
    r.error("E034", replication, "the scenario has no WAN to copy over",
            R"(add "wan": {"links": [{"from": "a", "to": "b", "bandwidth": "1 Tbit/s"}]} to it)");
  }
  const bool apart = std::any_of(out.to.begin(), out.to.end(), [&](std::uint32_t region) {
    return std::any_of(service.deployments.begin(), service.deployments.end(),
                       [&](const DeploymentSpec& d) { return d.region != region; });
  });
  if (!apart && !out.to.empty() && !service.deployments.empty()) {
    r.error("E034", to, "the service runs in no other region", "name a region that it is not in");
  }
  const auto& fabrics = r.scenario.fabrics;
  if (fabrics.empty() || fabrics.back().region) return std::nullopt;
  out.fabric = static_cast<std::uint32_t>(fabrics.size() - 1);
  return out;
}

}  // namespace hyperdc
