// Control planes: their scope and their outages.
#include "scenario/resolve.hpp"

namespace hyperdc {
namespace {

constexpr double kLeastWork = 1;  // s, mean: a plane that fails more often does nothing else

PlaneKind plane_kind_of(const std::string& kind) {
  if (kind == "launch") return PlaneKind::launch;
  return kind == "health" ? PlaneKind::health : PlaneKind::scaling;
}

}  // namespace

void resolve_control_planes(Resolution& r) {
  for (const auto& [name, plane, _] : r.spec["control_planes"].each()) {
    if (!plane) continue;
    ControlPlaneSpec out;
    out.name = name;
    out.kind = plane_kind_of(plane["kind"].text());
    out.racks = racks_in_scope(r, plane);
    for (const auto& [index, outage, span] : plane["outages"].each()) {
      out.outages.push_back({outage["at"].duration(), outage["for"].duration()});
    }
    if (const View random = plane["random"]) {
      out.random = RandomPlaneOutages{random_time(r, random["time_to_failure"], kLeastWork),
                                      random_time(r, random["for"], 0)};
    }
    if (out.outages.empty() && !plane["random"]) {
      r.error("E033", plane, "a control plane that is never out changes nothing",
              "give it \"outages\" or \"random\"");
    }
    r.scenario.control_planes.push_back(std::move(out));
  }
  if (!r.scenario.control_planes.empty() && r.spec["duration"].json() == nullptr) {
    r.error("E033", r.spec["control_planes"], "control planes work as long as the run does",
            R"(add "duration": "7 d" to the scenario)");
  }
}

}  // namespace hyperdc
