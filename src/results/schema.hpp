// The JSON Schema of results, valid as draft-07 and as 2020-12.
#pragma once

#include <string>

namespace hyperdc {

/// Describes both documents that runs give: hyperdc.result/1 (one) and hyperdc.results/1 (several).
std::string result_schema();

}  // namespace hyperdc
