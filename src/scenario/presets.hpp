// Presets of autoscalers: what managed platforms scale their endpoints by, from the catalog.
#pragma once

#include <string>
#include <vector>

#include "scenario/resolve.hpp"

namespace hyperdc {

/// An autoscaler that was written as the preset of a platform.
struct Preset {
  std::string workload, platform;
};

/// Writes {"policy": "preset", "preset": NAME, "changes": …} of services in full: the autoscaler of
/// the platform, less what it asks for, with the changes over it. Before the scenario is decoded.
std::vector<Preset> expand_presets(Json& raw, const Type& type, Catalog& catalog,
                                   Problems& problems);

/// Says which files of the catalog were used, and what they assume. After all that name platforms.
void note_presets(Resolution& r, const std::vector<Preset>& presets);

}  // namespace hyperdc
