// What a checked suite looks like: as text of at most 100 columns, as JSON, as Markdown for pull
// requests, and as annotations of GitHub. All are made from one CheckReport.
#pragma once

#include <string>
#include <string_view>

#include <hyperdc/core/issue.hpp>

#include "report/terminal.hpp"
#include "results/check_report.hpp"

namespace hyperdc {

inline constexpr std::string_view kCheckSchema = "hyperdc.check/1";

/// A line for each scenario, then what is wrong with those that fail. `times`: wall times too,
/// which no two runs have in common.
std::string check_screen(const CheckReport& report, const TextStyle& style, bool times);

/// The lines below the name of one scenario; empty when there is nothing to say.
std::string check_details(const CheckedScenario& scenario, const TextStyle& style);

/// schema "hyperdc.check/1": everything but times.
std::string check_json(const CheckReport& report);

/// A table of the suite and the details of what fails, of at most about 200 kB.
std::string check_markdown(const CheckReport& report);

/// What fails, the worst first: crashes, objectives, baselines by how far metrics moved. The code
/// of an issue is its title. Problems of invalid files are not among them.
Issues check_annotations(const CheckReport& report);

}  // namespace hyperdc
