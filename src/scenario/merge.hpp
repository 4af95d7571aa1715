// Merging of scenario files: JSON Merge Patch (RFC 7396), guided by the description.
//
// One rule is added: an object whose variant changes is replaced whole. A variant is the tag of a
// tagged object ("policy", "kind", "format") or the key of a one-key object ({"lognormal": …});
// the old variant's other keys mean nothing to the new one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/describe.hpp"
#include "scenario/load.hpp"
#include "scenario/sources.hpp"

namespace hyperdc {

/// Applies `patch` to `target`. `type` may be null (plain RFC 7396). Spans come from the patch
/// where it says something, so that problems are reported where they were written.
void merge(Json& target, const Json& patch, const Type* type);

/// The type of the value at `key` of an object of `type`; null if the description has none.
/// `object` tells which variant applies; it may be null.
const Type* child_type(const Type* type, const Json* object, std::string_view key);

/// The keys of a path, "a.b.c" or "/a/b/c"; nothing when one is empty or there are too many.
std::optional<std::vector<std::string>> path_segments(std::string_view path);

/// True when one of two paths is the other, or within it, however they are written ("a.b", "/a/b").
bool paths_overlap(const std::string& a, const std::string& b);

/// Applies `--set` overrides, in order, as patches. A path that cannot exist is a problem with the
/// nearest key.
void apply_overrides(Json& scenario, const Type& type, std::span<const Override> overrides,
                     Sources& sources, Problems& problems);

}  // namespace hyperdc
