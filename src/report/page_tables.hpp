// The tables of the run screen that the page shows as well: platforms, plans of years,
// markets, buyers, outlooks.
#pragma once

#include "results/json_writer.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

/// Adds "tables" to the object of a run: each with its rows of texts, the first of them titles, and
/// which of its columns hold numbers.
void write_tables(JsonWriter& json, const RunResult& result);

}  // namespace hyperdc
