#include "workload/csv_rows.hpp"

#include <fmt/format.h>

#include "workload/trace.hpp"

namespace hyperdc {

Result<std::string> read_rows(const std::string& file, std::string_view noun, RowProblems& problems,
                              const std::function<LineWas(std::string_view, LineReader&)>& read) {
  LineReader lines(file);
  std::size_t rows = 0;
  std::string_view line;
  while (lines.next_filled(line)) {
    const LineWas was = read(line, lines);
    if (was == LineWas::last) break;
    if (was != LineWas::row || ++rows <= kMaxRowsInMemory) continue;
    problems.add(lines.line_number(), 1, 1, input_code::kTooMuch,
                 fmt::format("more than {} {}", kMaxRowsInMemory, noun));
    break;
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

Result<std::string> read_csv_rows(const std::string& file, std::span<const Column> columns,
                                  std::string_view noun,
                                  const std::function<bool(CsvTable&)>& read) {
  RowProblems problems(file);
  CsvTable table(columns, problems);
  return read_rows(file, noun, problems, [&](std::string_view line, LineReader& lines) {
    if (!table.has_header()) {
      return table.header(line, lines.line_number()) ? LineWas::other : LineWas::last;
    }
    if (!table.row(line, lines.line_number(), lines.ended())) return LineWas::other;
    return read(table) ? LineWas::row : LineWas::other;
  });
}

}  // namespace hyperdc
