// Concentration: identities with published numbers, and laws.
#include "economics/concentration.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

namespace hyperdc {
namespace {

// Shares of AI chips at the end of 2025, percent: Google, Microsoft, Amazon, Meta, Oracle, xAI; all
// of China; the rest. From Epoch AI's owners of AI chips (2026-04), rounded as they were printed.
constexpr std::array<double, 6> kOwners{24.8, 16.9, 12.4, 11.4, 5.5, 2.5};
constexpr double kChina = 5.5;
constexpr double kOthers = 21;

TEST_CASE("HHI and shares of the owners of AI compute are those that were computed from the data") {
  // With China's many owners as nobody, as one of the others, and all others as one owner.
  CHECK(hhi(kOwners, kChina + kOthers, false) == Approx(1221).margin(1));
  std::array<double, 7> with_china{24.8, 16.9, 12.4, 11.4, 5.5, 2.5, kChina};
  CHECK(hhi(with_china, kOthers, false) == Approx(1252).margin(1));
  CHECK(hhi(with_china, kOthers, true) == Approx(1695).margin(3.5));
  CHECK(top_share(with_china, kOthers, 4) == Approx(0.655));
  CHECK(top_share(with_china, kOthers, 5) == Approx(0.71));
}

TEST_CASE("equal owners have an HHI of 10,000 over their number, one has all of it") {
  const std::array<double, 4> equal{2, 2, 2, 2};
  CHECK(hhi(equal, 0, false) == Approx(2500));
  CHECK(hhi(std::array<double, 1>{7}, 0, true) == Approx(10'000));
  CHECK(hhi(equal, 2, true) == Approx(2000));
  CHECK(top_share(equal, 0, 9) == Approx(1));
}

TEST_CASE("a merger of shares a and b adds 2 * 100a * 100b points") {
  const double before = hhi(kOwners, kOthers, false);
  const std::array<double, 5> merged{24.8 + 16.9, 12.4, 11.4, 5.5, 2.5};
  const double total = 24.8 + 16.9 + 12.4 + 11.4 + 5.5 + 2.5 + kOthers;
  CHECK(hhi(merged, kOthers, false) - before ==
        Approx(2 * (100 * 24.8 / total) * (100 * 16.9 / total)));
}

TEST_CASE("bounds of the HHI and of the four largest hold every amount within them") {
  const std::array<AmountBounds, 6> within{{{1, 9}, {2, 3}, {4, 4}, {0, 5}, {3, 8}, {1, 2}}};
  const AmountBounds others{2, 4};
  const ConcentrationBounds bounds = concentration_bounds(within, others);
  double least_hhi = 1e4;
  double least_top = 1;
  double most_hhi = 0;
  double most_top = 0;
  // A grid of five values each, corners included.
  for (int point = 0; point < 5 * 5 * 5 * 5 * 5; ++point) {
    std::array<double, 6> owned{};
    int rest = point;
    for (std::size_t i = 0; i < within.size(); ++i) {
      owned[i] = within[i].low;
      if (within[i].low == within[i].high) continue;
      owned[i] += (within[i].high - within[i].low) * (rest % 5) / 4;
      rest /= 5;
    }
    for (const double outside : {others.low, others.high}) {
      least_hhi = std::min(least_hhi, hhi(owned, outside, false));
      most_hhi = std::max(most_hhi, hhi(owned, outside, false));
      least_top = std::min(least_top, top_share(owned, outside, 4));
      most_top = std::max(most_top, top_share(owned, outside, 4));
    }
  }
  CHECK(bounds.hhi.high == Approx(most_hhi));
  CHECK(bounds.top_4.high == Approx(most_top));
  CHECK(bounds.hhi.low <= least_hhi);
  CHECK(bounds.hhi.low > least_hhi - 30);  // the grid comes near
  CHECK(bounds.top_4.low <= least_top + 1e-12);
  CHECK(bounds.top_4.low > least_top - 0.03);
}

}  // namespace
}  // namespace hyperdc
