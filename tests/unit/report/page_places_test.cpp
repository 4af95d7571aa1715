// Maps of racks and links on the page: they fit, and what stands out stays.
#include "report/page_places.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>

namespace hyperdc {
namespace {

PlaceMap large(std::size_t rows, std::size_t moments, bool spread) {
  PlaceMap map;
  map.keys = {"group", "zone", "of"};
  map.quantities = {{"allocated", "1", {}, {}}, {"down", "1", {}, {}}};
  map.holder_kind = "workload";
  map.holders = {"a", "b"};
  for (std::uint32_t row = 0; row < rows; ++row) {
    map.rows.push_back({{"east.gpu", "east.a", "accelerators"}, 3 * row, 3});
  }
  for (std::size_t moment = 0; moment < moments; ++moment) {
    map.from_s.push_back(static_cast<double>(moment));
    map.to_s.push_back(static_cast<double>(moment + 1));
    for (std::size_t row = 0; row < rows; ++row) {
      const bool spike = moment == 77 && row == 211;
      map.quantities[0].mean.push_back(0.25F);
      map.quantities[0].greatest.push_back(spike ? 1 : spread ? 0.5F : 0.25F);
      map.quantities[1].mean.push_back(0);
      map.quantities[1].greatest.push_back(0);
      map.holder.push_back(row % 2);
    }
  }
  return map;
}

TEST_CASE("a map that fits stays whole, a larger one keeps its greatest and its mean") {
  const PlaceMap map = large(512, 480, true);
  CHECK(fitted(map, 800'000) == map);
  const PlaceMap less = fitted(map, kMostPlaceBytes);
  CHECK(less.moments() == 240);
  CHECK(less.rows.size() == 512);
  CHECK(std::ranges::max(less.quantities[0].greatest) == 1);
  CHECK(std::ranges::max(less.quantities[0].mean) == 0.25F);
  const PlaceMap least = fitted(map, 4'000);
  CHECK(least.moments() * least.rows.size() * 3 + least.rows.size() * 48 <= 4'000);
  CHECK(std::ranges::max(least.quantities[0].greatest) == 1);
  CHECK(std::ranges::min(least.quantities[0].mean) == 0.25F);
  CHECK(least.from_s.front() == 0);
  CHECK(least.to_s.back() == 480);
  std::uint32_t racks = 0;
  for (const PlaceRow& row : least.rows) racks += row.count;
  CHECK(racks == 3 * 512);
  CHECK(fitted(map, 0).moments() == 1);  // as small as it gets
}

TEST_CASE("a byte is right to half of its step, and what is above 0 never becomes 0") {
  const float none = std::numeric_limits<float>::quiet_NaN();
  CHECK(packed_bytes(std::vector<float>{0, 4, 2, none}, 4) == "AP5//w==");  // 0 254 127 255
  CHECK(packed_bytes(std::vector<float>{1e-9F}, 4) == "AQ==");
}

TEST_CASE("what is 0 throughout, or has no greatest of its own, is not written") {
  PlaceMaps places;
  places.racks = large(4, 3, false);
  JsonWriter json;
  json.open_object();
  write_places(json, &places, kMostPlaceBytes);
  json.close();
  const auto page = nlohmann::json::parse(json.finish())["places"];
  CHECK(page["links"].is_null());
  CHECK(page["fabrics"].empty());
  const auto& racks = page["racks"];
  CHECK(racks["keys"] == nlohmann::json({"group", "zone", "of"}));
  CHECK(racks["rows"][1] == nlohmann::json({"east.gpu", "east.a", "accelerators", 3, 3}));
  CHECK(racks["quantities"][0].contains("mean"));
  CHECK_FALSE(racks["quantities"][0].contains("greatest"));
  CHECK_FALSE(racks["quantities"][1].contains("mean"));
  CHECK(racks["quantities"][1]["top"] == 0);
  CHECK(racks["holders"] == nlohmann::json({"a", "b"}));
}

TEST_CASE("a run without places has none on the page") {
  JsonWriter json;
  json.open_object();
  write_places(json, nullptr, kMostPlaceBytes);
  json.close();
  CHECK(nlohmann::json::parse(json.finish())["places"].is_null());
}

}  // namespace
}  // namespace hyperdc
