// What sets scenarios apart: the keys of the resolved JSON in which they differ from the first one,
// or variations of a study from its base.
#pragma once

#include "report/page.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {

/// Rows of one scenario that are on the page.
inline constexpr std::size_t kMostChanges = 60;

/// Adds "changes" to the page of several runs: null where they are of one scenario.
void write_changes(JsonWriter& json, const PageContents& contents);
/// Adds "changes" to the object of a study.
void write_changes(JsonWriter& json, const PageStudy& study);

}  // namespace hyperdc
