// The WAN of a scenario: its links, who may go over it, and what is reported.
#include <catch2/catch.hpp>

#include "files.hpp"
#include "scenario/description.hpp"

using namespace hyperdc;
using test::Files;
using test::has;

namespace {

/// Three regions, of which two are located; `more` are keys of the scenario.
std::string with_wan(const std::string& wan, const std::string& more = "") {
  return R"({"name": "s", "duration": "1 s",
    "fabric_types": {"net": {"family": "leaf-spine", "leaves": 2, "hosts": 2, "spines": 1,
      "host_bandwidth": "1 GB/s", "leaf_bandwidth": "1 GB/s", "latency": "1 us"}},
    "regions": {"a": {"fabric": "net", "location": {"latitude": 0, "longitude": 0}},
                "b": {"location": {"latitude": 0, "longitude": 90}},
                "c": {}}, "wan": )" +
         wan + more + "}";
}

std::string with_links(const std::string& links, const std::string& more = "") {
  return with_wan(R"({"links": [)" + links + "]}", more);
}

const char* const kLinks = R"(
  {"from": "a", "to": "b", "bandwidth": "1 GB/s", "name": "ab"},
  {"from": "c", "to": "b", "bandwidth": "2 GB/s", "latency": "5 ms"})";

std::string transfers(const std::string& keys, const std::string& pattern) {
  return R"(, "workloads": {"w": {"kind": "transfers", )" + keys +
         R"("generate": {"load": 0.01, "bytes": "1 MB", "pattern": {)" + pattern + "}}}}";
}

Issues issues_of_transfers(const std::string& keys, const std::string& pattern) {
  return test::issues_of_text(with_links(kLinks, transfers(keys, pattern)));
}

}  // namespace

TEST_CASE("the WAN is one more fabric with the regions as endpoints") {
  const Files files;
  const auto loaded = test::load(files.write(
      "s.json",
      with_links(kLinks, transfers(R"("over": "wan", )", R"("pair": {"src": "c", "dst": "a"})"))));
  const auto& fabrics = loaded.scenario.fabrics;
  REQUIRE(fabrics.size() == 2);
  CHECK(fabrics[0].name == "a");
  CHECK(fabrics[1].name == "wan");
  CHECK_FALSE(fabrics[1].region);
  const Topology& wan = *fabrics[1].topology;
  CHECK(wan.hosts() == 3);
  CHECK(wan.links() == 4);
  // A quarter of the equator: 0.5 ms + 1.6 x 10,007.557 km x 4.9 us/km.
  CHECK(static_cast<double>(wan.link({0}).latency.ns) == Approx(78'959'245).margin(1e3));
  CHECK(wan.link({1}) == wan.link({0}));
  CHECK(wan.link({2}) == LinkInfo{2e9, {5'000'000}, 0});
  CHECK(wan.link_tiers()[0] == "link");
  LinkPath path;
  wan.path({0}, {2}, 0, path);  // by way of b
  CHECK(path.links().size() == 2);
  REQUIRE(loaded.scenario.transfers.size() == 1);
  const TransfersWorkload& w = loaded.scenario.transfers[0];
  CHECK(w.fabric == 1);
  CHECK(w.transfers.generate->pattern.from == 2);
  CHECK(w.transfers.generate->pattern.to == 0);
  // Links of 1 and 2 GB/s leave regions, each way: a hundredth of 6 GB/s.
  CHECK(w.transfers.arrivals->mean_interval_s == Approx(1e6 / 60e6));

  const auto again = test::load(files.write("again.json", loaded.scenario.resolved_json));
  CHECK(again.scenario.resolved_json == loaded.scenario.resolved_json);
}

TEST_CASE("each direction of a link has the latency that is stated for it") {
  const Files files;
  const auto loaded = test::load(
      files.write("s.json", with_links(kLinks, R"(, "latency": {"pairs": {"a": {"b": "10 ms"},
                                                             "b": {"a": "12 ms"}}})")));
  const Topology& wan = *loaded.scenario.fabrics[1].topology;
  CHECK(wan.link({0}).latency == Duration{10'000'000});
  CHECK(wan.link({1}).latency == Duration{12'000'000});
}

TEST_CASE("every mistake of the WAN is reported where it is") {
  const Issues issues = test::issues_of_text(with_links(
      R"({"from": "a", "to": "a", "bandwidth": "1 GB/s"},
         {"from": "a", "to": "x", "bandwidth": "1 GB/s"},
         {"from": "a", "to": "c", "bandwidth": "1 GB/s"},
         {"from": "a", "to": "b", "bandwidth": "1 GB/s", "name": "n"},
         {"from": "a", "to": "b", "bandwidth": "1 GB/s", "name": "n"})"));
  INFO(test::print(issues));
  CHECK(issues.size() == 4);
  CHECK(has(issues, "E034", "wan.links.0.to", "to itself"));
  CHECK(has(issues, "E030", "wan.links.1.to", "no region called \"x\""));
  CHECK(has(issues, "E034", "wan.links.2", "latency from a to c is not known"));
  CHECK(has(issues, "E034", "wan.links.4.name", "two links are called \"n\""));

  const std::string one = R"({"from": "a", "to": "b", "bandwidth": "1 GB/s"})";
  CHECK(has(test::issues_of_text(with_links(one)), "E034", "wan.links", "from a to c"));
  CHECK(has(test::issues_of_text(with_links("")), "E022", "wan.links"));
  CHECK(
      has(test::issues_of_text(with_wan(R"({"sharing": "constant", "contention": 0.5, "links": [)" +
                                        std::string(kLinks) + "]}")),
          "E034", "wan", "neither incast nor contention"));
  CHECK(has(test::issues_of_text(with_wan(R"({"incast": {"flows": 2, "factor": 0.5}, "links": [)" +
                                          std::string(kLinks) + "]}")),
            "E012", "wan.incast"));
}

TEST_CASE("a region called wan that has a fabric is refused beside the WAN") {
  const std::string regions = R"({"name": "s", "duration": "1 s",
    "fabric_types": {"net": {"family": "leaf-spine", "leaves": 2, "hosts": 2, "spines": 1,
      "host_bandwidth": "1 GB/s", "leaf_bandwidth": "1 GB/s", "latency": "1 us"}},
    "regions": {"wan": {)";
  const std::string rest = R"(}, "b": {}}, "wan": {"links": [
    {"from": "wan", "to": "b", "bandwidth": "1 GB/s", "latency": "5 ms"}]}})";
  CHECK(has(test::issues_of_text(regions + R"("fabric": "net")" + rest), "E034", "wan",
            "a region is called \"wan\""));
  CHECK(test::issues_of_text(regions + rest).empty());
}

TEST_CASE("transfers say over what they go") {
  CHECK(issues_of_transfers("", R"("uniform": {})").empty());
  CHECK(issues_of_transfers("", R"("pair": {"src": "0", "dst": "3"})").empty());
  CHECK(issues_of_transfers(R"("over": "wan", )", R"("pair": {"src": "0", "dst": "c"})").empty());
  CHECK(has(issues_of_transfers(R"("over": "wan", "region": "a", )", R"("uniform": {})"), "E034",
            "workloads.w.region", "of no one region"));
  CHECK(has(issues_of_transfers(R"("over": "wan", )", R"("rack-local": {"share": 0})"), "E034",
            "workloads.w.generate.pattern", "endpoints of the WAN are regions"));
  CHECK(has(issues_of_transfers(R"("over": "wan", )", R"("pair": {"src": "a", "dst": "d"})"),
            "E030", "workloads.w.generate.pattern.pair.dst", "no region called \"d\""));
  CHECK(has(issues_of_transfers(R"("over": "wan", )", R"("pair": {"src": "a", "dst": "a"})"),
            "E034", "workloads.w.generate.pattern", "nothing to send to itself"));
  CHECK(has(issues_of_transfers("", R"("pair": {"src": "a", "dst": "4"})"), "E034",
            "workloads.w.generate.pattern.pair.src", "\"a\" is no endpoint"));
  const std::string none = R"({"name": "s", "duration": "1 s", "regions": {"a": {"fabric":
    "alibaba-hpn7"}})" + transfers(R"("over": "wan", )", R"("uniform": {})") +
                           "}";
  CHECK(has(test::issues_of_text(none), "E034", "workloads.w.over", "no WAN"));
}

TEST_CASE("files of transfers over the WAN name regions") {
  const Files files;
  const auto issues = [&](const std::string& rows) {
    files.write("t.csv", "start_s,src,dst,bytes\n" + rows);
    return test::issues_of(files.write(
        "s.json", with_links(kLinks, R"(, "workloads": {"w": {"kind": "transfers", "over": "wan",
                                         "trace": {"file": "t.csv"}}})")));
  };
  CHECK(issues("0,a,c,10\n0,2,0,10\n").empty());
  const Issues wrong = issues("0,a,d,10\n0,3,0,10\n");
  INFO(test::print(wrong));
  CHECK(wrong.size() == 2);
  CHECK(has(wrong, "E064", "workloads.w.trace.file", "\"d\" is neither a region"));
}

TEST_CASE("failures of the WAN name its cables") {
  const auto issues = [](const std::string& keys) {
    return test::issues_of_text(with_links(
        kLinks,
        R"(, "failures": {"f": {"kind": "network", "at": "0 s", "for": "1 s", )" + keys + "}}"));
  };
  const Files files;
  const auto loaded = test::load(files.write(
      "s.json", with_links(kLinks, R"(, "failures": {"f": {"kind": "network", "over": "wan",
        "of": "cable", "first": 1, "at": "0 s", "for": "1 s"}})")));
  const auto& fault = std::get<NetworkFault>(loaded.scenario.failures[0].what);
  CHECK(fault.fabric == 1);
  CHECK(fault.first == 1);
  CHECK(fault.tier == "link");
  CHECK(issues(R"("over": "wan", "of": "cable", "link": "ab")").empty());
  CHECK(has(issues(R"("over": "wan", "of": "cable", "link": "bc")"), "E030", "failures.f.link",
            "no link called \"bc\""));
  CHECK(has(issues(R"("of": "cable", "tier": "host-leaf", "link": "ab")"), "E034",
            "failures.f.link", "only cables of the WAN"));
  CHECK(has(issues(R"("over": "wan", "of": "cable", "link": "ab", "first": 1)"), "E015",
            "failures.f"));
  CHECK(has(issues(R"("over": "wan", "of": "cable", "first": 2)"), "E034", "failures.f.first"));
  CHECK(has(issues(R"("over": "wan", "of": "switch")"), "E034", "failures.f.of"));
}

TEST_CASE("collectives do not go over the WAN") {
  const Issues issues = test::issues_of_text(
      with_links(kLinks, R"(, "workloads": {"w": {"kind": "collectives", "over": "wan", "ranks": 4,
                                       "bytes": "1 MB", "count": 1}})"));
  CHECK(has(issues, "E016", "workloads.w.over"));
}

TEST_CASE("copies need a WAN, another region, and may not be where their people are not served") {
  const auto issues = [](const std::string& pools, const std::string& to, const std::string& more,
                         bool wan = true) {
    return test::issues_of_text(
        R"({"name": "s", "duration": "1 h", "latency": {"pairs": {"a": {"b": "5 ms"}}},
            "server_types": {"box": {"cores": 4, "memory": "8 GiB",
                                     "host_power": {"idle": "100 W", "full": "200 W"}}},
            "regions": {"a": {"racks": {"r": {"server": "box", "count": 1}}},
                        "b": {"racks": {"r": {"server": "box", "count": 1}}}},
            "pools": {"pa": {"in": ["a"]}, "pb": {"in": ["b"]}},)" +
        std::string(wan ? R"("wan": {"links": [{"from": "a", "to": "b", "bandwidth": "1 GB/s"}]},)"
                        : "") +
        R"("workloads": {"w": {"kind": "service", "pools": [)" + pools + R"(],
            "origins": {"a": "1 /s"}, "service_time": "10 ms", "instance": {"cores": 1},
            "replicas": {"min": 1, "max": 1},
            "replication": {"mode": "synchronous", "bytes": "1 kB", "to": [)" +
        to + "]}" + more + "}}}");
  };
  const char* const both = R"("pa", "pb")";
  CHECK(issues(both, R"("a", "b")", "").empty());
  CHECK(has(issues(both, R"("b")", "", false), "E034", "workloads.w.replication", "no WAN"));
  CHECK(has(issues(R"("pa")", R"("a")", ""), "E034", "workloads.w.replication.to", "no other"));
  CHECK(has(issues(both, R"("b")", R"(, "residency": {"a": ["a"]})"), "E034",
            "workloads.w.replication.to.0", "people of a"));
  CHECK(issues(both, R"("b")", R"(, "residency": {"a": ["a", "b"]})").empty());
  CHECK(has(issues(both, R"("b")", R"(, "fidelity": "fluid")"), "E045", "workloads.w.replication",
            "replication out"));
}
