#include "engine/fingerprint.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <set>

using namespace hyperdc;

// The constants come from a separate implementation of the equations in fingerprint.hpp, in
// integers of unlimited size reduced modulo 2^64.
TEST_CASE("fingerprint: equals an independent calculation", "[engine]") {
  STATIC_REQUIRE(Fingerprint::of_name("") == 0xf7e27bea28a3ed4f);
  STATIC_REQUIRE(Fingerprint::of_name("pools.h100.jobs") == 0x26c675d23b0f14b9);
  STATIC_REQUIRE(Fingerprint::of_name("arrive", Fingerprint::of_name("pools.h100.jobs")) ==
                 0xb4a6af86dd0c5be2);
  Fingerprint print;
  REQUIRE(print.value() == 0x13198a2e25436718);
  print.add({0}, 0, 0, 0);
  REQUIRE(print.value() == 0x200caad7b1cb1878);
  print.add({12'500'000'000}, 2, Fingerprint::of_name("pools.h100.jobs"), 7);
  REQUIRE(print.value() == 0x26ef1e10fcdcc644);
  print.add({std::numeric_limits<std::int64_t>::max()}, 4, ~std::uint64_t{0}, ~std::uint64_t{0});
  REQUIRE(print.value() == 0x69a0fa2e18713d68);
}

TEST_CASE("fingerprint: every change of one bit of one field changes it", "[engine]") {
  constexpr std::uint64_t kName = 0x1234567890abcdef;
  std::set<std::uint64_t> values;
  std::size_t tried = 0;
  const auto add = [&](SimTime at, std::uint8_t phase, std::uint64_t name, std::uint64_t meaning) {
    Fingerprint print;
    print.add({17}, 1, 3, 5);
    print.add(at, phase, name, meaning);
    print.add({19}, 1, 3, 5);
    values.insert(print.value());
    ++tried;
  };
  for (std::uint8_t phase = 0; phase < 5; ++phase) add({18}, phase, kName, 99);
  for (int bit = 0; bit < 61; ++bit) add({18 ^ (std::int64_t{1} << bit)}, 0, kName, 99);
  for (int bit = 0; bit < 64; ++bit) add({18}, 0, kName, 99 ^ (std::uint64_t{1} << bit));
  REQUIRE(values.size() == tried);
}
