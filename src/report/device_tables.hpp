// The power devices of a run on the screen: loads, trips, and the racks that felt it.
#pragma once

#include <string>

#include "report/screen.hpp"

namespace hyperdc {

/// Empty where no region has power devices.
std::string device_tables(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
