#include "report/page_tables.hpp"

#include <string>
#include <vector>

#include "report/cost_tables.hpp"
#include "report/growth_tables.hpp"
#include "report/market_tables.hpp"
#include "report/platform_tables.hpp"

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
  json.key("notes").open_array();
  for (const std::string& note : table.notes()) json.text(note);
  json.close();
  json.close();
}

}  // namespace

void write_tables(JsonWriter& json, const RunResult& result) {
  const TextStyle plain;
  Notes unread;  // the table of all metrics has the reasons
  json.key("tables").open_array();
  for (const auto tables : {platform_tables, growth_tables, market_tables, outlook_tables}) {
    for (const Table& table : tables(result, plain, unread)) write_table(json, table);
  }
  json.close();
}

}  // namespace hyperdc
