#include "workload/token_trace.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"
#include "workload/csv_rows.hpp"
#include "workload/demand/csv_columns.hpp"

namespace hyperdc {
namespace {

enum TokenColumns : std::size_t { kTokenArrival, kTokenPrompt, kTokenOutput };
constexpr std::array<Column, 3> kTokenColumns{
    {{"arrival_ns", true}, {"prompt", true}, {"output", true}}};
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

Result<std::string> read_csv(const std::string& file, TokenTrace& trace) {
  return read_csv_rows(file, kTokenColumns, "requests", [&](CsvTable& table) {
    TokenRequest row;
    row.at.ns = table.whole(kTokenArrival, {0, kMostArrivalNs});
    row.prompt = tokens_of(table, kTokenPrompt);
    row.output = tokens_of(table, kTokenOutput);
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

Result<std::string> read_as(TokenFormat format, const std::string& file, TokenTrace& trace) {
  switch (format) {
    case TokenFormat::csv:
      return read_csv(file, trace);
    case TokenFormat::mooncake:
      return read_mooncake(file, trace);
    case TokenFormat::azure_2023:
      return read_azure(file, trace);
  }
  HYPERDC_CHECK(false, "a format without a reader");
}

}  // namespace

PrefixIds TokenTrace::prefix(const TokenRequest& row) const {
  return {std::span(ids).subspan(row.ids_from, row.ids), tokens_each,
          std::min(row.prompt, row.ids * tokens_each)};
}

Result<TokenTrace> read_token_trace(TokenFormat format, const std::string& file) {
  TokenTrace trace;
  Result<std::string> read = read_as(format, file, trace);
  if (auto* issues = std::get_if<Issues>(&read)) return std::move(*issues);
  trace.sha256 = std::get<std::string>(read);
  std::stable_sort(trace.rows.begin(), trace.rows.end(),
                   [](const TokenRequest& a, const TokenRequest& b) { return a.at < b.at; });
  if (format == TokenFormat::azure_2023) {  // a row may be before the first
    const SimTime first = trace.rows.front().at;
    for (TokenRequest& row : trace.rows) row.at.ns -= first.ns;
  }
  return trace;
}

}  // namespace hyperdc
