// Reads the CSV form of graph_reader.hpp.
#include <algorithm>
#include <fmt/format.h>
#include <functional>

#include "core/text.hpp"
#include "network/topology/graph_builder.hpp"

namespace hyperdc {
namespace {

using Fields = std::vector<std::string>;

std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return std::string(text);
}

/// The values of a line; none: a quote is not closed.
std::optional<Fields> fields_of(std::string_view line) {
  Fields fields;
  std::string field;
  bool inside = false;
  bool was_quoted = false;
  const auto end_field = [&] {
    fields.push_back(was_quoted ? field : trimmed(field));
    field.clear();
    was_quoted = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (inside) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        field += line[++i];
      } else {
        inside = false;
      }
    } else if (c == '"' && trimmed(field).empty()) {
      field.clear();
      inside = true;
      was_quoted = true;
    } else if (c == ',') {
      end_field();
    } else if (!was_quoted || c != ' ') {
      field += c;
    }
  }
  end_field();
  if (inside) return std::nullopt;
  return fields;
}

struct Column {
  std::string_view name;
  bool needed = true;
};

/// Where each of the columns is in a line; nothing where it is left out.
using Places = std::vector<std::optional<std::size_t>>;

Places places_of(const Fields& header, std::span<const Column> columns, GraphBuilder& builder) {
  Places places(columns.size());
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto is = [&](const Column& column) { return column.name == header[i]; };
    const auto it = std::find_if(columns.begin(), columns.end(), is);
    if (it == columns.end()) {
      builder.problem(fmt::format("there is no column {}", quoted(header[i])));
      continue;
    }
    std::optional<std::size_t>& place = places[static_cast<std::size_t>(it - columns.begin())];
    if (place) builder.problem(fmt::format("the column {} is given twice", quoted(header[i])));
    place = i;
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].needed && !places[i]) {
      builder.problem(fmt::format("the column {} is missing", quoted(columns[i].name)));
    }
  }
  return places;
}

bool complete(std::span<const Column> columns, const Places& places) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].needed && !places[i]) return false;
  }
  return true;
}

/// Calls `row` with the values of each line in the order of `columns`; of those left out, "".
void each_row(std::string_view what, std::string_view text, std::span<const Column> columns,
              GraphBuilder& builder, const std::function<void(const Fields&)>& row) {
  std::optional<Places> places;
  std::size_t width = 0;
  std::uint32_t line = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view here = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    builder.at(what, ++line);
    if (!here.empty() && here.back() == '\r') here.remove_suffix(1);
    if (trimmed(here).empty() || here.front() == '#') continue;
    const std::optional<Fields> fields = fields_of(here);
    if (!fields) {
      builder.problem("a quote is not closed");
    } else if (!places) {
      places = places_of(*fields, columns, builder);
      width = fields->size();
      if (!complete(columns, *places)) return;
    } else if (fields->size() != width) {
      builder.problem(
          fmt::format("the line has {} values, and there are {} columns", fields->size(), width));
    } else {
      Fields values;
      for (const std::optional<std::size_t>& place : *places) {
        values.push_back(place ? (*fields)[*place] : "");
      }
      row(values);
    }
  }
  builder.at(what, 0);
  if (!places) builder.problem("the first line must name the columns");
}

constexpr Column kLinkColumns[] = {{"name"},          {"from"},      {"to"},
                                   {"bandwidth_Bps"}, {"latency_s"}, {"directed", false}};
constexpr Column kNodeColumns[] = {{"name"}, {"host"}};
constexpr Column kRouteColumns[] = {{"src"}, {"dst"}, {"links"}};

}  // namespace

GraphRead read_graph_csv(const GraphCsv& csv) {
  GraphBuilder builder;
  if (!csv.nodes.empty()) {
    each_row("nodes", csv.nodes, kNodeColumns, builder, [&](const Fields& row) {
      builder.add_vertex(row[0], truth_of(row[1], "host", builder));
    });
  }
  each_row("links", csv.links, kLinkColumns, builder, [&](const Fields& row) {
    const bool directed = !row[5].empty() && truth_of(row[5], "directed", builder).value_or(false);
    if (row[0].empty()) builder.problem("a link needs a name");
    builder.add_cable({row[0], row[1], row[2], row[3], row[4], directed});
  });
  if (!csv.routes.empty()) {
    each_row("routes", csv.routes, kRouteColumns, builder,
             [&](const Fields& row) { builder.add_route(row[0], row[1], row[2]); });
  }
  return builder.finish();
}

}  // namespace hyperdc
