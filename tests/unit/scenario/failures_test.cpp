// Failures in a scenario: what they become, and every problem reported.
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <variant>

#include "files.hpp"
#include "scenario/load.hpp"

using namespace hyperdc;
using test::Files;

namespace {

/// Two regions, zones a and b in the first; a rack group in no pool.
std::string with(const std::string& failures, const std::string& duration = "\"7 d\"") {
  return fmt::format(R"({{"name": "f", "duration": {}, "server_types": {{
    "box": {{"cores": 8, "memory": "1 GiB", "power_reason": "prototype", "boot_time": "3 min"}}}},
    "regions": {{
      "east": {{"racks": {{"web": {{"server": "box", "count": 3}},
                         "db": {{"server": "box", "count": 2, "zone": "b"}}}}}},
      "west": {{"racks": {{"web": {{"server": "box", "count": 1}}, "idle": {{"server": "box",
                         "count": 1}}}}}}}},
    "pools": {{"p": {{"racks": ["east.web", "east.db", "west.web"],
                    "on_failure": {{"mode": "resume", "retries": 2, "overhead": "10 s"}}}}}},
    "failures": {}}})",
                     duration, failures);
}

std::string problems_of_failures(const std::string& failures,
                                 const std::string& duration = "\"7 d\"") {
  Issues errors;
  for (Issue issue : test::issues_of_text(with(failures, duration))) {
    if (issue.code != "E051") errors.push_back(std::move(issue));
  }
  return test::print(errors);
}

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("causes of failures are resolved with their racks") {
  const Files files;
  files.write("out.csv", "failure_interval,failure_duration,failure_intensity\n0,1000,0.5\n");
  const Loaded loaded = test::load(files.write("scenario.json", with(R"({
    "faults": {"kind": "random", "in": ["east"], "of": "rack",
      "time_to_failure": {"weibull": {"mean": "1000 h", "cv": 1.5}},
      "repair": {"time": {"lognormal": {"mean": "4 h", "cv": 1}}, "technicians": 3, "spares": 7,
                 "lead_time": "2 d"},
      "lemons": {"share": 0.01, "factor": 20},
      "common_cause": {"probability": 0.1, "group": "zone", "share": 0.5}},
    "replay": {"kind": "trace", "format": "opendc", "file": "out.csv", "time_scale": 2},
    "lost": {"kind": "outage", "zones": ["east.b"], "at": "2 d", "for": "3 h"},
    "updates": {"kind": "maintenance", "racks": ["east.web", "west.web"], "first": "1 d",
      "every": "30 d", "racks_at_once": 2, "drain": "1 h", "for": "2 h"}})")));
  const Scenario& s = loaded.scenario;
  REQUIRE(s.failures.size() == 4);
  CHECK(s.failures[0].name == "faults");
  CHECK(s.failures[0].of == FaultItem::rack);
  CHECK(s.failures[0].racks == std::vector<std::uint32_t>{0, 1});
  const auto& random = std::get<RandomFailures>(s.failures[0].what);
  CHECK(std::get<Weibull>(random.time_to_failure).mean == 3'600'000);
  CHECK(std::get<Lognormal>(random.repair).mean == 14'400);
  CHECK(random.technicians == 3u);
  CHECK(random.spares == 7u);
  CHECK(std::get<Constant>(random.lead_time).value == 172'800);
  CHECK(random.lemon_share == 0.01);
  CHECK(random.lemon_factor == 20);
  CHECK(random.common_probability == 0.1);
  CHECK(random.common_group == FaultItem::zone);
  CHECK(random.common_share == 0.5);
  CHECK(s.failures[1].racks == std::vector<std::uint32_t>{0, 1, 2});
  const auto& replay = std::get<ReplayedOutages>(s.failures[1].what);
  CHECK(replay.time_scale == 2);
  REQUIRE(replay.rows.size() == 1);
  CHECK(s.failures[2].racks == std::vector<std::uint32_t>{1});
  const auto& lost = std::get<PlannedOutage>(s.failures[2].what);
  CHECK(lost.at == whole_seconds(172'800));
  CHECK(lost.lasts == whole_seconds(10'800));
  CHECK_FALSE(lost.items);
  CHECK(lost.share == 1);
  const auto& work = std::get<Maintenance>(s.failures[3].what);
  CHECK(s.failures[3].racks == std::vector<std::uint32_t>{0, 2});
  CHECK(work.racks_at_once == 2);
  CHECK(work.every == whole_seconds(30 * 86'400));
  CHECK(work.drain == whole_seconds(3600));
  CHECK(s.racks[1].zone == "b");
  CHECK(s.server_types[0].boot_time == whole_seconds(180));
  CHECK(s.pools[0].on_failure == OnFailure::resume);
  CHECK(s.pools[0].retries == 2u);
  CHECK(s.pools[0].failure_overhead == whole_seconds(10));
}

TEST_CASE("every problem of failures is reported") {
  const std::string all = problems_of_failures(R"({
    "a": {"kind": "outage", "in": ["north"], "zones": ["east.c"], "racks": ["east.wb"],
          "at": "1 d", "for": "1 h"},
    "b": {"kind": "outage", "racks": ["west.idle"], "at": "1 d", "for": "1 h"},
    "c": {"kind": "random", "of": "accelerator", "time_to_failure": "0 s",
          "repair": {"time": "1 h", "spares": 0}},
    "d": {"kind": "random", "of": "zone", "time_to_failure": "1 d", "repair": {"time": "1 h"},
          "common_cause": {"probability": 0.5, "group": "rack"}},
    "e": {"kind": "outage", "at": "1 d", "for": "1 h", "items": 3, "share": 0.5},
    "f": {"kind": "trace", "format": "opendc", "file": "none.csv"}})");
  CHECK(contains(all, "there is no region called"));
  CHECK(contains(all, "there is no zone called"));
  CHECK(contains(all, "there is no rack group called"));
  CHECK(contains(all, "no rack of any pool can be hit"));
  CHECK(contains(all, "these racks have no accelerators"));
  CHECK(contains(all, "the mean must be at least 1 s"));
  CHECK(contains(all, "nothing is ever repaired"));
  CHECK(contains(all, "a zone is no part of a rack"));
  CHECK(contains(all, "exclude each other"));
  CHECK(contains(all, "there is no file"));
  CHECK(problems_of_failures("{}").empty());
}

TEST_CASE("failures need an end of the run") {
  const std::string cause = R"({"a": {"kind": "outage", "at": "1 d", "for": "1 h"}})";
  CHECK(problems_of_failures(cause).empty());
  CHECK(contains(problems_of_failures(cause, "null"), "E033"));
}

TEST_CASE("cubes fail in slices of pods only, and spares are what the slice leaves") {
  const auto problems = [](const std::string& slices, const std::string& failures) {
    const std::string text = R"({"name": "f", "duration": "1 s", "fabric_types": {"net": {
      "family": "torus", "x": 4, "y": 4, "z": 8, "bandwidth": "1 GB/s", "latency": "1 us")" +
                             slices + R"(}}, "regions": {"lab": {"fabric": "net"}},
      "workloads": {"w": {"kind": "collectives", "ranks": 2, "bytes": "1 MB"}},
      "failures": {)" + failures +
                             "}}";
    return test::print(test::issues_of_text(text));
  };
  const std::string pod = R"(, "slices": {"cubes": 4, "largest": 4})";
  const auto cube = [](const std::string& more) {
    return R"({"kind": "network", "of": "cube", "at": "1 ms", "for": "1 ms")" + more + "}";
  };
  CHECK(problems(pod, R"("f": )" + cube(R"(, "spare": {"after": "1 ms"})")).empty());
  CHECK(contains(problems("", R"("f": )" + cube("")), "this fabric is not a slice of a pod"));
  CHECK(contains(problems(pod, R"("f": )" + cube(R"(, "first": 2)")), "there are 2, from 0"));
  CHECK(contains(problems(pod, R"("f": )" + cube(R"(, "spare": {"count": 3, "after": "1 ms"})")),
                 "2 cubes of the pod are neither in the slice"));
  const std::string spare = cube(R"(, "spare": {"after": "1 ms"})");
  CHECK(contains(problems(pod, R"("f": )" + spare + R"(, "g": )" + spare),
                 "0 cubes of the pod are neither in the slice nor spares of another cause"));
  CHECK(contains(problems(R"(, "slices": {"cubes": 2, "largest": 2})", R"("f": )" + spare),
                 "0 cubes of the pod"));
  CHECK(contains(problems(pod, R"("f": {"kind": "network", "of": "optical-switch", "at": "1 ms",
                                        "for": "1 ms", "spare": {"after": "1 ms"}})"),
                 "optical-switch has no spares"));
}
