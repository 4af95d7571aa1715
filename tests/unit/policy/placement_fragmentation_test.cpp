#include <catch2/catch.hpp>

#include "policy/placement/fragmentation.hpp"
#include "support/random_pool.hpp"
#include "unit/policy/placement_cases.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

TEST_CASE("the typical mix is the shortest prefix that has the share") {
  const std::vector<JobMixEntry> mix = {
      {cpu(1), 0.5}, {cpu(2), 0.3}, {cpu(3), 0.15}, {cpu(4), 0.05}};
  const auto typical = typical_mix(mix, 0.95);
  REQUIRE(typical.size() == 3);
  CHECK(typical[0].share == Approx(0.5 / 0.95));
  CHECK(typical[2].share == Approx(0.15 / 0.95));
  CHECK(typical_mix(mix, 0.951).size() == 4);
  CHECK(typical_mix(mix, 0.8).size() == 2);
  CHECK(typical_mix(mix, 1).size() == 4);
  CHECK(typical_mix(mix, 0.01).size() == 1);
  CHECK(typical_mix({}, 0.95).empty());
}

TEST_CASE("fragmentation by hand") {
  const std::vector<JobMixEntry> mix = {{part(4, 400), 0.5}, {whole(8, 2), 0.3}, {cpu(1), 0.2}};
  const Fragmentation f(mix);
  // 400/1000 fits: 300 is lost to it. Two devices do not: 1900. No accelerator asked: 1900.
  CHECK(f.of(node(10, {1000, 600, 300, 0}).view()) == Approx(0.5 * 300 + 0.5 * 1900));
  // Too few cores for anything: all is lost.
  CHECK(f.of(node(3, {1000, 600, 300, 0}).view()) == Approx(1900));
  // All free: only jobs without accelerators cannot use it.
  CHECK(f.of(node(64, {1000, 1000, 1000, 1000}).view()) == Approx(0.2 * 4000));
  CHECK(f.of(node(64, {0, 0}).view()) == 0);
  CHECK(f.of(node(64, {}, 0, 0).view()) == 0);
}

TEST_CASE("a server of another model is all fragment") {
  Request on_two = whole(1, 1);
  on_two.models = 2;
  const std::vector<JobMixEntry> mix = {{on_two, 0.75}, {part(1, 500), 0.25}};
  const Fragmentation f(mix);
  CHECK(f.of(node(64, {1000, 400}, 0, 2).view()) == Approx(0.75 * 400 + 0.25 * 400));
  CHECK(f.of(node(64, {1000, 400}, 0, 4).view()) == Approx(0.75 * 1400 + 0.25 * 400));
}

TEST_CASE("shares need not sum to one") {
  const std::vector<JobMixEntry> once = {{part(4, 400), 0.7}, {whole(8, 2), 0.3}};
  const std::vector<JobMixEntry> thrice = {{part(4, 400), 2.1}, {whole(8, 2), 0.9}};
  const Node n = node(6, {1000, 300, 700});
  CHECK(Fragmentation(once).of(n.view()) == Approx(Fragmentation(thrice).of(n.view())));
}

TEST_CASE("the table of weights equals the sum over kinds, to the last bit") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Dice dice(seed);
    std::vector<JobMixEntry> mix;
    for (int i = 0; i < 30; ++i) mix.push_back({random_request(dice), 1.0 + dice.below(100)});
    const Fragmentation f(mix);
    for (int i = 0; i < 2000; ++i) {
      std::vector<std::uint16_t> left(1 + dice.below(16));
      for (auto& milli : left) {
        milli = static_cast<std::uint16_t>(dice.below(3) == 0 ? 1000 : dice.below(1001));
      }
      const ModelSet model = ModelSet{1} << dice.below(4);
      Node n = node(0, std::move(left), 0, model);
      n.cores_left_milli = dice.below(10000);
      REQUIRE(f.scaled(n.view()) == f.scaled_by_kind(n.view()));
    }
  }
}

TEST_CASE("a mix of thousands of kinds needs no table") {
  Dice dice(9);
  std::vector<JobMixEntry> mix;
  for (std::int64_t i = 0; i < 3000; ++i) {
    mix.push_back({{1 + i * 17, 0, 1, 1 + static_cast<std::int32_t>(i % 1000), 0}, 1});
  }
  const Fragmentation f(mix);
  const Node n = node(20, {1000, 500});
  double expected = 0;
  for (const JobMixEntry& kind : mix) {
    const int milli = kind.request.accelerator_milli;
    const bool fits_cores = kind.request.cores_milli <= 20000;
    expected += !fits_cores ? 1500 : milli > 500 ? 500 : 0;
  }
  CHECK(f.of(n.view()) == Approx(expected / 3000).epsilon(1e-6));
}
