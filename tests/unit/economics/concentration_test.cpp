// Concentration: identities with published numbers, and laws.
#include "economics/concentration.hpp"

#include <array>
#include <catch2/catch.hpp>

namespace hyperdc {
namespace {

// Epoch AI's owners of AI chips at the end of 2025, millions of H100 equivalents (2026-04).
constexpr std::array<double, 6> kOwners{5.0, 3.4, 2.5, 2.3, 1.1, 0.5};
constexpr double kChina = 1.1;
constexpr double kOthers = 4.2;

TEST_CASE("HHI and shares of the owners of AI compute are those that were computed from the data") {
  // With China's many owners as nobody, as one of the others, and all others as one owner.
  CHECK(hhi(kOwners, kChina + kOthers, false) == Approx(1221).margin(1));
  std::array<double, 7> with_china{5.0, 3.4, 2.5, 2.3, 1.1, 0.5, kChina};
  CHECK(hhi(with_china, kOthers, false) == Approx(1252).margin(1));
  CHECK(hhi(with_china, kOthers, true) == Approx(1695).margin(7));
  CHECK(top_share(with_china, kOthers, 4) == Approx(0.655).margin(0.002));
  CHECK(top_share(with_china, kOthers, 5) == Approx(0.71).margin(0.002));
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
  const std::array<double, 5> merged{5.0 + 3.4, 2.5, 2.3, 1.1, 0.5};
  const double total = 5.0 + 3.4 + 2.5 + 2.3 + 1.1 + 0.5 + kOthers;
  CHECK(hhi(merged, kOthers, false) - before ==
        Approx(2 * (100 * 5.0 / total) * (100 * 3.4 / total)));
}

}  // namespace
}  // namespace hyperdc
