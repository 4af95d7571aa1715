// extend: reads a scenario file and the files that it extends.
#pragma once

#include <optional>
#include <string>

#include "scenario/describe.hpp"
#include "scenario/paths.hpp"
#include "scenario/sources.hpp"

namespace hyperdc {

inline constexpr std::size_t kMaxExtends = 16;

/// The file merged over its bases, without the key "extends". Nothing when a file cannot be read or
/// parsed, when the chain returns to a file, or when it is longer than kMaxExtends.
std::optional<Json> read_extended(const std::string& file, const Type& type, const Paths& paths,
                                  Sources& sources, Problems& problems);

}  // namespace hyperdc
