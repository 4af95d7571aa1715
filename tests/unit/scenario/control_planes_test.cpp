// Control planes, health checks and rollouts in a scenario: what they become, and every problem.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "files.hpp"
#include "scenario/load.hpp"

using namespace hyperdc;
using test::Files;

namespace {

std::string scenario_with(const std::string& planes, const std::string& service) {
  return fmt::format(R"({{"name": "p", "duration": "1 d", "server_types": {{
    "box": {{"cores": 8, "memory": "1 GiB", "power_reason": "prototype"}}}},
    "regions": {{
      "east": {{"racks": {{"a": {{"server": "box", "count": 1}},
                         "b": {{"server": "box", "count": 1, "zone": "b"}}}}}},
      "west": {{"racks": {{"a": {{"server": "box", "count": 1}}}}}}}},
    "latency": {{"pairs": {{"east": {{"west": "30 ms"}}}}}},
    "pools": {{"east": {{"in": ["east"]}}, "west": {{"in": ["west"]}}}},
    "control_planes": {},
    "workloads": {{"web": {{"kind": "service", "pools": ["east", "west"], "demand": "1 /s",
                          "service_time": "1 s", "instance": {{"cores": 1}} {}}}}}}})",
                     planes, service);
}

std::string problems_of(const std::string& planes, const std::string& service = "") {
  return test::print(test::issues_of_text(scenario_with(planes, service)));
}

bool has_text(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("control planes are resolved with their racks and outages") {
  const Files files;
  const Loaded loaded = test::load(files.write("scenario.json", scenario_with(R"({
    "launch": {"kind": "launch", "zones": ["east.b"], "outages": [{"at": "1 h", "for": "10 min"}]},
    "scaling": {"kind": "scaling", "in": ["east"], "random": {
      "time_to_failure": {"exponential": {"mean": "90 d"}}, "for": "2 h"}},
    "health": {"kind": "health", "outages": [{"at": "2 h", "for": "1 min"}]}})",
                                                                              "")));
  const auto& planes = loaded.scenario.control_planes;
  REQUIRE(planes.size() == 3);
  CHECK(planes[0].kind == PlaneKind::launch);
  CHECK(planes[0].racks == std::vector<std::uint32_t>{1});
  REQUIRE(planes[0].outages.size() == 1);
  CHECK(planes[0].outages[0].at == whole_seconds(3600));
  CHECK(planes[0].outages[0].lasts == whole_seconds(600));
  CHECK_FALSE(planes[0].random);
  CHECK(planes[1].racks == std::vector<std::uint32_t>{0, 1});
  REQUIRE(planes[1].random);
  CHECK(Distribution(planes[1].random->time_to_failure).mean() == Approx(90 * 86400.0));
  CHECK(planes[2].racks.size() == 3);
}

TEST_CASE("defaults of health checks and rollouts are the published ones") {
  const Files files;
  const Loaded loaded = test::load(
      files.write("scenario.json",
                  scenario_with("{}", R"(, "health_check": {}, "rollouts": [{"at": "1 h"}])")));
  const ServiceWorkload& service = loaded.scenario.services.at(0);
  REQUIRE(service.health_check);
  CHECK(service.health_check->interval == whole_seconds(30));
  CHECK(service.health_check->timeout == whole_seconds(5));
  CHECK(service.health_check->unhealthy == 2);
  CHECK(service.health_check->healthy == 1);
  CHECK(service.health_check->connect_timeout == whole_seconds(10));
  REQUIRE(service.rollouts.size() == 1);
  CHECK(service.rollouts[0].rolling.surge == 0.25);
  CHECK(service.rollouts[0].rolling.unavailable == 0.25);
  CHECK(service.rollouts[0].bad_probability == 0);
  REQUIRE(service.rollouts[0].waves.size() == 1);
  CHECK(service.rollouts[0].waves[0].deployments == std::vector<bool>{true, true});
}

TEST_CASE("problems of control planes are reported together") {
  const std::string text = problems_of(R"({
    "one": {"kind": "launch", "zones": ["east.c"]},
    "two": {"kind": "scaling", "in": ["west"], "zones": ["east.a"]},
    "three": {"kind": "helth"},
    "five": {"kind": "scaling"},
    "four": {"kind": "scaling", "random": {"time_to_failure": "0.1 s", "for": "1 s"}}})");
  CHECK(has_text(text, "there is no zone called \"east.c\""));
  CHECK(has_text(text, "control_planes.two"));
  CHECK(has_text(text, "no rack of any pool can be hit"));
  CHECK(has_text(text, "helth"));
  CHECK(has_text(text, "the mean must be at least 1 s"));
  CHECK(has_text(text, "control_planes.five: a control plane that is never out changes nothing"));
}

TEST_CASE("problems of health checks and rollouts are reported together") {
  const std::string text = problems_of("{}", R"(,
    "health_check": {"interval": "2 s", "timeout": "5 s"},
    "rollouts": [
      {"at": "2 h", "waves": [{"share": 0.5}]},
      {"at": "1 h", "waves": [{"in": ["east"]}]},
      {"at": "3 h", "waves": [{"zones": ["east.b"]}, {}]},
      {"at": "3 h", "waves": [{"zones": ["west.x"]}, {"in": ["north"]}]}])");
  CHECK(has_text(text, "a check fails after the next one was due"));
  CHECK(has_text(text, "50 % of the replicas in pool \"east\" never get the new version"));
  CHECK(has_text(text, "it begins before the rollout above it"));
  CHECK(has_text(text, "100 % of the replicas in pool \"west\" never get the new version"));
  CHECK(has_text(text, "pool \"east\" has racks in other zones"));
  CHECK(has_text(text, "there is no zone called \"west.x\""));
  CHECK(has_text(text, "there is no region called \"north\""));
}

TEST_CASE("detection and rollback belong beside a version that may be bad") {
  const std::string text =
      problems_of("{}", R"(, "rollouts": [{"at": "2 h", "detection": {"delay": "1 min"}}])");
  CHECK(has_text(text, "detection"));
}
