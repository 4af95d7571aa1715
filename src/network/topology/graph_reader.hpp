// Reads a graph from CSV or GraphML text, or says all that is wrong with it.
//
// CSV, first line column names in any order; values may stand in double quotes; empty lines and
// those that begin with # are skipped:
//   links:  name, from, to, bandwidth_Bps, latency_s and, if wanted, directed. A row is a cable
//   with
//           the same bandwidth each way, unless directed is true: then it is one link from -> to.
//   nodes:  name, host (true or false). May be left out.
//   routes: src, dst, links: names separated by ';', from src on. May be left out. Several rows of
//   one
//           pair are equal choices; each row is one direction.
// GraphML: <node id> and <edge source target>; attributes (by attr.name) host of nodes, name,
// bandwidth_Bps and latency_s of edges; defaults of keys hold; undirected edges are cables,
// directed ones single links. A vertex for which nobody says whether it is a host is one if it is
// the end of just one cable or of a route. Vertices are numbered hosts first, each in order of
// appearance. Units: bytes per second, seconds. Leaves out: nested graphs, hyperedges and ports of
// GraphML.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "network/topology/graph.hpp"

namespace hyperdc {

struct GraphProblem {
  std::string_view text;   // "links", "nodes", "routes" or "GraphML"
  std::uint32_t line = 0;  // from 1; 0: the whole text
  std::string what;        // without a full stop
};

using GraphRead = std::variant<GraphSpec, std::vector<GraphProblem>>;

struct GraphCsv {
  std::string_view links;
  std::string_view nodes = {};
  std::string_view routes = {};
};

GraphRead read_graph_csv(const GraphCsv& csv);
GraphRead read_graphml(std::string_view text);

}  // namespace hyperdc
