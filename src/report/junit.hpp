// JUnit XML of a checked suite, as CI services read it: a testcase for each scenario.
#pragma once

#include <string>
#include <string_view>

#include "results/check_report.hpp"

namespace hyperdc {

/// classname = folder, name, file, line, time (s); a failure of type "objective" or "baseline" (of
/// both kinds one each), an error of type "invalid" or "crash", or skipped. The fingerprints are
/// properties.
std::string check_junit(const CheckReport& report);

/// As XML 1.0 takes it: `& < > " '` as entities; what XML cannot hold (control characters but line
/// breaks and tabs, U+FFFE and U+FFFF, bytes that are not UTF-8) becomes U+FFFD. Line breaks and
/// tabs of attributes are written as numbers: readers make spaces of them otherwise.
std::string xml_attribute(std::string_view text);
std::string xml_text(std::string_view text);

}  // namespace hyperdc
