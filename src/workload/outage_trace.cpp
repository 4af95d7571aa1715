#include "workload/outage_trace.hpp"

#include <array>

#include "workload/csv_table.hpp"
#include "workload/format_reader.hpp"
#include "workload/line_reader.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMostRows = 4'000'000;
constexpr double kMsPerSecond = 1000;

enum Columns : std::size_t { kInterval, kDuration, kIntensity };
constexpr std::array<Column, 3> kColumns{
    {{"failure_interval", true}, {"failure_duration", true}, {"failure_intensity", true}}};

void read_row(CsvTable& table, OutageList& list) {
  const Range time{0, kMaxSeconds * kMsPerSecond};
  OutageRow row;
  row.interval = seconds(table.number(kInterval, time) / kMsPerSecond);
  row.lasts = seconds(table.number(kDuration, time) / kMsPerSecond);
  row.share = table.number(kIntensity, {0, 1});
  if (table.fields().clean()) list.rows.push_back(row);
}

}  // namespace

Result<OutageList> read_outages(const std::string& file) {
  RowProblems problems(file);
  LineReader lines(file);
  CsvTable table(kColumns, problems);
  OutageList list;
  std::string_view line;
  bool readable = true;
  while (readable && lines.next(line)) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (!table.has_header()) {
      readable = table.header(line, lines.line_number());
      continue;
    }
    if (!table.row(line, lines.line_number(), lines.ended())) continue;
    if (list.rows.size() == kMostRows) {
      problems.add(lines.line_number(), 1, 1, input_code::kTooMuch, "more than 4000000 outages");
      break;
    }
    read_row(table, list);
  }
  if (const auto& failure = lines.failure()) {
    problems.add(failure->line, failure->column, failure->column > 0 ? 1 : 0, failure->code,
                 failure->message);
  }
  if (list.rows.empty() && problems.count() == 0) {
    problems.add(0, 0, 0, input_code::kEmpty, "there are no outages in this file");
  }
  if (problems.count() > 0) return problems.take();
  list.sha256 = lines.sha256();
  return list;
}

}  // namespace hyperdc
