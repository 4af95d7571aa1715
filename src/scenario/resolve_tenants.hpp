// Who may ask a pool for servers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenario/scenario.hpp"

namespace hyperdc {

/// Names of tenants of the jobs of a pool; nothing where that is not known.
std::optional<std::vector<std::string>> tenants_of(const Scenario& scenario, std::uint32_t pool);

}  // namespace hyperdc
