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

/// As XML 1.0 text and attributes take it: `& < > " '` as entities, line breaks and tabs too, so
/// that attributes keep them; what XML cannot hold (other control characters, U+FFFE and U+FFFF,
/// bytes that are not UTF-8) becomes U+FFFD.
std::string xml_escaped(std::string_view text);

}  // namespace hyperdc
