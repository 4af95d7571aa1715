// Names and words that the screen of a study and its sentences share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/metric_info.hpp"
#include "results/json_writer.hpp"
#include "results/study_comparison.hpp"

namespace hyperdc {

/// "web latency, p99" by row of the variation; where two would read the same, the whole names.
std::vector<std::string> row_labels(const ComparedVariation& variation);

/// "95 %".
std::string percent_text(double share);

/// "−10.4 %", "+0.4 pp" or "+3.2 s" and the ends of its interval, all with the same decimals:
/// shares in points, the rest relative to the base, or where that is 0 or a tenth in its own unit.
struct DifferenceText {
  std::string mean, low, high;
};
DifferenceText difference_text(const StudyDifference& row, Show show);

/// The median over all rows of Var(difference) over the sum of variances; nothing without noise.
std::optional<double> median_variance_ratio(const StudyComparison& comparison);

/// Parts of a comparison as JSON: a list of texts, and what could not be compared, each at its key.
void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts);
void write_refused(JsonWriter& json, std::string_view key, const StudyComparison& comparison);

}  // namespace hyperdc
