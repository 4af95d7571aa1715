// What differs between two resolved scenarios: the least parts of the JSON that are not equal.
//
// Objects are compared key by key, arrays of one length place by place, everything else as a whole.
// What only one of them has stands as one part, however much is below it. Numbers are equal if they
// are equal as JSON numbers: 1 is 1.0.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hyperdc {

/// Characters of a value that is shown; a longer one ends with "…".
inline constexpr std::size_t kMostValueText = 160;

struct JsonDifference {
  std::string path;                        // "workloads.shop.autoscaler.policy", "windows[2].at"
  std::optional<std::string> base, other;  // JSON, strings without quotes; nothing: it has no such
};

struct JsonDifferences {
  std::vector<JsonDifference>
      rows;             // in the order of the keys of `base`, then what only `other` has
  std::size_t all = 0;  // how many there are; `rows` has the first
};

/// Without the keys `besides` of the outermost objects. What is no JSON differs from nothing.
JsonDifferences json_differences(std::string_view base, std::string_view other, std::size_t most,
                                 const std::vector<std::string>& besides = {});

}  // namespace hyperdc
