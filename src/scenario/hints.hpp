// Hints for names that are not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hyperdc {

/// `"a", "b", "c"`.
std::string list_of(const std::vector<std::string>& names);

/// `did you mean "policy"?`, or else the known names if they are few, or nothing.
std::string name_hint(std::string_view wrong, const std::vector<std::string>& known);

}  // namespace hyperdc
