#include "workload/token_trace.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"
#include "workload/csv_rows.hpp"
#include "workload/demand/csv_columns.hpp"

namespace hyperdc {
namespace {

enum TokenColumns : std::size_t { kTokenArrival, kTokenPrompt, kTokenOutput, kTokenPrefix };
constexpr std::array<Column, 4> kTokenColumns{
    {{"arrival_ns", true}, {"prompt", true}, {"output", true}, {"prefix"}}};
constexpr std::array<Column, 3> kAzureColumns{
    {{"TIMESTAMP", true}, {"ContextTokens", true}, {"GeneratedTokens", true}}};

std::uint64_t tokens_of(CsvTable& table, std::size_t column) {
  return static_cast<std::uint64_t>(table.whole(column, {1, kMostTokens}));
}

/// A moment of civil time, to the nanosecond.
struct Moment {
  std::int64_t seconds = 0, ns = 0;
};

/// "2023-11-16 18:17:03.9799600": a date and up to nine digits of a second.
std::optional<Moment> parse_moment(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto date = parse_date(text.substr(0, point));
  if (!date) return std::nullopt;
  if (point == text.size()) return Moment{*date, 0};
  const std::string_view part = text.substr(point + 1);
  constexpr std::size_t kMostDigits = 9;
  if (part.empty() || part.size() > kMostDigits) return std::nullopt;
  std::int64_t ns = 0;
  for (std::size_t i = 0; i < kMostDigits; ++i) {
    const char digit = i < part.size() ? part[i] : '0';
    if (digit < '0' || digit > '9') return std::nullopt;
    ns = 10 * ns + (digit - '0');
  }
  return Moment{*date, ns};
}

/// Times since the first row of the file.
class AzureTimes {
 public:
  SimTime read(CsvTable& table) {
    const std::string_view text = table.text(kTokenArrival);
    const auto moment = parse_moment(text);
    if (!moment) {
      table.problem(kTokenArrival, input_code::kValue,
                    fmt::format("TIMESTAMP: {} is not a date", quoted(text, 40)),
                    "as in 2023-11-16 18:17:03.9799600");
      return {};
    }
    if (!first_) first_ = moment;
    const std::int64_t seconds = moment->seconds - first_->seconds;
    if (static_cast<double>(std::abs(seconds)) * 1e9 > kMostArrivalNs) {
      table.problem(kTokenArrival, input_code::kRange, "TIMESTAMP: decades from the first row");
      return {};
    }
    return {seconds * kNsPerSecond + moment->ns - first_->ns};
  }

 private:
  std::optional<Moment> first_;
};

/// "12;13;14": names of the first blocks of a prompt.
void read_prefix(CsvTable& table, TokenRequest& row, TokenTrace& trace) {
  std::string_view left = table.text(kTokenPrefix);
  const std::string_view all = left;
  row.ids_from = trace.ids.size();
  while (!left.empty()) {
    std::uint64_t id = 0;
    const auto [end, error] = std::from_chars(left.data(), left.data() + left.size(), id);
    left.remove_prefix(static_cast<std::size_t>(end - left.data()));
    const bool more = left.size() > 1 && left.front() == ';';
    if (error != std::errc{} || (!left.empty() && !more)) {
      table.problem(kTokenPrefix, input_code::kValue,
                    fmt::format("prefix: {} is no list of blocks", quoted(all, 40)),
                    "numbers and semicolons, as in 12;13;14");
      break;
    }
    if (more) left.remove_prefix(1);
    trace.ids.push_back(id);
    ++row.ids;
  }
  const std::uint64_t most = (row.prompt + trace.tokens_each - 1) / trace.tokens_each;
  if (table.fields().clean() && row.ids > most) {
    table.problem(kTokenPrefix, input_code::kRange,
                  fmt::format("prefix: {} blocks for a prompt of {} tokens", row.ids, row.prompt),
                  fmt::format("at most {}", most));
  }
  if (!table.fields().clean()) trace.ids.resize(row.ids_from);
}

Result<std::string> read_csv(const TokenTraceSpec& spec, TokenTrace& trace) {
  trace.tokens_each = spec.prefix_block.value_or(1);
  bool told = false;
  return read_csv_rows(spec.file, kTokenColumns, "requests", [&](CsvTable& table) {
    if (table.has(kTokenPrefix) != spec.prefix_block.has_value() && !std::exchange(told, true)) {
      table.fields().row_problem(
          input_code::kColumns,
          spec.prefix_block ? "there is no column prefix for \"prefix_block\""
                            : "the column prefix needs \"prefix_block\"",
          "the tokens of a block that a name in the column prefix stands for");
    }
    TokenRequest row;
    row.at.ns = table.whole(kTokenArrival, {0, kMostArrivalNs});
    row.prompt = tokens_of(table, kTokenPrompt);
    row.output = tokens_of(table, kTokenOutput);
    if (table.has(kTokenPrefix)) read_prefix(table, row, trace);
    if (table.fields().clean()) trace.rows.push_back(row);
    return table.fields().clean();
  });
}

Result<std::string> read_azure(const std::string& file, TokenTrace& trace) {
  AzureTimes times;
  return read_csv_rows(file, kAzureColumns, "requests", [&](CsvTable& table) {
    TokenRequest row;
    row.at = times.read(table);
    row.prompt = tokens_of(table, kTokenPrompt);
    row.output = tokens_of(table, kTokenOutput);
    if (table.fields().clean()) trace.rows.push_back(row);
    return table.fields().clean();
  });
}

Result<std::string> read_as(const TokenTraceSpec& spec, TokenTrace& trace) {
  switch (spec.format) {
    case TokenFormat::csv:
      return read_csv(spec, trace);
    case TokenFormat::mooncake:
      return read_mooncake(spec.file, trace);
    case TokenFormat::azure_2023:
      return read_azure(spec.file, trace);
  }
  HYPERDC_CHECK(false, "a format without a reader");
}

}  // namespace

PrefixIds TokenTrace::prefix(const TokenRequest& row) const {
  return {std::span(ids).subspan(row.ids_from, row.ids), tokens_each,
          std::min(row.prompt, row.ids * tokens_each)};
}

Result<TokenTrace> read_token_trace(const TokenTraceSpec& spec) {
  TokenTrace trace;
  Result<std::string> read = read_as(spec, trace);
  if (auto* issues = std::get_if<Issues>(&read)) return std::move(*issues);
  trace.sha256 = std::get<std::string>(read);
  std::stable_sort(trace.rows.begin(), trace.rows.end(),
                   [](const TokenRequest& a, const TokenRequest& b) { return a.at < b.at; });
  if (spec.format == TokenFormat::azure_2023) {  // a row may be before the first
    const SimTime first = trace.rows.front().at;
    for (TokenRequest& row : trace.rows) row.at.ns -= first.ns;
  }
  return trace;
}

}  // namespace hyperdc
