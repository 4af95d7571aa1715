// Problems of input as people, editors, CI services and other programs read them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <hyperdc/core/issue.hpp>

#include "report/terminal.hpp"

namespace hyperdc {

/// For people and for gcc problem matchers: `file:line:column: error: path: message [code]`, the
/// line with a caret, the hint behind it. Lines are read from the files that the issues name; one
/// that cannot be shown puts the hint into the first line.
std::string issues_text(const Issues& issues, const TextStyle& style);

/// "3 errors and 1 warning in 2 files"
std::string issue_counts(const Issues& issues);

/// GitHub workflow commands: the worst nine (errors first), then how many more.
std::string issues_github(const Issues& issues);

/// schema "hyperdc.issues/1"; `files`: all that were checked.
std::string issues_json(const std::vector<std::string>& files, const Issues& issues);

/// SARIF 2.1.0 for code scanning.
std::string issues_sarif(const Issues& issues, const std::string& version);

/// Without repetitions: a base that several scenarios extend is wrong once.
Issues distinct_issues(Issues issues);

std::size_t error_count(const Issues& issues);

}  // namespace hyperdc
