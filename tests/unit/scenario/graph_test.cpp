// Fabrics of the family "graph", tables of communication libraries, and slices, in scenarios.
#include <catch2/catch.hpp>
#include <set>

#include "files.hpp"
#include "scenario/description.hpp"
#include "support/tuning_file.hpp"

using namespace hyperdc;
using test::Files;
using test::has;

namespace {

/// A scenario whose only region has the fabric that `fabric` describes.
std::string with_fabric(const std::string& fabric, const std::string& workloads = "") {
  return R"({"name": "s", "duration": "1 s", "fabric_types": {"net": )" + fabric +
         R"(}, "regions": {"r": {"fabric": "net"}}, "workloads": {)" + workloads + "}}";
}

const char* const kTriangle = R"({"family": "graph", "links": [
  {"name": "st", "from": "s", "to": "t", "bandwidth": "10 GB/s", "latency": "1 us"},
  {"name": "tu", "from": "t", "to": "u", "bandwidth": "10 GB/s", "latency": "1 us"},
  {"name": "us", "from": "u", "to": "s", "bandwidth": "10 GB/s", "latency": "1 us"},
  {"name": "a", "from": "a", "to": "s", "bandwidth": "5 GB/s", "latency": "2 us"},
  {"name": "b", "from": "b", "to": "t", "bandwidth": "5 GB/s", "latency": "2 us"}],
  "routes": [{"src": "a", "dst": "b", "links": ["a", "us", "tu", "b"]}]})";

}  // namespace

TEST_CASE("a graph of a scenario has the links and routes that it states") {
  const Files files;
  const auto loaded = test::load(files.write("s.json", with_fabric(kTriangle)));
  REQUIRE(loaded.scenario.fabrics.size() == 1);
  const Topology& net = *loaded.scenario.fabrics[0].topology;
  CHECK(loaded.scenario.fabrics[0].family == "graph");
  CHECK(net.hosts() == 2);
  CHECK(net.links() == 10);
  LinkPath path;
  net.path({0}, {1}, 0, path);
  REQUIRE(path.links().size() == 4);  // as the route says
  CHECK(net.link(path.links()[0]) == LinkInfo{5e9, {2000}, 0});
  net.path({1}, {0}, 0, path);
  CHECK(path.links().size() == 3);  // the shortest

  const auto again = test::load(files.write("again.json", loaded.scenario.resolved_json));
  CHECK(again.scenario.resolved_json == loaded.scenario.resolved_json);
}

TEST_CASE("every mistake of an inline graph is reported where it is") {
  const Issues issues = test::issues_of_text(with_fabric(R"({"family": "graph", "nodes": [
    {"name": "a", "host": true}, {"name": "a", "host": true}], "links": [
    {"name": "x", "from": "a", "to": "a", "bandwidth": "1 GB/s", "latency": "1 us"},
    {"name": "x", "from": "a", "to": "s", "bandwidth": "1 GB/s", "latency": "1 us"},
    {"name": "y;z", "from": "b", "to": "s", "bandwidth": "1 GB/s", "latency": "1 us"}],
    "routes": [{"src": "a", "dst": "c", "links": ["x"]}]})"));
  INFO(test::print(issues));
  CHECK(issues.size() == 5);
  CHECK(has(issues, "E068", "fabric_types.net.nodes.1", "\"a\" is given twice"));
  CHECK(has(issues, "E068", "fabric_types.net.links.0", "joins \"a\" and itself"));
  CHECK(has(issues, "E068", "fabric_types.net.links.1", "\"x\" is given twice"));
  CHECK(has(issues, "E068", "fabric_types.net.links.2", "has no \";\""));
  CHECK(has(issues, "E068", "fabric_types.net.routes.0", "no link leads to \"c\""));
}

TEST_CASE("a graph says which of its forms it has, and a broken value is reported once") {
  CHECK(has(test::issues_of_text(with_fabric(R"({"family": "graph"})")), "E015", "fabric_types.net",
            "exactly one of"));
  CHECK(
      has(test::issues_of_text(with_fabric(R"({"family": "graph", "graphml": "a", "nodes": []})")),
          "E016", "fabric_types.net.nodes"));
  const Issues broken = test::issues_of_text(with_fabric(R"({"family": "graph", "links": [
    {"name": "x", "from": "a", "to": "b", "bandwidth": "1 s", "latency": "1 us"}]})"));
  INFO(test::print(broken));
  CHECK(broken.size() == 1);
  CHECK(has(broken, "E020", "fabric_types.net.links.0.bandwidth"));
  // Two islands: each host must reach each other.
  CHECK(has(test::issues_of_text(with_fabric(R"({"family": "graph", "links": [
    {"name": "x", "from": "a", "to": "s", "bandwidth": "1 GB/s", "latency": "1 us"},
    {"name": "y", "from": "b", "to": "t", "bandwidth": "1 GB/s", "latency": "1 us"}]})")),
            "E034", "fabric_types.net"));
}

TEST_CASE("a graph is read from CSV files, and their mistakes are reported by file and line") {
  const Files files;
  files.write("links.csv",
              "name,from,to,bandwidth_Bps,latency_s\n"
              "a,a,s,1e9,1e-6\nb,b,s,1e9,1e-6\n");
  files.write("nodes.csv", "name,host\nb,true\na,true\n");
  files.write("routes.csv", "src,dst,links\na,b,a;b\n");
  const std::string file = files.write("s.json", with_fabric(R"({"family": "graph", "csv": {
    "links": "links.csv", "nodes": "nodes.csv", "routes": "routes.csv"}})"));
  const auto loaded = test::load(file);
  REQUIRE(loaded.scenario.fabrics.size() == 1);
  CHECK(loaded.scenario.fabrics[0].topology->hosts() == 2);
  CHECK(loaded.scenario.resolved_json.find("\"nodes.csv\": \"") != std::string::npos);

  files.write("links.csv",
              "name,from,to,bandwidth_Bps,latency_s\n"
              "a,a,s,fast,1e-6\nb,b,s,1e9,-1\n");
  files.write("routes.csv", "src,dst,links\na,b,a;c\n");
  const Issues issues = test::issues_of(file);
  INFO(test::print(issues));
  REQUIRE(issues.size() == 3);
  const std::string at = "fabric_types.net.csv";
  CHECK(has(issues, "E068", at, "bandwidth_Bps must be a number"));
  CHECK(has(issues, "E068", at, "latency_s must be from 0"));
  CHECK(has(issues, "E068", at, "there is no link \"c\""));
  CHECK(issues[0].place.file == files.path("links.csv"));
  CHECK(issues[0].place.line == 2);
  CHECK(issues[1].place.line == 3);
  CHECK(issues[2].place.file == files.path("routes.csv"));
  CHECK(issues[2].place.line == 2);

  LoadOptions shape;
  shape.check_traces = false;
  CHECK(test::issues_of(file, shape).empty());

  files.write("two.json", with_fabric(R"({"family": "graph", "csv": {"links": "none.csv",
    "routes": "neither.csv"}})"));
  const Issues both = test::issues_of(files.path("two.json"));
  CHECK(has(both, "E001", "fabric_types.net.csv.links"));
  CHECK(has(both, "E001", "fabric_types.net.csv.routes"));
  files.write("other.json", with_fabric(R"({"family": "graph", "csv": {"links": "none.csv"}})"));
  CHECK(has(test::issues_of(files.path("other.json")), "E001", "fabric_types.net.csv.links"));
}

TEST_CASE("a graph is read from GraphML") {
  const Files files;
  const std::string head =
      "<graphml>\n"
      "<key id=\"b\" for=\"edge\" attr.name=\"bandwidth_Bps\"><default>1e9</default></key>\n"
      "<key id=\"l\" for=\"edge\" attr.name=\"latency_s\"><default>1e-6</default></key>\n"
      "<graph edgedefault=\"undirected\"><node id=\"a\"/><node id=\"s\"/><node id=\"b\"/>\n";
  files.write("net.graphml", head +
                                 "<edge source=\"a\" target=\"s\"/>\n"
                                 "<edge source=\"b\" target=\"s\"/></graph></graphml>\n");
  const std::string file =
      files.write("s.json", with_fabric(R"({"family": "graph", "graphml": "net.graphml"})"));
  CHECK(test::load(file).scenario.fabrics.at(0).topology->hosts() == 2);
  files.write("net.graphml", head + "<edge source=\"a\" target=\"c\"/></graph></graphml>\n");
  const Issues issues = test::issues_of(file);
  INFO(test::print(issues));
  REQUIRE(issues.size() == 1);
  CHECK(has(issues, "E068", "fabric_types.net.graphml", "there is no node \"c\""));
  CHECK(issues[0].place.file == files.path("net.graphml"));
  CHECK(issues[0].place.line == 5);
}

TEST_CASE("no parameter of a family has the name of a key that all families have") {
  for (const TypeRef& type : {fabric_type(), fabric_file_type()}) {
    for (const Variant& variant : type->variants) {
      std::set<std::string> names;
      for (const Field& field : variant.fields) {
        INFO(variant.name << "." << field.name);
        CHECK(names.insert(field.name).second);
      }
    }
  }
}

TEST_CASE("an entry of the catalog has its graph inline") {
  const Files files;
  std::string entry(kTriangle);
  entry.insert(1, R"("name": "net", )");
  files.write("cat/fabrics/net.json", entry);
  const std::vector<std::string> dirs{files.path("cat")};
  auto net = load_fabric(dirs, "net");
  REQUIRE(ok(net));
  CHECK(std::get<FabricSpec>(net).topology->hosts() == 2);
  files.write("cat/fabrics/net.json", R"({"name": "net", "family": "graph", "graphml": "x"})");
  CHECK(has(std::get<Issues>(load_fabric(dirs, "net")), "E012", "graphml"));
}

TEST_CASE("collectives choose by the table of the catalog") {
  const Files files;
  const std::string file = files.write(
      "s.json", with_fabric(R"({"family": "leaf-spine",
    "leaves": 2, "hosts": 4, "spines": 2, "host_bandwidth": "50 GB/s", "leaf_bandwidth": "50 GB/s",
    "latency": "1 us"})",
                            R"("w": {"kind": "collectives", "ranks": 8, "bytes": "1 MiB"})"));
  CHECK(test::load(file).scenario.collectives.at(0).request.tuning == nullptr);
  for (const std::string generation : {"ampere", "hopper"}) {
    for (const std::string cpu : {"intel", "amd"}) {
      INFO(generation << " " << cpu);
      LoadOptions options;
      options.overrides = {{"workloads.w.library", "nccl-" + generation},
                           {"workloads.w.library_cpu", cpu}};
      const auto loaded = test::load(file, options);
      const auto tuning = loaded.scenario.collectives.at(0).request.tuning;
      REQUIRE(tuning != nullptr);
      // The other reader of the same file, of the tests.
      const test::TuningFile other(HYPERDC_SOURCE_DIR "/scenarios/catalog/collectives/nccl.json");
      CHECK(*tuning == other.table(generation, cpu));
      CHECK(loaded.scenario.resolved_json.find("\"catalog/collectives/nccl.json\": \"") !=
            std::string::npos);
      CHECK(loaded.scenario.assumptions.size() == (generation == "hopper" ? 2U : 1U));
    }
  }
}

TEST_CASE("a table without a part that is asked for is a problem") {
  const Files files;
  files.write("cat/collectives/nccl.json", R"({"name": "nccl", "version": "1"})");
  LoadOptions options;
  options.catalog_dirs = {files.path("cat")};
  options.overrides = {{"workloads.w.library", "nccl-hopper"}};
  const std::string file = files.write(
      "s.json",
      with_fabric(kTriangle, R"("w": {"kind": "collectives", "ranks": 2, "bytes": "1 MiB"})"));
  const Issues issues = test::issues_of(file, options);
  INFO(test::print(issues));
  CHECK(has(issues, "E011", "base_latency_us", "is missing"));
  options.overrides[0].value = "none";
  CHECK(test::issues_of(file, options).empty());
}

TEST_CASE("what is wrong with the rules, the sizes and the slice of a fabric is told at once") {
  const Issues issues = test::issues_of_text(
      with_fabric(R"({"family": "torus", "bandwidth": "50 GB/s", "latency": "1 us", "x": 4, "y": 4,
                      "z": 6, "chips_per_server": 3, "sharing": "constant", "contention": 0.9,
                      "slices": {"cubes": 64, "largest": 16}})"));
  INFO(test::print(issues));
  CHECK(has(issues, "E034", "fabric_types.net.slices", "not a legal slice"));
  CHECK(has(issues, "E034", "fabric_types.net", "neither incast nor contention"));
  CHECK(has(issues, "E034", "fabric_types.net", "chips"));
}

TEST_CASE("a torus that is cut from a pod is a legal slice of it") {
  const auto torus = [](const std::string& extents) {
    return with_fabric(R"({"family": "torus", "bandwidth": "50 GB/s", "latency": "1 us", )" +
                       extents + R"(, "slices": {"cubes": 64, "largest": 16}})");
  };
  CHECK(test::issues_of_text(torus(R"("x": 4, "y": 4, "z": 8)")).empty());
  CHECK(test::issues_of_text(torus(R"("x": 2, "y": 2, "z": 4, "wrap": false)")).empty());
  CHECK(has(test::issues_of_text(torus(R"("x": 4, "y": 4, "z": 6)")), "E034",
            "fabric_types.net.slices", "legal slices near it: 4x4x4 and 4x4x8"));
  CHECK(has(test::issues_of_text(torus(R"("x": 8, "y": 16, "z": 16)")), "E034",
            "fabric_types.net.slices", "legal slices near it: 8x8x16"));
  CHECK(has(test::issues_of_text(torus(R"("x": 4, "y": 4, "z": 8, "wrap": false)")), "E034",
            "fabric_types.net.slices", "closed to rings"));
  CHECK(has(test::issues_of_text(torus(R"("x": 2, "y": 2, "z": 4)")), "E034",
            "fabric_types.net.slices", "is a mesh"));
}

TEST_CASE("more transfers than links carry are worth a warning") {
  // Four hosts a leaf, one link up: 4/7 of uniform traffic crosses it, and the way down again.
  const auto issues_of_load = [](const std::string& generate) {
    return test::issues_of_text(with_fabric(
        R"({"family": "leaf-spine", "leaves": 2, "hosts": 4, "spines": 1, "latency": "1 us",
            "host_bandwidth": "10 GB/s", "leaf_bandwidth": "10 GB/s"})",
        R"("w": {"kind": "transfers", "generate": {"bytes": "1 MB", )" + generate + "}}"));
  };
  CHECK(issues_of_load(R"("load": 0.4)").empty());  // 0.4 * 80 GB/s * 4/7 * 2 links of 40 GB/s
  const Issues heavy = issues_of_load(R"("load": 0.6)");
  INFO(test::print(heavy));
  REQUIRE(heavy.size() == 1);
  CHECK(heavy[0].warning);
  CHECK(has(heavy, "E053", "workloads.w.generate.load", "links of tier leaf-spine"));
  CHECK(heavy[0].message.find("1.4 times") != std::string::npos);
  // One pair shares one link, however idle the others are; a few flows never pile up.
  const std::string pair = R"("load": 0.2, "pattern": {"pair": {"src": "0", "dst": "7"}})";
  CHECK(has(issues_of_load(pair), "E053", "workloads.w.generate.load", "busiest links"));
  CHECK(issues_of_load(pair + R"(, "count": 10)").empty());
  // 0.2 of 0.4 * 80 GB/s to one port of 10 GB/s, and an eighth of the rest, is not too much for it.
  const std::string hot = R"("load": 0.4, "pattern": {"hot-spot": {"endpoints": 1, "share": )";
  CHECK(issues_of_load(hot + "0.2}}").empty());
  CHECK(has(issues_of_load(hot + "0.3}}"), "E053", "workloads.w.generate.load", "hot endpoints"));
}
