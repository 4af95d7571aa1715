// The page without its data, as web/ builds it.
#pragma once

#include <string_view>

namespace hyperdc {

std::string_view page_asset();

}  // namespace hyperdc
