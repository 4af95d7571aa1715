// The rows of a file that is held in memory, CSV or another: what is wrong with it, its sha256.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <hyperdc/core/issue.hpp>

#include "workload/csv_table.hpp"
#include "workload/line_reader.hpp"

namespace hyperdc {

/// What `read` found a line to be; nothing is read after the last one.
enum class LineWas : std::uint8_t { row, other, last };

/// Calls `read` for each line that is not blank. At most kMaxRowsInMemory are rows, and none is a
/// problem: `noun` says of what ("transfers"). The sha256 of the file, or all problems.
Result<std::string> read_rows(const std::string& file, std::string_view noun, RowProblems& problems,
                              const std::function<LineWas(std::string_view, LineReader&)>& read);

/// The same for a table with a header: calls `read` for each row; it says whether the row was kept.
Result<std::string> read_csv_rows(const std::string& file, std::span<const Column> columns,
                                  std::string_view noun,
                                  const std::function<bool(CsvTable&)>& read);

}  // namespace hyperdc
