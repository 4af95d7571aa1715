// Outlooks of ownership: what resolve_ownership.cpp needs of them.
#pragma once

#include <string_view>

#include "scenario/ownership_spec.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

/// A list of {"year", key} whose years follow each other; a problem otherwise.
YearlyAmounts yearly(Resolution& r, const View& list, std::string_view key);
/// After owners, others and year.
void resolve_outlooks(Resolution& r, const View& ownership, OwnershipSpec& out);

}  // namespace hyperdc
