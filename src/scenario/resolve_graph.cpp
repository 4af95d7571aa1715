// Graphs: from links, nodes and routes of the entry, from CSV files or from GraphML.
#include "scenario/resolve_graph.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <variant>

#include "network/topology/graph_builder.hpp"

namespace hyperdc {
namespace {

/// The texts that a graph is read from, by the name that its problems give them.
using GraphTexts = std::map<std::string, std::uint32_t, std::less<>>;  // -> source

bool has_all(const View& value, std::initializer_list<std::string_view> keys) {
  return std::ranges::all_of(keys, [&](std::string_view key) { return bool(value[key]); });
}

/// Every value was decoded without a problem.
bool is_whole_graph(const View& entry) {
  for (const std::string_view key : {"links", "nodes", "routes"}) {
    if (entry[key].json() != nullptr && !entry[key]) return false;
  }
  for (const auto& [_, link, span] : entry["links"].each()) {
    if (!has_all(link, {"name", "from", "to", "bandwidth", "latency"})) return false;
  }
  for (const auto& [_, node, span] : entry["nodes"].each()) {
    if (!has_all(node, {"name", "host"})) return false;
  }
  for (const auto& [_, route, span] : entry["routes"].each()) {
    if (!has_all(route, {"src", "dst", "links"})) return false;
    for (const auto& link : route["links"].each()) {
      if (!link.value) return false;
    }
  }
  return true;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ";") + name;
  return out;
}

/// Lines are places in the lists, from 1.
GraphRead read_inline(const View& entry) {
  GraphBuilder builder;
  std::uint32_t place = 0;
  const auto no_separator = [&](const std::string& name) {
    if (name.find(';') != std::string::npos) builder.problem("the name of a link has no \";\"");
  };
  for (const auto& [_, node, span] : entry["nodes"].each()) {
    builder.at("nodes", ++place);
    builder.add_vertex(node["name"].text(), node["host"].flag());
  }
  place = 0;
  for (const auto& [_, link, span] : entry["links"].each()) {
    builder.at("links", ++place);
    no_separator(link["name"].text());
    builder.add_cable({link["name"].text(), link["from"].text(), link["to"].text(),
                       fmt::format("{}", link["bandwidth"].number()),
                       fmt::format("{}", link["latency"].number()), link["directed"].flag()});
  }
  place = 0;
  for (const auto& [_, route, span] : entry["routes"].each()) {
    builder.at("routes", ++place);
    builder.add_route(route["src"].text(), route["dst"].text(), joined(route["links"].texts()));
  }
  return builder.finish();
}

void add_mistakes(const std::vector<GraphProblem>& mistakes, const View& entry,
                  Problems& problems) {
  for (const GraphProblem& mistake : mistakes) {
    const View list = entry[mistake.text];
    const auto items = list.each();
    const bool placed = mistake.line > 0 && mistake.line <= items.size();
    const View at = placed ? items[mistake.line - 1].value : list;
    problems.error("E068", at.path(), mistake.what, "", at.span());
  }
}

/// `at`: where the entry says in which file a text is.
void add_mistakes(const std::vector<GraphProblem>& mistakes, const GraphTexts& texts,
                  const View& at, Resolution& r) {
  for (const GraphProblem& mistake : mistakes) {
    const auto text = texts.find(mistake.text);
    Issue issue;
    issue.code = "E068";
    issue.path = at.path();
    issue.message = mistake.what;
    if (text != texts.end()) issue.place.file = r.sources.at(text->second).name;
    issue.place.line = static_cast<int>(mistake.line);
    issue.place.column = mistake.line > 0 ? 1 : 0;
    r.problems.add(std::move(issue));
  }
}

std::shared_ptr<const Topology> made_of(GraphSpec spec, const View& at, Problems& problems) {
  auto made = GraphTopology::make(std::move(spec));
  if (const auto* problem = std::get_if<std::string>(&made)) {
    problems.error("E034", at.path(), *problem, "", at.span());
    return nullptr;
  }
  return std::move(std::get<0>(made));
}

/// Opens the file that `at` names; 0: it is not there, reported.
std::uint32_t open_text(Resolution& r, const View& at) {
  const auto opened = r.opened.find(at.path());
  if (opened == r.opened.end()) return 0;
  const std::uint32_t source =
      read_source(opened->second, opened->second, at.span(), r.sources, r.problems);
  if (source != 0) r.note_file(at, r.sources.at(source).sha256);
  return source;
}

std::shared_ptr<const Topology> graph_of_csv(Resolution& r, const View& csv) {
  GraphTexts texts;
  bool readable = true;
  for (const std::string_view key : {"links", "nodes", "routes"}) {
    if (!csv[key]) continue;
    const std::uint32_t source = open_text(r, csv[key]);
    readable = readable && source != 0;
    texts.emplace(key, source);
  }
  if (!readable) return nullptr;  // each reported
  const auto text_of = [&](std::string_view key) -> std::string_view {
    const auto it = texts.find(key);
    return it == texts.end() ? std::string_view() : r.sources.at(it->second).text;
  };
  if (texts.find("links") == texts.end()) return nullptr;  // reported
  GraphRead read = read_graph_csv({text_of("links"), text_of("nodes"), text_of("routes")});
  if (const auto* mistakes = std::get_if<std::vector<GraphProblem>>(&read)) {
    add_mistakes(*mistakes, texts, csv, r);
    return nullptr;
  }
  return made_of(std::get<GraphSpec>(std::move(read)), csv, r.problems);
}

std::shared_ptr<const Topology> graph_of_graphml(Resolution& r, const View& file) {
  const std::uint32_t source = open_text(r, file);
  if (source == 0) return nullptr;
  GraphRead read = read_graphml(r.sources.at(source).text);
  if (const auto* mistakes = std::get_if<std::vector<GraphProblem>>(&read)) {
    add_mistakes(*mistakes, {{"GraphML", source}}, file, r);
    return nullptr;
  }
  return made_of(std::get<GraphSpec>(std::move(read)), file, r.problems);
}

}  // namespace

std::shared_ptr<const Topology> inline_graph(const View& entry, Problems& problems) {
  if (!entry["links"] || !is_whole_graph(entry)) return nullptr;
  GraphRead read = read_inline(entry);
  if (const auto* mistakes = std::get_if<std::vector<GraphProblem>>(&read)) {
    add_mistakes(*mistakes, entry, problems);
    return nullptr;
  }
  return made_of(std::get<GraphSpec>(std::move(read)), entry, problems);
}

std::shared_ptr<const Topology> resolve_graph(Resolution& r, const View& entry) {
  if (entry["links"]) return inline_graph(entry, r.problems);
  if (!r.options.check_traces) return nullptr;
  if (entry["csv"]) return graph_of_csv(r, entry["csv"]);
  return entry["graphml"] ? graph_of_graphml(r, entry["graphml"]) : nullptr;
}

}  // namespace hyperdc
