// Parsing of JSON text (RFC 8259, strictly) into Json with the place of every key and value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scenario/sources.hpp"

namespace hyperdc {

/// The value of source `file`. Nothing when it is not JSON: then one problem says where and why.
/// Duplicate keys are problems too, all of them, but leave a value. Refuses more than kMaxJsonDepth
/// levels and kMaxJsonValues values; needs memory in proportion to the values.
std::optional<Json> parse_json(std::uint32_t file, Sources& sources, Problems& problems);

/// The value of a file of its own, which is added to `sources`: read_source, then parse_json.
std::optional<Json> read_json(const std::string& file, Sources& sources, Problems& problems);

/// Parses a text that the program itself contains; InvariantError if it is not JSON. Spans are 0.
Json parse_builtin(std::string_view text);

}  // namespace hyperdc
