#include "workload/token_trace.hpp"

#include <algorithm>
#include <array>

#include "workload/csv_rows.hpp"

namespace hyperdc {
namespace {

enum TokenColumns : std::size_t { kTokenArrival, kTokenPrompt, kTokenOutput };
constexpr std::array<Column, 3> kTokenColumns{
    {{"arrival_ns", true}, {"prompt", true}, {"output", true}}};
constexpr double kMostArrivalNs = 0x1p63 / 4;

}  // namespace

Result<TokenTrace> read_token_trace(const std::string& file) {
  TokenTrace trace;
  Result<std::string> read = read_csv_rows(file, kTokenColumns, "requests", [&](CsvTable& table) {
    TokenRequest row;
    row.at.ns = table.whole(kTokenArrival, {0, kMostArrivalNs});
    row.prompt = static_cast<std::uint64_t>(table.whole(kTokenPrompt, {1, kMostTokens}));
    row.output = static_cast<std::uint64_t>(table.whole(kTokenOutput, {1, kMostTokens}));
    if (table.fields().clean()) trace.rows.push_back(row);
    return table.fields().clean();
  });
  if (auto* issues = std::get_if<Issues>(&read)) return std::move(*issues);
  trace.sha256 = std::get<std::string>(read);
  std::stable_sort(trace.rows.begin(), trace.rows.end(),
                   [](const TokenRequest& a, const TokenRequest& b) { return a.at < b.at; });
  return trace;
}

}  // namespace hyperdc
