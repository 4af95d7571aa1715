// Live keys: what of a scenario may change while it runs, as the description marks it. For
// branches.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hyperdc {

/// True when the path is that of a live key, or lies within one.
bool is_live(std::string_view path);

/// "workloads.*.autoscaler", …: every live key, in the order of the description.
std::vector<std::string> live_keys();

}  // namespace hyperdc
