// Rows of halls: what fits, and that no watt is lost between used, open and stranded.
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/rng.hpp"
#include "world/growth/rows.hpp"

namespace hyperdc {
namespace {

TEST_CASE("a row holds as many racks as its scarcest resource") {
  // positions, power, air, liquid, ports, weight
  const RowResources row = {10, 1000, 400, 700, 96, 5000};
  CHECK(fit_of(row, {1, 100, 20, 80, 8, 500}).racks == 8);
  CHECK(fit_of(row, {1, 100, 20, 80, 8, 500}).cause == GrowthLimit::liquid);
  CHECK(fit_of(row, {4, 100, 20, 80, 8, 500}).cause == GrowthLimit::positions);
  CHECK(fit_of(row, {1, 600, 20, 80, 8, 500}).cause == GrowthLimit::power);
  CHECK(fit_of(row, {1, 100, 300, 0, 8, 500}).cause == GrowthLimit::air);
  CHECK(fit_of(row, {1, 100, 20, 80, 50, 500}).cause == GrowthLimit::ports);
  CHECK(fit_of(row, {1, 100, 20, 80, 8, 3000}).cause == GrowthLimit::weight);
  CHECK(fit_of(row, {1, 100, 0, 0, 0, 0}).racks == 10);  // a tie goes to positions
  CHECK(fit_of(row, {1, 100, 0, 0, 0, 0}).cause == GrowthLimit::positions);
}

TEST_CASE("power of rows is used, open to racks, or stranded by a cause") {
  const RandomStream random(7, "rows");
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    const auto draw = [&](std::uint64_t a, double low, double high) {
      return low + (high - low) * random.uniform(trial, a);
    };
    SiteRows rows;
    double all = 0;
    for (std::uint64_t i = 0; i < 5; ++i) {
      const RowResources row = {std::floor(draw(10 * i, 2, 20)), draw(10 * i + 1, 100, 900),
                                draw(10 * i + 2, 50, 900),       draw(10 * i + 3, 50, 900),
                                draw(10 * i + 4, 20, 200),       draw(10 * i + 5, 500, 9000)};
      rows.add(row, 3, draw(60 + i, 300, 3000));
      all += 3 * row[1];
    }
    const double power = draw(100, 20, 120);
    const double share = draw(101, 0, 1);
    const RowResources rack = {
        1, power, power * (1 - share), power * share, 8, draw(102, 100, 900)};
    std::vector<PlacedRacks> placed;
    const auto wanted = static_cast<std::uint64_t>(draw(103, 0, 40));
    const std::uint64_t done = rows.place(rack, wanted, 0, placed);
    CHECK(done <= wanted);
    CHECK(rows.used_w() == Approx(static_cast<double>(done) * power));
    CHECK(rows.left_w() + rows.used_w() == Approx(all));
    const double free_w = draw(104, 0, 3000);
    StrandedPower stranded{};
    rows.strand(rack, free_w, stranded);
    const std::uint64_t open = rows.open(rack).racks;
    const double carried = std::min(static_cast<double>(open), std::floor(free_w / power)) * power;
    const double lost = std::accumulate(stranded.begin(), stranded.end(), 0.0) -
                        stranded[index_of(GrowthLimit::halls)];
    CHECK(rows.left_w() == Approx(carried + lost));
    for (const PlacedRacks& place : placed) rows.remove(rack, place.row, place.racks);
    CHECK(rows.left_w() == Approx(all));
    CHECK(rows.used_w() == Approx(0).margin(1e-6));
  }
}

}  // namespace
}  // namespace hyperdc
