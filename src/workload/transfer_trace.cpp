// transfers: start_s, src, dst, bytes, cap_Bps (missing or empty: none), the columns in any order.
#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "core/text.hpp"
#include "workload/csv_rows.hpp"
#include "workload/format_reader.hpp"
#include "workload/transfer.hpp"

namespace hyperdc {
namespace {

enum TransferColumns : std::size_t { kTransferStart, kFrom, kTo, kBytes, kCap };
constexpr std::array<Column, 5> kTransferColumns{
    {{"start_s", true}, {"src", true}, {"dst", true}, {"bytes", true}, {"cap_Bps"}}};

/// Those that a file may name.
struct EndpointList {
  std::uint32_t hosts = 0;
  std::span<const std::string> names;
};

std::uint32_t read_endpoint(CsvTable& table, std::size_t column, const EndpointList& all) {
  if (const auto named = endpoint_named(table.text(column), all.hosts, all.names)) return *named;
  const Range numbers{0, static_cast<double>(all.hosts - 1)};
  if (all.names.empty()) return static_cast<std::uint32_t>(table.whole(column, numbers));
  const std::string_view key = kTransferColumns[column].name;
  table.problem(column, input_code::kValue,
                fmt::format("{}: {} is neither a region nor a number below {}", key,
                            quoted(table.text(column), 40), all.hosts));
  return 0;
}

/// True when the row is sound.
bool read_transfer(CsvTable& table, const EndpointList& all, double time_scale,
                   TransferList& list) {
  Transfer row;
  const double start = table.number(kTransferStart, {0, kMaxSeconds});
  row.start.ns =
      scaled_seconds(table.fields(), table.field(kTransferStart), "start_s", start, time_scale).ns;
  row.from = read_endpoint(table, kFrom, all);
  row.to = read_endpoint(table, kTo, all);
  row.bytes = static_cast<std::uint64_t>(table.whole(kBytes, {1, kMaxTransferBytes}));
  if (!table.text(kCap).empty()) row.cap_Bps = table.number(kCap, {kLeastCap_Bps, kMaxCap_Bps});
  if (table.fields().clean()) list.rows.push_back(row);
  return table.fields().clean();
}

}  // namespace

std::optional<std::uint32_t> endpoint_named(std::string_view text, std::uint32_t hosts,
                                            std::span<const std::string> names) {
  const auto named = std::ranges::find(names, text);
  if (named != names.end()) return static_cast<std::uint32_t>(named - names.begin());
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || number >= hosts) return std::nullopt;
  return number;
}

Result<TransferList> read_transfers(const std::string& file, std::uint32_t hosts, double time_scale,
                                    std::span<const std::string> names) {
  TransferList list;
  Result<std::string> read =
      read_csv_rows(file, kTransferColumns, "transfers", [&](CsvTable& table) {
        return read_transfer(table, {hosts, names}, time_scale, list);
      });
  if (auto* issues = std::get_if<Issues>(&read)) return std::move(*issues);
  list.sha256 = std::get<std::string>(read);
  std::stable_sort(list.rows.begin(), list.rows.end(),
                   [](const Transfer& a, const Transfer& b) { return a.start < b.start; });
  return list;
}

}  // namespace hyperdc
