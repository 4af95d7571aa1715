// The rows of a CSV file that is held in memory: its header, what is wrong with it, its sha256.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <hyperdc/core/issue.hpp>

#include "workload/csv_table.hpp"

namespace hyperdc {

/// Calls `read` for each row; it says whether the row was kept. At most kMaxRowsInMemory are, and
/// none is a problem: `noun` says of what ("transfers"). The sha256 of the file.
Result<std::string> read_csv_rows(const std::string& file, std::span<const Column> columns,
                                  std::string_view noun,
                                  const std::function<bool(CsvTable&)>& read);

}  // namespace hyperdc
