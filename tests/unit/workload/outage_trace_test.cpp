#include "workload/outage_trace.hpp"

#include <catch2/catch.hpp>

#include "support/temporary_directory.hpp"

using namespace hyperdc;

namespace {

Result<OutageList> read_text(const std::string& text, bool members = false) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.write("outages.csv", text);
  return members ? read_members(path) : read_outages(path);
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

TEST_CASE("nodes that leave and come are outages of places") {
  // Two from the start, a third from 5 s on. The first leaves at 10 s and the fourth takes its
  // place at 14 s; nobody takes that of the second (12 s) or of the third (20 s). At 20 s the place
  // of the fourth changes hands.
  const auto result = read_text(
      "0,add,a\n0,add,b\n5000,add,c\n10000,remove,a\n12000,remove,b\n14000,add,d\n"
      "20000,remove,c\n20000,remove,d\n20000,add,e\n",
      true);
  REQUIRE(ok(result));
  const OutageList& list = std::get<OutageList>(result);
  CHECK(list.places == 3);
  struct Expected {
    std::int64_t interval_s, lasts_s;  // -1: for good
    std::uint32_t item;
  };
  const std::vector<Expected> expected = {{0, 5, 2}, {10, 4, 0}, {2, -1, 1}, {8, -1, 2}, {0, 0, 0}};
  REQUIRE(list.rows.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(list.rows[i].item == expected[i].item);
    CHECK(list.rows[i].interval == whole_seconds(expected[i].interval_s));
    if (expected[i].lasts_s >= 0) {
      CHECK(list.rows[i].lasts == whole_seconds(expected[i].lasts_s));
    } else {
      CHECK(list.rows[i].lasts > whole_seconds(86'400 * 365));
    }
  }
}

TEST_CASE("every problem of a trace of members is reported") {
  const auto result = read_text(
      "0,add,a\n0,add,a\nx,add,b\n5,gone,a\n1,add,c\n6,remove,z\n7,add\n8,add,d,e\n", true);
  REQUIRE_FALSE(ok(result));
  CHECK(std::get<Issues>(result).size() == 7);
  CHECK_FALSE(ok(read_text("\n", true)));
}
