// What the comparison of a study looks like: as text of at most 100 columns and as JSON. Both are
// made from one StudyComparison, so that nothing exists only as text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/comparison.hpp"
#include "report/terminal.hpp"
#include "results/study_comparison.hpp"

namespace hyperdc {

inline constexpr std::string_view kComparisonSchema = "hyperdc.comparison/1";

/// The metrics that a planner looks at, as on the compact screen of a run: few, so that Holm's
/// correction costs little. Those of the table that the compact screen does not know of are left
/// out.
std::vector<std::string> compact_metrics(const StudyTable& table);

/// A finding with its direction: less of a wait is better, and of a metric that the simulator does
/// not know neither is.
Verdict verdict_of(const StudyDifference& difference);

/// Values of base and variation side by side in one unit.
struct ValueTexts {
  std::string base, other, unit;
};
ValueTexts value_texts(const StudyDifference& difference, Show show);
/// "better", "same, within 1 %", "identical".
std::string verdict_text(const StudyDifference& difference);

/// In words: which differences are real, which are not, how many seeds would decide.
std::vector<std::string> comparison_sentences(const ComparedVariation& variation);
/// What to doubt: skewed differences, too few seeds to see skewness.
std::vector<std::string> comparison_warnings(const StudyComparison& comparison,
                                             const ComparedVariation& variation);

/// One block a variation. Ends with a line feed.
std::string comparison_screen(const StudyComparison& comparison, const TextStyle& style);

std::string comparison_json(const StudyComparison& comparison);

}  // namespace hyperdc
