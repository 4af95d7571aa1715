// The page of docs/reference that is written by hand: the formats of traces. The build puts it into
// the program, so that the program prints the whole reference.
#pragma once

#include <string_view>

namespace hyperdc {

/// docs/reference/traces.md as it was when the program was built.
std::string_view traces_reference();

}  // namespace hyperdc
