// Which files `check` looks at.
#pragma once

#include <string>
#include <vector>

#include <hyperdc/core/issue.hpp>

#include "experiment/check.hpp"

namespace hyperdc {

/// The JSON files of `paths` (files, or directories with all below them but what is hidden), each
/// once, in the order of the paths and within a directory by name; each with its baseline. What is
/// wrong is appended: a path that is not there, a directory without a scenario, a baseline whose
/// scenario is gone.
std::vector<CheckItem> find_check_items(const std::vector<std::string>& paths,
                                        const std::string& baseline, Issues& issues);

}  // namespace hyperdc
