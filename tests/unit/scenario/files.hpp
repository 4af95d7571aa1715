// A directory of small files for one test, and short ways to load what is in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenario/load.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc::test {

using Files = TemporaryDirectory;

/// The issues of loading `file`: of a failed load all, of a good one the warnings.
Issues issues_of(const std::string& file, const LoadOptions& options = {});

/// Writes `text` as scenario.json of a fresh directory and loads it.
Issues issues_of_text(std::string_view text);

/// The scenario; a failed load fails the test and prints its issues.
Loaded load(const std::string& file, const LoadOptions& options = {});

/// One line an issue: "path: message; hint [code]", with "line:column: " before and " (note)"
/// after.
std::string print(const Issues& issues);

/// True when an issue has this code and path and its message and hint together contain `part`.
bool has(const Issues& issues, std::string_view code, std::string_view path,
         std::string_view part = "");

/// A scenario with one pool of ten small servers; `{}` of the parts are replaced by the arguments:
/// members added at the top level, to the pool, and to the workload.
std::string small_scenario(const std::string& top = "", const std::string& pool = "",
                           const std::string& workload = R"(, "generate": {"count": 10,
                             "run": "1 min"}, "arrivals": {"every": "1 s"})");

}  // namespace hyperdc::test
