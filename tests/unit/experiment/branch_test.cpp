// Branches: the base goes on as if nothing had happened, alternatives differ from their moment on.
#include "experiment/branch.hpp"

#include <atomic>
#include <catch2/catch.hpp>

#include "scenario/study.hpp"
#include "support/temporary_directory.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

/// Two replicas of one slot, 1.5 requests of a second each second, for 1000 s.
constexpr const char* kBase = R"({"name": "shop", "duration": "1000 s", "series_step": "50 s",
  "server_types": {"s": {"cores": 64, "memory": "64 GiB", "host_power": null,
                         "power_reason": "-"}},
  "regions": {"r": {"racks": {"k": {"server": "s", "servers_per_rack": 4, "count": 1}}}},
  "pools": {"p": {}},
  "workloads": {"web": {"kind": "service", "demand": {"constant": "1.5 /s"},
    "service_time": {"exponential": {"mean": "1 s"}}, "slo": "3 s",
    "replicas": {"min": 2, "max": 8, "initial": 2},
    "instance": {"cores": 1, "concurrency": 1}}}})";

struct Branched {
  test::TemporaryDirectory files;
  std::vector<Loaded> scenarios;  // the base, then the alternatives
  std::vector<RunOutcome> outcomes;

  explicit Branched(const std::string& variations, unsigned at_once = 2,
                    const std::string& service = "") {
    std::string text = kBase;
    text.insert(text.find("\"demand\""), service);
    const std::string base = files.write("base.json", text);
    const std::string variants = files.write("v.json", R"({"variations": )" + variations + "}");
    const Result<Study> study = load_variants(variants, base);
    REQUIRE(ok(study));
    for (const Variation& one : std::get<Study>(study).variations) {
      Result<Loaded> loaded = load_variation(std::get<Study>(study), one, {});
      REQUIRE(ok(loaded));
      scenarios.push_back(std::get<Loaded>(std::move(loaded)));
    }
    BranchRequest request;
    request.run.scenario = &scenarios.front().scenario;
    request.run.seed = 3;
    request.run.distributions = true;
    request.at = SimTime{} + whole_seconds(400);
    request.at_once = at_once;
    for (std::size_t i = 1; i < scenarios.size(); ++i) {
      request.alternatives.push_back(
          {std::get<Study>(study).variations[i].name, &scenarios[i].scenario});
    }
    outcomes = run_branches(request, nullptr);
  }

  const RunResult& result(std::size_t i) const {
    REQUIRE(i < outcomes.size());
    if (outcomes[i].failure) FAIL(outcomes[i].failure->message);
    REQUIRE(outcomes[i].result);
    return *outcomes[i].result;
  }
  RunResult plain(std::size_t i) const {
    RunRequest run;
    run.scenario = &scenarios[i].scenario;
    run.seed = 3;
    run.distributions = true;
    const std::atomic<bool> stop{false};
    return *run_all({&run, 1}, 1, stop, nullptr).front().result;
  }
};

double value(const RunResult& result, const std::string& name) {
  const ResultMetric* metric = find_metric(result, name);
  REQUIRE(metric != nullptr);
  REQUIRE(metric->value);
  return *metric->value;
}

/// Rows of the series that are the same in both, from the first on.
std::size_t same_rows(const RunResult& a, const RunResult& b) {
  const std::size_t columns = a.series.columns.size();
  REQUIRE(b.series.columns == a.series.columns);
  std::size_t same = 0;
  while (same < a.series.rows.size() && same < b.series.rows.size() &&
         a.series.rows[same] == b.series.rows[same]) {
    ++same;
  }
  return same / columns;
}

TEST_CASE("a branch that changes nothing is the plain run, byte for byte") {
  const Branched branched(R"({"nothing": {}, "as-it-is": {"workloads.web.replicas.max": 8}})");
  REQUIRE(branched.outcomes.size() == 3);
  const RunResult plain = branched.plain(0);
  CHECK_FALSE(plain.distributions.empty());
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(to_json(branched.result(i)) == to_json(plain));
    CHECK(series_csv(branched.result(i)) == series_csv(plain));
    CHECK(distributions_csv(branched.result(i)) == distributions_csv(plain));
  }
}

TEST_CASE("bounds that change at a moment hold from then on") {
  const Branched branched(R"({"four": {"workloads.web.replicas": {"min": 4, "initial": 4}}})");
  const RunResult& four = branched.result(1);
  CHECK(four.scenario == "four");
  REQUIRE_FALSE(four.assumptions.empty());
  CHECK(four.assumptions.back().text.find("until 400 s as shop") == 0);
  // 2 replicas for 400 s, 4 for 600 s.
  CHECK(value(four, "workloads.web.replica_time") == 2 * 400 + 4 * 600);
  CHECK(value(branched.result(0), "workloads.web.replica_time") == 2 * 1000);
  CHECK(value(four, "workloads.web.latency.mean") <
        value(branched.result(0), "workloads.web.latency.mean"));
  // The same past: 400 s in steps of 50 s, the row of the moment itself included.
  CHECK(same_rows(four, branched.result(0)) == 8);
  // And not what the changed scenario would have been from the start.
  CHECK(value(branched.plain(1), "workloads.web.replica_time") == 4 * 1000);
}

TEST_CASE("an autoscaler and a router that change at a moment begin there") {
  const Branched branched(R"({
    "scaled": {"workloads.web.autoscaler": {"policy": "target-tracking", "target": 0.3}},
    "routed": {"workloads.web.router": {"policy": "round-robin"}}})");
  const RunResult& base = branched.result(0);
  for (const std::size_t i : {1U, 2U}) {
    CHECK(branched.result(i).fingerprint != base.fingerprint);
    CHECK(branched.result(i).fingerprint != branched.plain(i).fingerprint);
    CHECK(same_rows(branched.result(i), base) >= 8);
    CHECK(same_rows(branched.result(i), base) < 20);
  }
  CHECK(value(branched.result(1), "workloads.web.p.scaled_out") > 0);
  CHECK(value(base, "workloads.web.p.scaled_out") == 0);
}

TEST_CASE("bounds that change leave the autoscaler its memory") {
  // The same bounds in effect: the demand needs far less than either maximum.
  const Branched branched(R"({"max": {"workloads.web.replicas.max": 9}})", 2,
                          R"("autoscaler": {"policy": "predictive"},)");
  CHECK(branched.result(1).fingerprint == branched.result(0).fingerprint);
}

TEST_CASE("a fluid service is split otherwise from the moment on") {
  const Branched branched(R"({"random": {"workloads.web.router": {"policy": "random"}}})", 2,
                          R"("fidelity": "fluid", "router": {"policy": "round-robin"},)");
  CHECK(same_rows(branched.result(1), branched.result(0)) >= 8);
  CHECK(value(branched.result(1), "workloads.web.attainment") <
        value(branched.result(0), "workloads.web.attainment"));
}

TEST_CASE("branches do not depend on how many run side by side") {
  const std::string variations = R"({"a": {"workloads.web.replicas": {"min": 3, "initial": 3}},
    "b": {"workloads.web.router": {"policy": "round-robin"}},
    "c": {"workloads.web.replicas": {"min": 5, "initial": 5}}})";
  const Branched one(variations, 1);
  const Branched all(variations, 8);
  for (std::size_t i = 0; i < 4; ++i) CHECK(to_json(one.result(i)) == to_json(all.result(i)));
}

TEST_CASE("only live keys may change in a branch") {
  const test::TemporaryDirectory files;
  const std::string base = files.write("base.json", kBase);
  const auto wrong = [&](const std::string& variations) {
    const auto study =
        load_variants(files.write("v.json", R"({"variations": )" + variations + "}"), base);
    return std::holds_alternative<Issues>(study) ? std::get<Issues>(study) : Issues{};
  };
  const Issues issues = wrong(R"({"a": {"workloads.web.instance.cores": 2, "duration": "1 d"},
    "b": {"/workloads/web/demand": {"constant": "1 /s"}}})");
  REQUIRE(issues.size() == 3);
  for (const Issue& issue : issues) {
    CHECK(issue.code == "E034");
    CHECK(issue.hint.find("workloads.*.autoscaler") != std::string::npos);
    CHECK(issue.place.file == files.path("v.json"));
  }
  CHECK(issues[2].place.line == 2);
  CHECK(wrong(R"({"a": {"/workloads/web/replicas/min": 2}})").empty());
}

}  // namespace
}  // namespace hyperdc
