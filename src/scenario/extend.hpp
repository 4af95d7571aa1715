// extend: reads a scenario file and the files that it extends.
#pragma once

#include <optional>
#include <string>

#include "scenario/describe.hpp"
#include "scenario/paths.hpp"
#include "scenario/sources.hpp"

namespace hyperdc {

inline constexpr std::size_t kMaxExtends = 16;

struct Extended {
  /// The file merged over its bases, without the key "extends"; nothing when the file itself cannot
  /// be read or parsed.
  std::optional<Json> scenario;
  /// False, with a problem, when a base cannot be read or parsed, when the chain returns to a file,
  /// or when it is longer than kMaxExtends: `scenario` then lacks what the bases would have said.
  bool whole = false;
};

Extended read_extended(const std::string& file, const Type& type, const Paths& paths,
                       Sources& sources, Problems& problems);

}  // namespace hyperdc
