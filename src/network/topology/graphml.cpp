// Reads the GraphML form of graph_reader.hpp.
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <fmt/format.h>
#include <sstream>

#include "core/text.hpp"
#include "network/topology/graph_builder.hpp"

namespace hyperdc {
namespace {

using Tree = boost::property_tree::ptree;

/// The lines on which elements of a name begin, in the order of the text, comments left out.
std::vector<std::uint32_t> lines_of(std::string_view text, std::string_view element) {
  std::vector<std::uint32_t> lines;
  std::uint32_t line = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.front() == '\n') ++line;
    if (rest.substr(0, 4) == "<!--") {
      const std::size_t end = std::min(rest.find("-->"), rest.size());
      for (std::size_t k = 0; k < end; ++k) line += rest[k] == '\n' ? 1 : 0;
      i += end - (end > 0 ? 1 : 0);
    } else if (rest.front() == '<' && rest.substr(1, element.size()) == element) {
      const std::string_view after = rest.substr(1 + element.size(), 1);
      const bool whole = after == " " || after == ">" || after == "/" || after == "\n" ||
                         after == "\t" || after == "\r";
      if (whole) lines.push_back(line);
    }
  }
  return lines;
}

/// Names have dots ("attr.name"), so that a path of the tree would not do.
std::string attribute(const Tree& element, const std::string& name) {
  const auto all = element.find("<xmlattr>");
  if (all == element.not_found()) return "";
  const auto one = all->second.find(name);
  return one == all->second.not_found() ? "" : one->second.data();
}

/// The <key> elements: what an id stands for.
class GraphKeys {
 public:
  explicit GraphKeys(const Tree& graphml) {
    for (const auto& [tag, key] : graphml) {
      if (tag != "key") continue;
      const std::string of = attribute(key, "for");
      for (const std::string kind : {"node", "edge"}) {
        if (of != kind && of != "all") continue;
        const std::string name = attribute(key, "attr.name");
        names_[kind + " " + attribute(key, "id")] = name;
        const auto fallback = key.get_optional<std::string>("default");
        if (fallback) defaults_[kind + " " + name] = *fallback;
      }
    }
  }

  /// The value of an attribute of an element; none where neither it nor a default is given.
  std::optional<std::string> value(const Tree& element, const std::string& kind,
                                   const std::string& name) const {
    for (const auto& [tag, data] : element) {
      if (tag != "data") continue;
      const auto it = names_.find(kind + " " + attribute(data, "key"));
      if (it != names_.end() && it->second == name) return data.get_value<std::string>();
    }
    const auto it = defaults_.find(kind + " " + name);
    if (it == defaults_.end()) return std::nullopt;
    return it->second;
  }

 private:
  std::map<std::string, std::string> names_;     // "edge d0" -> "bandwidth_Bps"
  std::map<std::string, std::string> defaults_;  // "edge bandwidth_Bps" -> "5e10"
};

void add_edge_element(const Tree& edge, const GraphKeys& keys, bool directed,
                      GraphBuilder& builder) {
  CableText cable;
  cable.name = keys.value(edge, "edge", "name").value_or(attribute(edge, "id"));
  cable.from = attribute(edge, "source");
  cable.to = attribute(edge, "target");
  for (const std::string& end : {cable.from, cable.to}) {
    if (builder.knows(end)) continue;
    return builder.problem(fmt::format("there is no node {}", quoted(end)));
  }
  const std::optional<std::string> bandwidth = keys.value(edge, "edge", "bandwidth_Bps");
  const std::optional<std::string> latency = keys.value(edge, "edge", "latency_s");
  if (!bandwidth) builder.problem("the edge has no bandwidth_Bps");
  if (!latency) builder.problem("the edge has no latency_s");
  if (!bandwidth || !latency) return;
  cable.bandwidth_Bps = *bandwidth;
  cable.latency_s = *latency;
  const std::string own = attribute(edge, "directed");
  cable.directed = own.empty() ? directed : truth_of(own, "directed", builder).value_or(false);
  builder.add_cable(cable);
}

void add_graph_element(std::string_view text, const Tree& graphml, GraphBuilder& builder) {
  constexpr std::string_view kText = "GraphML";
  const std::vector<std::uint32_t> node_lines = lines_of(text, "node");
  const std::vector<std::uint32_t> edge_lines = lines_of(text, "edge");
  const auto line = [](const std::vector<std::uint32_t>& lines, std::size_t i) {
    return i < lines.size() ? lines[i] : 0;
  };
  const GraphKeys keys(graphml);
  const Tree& graph = graphml.get_child("graph");
  std::size_t nodes = 0;
  for (const auto& [tag, node] : graph) {
    if (tag != "node") continue;
    builder.at(kText, line(node_lines, nodes++));
    const std::optional<std::string> host = keys.value(node, "node", "host");
    builder.add_vertex(attribute(node, "id"),
                       host ? truth_of(*host, "host", builder) : std::nullopt);
    if (node.count("graph") > 0) builder.problem("a graph inside a node cannot be read");
  }
  const std::string kind = attribute(graph, "edgedefault");
  builder.at(kText, 0);
  if (kind != "directed" && kind != "undirected") {
    builder.problem("edgedefault of the graph must be directed or undirected");
  }
  std::size_t edges = 0;
  for (const auto& [tag, edge] : graph) {
    if (tag == "hyperedge") builder.problem("hyperedges cannot be read");
    if (tag != "edge") continue;
    builder.at(kText, line(edge_lines, edges++));
    add_edge_element(edge, keys, kind == "directed", builder);
  }
}

constexpr std::uint32_t kDeepest = 64;

/// The reader of XML calls itself for each level. Counts what opens and closes, and nothing else:
/// text that is no XML is for the reader to refuse.
bool is_nested_deeper(std::string_view text, std::uint32_t most) {
  std::uint32_t depth = 0;
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const char next = at + 1 < text.size() ? text[at + 1] : '>';
    if (next == '?' || next == '!') continue;
    const std::size_t end = text.find('>', at);
    if (end == std::string_view::npos) return false;
    if (next == '/') {
      depth -= depth > 0 ? 1 : 0;
    } else if (text[end - 1] != '/' && ++depth > most) {
      return true;
    }
  }
  return false;
}

}  // namespace

GraphRead read_graphml(std::string_view text) {
  GraphBuilder builder;
  Tree tree;
  if (is_nested_deeper(text, kDeepest)) {
    builder.at("GraphML", 0);
    builder.problem(fmt::format("elements are nested more than {} deep", kDeepest));
    return builder.finish();
  }
  try {
    std::istringstream stream{std::string(text)};
    boost::property_tree::read_xml(stream, tree, boost::property_tree::xml_parser::trim_whitespace);
  } catch (const boost::property_tree::xml_parser_error& error) {
    builder.at("GraphML", static_cast<std::uint32_t>(error.line()));
    builder.problem("this is not XML: " + error.message());
    return builder.finish();
  }
  const auto graphml = tree.get_child_optional("graphml");
  builder.at("GraphML", 0);
  if (!graphml) {
    builder.problem("there is no element graphml");
  } else if (graphml->count("graph") != 1) {
    builder.problem("there must be one element graph");
  } else {
    add_graph_element(text, *graphml, builder);
  }
  return builder.finish();
}

}  // namespace hyperdc
