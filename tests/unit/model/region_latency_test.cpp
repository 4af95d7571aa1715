// Distances by hand and by law; latencies as stated, symmetric, and against measured round trips.
#include "model/region_latency.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string_view>

#include "core/rng.hpp"

namespace hyperdc {
namespace {

constexpr double kQuarter_m = 6'371'008.8 * 3.14159265358979323846 / 2;

TEST_CASE("distances on the sphere by hand") {
  const Location pole{90, 0};
  const Location greenwich{0, 0};
  CHECK(great_circle_m(pole, greenwich) == Approx(kQuarter_m).epsilon(1e-14));
  CHECK(great_circle_m(greenwich, {0, 90}) == Approx(kQuarter_m).epsilon(1e-14));
  CHECK(great_circle_m(greenwich, {0, 180}) == Approx(2 * kQuarter_m).epsilon(1e-14));
  CHECK(great_circle_m({0, 179}, {0, -179}) == Approx(kQuarter_m / 45).epsilon(1e-13));
  CHECK(great_circle_m({12, 34}, {12, 34}) == 0);
  CHECK(great_circle_m({0, 0}, {1e-6, 0}) == Approx(kQuarter_m / 90e6).epsilon(1e-9));
  // 60 degrees north, 60 degrees apart: sin(d/2) = cos 60 sin 30 = 1/4, d = 2 arcsin 1/4 =
  // 0.505360510
  CHECK(great_circle_m({60, 0}, {60, 60}) ==
        Approx(6'371'008.8 * 0.50536051028415729).epsilon(1e-14));
}

TEST_CASE("distances are symmetric and obey the triangle inequality") {
  const RandomStream chance(1, "places");
  const auto place = [&](std::uint64_t i) {
    return Location{chance.uniform(i, 0) * 180 - 90, chance.uniform(i, 1) * 360 - 180};
  };
  for (std::uint64_t i = 0; i < 500; ++i) {
    const Location a = place(3 * i);
    const Location b = place(3 * i + 1);
    const Location c = place(3 * i + 2);
    const double ab = great_circle_m(a, b);
    REQUIRE(ab == Approx(great_circle_m(b, a)).epsilon(1e-14));
    REQUIRE(ab <= great_circle_m(a, c) + great_circle_m(c, b) + 1e-6);
    const Location opposite{-b.latitude_deg, b.longitude_deg + 180};
    REQUIRE(ab + great_circle_m(a, opposite) == Approx(2 * kQuarter_m).epsilon(1e-12));
  }
}

constexpr Duration us(std::int64_t n) {
  return {n * 1000};
}

TEST_CASE("latency is as stated, within a region constant, by distance, or not known") {
  RegionLatency latency(us(500), 2);
  latency.add_region(Location{0, 0});
  latency.add_region(Location{0, 90});
  latency.add_region({});
  latency.add_region({});
  CHECK(latency.one_way(2, 2) == us(500));
  // 10007.557 km * 2 * 4.9 us/km = 98.07406 ms
  CHECK(latency.one_way(0, 1)->ns == Approx(500'000 + 2 * kQuarter_m * 4.9).margin(1));
  CHECK(latency.one_way(0, 1) == latency.one_way(1, 0));
  CHECK_FALSE(latency.one_way(0, 2));
  CHECK_FALSE(latency.one_way(2, 3));
  latency.state(0, 2, us(7000));
  CHECK(latency.one_way(0, 2) == us(7000));
  CHECK(latency.one_way(2, 0) == us(7000));
  latency.state(2, 0, us(9000));
  CHECK(latency.one_way(0, 2) == us(7000));
  CHECK(latency.one_way(2, 0) == us(9000));
  latency.state(1, 0, us(50'000));
  CHECK(latency.one_way(0, 1) == us(50'000));
}

struct Measured {
  std::string_view city;
  Location location;
  std::array<double, 10> rtt_ms;  // to each, row to column
};

// IBM Cloud docs, "Network latency dashboards", mean of 27 July to 25 August 2024 (the repository
// ibm-cloud-docs/vpc, _include-segments/network-latency.md). Places are those of the cities.
constexpr std::array<Measured, 10> kIbm = {{
    {"Dallas", {32.7767, -96.7970}, {0, 34, 31, 123, 113, 119, 150, 186, 143, 146}},
    {"Toronto", {43.6532, -79.3832}, {34, 0, 19, 93, 82, 108, 168, 215, 162, 129}},
    {"Washington", {38.9072, -77.0369}, {31, 19, 0, 91, 75, 87, 172, 214, 164, 118}},
    {"Frankfurt", {50.1109, 8.6821}, {123, 93, 91, 0, 13, 29, 232, 250, 233, 198}},
    {"London", {51.5074, -0.1278}, {113, 83, 75, 13, 0, 27, 244, 261, 243, 188}},
    {"Madrid", {40.4168, -3.7038}, {122, 106, 88, 29, 27, 0, 257, 275, 258, 209}},
    {"Osaka", {34.6937, 135.5023}, {150, 169, 172, 231, 243, 257, 0, 122, 9, 293}},
    {"Sydney", {-33.8688, 151.2093}, {186, 214, 214, 249, 261, 275, 122, 0, 115, 328}},
    {"Tokyo", {35.6764, 139.65}, {143, 162, 166, 233, 244, 256, 9, 115, 0, 284}},
    {"Sao Paulo", {-23.5558, -46.6396}, {144, 128, 119, 196, 187, 208, 291, 328, 283, 0}},
}};

// No measured round trip beats light, 20 of the 45 pairs are within 10 %, nine of ten within 40 %.
// Two paths are worse by nature: cables from Europe to Japan go round Asia or through America.
TEST_CASE("the default path factor is the middle of measured round trips") {
  RegionLatency latency(us(500), 1.6);
  for (const Measured& region : kIbm) latency.add_region(region.location);
  std::vector<double> ratios;  // model over measured
  for (std::uint32_t i = 0; i < kIbm.size(); ++i) {
    for (std::uint32_t k = i + 1; k < kIbm.size(); ++k) {
      const double rtt_ms = (kIbm[i].rtt_ms[k] + kIbm[k].rtt_ms[i]) / 2;
      const double light_ms = 2 * great_circle_m(kIbm[i].location, kIbm[k].location) * 4.9e-6;
      REQUIRE(rtt_ms > light_ms);
      ratios.push_back(2e3 * to_seconds(*latency.one_way(i, k)) / rtt_ms);
    }
  }
  const auto within = [&](double share) {
    return std::count_if(ratios.begin(), ratios.end(),
                         [&](double ratio) { return ratio > 1 - share && ratio < 1 + share; });
  };
  REQUIRE(ratios.size() == 45);
  CHECK(within(0.1) >= 20);
  CHECK(within(0.4) >= 40);
  std::sort(ratios.begin(), ratios.end());
  CHECK(ratios[22] == Approx(1).margin(0.05));
}

}  // namespace
}  // namespace hyperdc
