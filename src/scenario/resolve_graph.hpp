// The family "graph" of fabrics: a network given link by link, in the entry or in files.
#pragma once

#include <memory>
#include <string_view>

#include "scenario/resolve.hpp"

namespace hyperdc {

inline constexpr std::string_view kGraphFamily = "graph";

/// The topology of a decoded entry without files; null and problems where it has mistakes.
std::shared_ptr<const Topology> inline_graph(const View& entry, Problems& problems);

/// The same of an entry whose links may be in files. Also null, without a problem, where a file is
/// not there (reported) or files are not to be read.
std::shared_ptr<const Topology> resolve_graph(Resolution& r, const View& entry);

}  // namespace hyperdc
