// Problems found in input: collected all at once, each with the place in the file, what is wrong
// and what would be right. Broken invariants inside the program are InvariantError (assert.hpp).
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hyperdc {

/// Where in an input file, 1-based; line 0 means that the place is not known (an option of the
/// command line, say). `length` is in columns and underlined by the caret line.
struct SourcePlace {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 0;
};

/// One problem. Printed as `file:line:column: error: path: message; hint [code]`.
struct Issue {
  std::string code;     // "E012", stable; docs/reference/errors.md explains each
  std::string path;     // "workloads.web.autoscaler.policy"; empty for the whole file
  std::string message;  // what is wrong, without a full stop
  std::string hint;     // what would be right: `did you mean "policy"?`; may be empty
  SourcePlace place;
  std::string note;  // "extended from launch-week.json:2"; may be empty
  bool warning = false;
};

using Issues = std::vector<Issue>;

template <class T>
using Result = std::variant<T, Issues>;

template <class T>
bool ok(const Result<T>& result) {
  return result.index() == 0;
}

}  // namespace hyperdc
