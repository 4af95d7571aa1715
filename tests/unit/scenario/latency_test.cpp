// Latencies between regions in a scenario: what is resolved, and every problem.
#include <catch2/catch.hpp>

#include "files.hpp"

using namespace hyperdc;
using test::Files;
using test::has;

namespace {

constexpr const char* kEast = R"("location": {"latitude": 39, "longitude": -77.5}, )";
constexpr const char* kWest = R"("location": {"latitude": 45.8, "longitude": -119.7}, )";

/// Regions a, b and c; `top` is added at the end.
std::string three(const std::string& a, const std::string& b, const std::string& top) {
  const std::string racks = R"("racks": {"r": {"server": "box", "count": 1}}})";
  return R"({"name": "far", "duration": "1 h", "server_types": {"box": {"cores": 1,
    "memory": "1 GiB", "power_reason": "none"}}, "regions": {"a": {)" +
         a + racks + R"(, "b": {)" + b + racks + R"(, "c": {)" + racks +
         R"(}, "pools": {"p": {}})" + top + "}\n";
}

RegionLatency latency_of(const std::string& text) {
  const Files files;
  return test::load(files.write("scenario.json", text)).scenario.latency;
}

constexpr std::int64_t ms(std::int64_t n) {
  return n * 1'000'000;
}

}  // namespace

TEST_CASE("without a word latency is known inside regions, and between those with a location") {
  const RegionLatency none = latency_of(three("", kWest, ""));
  CHECK(none.one_way(0, 0) == Duration{500'000});
  CHECK_FALSE(none.one_way(0, 1));
  const RegionLatency both = latency_of(three(kEast, kWest, ""));
  // Ashburn to Boardman: 3504 km * 1.6 * 4.9 us/km = 27.5 ms, and 0.5 ms
  CHECK(to_seconds(*both.one_way(0, 1)) == Approx(28.0e-3).margin(0.1e-3));
  CHECK_FALSE(both.one_way(0, 2));
}

TEST_CASE("stated pairs hold, both ways unless each has its own") {
  const RegionLatency latency =
      latency_of(three(kEast, kWest, R"(, "latency": {"within": "1 ms", "path_factor": 1,
      "pairs": {"a": {"c": "40 ms", "b": "30 ms"}, "c": {"a": "41 ms"}}})"));
  CHECK(latency.one_way(2, 2) == Duration{ms(1)});
  CHECK(latency.one_way(0, 1) == Duration{ms(30)});
  CHECK(latency.one_way(1, 0) == Duration{ms(30)});
  CHECK(latency.one_way(0, 2) == Duration{ms(40)});
  CHECK(latency.one_way(2, 0) == Duration{ms(41)});
  CHECK_FALSE(latency.one_way(1, 2));
  // 3504 km * 4.9 us/km = 17.2 ms
  const RegionLatency light =
      latency_of(three(kEast, kWest, R"(, "latency": {"within": "1 ms", "path_factor": 1})"));
  CHECK(to_seconds(*light.one_way(0, 1)) == Approx(18.2e-3).margin(0.1e-3));
}

TEST_CASE("every problem of latencies and locations is reported") {
  const Issues issues = test::issues_of_text(
      three(R"("location": {"latitude": 91, "longitude": 0}, )", R"("location": {"latitude": 5}, )",
            R"(, "latency": {"within": "-1 ms", "path_factor": 0.5, "pairs": {
         "a": {"a": "1 ms", "d": "2 ms", "b": 5}, "e": {"a": "1 ms"}}})"));
  INFO(test::print(issues));
  CHECK(issues.size() == 8);
  CHECK(has(issues, "E021", "regions.a.location.latitude", "91 is outside -90..90"));
  CHECK(has(issues, "E011", "regions.b.location.longitude"));
  CHECK(has(issues, "E021", "latency.within"));
  CHECK(has(issues, "E021", "latency.path_factor"));
  CHECK(has(issues, "E034", "latency.pairs.a.a", "\"within\""));
  CHECK(has(issues, "E030", "latency.pairs.a.d", "there is no region called \"d\""));
  CHECK(has(issues, "E020", "latency.pairs.a.b"));
  CHECK(has(issues, "E030", "latency.pairs.e", "there is no region called \"e\""));
}
