// The key "nodes" of a pool: defaults, and what does not hold together.
#include <catch2/catch.hpp>

#include "files.hpp"

namespace hyperdc {
namespace {

/// The small scenario of ten servers with this value of "nodes".
std::string with_nodes(const std::string& nodes) {
  return test::small_scenario("", R"(, "nodes": )" + nodes);
}

}  // namespace

TEST_CASE("nodes have the pool's servers for a maximum and the minimum at the start") {
  const test::Files files;
  const Loaded loaded = test::load(files.write("scenario.json", with_nodes(R"({
    "policy": "cluster-autoscaler", "min": 2, "unneeded_time": "5 min"})")));
  REQUIRE(loaded.scenario.pools[0].nodes);
  const NodesSpec& nodes = *loaded.scenario.pools[0].nodes;
  CHECK(nodes.policy.policy == "cluster-autoscaler");
  CHECK(nodes.policy.params.duration("unneeded_time") == whole_seconds(300));
  CHECK(nodes.policy.params.duration("scan_interval") == whole_seconds(10));
  CHECK((nodes.min == 2 && nodes.initial == 2 && nodes.max == 10));
  CHECK(!nodes.boot_s);
  CHECK(!nodes.jobs_move);
  CHECK((nodes.refused == 0 && nodes.windows.empty()));
  const Loaded plain = test::load(files.write("plain.json", test::small_scenario()));
  CHECK(!plain.scenario.pools[0].nodes);
}

TEST_CASE("bounds of nodes that do not hold together are errors") {
  CHECK(test::has(test::issues_of_text(with_nodes(R"({"policy": "none", "max": 11})")), "E034",
                  "pools.p.nodes.max", "max 11 is above the servers of the pool: 10"));
  const Issues crossed =
      test::issues_of_text(with_nodes(R"({"policy": "none", "min": 5, "max": 4, "initial": 1})"));
  CHECK(test::has(crossed, "E034", "pools.p.nodes.min", "min 5 is above max 4"));
  CHECK(test::has(crossed, "E034", "pools.p.nodes.initial", "initial 1 is below min 5"));
  CHECK(test::has(test::issues_of_text(with_nodes(R"({"policy": "none", "max": 4, "initial": 5})")),
                  "E034", "pools.p.nodes.initial", "above max 4"));
}

TEST_CASE("a policy that compares prices needs them") {
  CHECK(test::has(test::issues_of_text(with_nodes(R"({"policy": "karpenter"})")), "E034",
                  "pools.p.nodes", "has none; give it a \"price\""));
  CHECK(test::has(
      test::issues_of_text(with_nodes(R"({"policy": "cluster-autoscaler", "expander": "price"})")),
      "E034", "pools.p.nodes", "compares prices"));
}

TEST_CASE("nodes need an end of the run, known servers and the right kind of policy") {
  const std::string text = with_nodes(R"({"policy": "none"})");
  const test::Files files;
  files.write("scenario.json", text);
  CHECK(test::has(test::issues_of(files.write("endless.json",
                                              R"({"extends": "scenario.json", "duration": null})")),
                  "E033", "pools.p.nodes"));
  CHECK(test::has(test::issues_of_text(with_nodes(R"({"policy": "none", "stock_out": {"windows":
                    [{"at": "1 h", "for": "1 h", "servers": ["nothing"]}]}})")),
                  "E030", "pools.p.nodes.stock_out.windows.0.servers.0"));
  CHECK(test::has(test::issues_of_text(with_nodes(R"({"policy": "hpa"})")), "E013",
                  "pools.p.nodes.policy", "scales the replicas of a service"));
}

}  // namespace hyperdc
