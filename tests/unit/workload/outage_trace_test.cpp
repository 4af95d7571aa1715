#include "workload/outage_trace.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace hyperdc;

namespace {

Result<OutageList> read_text(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / "hyperdc-outages.csv";
  std::ofstream(path, std::ios::binary) << text;
  auto result = read_outages(path.string());
  std::filesystem::remove(path);
  return result;
}

}  // namespace

TEST_CASE("an outage trace in milliseconds, in any order of columns") {
  const auto result = read_text(
      "failure_duration,failure_interval,failure_intensity\n14400000,0,1\n1500,250,0.5\n");
  REQUIRE(ok(result));
  const OutageList& list = std::get<OutageList>(result);
  REQUIRE(list.rows.size() == 2);
  CHECK(list.rows[0].interval == Duration{});
  CHECK(list.rows[0].lasts == whole_seconds(14400));
  CHECK(list.rows[0].share == 1.0);
  CHECK(list.rows[1].interval == nanoseconds(250'000'000));
  CHECK(list.rows[1].share == 0.5);
  CHECK(list.sha256.size() == 64);
}

TEST_CASE("every problem of an outage trace is reported") {
  const auto result = read_text(
      "failure_interval,failure_duration,failure_intensity\n-1,1,1\n1,x,1\n1,1,1.5\n1,1\n");
  REQUIRE_FALSE(ok(result));
  CHECK(std::get<Issues>(result).size() == 4);
  CHECK_FALSE(ok(read_text("failure_interval,failure_duration\n1,1\n")));
  CHECK_FALSE(ok(read_text("failure_interval,failure_duration,failure_intensity\n")));
}
