// The bill of a run on a screen.
#pragma once

#include <string>
#include <vector>

#include "report/screen.hpp"
#include "report/table.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

/// Empty where nothing has a price, or only servers and energy have one and `whole` is false.
std::string bill_table(const RunResult& result, const TextStyle& style, bool whole);

/// Who owns how much; empty where the scenario does not say.
std::string ownership_table(const RunResult& result, const TextStyle& style, Notes& notes);
/// A table of years for each outlook, under its label.
std::vector<Table> outlook_tables(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
