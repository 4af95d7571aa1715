#include "report/page_tables.hpp"

#include <vector>

#include "report/growth_tables.hpp"
#include "report/market_tables.hpp"

namespace hyperdc {
namespace {

void write_table(JsonWriter& json, const Table& table) {
  json.open_object();
  json.key("numbers").open_array();
  for (std::size_t i = 0; i < table.rows().front().size(); ++i) {
    json.boolean(table.align(i) == Align::right);
  }
  json.close();
  json.key("rows").open_array();
  for (const std::vector<Cell>& cells : table.rows()) {
    json.open_array();
    for (const Cell& cell : cells) json.text(cell.text);
    json.close();
  }
  json.close();
  json.close();
}

}  // namespace

void write_tables(JsonWriter& json, const RunResult& result) {
  const TextStyle plain;
  Notes unread;  // the table of all metrics has the reasons
  json.key("tables").open_array();
  for (const Table& table : growth_tables(result, plain, unread)) write_table(json, table);
  for (const Table& table : market_tables(result, plain, unread)) write_table(json, table);
  json.close();
}

}  // namespace hyperdc
