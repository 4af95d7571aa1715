// The command line: from arguments to an exit code.
#pragma once

#include <string>
#include <vector>

#include "cli/console.hpp"

namespace hyperdc {

/// Runs one command; `arguments` without the name of the program. Catches what goes wrong inside:
/// a broken invariant or a lack of memory is exit code 3.
int run_command_line(const std::vector<std::string>& arguments, Console& console);

}  // namespace hyperdc
