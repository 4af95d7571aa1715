#include "workload/csv_rows.hpp"

#include <fmt/format.h>

#include "workload/format_reader.hpp"
#include "workload/line_reader.hpp"

namespace hyperdc {

Result<std::string> read_csv_rows(const std::string& file, std::span<const Column> columns,
                                  std::string_view noun,
                                  const std::function<bool(CsvTable&)>& read) {
  RowProblems problems(file);
  LineReader lines(file);
  CsvTable table(columns, problems);
  std::size_t rows = 0;
  std::string_view line;
  bool readable = true;
  while (readable && lines.next_filled(line)) {
    if (!table.has_header()) {
      readable = table.header(line, lines.line_number());
      continue;
    }
    if (!table.row(line, lines.line_number(), lines.ended())) continue;
    if (rows == kMaxRowsInMemory) {
      problems.add(lines.line_number(), 1, 1, input_code::kTooMuch,
                   fmt::format("more than {} {}", kMaxRowsInMemory, noun));
      break;
    }
    if (read(table)) ++rows;
  }
  if (const auto& failure = lines.failure()) {
    problems.add(failure->line, failure->column, failure->column > 0 ? 1 : 0, failure->code,
                 failure->message);
  }
  if (rows == 0 && problems.count() == 0) {
    problems.add(0, 0, 0, input_code::kEmpty, fmt::format("there are no {} in this file", noun));
  }
  if (problems.count() > 0) return problems.take();
  return lines.sha256();
}

}  // namespace hyperdc
