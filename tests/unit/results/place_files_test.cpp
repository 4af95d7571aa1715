// racks.csv, links.csv and fabrics.json: read back as written, and what is torn is refused.
#include "results/place_files.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "results/store.hpp"
#include "results/stored_result.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

PlaceMap two_rows() {
  const float none = std::numeric_limits<float>::quiet_NaN();
  PlaceMap map;
  map.keys = {"group", "zone", "of"};
  map.rows = {{{"east.\"gpu\",x", "east.a", "accelerators"}, 0, 2},
              {{"east.\"gpu\",x", "east.a", "accelerators"}, 2, 1}};
  map.from_s = {0, 0.1};
  map.to_s = {0.1, 3600.5};
  map.quantities = {{"allocated", "1", {0.5F, 0, 0.25F, 1}, {0.75F, 0, 1, 1}},
                    {"power", "W", {1200, none, 1e6F, 0.125F}, {1500, none, 2e6F, 0.125F}}};
  map.holder_kind = "workload";
  map.holders = {"train, big", "web"};
  map.holder = {0, kNobody, 1, 0};
  return map;
}

constexpr const char* kTwoRows =
    "from_s,to_s,group,zone,of,first,count,allocated,allocated_max,power_W,power_max_W,workload\n"
    "0,0.1,\"east.\"\"gpu\"\",x\",east.a,accelerators,0,2,0.5,0.75,1200,1500,\"train, big\"\n"
    "0,0.1,\"east.\"\"gpu\"\",x\",east.a,accelerators,2,1,0,0,,,\n"
    "0.1,3600.5,\"east.\"\"gpu\"\",x\",east.a,accelerators,0,2,0.25,1,1e+06,2e+06,web\n"
    "0.1,3600.5,\"east.\"\"gpu\"\",x\",east.a,accelerators,2,1,1,1,0.125,0.125,\"train, big\"\n";

TEST_CASE("a map of places is written as documented and read back as it was", "[places]") {
  CHECK(place_csv(two_rows()) == kTwoRows);
  const PlaceMap back = place_map_from_csv(kTwoRows);
  CHECK(place_csv(back) == kTwoRows);
  CHECK(back.rows == two_rows().rows);
  CHECK(back.to_s == two_rows().to_s);
  CHECK(back.holders == two_rows().holders);
  CHECK(back.holder == two_rows().holder);
  CHECK(back.quantities[0] == two_rows().quantities[0]);
  CHECK(std::isnan(back.quantities[1].mean[1]));
}

TEST_CASE("a map that is torn or was written by hand is refused with its line", "[places]") {
  const std::string good = kTwoRows;
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  CHECK_THROWS_WITH(place_map_from_csv(""), "line 1 is missing: the file is empty");
  CHECK_THROWS_WITH(place_map_from_csv("time_s,x\n"),
                    "line 1 does not name the columns of a map of places");
  CHECK_THROWS_WITH(place_map_from_csv(with("power_max_W", "power_min_W")),
                    "line 1 does not name the columns of a map of places");
  CHECK_THROWS_WITH(place_map_from_csv(with("zone", "room")),
                    "line 1 does not name the columns of a map of places");
  CHECK_THROWS_WITH(place_map_from_csv(with("accelerators,0,2", "accelerators,0,0")),
                    "line 2 names a row without places");
  CHECK_THROWS_WITH(place_map_from_csv(with(",0.5,", ",half,")),
                    "line 2 holds what is not a number");
  CHECK_THROWS_WITH(place_map_from_csv(with("2,1,0,0,,,", "2,1,0,0,,")),
                    "line 3 has 11 values and not 12");
  CHECK_THROWS_WITH(place_map_from_csv(with("accelerators,2,1,1,1", "accelerators,3,1,1,1")),
                    "line 5 does not name the row that stood there at the first moment");
  CHECK_THROWS_WITH(place_map_from_csv(with("0.1,3600.5", "0.2,3600.5")),
                    "line 4 holds a moment that does not follow the last one");
  CHECK_THROWS_WITH(place_map_from_csv(good.substr(0, good.rfind("0.1,3600.5"))),
                    "line 4 ends in the middle of a moment");
  for (std::size_t size = 0; size < good.size(); ++size) {
    try {
      place_map_from_csv(std::string_view(good).substr(0, size));
    } catch (const ResultProblem&) {
    }
  }
}

TEST_CASE("joining keeps the greatest and the mean", "[places]") {
  PlaceMap moments = two_rows();
  moments.from_s = {0, 10};
  moments.to_s = {10, 40};
  join_moments(moments);
  CHECK(moments.to_s == std::vector<double>{40});
  CHECK(moments.quantities[0].mean == std::vector<float>{0.3125F, 0.75F});  // 10 s and 30 s
  CHECK(moments.quantities[0].greatest == std::vector<float>{1, 1});
  CHECK(moments.quantities[1].mean[1] == 0.125F);  // of what is known
  CHECK(moments.holder == std::vector<std::uint32_t>{1, 0});
  PlaceMap rows = two_rows();
  join_rows(rows);
  REQUIRE(rows.rows.size() == 1);
  CHECK(rows.rows[0].count == 3);
  CHECK(rows.quantities[0].mean == std::vector<float>{1.0F / 3, 0.5F});
  CHECK(rows.quantities[0].greatest == std::vector<float>{0.75F, 1});
  CHECK(rows.holder == std::vector<std::uint32_t>{0, 0});  // of the row that has more
}

TEST_CASE("an odd moment and a row of another group stay as they are", "[places]") {
  PlaceMap map = two_rows();
  map.rows[1].keys[0] = "east.other";
  map.rows[1].first = 0;
  const PlaceMap before = map;
  join_rows(map);
  CHECK(map.rows == before.rows);
  CHECK(map.quantities[0] == before.quantities[0]);
  map.from_s = {0};
  map.to_s = {1};
  for (PlaceQuantity& quantity : map.quantities) {
    quantity.mean.resize(2);
    quantity.greatest.resize(2);
  }
  map.holder.resize(2);
  join_moments(map);
  CHECK(map.moments() == 1);
  CHECK(map.quantities[0].mean == std::vector<float>{0.5F, 0});
}

TEST_CASE("what a fabric is made of is read back, and what is not is refused", "[places]") {
  std::vector<FabricPlan> fabrics(1);
  fabrics[0].name = "east";
  fabrics[0].type = "k32";
  fabrics[0].family = "fat-tree";
  fabrics[0].layers = {{"endpoints", 8192, 0, {}}, {"leaf", 512, 32, 1.5}, {"spine", 16, 32, {}}};
  fabrics[0].cables = {{"host-leaf", 0, 1, 16384, 1e9, 2e9}, {"leaf-spine", 1, 2, 16384, 1e9, 1e9}};
  const std::string json = fabrics_json(fabrics);
  CHECK(fabrics_from_json(json) == fabrics);
  CHECK_THROWS_WITH(fabrics_from_json(json.substr(0, 40)), "it is not JSON, or only a part of it");
  CHECK_THROWS_WITH(fabrics_from_json("{\"schema\": \"x\"}"),
                    "its schema is not hyperdc.fabrics/1");
  CHECK_THROWS_AS(fabrics_from_json("[]"), ResultProblem);
  fabrics[0].cables[0].high = 3;
  CHECK_THROWS_WITH(fabrics_from_json(fabrics_json(fabrics)),
                    "cables of east lead to a layer that it has not");
}

TEST_CASE("a stored run has its places, and a torn file is named", "[places]") {
  const test::TemporaryDirectory dir;
  const auto path = [&](const char* name) { return dir.path(name); };
  RunResult result;
  result.resolved_json = "{}";
  write_file(path("result.json"), to_json(result));
  CHECK_FALSE(read_stored_result(dir.path()).result.places);
  write_file(path("racks.csv"), kTwoRows);
  const StoredResult stored = read_stored_result(dir.path());
  REQUIRE(stored.result.places);
  CHECK(stored.result.places->racks.rows.size() == 2);
  CHECK(stored.result.places->links.rows.empty());
  write_file(path("racks.csv"), std::string(kTwoRows) + "0.1\n");
  CHECK_THROWS_WITH(read_stored_result(dir.path()),
                    Catch::Contains("racks.csv: line 6 has 1 values and not 12"));
  const std::string links =
      "from_s,to_s,fabric,tier,way,from,to,first,count,use,use_max\n"
      "0,1,east,leaf-spine,up,leaf 0,spine 0,0,1,0.5,0.5\n";
  write_file(path("racks.csv"), links);
  CHECK_THROWS_WITH(read_stored_result(dir.path()),
                    Catch::Contains("racks.csv: line 1 has no column group"));
  write_file(path("racks.csv"), kTwoRows);
  write_file(path("links.csv"), links);
  CHECK_THROWS_WITH(read_stored_result(dir.path()),
                    Catch::Contains("links.csv: there is no fabrics.json beside it"));
}

}  // namespace
}  // namespace hyperdc
