// ControlPlaneSpec: what decides and acts on others' behalf, and when it is out. One entry of the
// map `control_planes` of a scenario.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"

namespace hyperdc {

/// launch: starts and ends replicas and jobs. scaling: lets autoscalers decide. health: tells load
/// balancers which replicas answer.
enum class PlaneKind { launch, scaling, health };

struct PlaneOutage {
  Duration at;
  Duration lasts;
};

/// Outages at random: the plane works for `time_to_failure`, is out for `lasts`, and so on.
struct RandomPlaneOutages {
  DistributionSpec time_to_failure = Exponential{1};  // s
  DistributionSpec lasts = Constant{0};               // s
};

struct ControlPlaneSpec {
  std::string name;
  PlaneKind kind = PlaneKind::scaling;
  std::vector<std::uint32_t> racks;  // indices into Scenario::racks; each in some pool
  std::vector<PlaneOutage> outages;
  std::optional<RandomPlaneOutages> random;
};

}  // namespace hyperdc
