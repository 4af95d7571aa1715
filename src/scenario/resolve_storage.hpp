// What storage systems and their clients resolve alike.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenario/resolve.hpp"

namespace hyperdc {

/// Storage systems as "REGION.NAME", those that have problems of their own, too.
std::vector<std::string> storage_names(const Resolution& r);

/// Rack groups of the region that `names` has, or all of them; `at` is what asks for them.
std::vector<std::uint32_t> racks_of_storage(Resolution& r, const View& at, const View& names,
                                            std::uint32_t region);

/// Caches, metadata and prices of a system.
void read_storage_service(Resolution& r, const View& system, StorageSpec& spec);

}  // namespace hyperdc
