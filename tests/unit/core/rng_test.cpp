#include "core/rng.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "core/hash.hpp"

using namespace hyperdc;

namespace {

using Counter = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

/// Philox4x32-10 written from the paper (Salmon et al., SC'11, section 3.3), as the reference.
Counter philox_reference(Counter c, Key k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(a)};
    k[0] += 0x9E3779B9;
    k[1] += 0xBB67AE85;
  }
  return c;
}

}  // namespace

TEST_CASE("the reference gives the published answers of Philox4x32-10", "[rng]") {
  CHECK(philox_reference({0, 0, 0, 0}, {0, 0}) ==
        Counter{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8});
  CHECK(philox_reference({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF},
                         {0xFFFFFFFF, 0xFFFFFFFF}) ==
        Counter{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD});
  CHECK(philox_reference({0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344},
                         {0xA4093822, 0x299F31D0}) ==
        Counter{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1});
}

TEST_CASE("a stream is Philox of (entity, attribute) under a key of seed and name", "[rng]") {
  for (const std::uint64_t seed : {0ULL, 1ULL, 0xFFFFFFFFFFFFFFFFULL}) {
    const RandomStream stream(seed, "workloads.web.run");
    const std::uint64_t key = hash_bytes("workloads.web.run", seed);
    for (const std::uint64_t entity : {0ULL, 7ULL, 0x123456789ABCDEFULL}) {
      for (const std::uint64_t attribute : {0ULL, 1ULL, 0xFEDCBA9876543210ULL}) {
        const Counter r = philox_reference(
            {static_cast<std::uint32_t>(entity), static_cast<std::uint32_t>(entity >> 32),
             static_cast<std::uint32_t>(attribute), static_cast<std::uint32_t>(attribute >> 32)},
            {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)});
        const auto bits = stream.bits(entity, attribute);
        REQUIRE(bits[0] == ((std::uint64_t{r[1]} << 32) | r[0]));
        REQUIRE(bits[1] == ((std::uint64_t{r[3]} << 32) | r[2]));
        REQUIRE(stream.u64(entity, attribute) == bits[0]);
      }
    }
  }
}

TEST_CASE("streams of other seeds and names share nothing", "[rng]") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const char* name : {"a", "b", "arrivals", "arrival", ""}) {
      const RandomStream stream(seed, name);
      for (std::uint64_t entity = 0; entity < 50; ++entity) {
        CHECK(seen.insert(stream.u64(entity)).second);
        CHECK(seen.insert(stream.u64(entity, 1)).second);
      }
    }
  }
}

TEST_CASE("a uniform variate is the top 52 bits in the middle of their cell", "[rng]") {
  const RandomStream stream(1, "uniform");
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const double u = stream.uniform(i, 3);
    REQUIRE(u == (static_cast<double>(stream.u64(i, 3) >> 12) + 0.5) / 4503599627370496.0);
  }
  // The ends of the range, which no feasible number of draws meets: still inside (0, 1).
  CHECK((0 + 0.5) * 0x1p-52 > 0);
  CHECK((static_cast<double>(~0ULL >> 12) + 0.5) * 0x1p-52 < 1);
}

TEST_CASE("uniform variates are uniform", "[rng]") {
  constexpr int kDraws = 200000;
  constexpr int kCells = 100;
  const RandomStream stream(5, "chi-square");
  std::vector<int> cells(kCells);
  double sum = 0;
  double product = 0;  // of neighbours, for their correlation
  double before = 0.5;
  for (int i = 0; i < kDraws; ++i) {
    const double u = stream.uniform(static_cast<std::uint64_t>(i));
    ++cells[static_cast<std::size_t>(u * kCells)];
    sum += u;
    product += (u - 0.5) * (before - 0.5);
    before = u;
  }
  double chi = 0;
  for (const int n : cells) chi += (n - 2000.0) * (n - 2000.0) / 2000.0;
  CHECK(chi < 99 + 5 * std::sqrt(2 * 99.0));
  CHECK(chi > 99 - 5 * std::sqrt(2 * 99.0));
  CHECK(std::fabs(sum / kDraws - 0.5) < 5 * std::sqrt(1.0 / 12 / kDraws));
  CHECK(std::fabs(product / kDraws) < 5 * (1.0 / 12) / std::sqrt(kDraws));
}

TEST_CASE("integers below n are in range and without bias", "[rng]") {
  const RandomStream stream(9, "below");
  CHECK_THROWS_AS(stream.below(0, 0), InvariantError);
  for (std::uint64_t i = 0; i < 100; ++i) CHECK(stream.below(1, i) == 0);
  std::vector<int> counts(6);
  for (std::uint64_t i = 0; i < 60000; ++i) ++counts[stream.below(6, i)];
  for (const int n : counts) CHECK(std::abs(n - 10000) < 5 * std::sqrt(10000 * 5.0 / 6));
}

TEST_CASE("a rejected draw is replaced without bias", "[rng]") {
  // Of n = 3 * 2^62 a quarter of the words is rejected. Without rejection the multiply-shift map
  // gives every third value twice the weight; with it, value modulo 3 is uniform.
  const RandomStream stream(9, "rejection");
  const std::uint64_t n = 3ULL << 62;
  std::vector<int> counts(3);
  int below_middle = 0;
  constexpr int kDraws = 30000;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const std::uint64_t value = stream.below(n, i);
    REQUIRE(value < n);
    ++counts[value % 3];
    if (value < n / 2) ++below_middle;
  }
  for (const int c : counts) CHECK(std::abs(c - 10000) < 5 * std::sqrt(10000 * 2.0 / 3));
  CHECK(std::abs(below_middle - kDraws / 2) < 5 * std::sqrt(kDraws / 4.0));
}
