#include "workload/token_trace.hpp"

#include <algorithm>
#include <array>

#include "workload/csv_table.hpp"
#include "workload/format_reader.hpp"
#include "workload/line_reader.hpp"

namespace hyperdc {
namespace {

enum TokenColumns : std::size_t { kTokenArrival, kTokenPrompt, kTokenOutput };
constexpr std::array<Column, 3> kTokenColumns{
    {{"arrival_ns", true}, {"prompt", true}, {"output", true}}};
constexpr double kMostArrivalNs = 0x1p63 / 4;

}  // namespace

Result<TokenTrace> read_token_trace(const std::string& file) {
  RowProblems problems(file);
  LineReader lines(file);
  CsvTable table(kTokenColumns, problems);
  TokenTrace trace;
  std::string_view line;
  bool readable = true;
  while (readable && lines.next_filled(line)) {
    if (!table.has_header()) {
      readable = table.header(line, lines.line_number());
      continue;
    }
    if (!table.row(line, lines.line_number(), lines.ended())) continue;
    if (trace.rows.size() == kMaxRowsInMemory) {
      problems.add(lines.line_number(), 1, 1, input_code::kTooMuch, "more than 4000000 requests");
      break;
    }
    TokenRequest row;
    row.at.ns = table.whole(kTokenArrival, {0, kMostArrivalNs});
    row.prompt = static_cast<std::uint64_t>(table.whole(kTokenPrompt, {1, kMostTokens}));
    row.output = static_cast<std::uint64_t>(table.whole(kTokenOutput, {1, kMostTokens}));
    if (table.fields().clean()) trace.rows.push_back(row);
  }
  if (const auto& failure = lines.failure()) {
    problems.add(failure->line, failure->column, failure->column > 0 ? 1 : 0, failure->code,
                 failure->message);
  }
  if (trace.rows.empty() && problems.count() == 0) {
    problems.add(0, 0, 0, input_code::kEmpty, "there are no requests in this file");
  }
  if (problems.count() > 0) return problems.take();
  trace.sha256 = lines.sha256();
  std::stable_sort(trace.rows.begin(), trace.rows.end(),
                   [](const TokenRequest& a, const TokenRequest& b) { return a.at < b.at; });
  return trace;
}

}  // namespace hyperdc
