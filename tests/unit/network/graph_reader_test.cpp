// Graphs from CSV and GraphML: what is read, and all that can be wrong.
#include "network/topology/graph_reader.hpp"

#include <catch2/catch.hpp>

#include "support/topology_cases.hpp"

namespace hyperdc {
namespace {

constexpr std::string_view kLinks =
    "name,from,to,bandwidth_Bps,latency_s\n"
    "a1,alice,left,1.25e9,1e-6\n"
    "b1,bob,right,1.25e9,1e-6\r\n"
    "# the trunk\n"
    "\n"
    "trunk, left , right ,5e9,2.5e-6\n"
    "c1,carol,\"right\",1.25e9,0\n";

GraphSpec graph_of(const GraphRead& read) {
  if (read.index() == 1) {
    for (const GraphProblem& problem : std::get<1>(read)) {
      UNSCOPED_INFO(problem.text << ':' << problem.line << ": " << problem.what);
    }
  }
  REQUIRE(read.index() == 0);
  return std::get<0>(read);
}

std::vector<std::string> problems_of(const GraphRead& read) {
  REQUIRE(read.index() == 1);
  std::vector<std::string> all;
  for (const GraphProblem& problem : std::get<1>(read)) {
    all.push_back(std::string(problem.text) + ":" + std::to_string(problem.line) + ": " +
                  problem.what);
  }
  return all;
}

std::unique_ptr<GraphTopology> topology_of(const GraphRead& read) {
  auto made = GraphTopology::make(graph_of(read));
  REQUIRE(made.index() == 0);
  return std::move(std::get<0>(made));
}

using Names = std::vector<std::string>;
using Numbers = std::vector<std::uint32_t>;

TEST_CASE("cables from CSV: ends of one cable are hosts") {
  const GraphSpec spec = graph_of(read_graph_csv({kLinks}));
  CHECK(spec.hosts == 3);
  CHECK(spec.switches == 2);
  CHECK(spec.names == Names{"alice", "bob", "carol", "left", "right"});
  REQUIRE(spec.links.size() == 8);
  CHECK(spec.links[4].name == "trunk");
  CHECK(spec.links[4].from == 3);
  CHECK(spec.links[4].to == 4);
  CHECK(spec.links[4].of.capacity_Bps == 5e9);
  CHECK(spec.links[4].of.latency == Duration{2500});
  CHECK(spec.links[4].back == 5U);
  CHECK(spec.links[5].from == 4);
  const auto net = topology_of(read_graph_csv({kLinks}));
  CHECK(path_vertices(*net, 0, 2, 0) == Numbers{0, 3, 4, 2});
}

TEST_CASE("columns may stand in any order, links may have one direction") {
  const GraphSpec spec =
      graph_of(read_graph_csv({"directed,latency_s,to,from,name,bandwidth_Bps\n"
                               "true,1e-6,b,a,there,10\n"
                               ",1e-6,\"b, \"\"2\"\"\",b,x,10\n"
                               "true,1e-6,a,b,back,20\n",
                               "name,host\na,true\nb,true\n\"b, \"\"2\"\"\",1\n"}));
  CHECK(spec.hosts == 3);
  CHECK(spec.names[2] == "b, \"2\"");
  REQUIRE(spec.links.size() == 4);
  CHECK_FALSE(spec.links[0].back);
  CHECK(spec.links[1].back == 2U);
  CHECK(spec.links[3].of.capacity_Bps == 20);
}

TEST_CASE("routes from CSV follow cables in both directions") {
  const auto net =
      topology_of(read_graph_csv({"name,from,to,bandwidth_Bps,latency_s\n"
                                  "a1,a,s,10,0\n"
                                  "b1,t,b,10,0\n"
                                  "st,s,t,10,0\n"
                                  "su,s,u,10,0\n"
                                  "tu,t,u,10,0\n",
                                  {},
                                  "src,dst,links\n"
                                  "a,b,a1;su;tu;b1\n"
                                  "a,b,a1; st ;b1\n"
                                  "b,a,b1;tu;su;a1\n"}));
  CHECK(net->spec().names == Names{"a", "b", "s", "t", "u"});
  CHECK(net->choices({0}, {1}) == 2);
  CHECK(path_vertices(*net, 0, 1, 0) == Numbers{0, 2, 4, 3, 1});
  CHECK(path_vertices(*net, 0, 1, 1) == Numbers{0, 2, 3, 1});
  CHECK(net->choices({1}, {0}) == 1);
  CHECK(path_vertices(*net, 1, 0, 0) == Numbers{1, 3, 4, 2, 0});
}

TEST_CASE("nodes of CSV say who is a host") {
  const GraphSpec spec = graph_of(read_graph_csv({kLinks, "name,host\nbob,false\nleft,true\n"}));
  CHECK(spec.names == Names{"left", "alice", "carol", "bob", "right"});
  CHECK(spec.hosts == 3);
}

TEST_CASE("all problems of CSV are told, with their lines") {
  const GraphRead read =
      read_graph_csv({"name,from,to,bandwidth_Bps,latency_s,directed\n"
                      "x,a,s,fast,1e-6,\n"
                      "x,b,s,10,-1,\n"
                      "y,b,b,0,1e-6,maybe\n"
                      "z,a\n"
                      ",c,s,1e19,inf,\n"
                      "w,\"c,s\n"
                      "v,,s,10,0,\n",
                      "name,host\na,yes\na,true\n",
                      "src,dst,links\n"
                      "a,nobody,x\n"
                      "a,b,q\n"
                      "a,b,y\n"
                      "a,c,x\n"
                      "a,a,x\n"});
  CHECK(problems_of(read) ==
        Names{"nodes:2: host must be true or false, not \"yes\"",
              "nodes:3: the vertex \"a\" is given twice",
              "links:2: bandwidth_Bps must be a number, not \"fast\"",
              "links:3: latency_s must be from 0 to 1000, not -1",
              "links:3: the link \"x\" is given twice",
              "links:4: directed must be true or false, not \"maybe\"",
              "links:4: bandwidth_Bps must be above 0", "links:4: a link joins \"b\" and itself",
              "links:5: the line has 2 values, and there are 6 columns",
              "links:6: a link needs a name",
              "links:6: bandwidth_Bps must be from 0 to 1e+18, not 1e19",
              "links:6: latency_s must be a number, not \"inf\"", "links:7: a quote is not closed",
              "links:8: a link needs both of its ends", "routes:2: no link leads to \"nobody\"",
              "routes:3: there is no link \"q\"",
              "routes:4: the link \"y\" does not start at \"a\", where the route is",
              "routes:5: the route ends at \"s\" and not at \"c\"",
              "routes:6: a route must lead to another host"});
}

TEST_CASE("columns that are missing or unknown are told") {
  CHECK(problems_of(read_graph_csv({""})) ==
        Names{"links:0: the first line must name the columns"});
  CHECK(problems_of(read_graph_csv({"name,from,from,bandwidth,latency_s\nx,a,b,1,1\n"})) ==
        Names{"links:1: the column \"from\" is given twice",
              "links:1: there is no column \"bandwidth\"", "links:1: the column \"to\" is missing",
              "links:1: the column \"bandwidth_Bps\" is missing"});
  const GraphRead switches =
      read_graph_csv({kLinks, "name,host\nbob,false\n", "src,dst,links\nalice,bob,a1;trunk;b1\n"});
  CHECK(problems_of(switches) ==
        Names{"routes:0: a route starts or ends at \"bob\", which is not a host"});
}

constexpr std::string_view kGraphml = R"(<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="node" attr.name="host" attr.type="boolean"><default>false</default></key>
  <key id="d1" for="edge" attr.name="bandwidth_Bps" attr.type="double"/>
  <key id="d2" for="edge" attr.name="latency_s" attr.type="double"><default>1e-6</default></key>
  <key id="d3" for="all" attr.name="colour" attr.type="string"/>
  <!-- <node id="gone"/>
  -->
  <graph id="G" edgedefault="undirected">
    <node id="h0"><data key="d0">true</data><data key="d3">red</data></node>
    <node id="h1"><data key="d0">true</data></node>
    <node id="s"/>
    <edge id="e0" source="h0" target="s"><data key="d1">1e9</data></edge>
    <edge id="e1" source="s" target="h1" directed="true"><data key="d1">2e9</data>
      <data key="d2">3e-6</data></edge>
    <edge source="h1" target="s" directed="true"><data key="d1">3e9</data></edge>
  </graph>
</graphml>
)";

TEST_CASE("a graph from GraphML") {
  const GraphSpec spec = graph_of(read_graphml(kGraphml));
  CHECK(spec.names == Names{"h0", "h1", "s"});
  CHECK(spec.hosts == 2);
  REQUIRE(spec.links.size() == 4);
  CHECK(spec.links[0].name == "e0");
  CHECK(spec.links[0].back == 1U);
  CHECK(spec.links[0].of.latency == Duration{1000});
  CHECK(spec.links[2].from == 2);
  CHECK(spec.links[2].of.capacity_Bps == 2e9);
  CHECK(spec.links[2].of.latency == Duration{3000});
  CHECK_FALSE(spec.links[3].back);
  const auto net = topology_of(read_graphml(kGraphml));
  CHECK(path_links(*net, 1, 0, 0) == Numbers{3, 1});
}

TEST_CASE("GraphML that is nested deep is refused, not followed") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "<a>";
  const GraphRead read = read_graphml(text);
  const auto& problems = std::get<std::vector<GraphProblem>>(read);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].what.find("64 deep") != std::string::npos);
}

TEST_CASE("all problems of GraphML are told, with their lines") {
  CHECK(problems_of(read_graphml("<graphml>\n<graph></graphml>"))
            .at(0)
            .find("GraphML:2: this is not XML: ") == 0);
  CHECK(problems_of(read_graphml("<svg/>")) == Names{"GraphML:0: there is no element graphml"});
  CHECK(problems_of(read_graphml("<graphml/>")) ==
        Names{"GraphML:0: there must be one element graph"});
  const GraphRead read = read_graphml(R"(<graphml>
<key id="b" for="edge" attr.name="bandwidth_Bps"/><key id="h" for="node" attr.name="host"/>
<key id="l" for="edge" attr.name="latency_s"/>
<graph>
<!-- <edge source="x" target="x"/> -->
<node id="a"><data key="h">perhaps</data></node>
<node id="a"/>
<node/>
<edge source="a" target="z"/>
<edge source="a" target="a"><data key="b">1</data></edge>
<edge source="a" target="a"><data key="b">1</data><data key="l">x</data></edge>
<hyperedge/>
</graph></graphml>)");
  CHECK(problems_of(read) ==
        Names{"GraphML:6: host must be true or false, not \"perhaps\"",
              "GraphML:7: the vertex \"a\" is given twice", "GraphML:8: a vertex needs a name",
              "GraphML:0: edgedefault of the graph must be directed or undirected",
              "GraphML:9: there is no node \"z\"", "GraphML:10: the edge has no latency_s",
              "GraphML:11: latency_s must be a number, not \"x\"",
              "GraphML:11: a link joins \"a\" and itself",
              "GraphML:11: hyperedges cannot be read"});
}

}  // namespace
}  // namespace hyperdc
