// Scores worked out by hand from the equations at the head of each policy.
#include <array>
#include <catch2/catch.hpp>
#include <set>

#include "unit/policy/placement_cases.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

TEST_CASE("every placement is listed once, under its own name") {
  std::set<std::string> names;
  for (const PlacementEntry& entry : placements()) {
    CHECK(names.insert(std::string(entry.name)).second);
    CHECK_FALSE(entry.doc.empty());
    CHECK(make_placement(entry.name) != nullptr);
  }
  CHECK(names == std::set<std::string>{"first-fit", "random", "best-fit", "worst-fit",
                                       "dot-product", "gpu-packing", "gpu-clustering", "fgd",
                                       "lowest-carbon"});
}

TEST_CASE("cores, model and devices decide whether a job fits") {
  const Node n = node(10, {1000, 600, 0, 1000}, 0, 2);
  CHECK(fits(cpu(10), n.view()));
  CHECK_FALSE(fits(cpu(11), n.view()));
  CHECK(fits(part(1, 600), n.view()));
  CHECK(fits(whole(1, 2), n.view()));
  CHECK_FALSE(fits(whole(1, 3), n.view()));
  const Node shared = node(10, {700, 600});
  CHECK(fits(part(1, 700), shared.view()));
  CHECK_FALSE(fits(part(1, 701), shared.view()));
  Request asks = part(1, 100);
  asks.models = 1;
  CHECK_FALSE(fits(asks, n.view()));
  asks.models = 3;
  CHECK(fits(asks, n.view()));
  // A job without accelerators runs on any server, whatever models it names.
  Request on_cpu = cpu(1);
  on_cpu.models = 1;
  CHECK(fits(on_cpu, n.view()));
  CHECK_FALSE(fits(part(1, 1), node(10, {}, 0, 0).view()));
}

TEST_CASE("best-fit, worst-fit and dot-product, by hand") {
  const Node n = node(64, {1000, 1000, 1000, 1000});
  // rest = 56/128/2 + 3/8/2 = 0.40625
  CHECK(make_placement("best-fit")->score(whole(8, 1), n.view()) == 59);
  CHECK(make_placement("worst-fit")->score(whole(8, 1), n.view()) == 40);
  // product = (64/128 * 8/128 + 4/8 * 1/8) / 2 = 0.046875
  CHECK(make_placement("dot-product")->score(whole(8, 1), n.view()) == 95);
  // rest = 60/128/2 + 3.54/8/2 = 0.455625
  CHECK(make_placement("best-fit")->score(part(4, 460), n.view()) == 54);
  CHECK(make_placement("worst-fit")->score(part(4, 460), n.view()) == 45);
  // product = (64/128 * 4/128 + 4/8 * 0.46/8) / 2 = 0.0221875
  CHECK(make_placement("dot-product")->score(part(4, 460), n.view()) == 97);
  CHECK(make_placement("best-fit")->score(cpu(64), node(64, {}).view()) == 100);
  CHECK(make_placement("worst-fit")->score(cpu(64), node(64, {}).view()) == 0);
}

TEST_CASE("the scales of best-fit are parameters") {
  for (const PlacementEntry& entry : placements()) {
    if (entry.name != "best-fit") continue;
    Params params;
    params.set("cores_scale", 256.0);
    params.set("accelerators_scale", 16.0);
    // rest = 56/256/2 + 3/16/2 = 0.203125
    CHECK(entry.make(params, {})->score(whole(8, 1), node(64, {1000, 1000, 1000, 1000}).view()) ==
          79);
  }
}

TEST_CASE("servers beyond the scales still come in order") {
  const auto best = make_placement("best-fit");
  const std::vector<std::uint16_t> sixteen(16, 1000);
  const std::int64_t large = best->score(cpu(1), node(400, sixteen).view());
  const std::int64_t larger = best->score(cpu(1), node(500, sixteen).view());
  CHECK(large < 0);
  CHECK(larger < large);
}

TEST_CASE("gpu-packing, by hand") {
  const auto packing = make_placement("gpu-packing");
  const auto score = [&](const Request& request, std::vector<std::uint16_t> left) {
    return packing->score(request, node(64, std::move(left)).view());
  };
  CHECK(score(cpu(1), {1000, 500}) == 0);
  CHECK(score(whole(1, 1), std::vector<std::uint16_t>(8, 1000)) == 25);   // 33 - 8
  CHECK(score(whole(1, 1), std::vector<std::uint16_t>(2, 1000)) == 31);   // 33 - 2
  CHECK(score(part(1, 10), std::vector<std::uint16_t>(32, 1000)) == 32);  // max(33 - 32, 32)
  CHECK(score(whole(1, 1), {200, 1000, 1000, 500}) == 49);
  CHECK(score(whole(1, 2), {200, 1000, 1000, 500}) == 48);
  CHECK(score(part(1, 600), {200, 1000, 1000, 500}) == 49);
  CHECK(score(part(1, 300), {200, 1000, 1000, 500}) == 95);  // 100 - 50 / 10
  CHECK(score(part(1, 200), {200, 1000, 1000, 500}) == 98);
  CHECK(score(part(1, 300), {459, 460}) == 96);  // 45.9 % counts as 45, 4.5 as 4
  CHECK(score(whole(1, 20), [] {
          std::vector<std::uint16_t> left(21, 1000);
          left[0] = 1;
          return left;
        }()) == 33);  // max(50 - 20, 33)
  // The artefact's own test case: two devices of 200 each, on those with 200 and 500 left.
  CHECK(score({100, 0, 2, 200, 0}, {200, 1000, 1000, 500}) == 93);
}

TEST_CASE("gpu-clustering, by hand") {
  const auto clustering = make_placement("gpu-clustering");
  CHECK(clustering->uses_holds());
  const auto score = [&](const Request& request, std::uint64_t holds) {
    return clustering->score(request, node(64, {1000, 1000, 1000, 1000}, holds).view());
  };
  constexpr std::uint64_t kShare = 1, kOne = 2, kTwo = 4;
  // b = 25 * (8000 - 4000) / 8000 = 12
  CHECK(score(cpu(1), kShare) == 0);
  CHECK(score(part(1, 500), kShare) == 87);
  CHECK(score(whole(1, 1), kOne) == 87);
  CHECK(score(part(1, 500), kShare | kTwo) == 62);
  CHECK(score(whole(1, 2), 0) == 37);
  CHECK(score(whole(1, 2), kOne) == 12);
  CHECK(score(part(1, 500), kOne) == 12);
  CHECK(score(whole(1, 1), kShare) == 12);  // one whole device is not a share
  // 25 * 1 / 8000 = 0: truncated
  const Node almost = node(64, {1000, 1000, 1000, 1000, 1000, 1000, 1000, 999}, kShare);
  CHECK(clustering->score(part(1, 1), almost.view()) == 75);
}

TEST_CASE("first-fit and random have nothing to score") {
  CHECK(make_placement("first-fit")->choice() == Placement::Choice::first_in_order);
  CHECK(make_placement("random")->choice() == Placement::Choice::uniform_random);
  CHECK(make_placement("fgd")->choice() == Placement::Choice::best_score);
}

namespace {

// Half of the jobs share a device (400/1000, 4 cores), 30 % take two devices and 8 cores, 20 %
// none.
const std::array<JobMixEntry, 3> kMix = {{{part(4, 400), 0.5}, {whole(8, 2), 0.3}, {cpu(1), 0.2}}};

}  // namespace

TEST_CASE("fgd, by hand") {
  // typical_share 0.95 keeps all three kinds.
  const auto fgd = make_placement("fgd", kMix);
  const Node n = node(10, {1000, 600, 300, 0});
  // F = 0.5 * 300 + 0.3 * 1900 + 0.2 * 1900 = 1100. A job of 300/1000 and 2 cores leaves
  //   on the first device   0.5 * 300 + 0.5 * 1600 =  950: sigmoid(0.15) = 0.5374
  //   on the second         0.5 * 600 + 0.5 * 1600 = 1100: sigmoid(0)    = 0.5
  //   on the third          0.5 *   0 + 0.5 * 1600 =  800: sigmoid(0.3)  = 0.5744
  CHECK(fgd->score(part(2, 300), n.view()) == 57);
  CHECK(fgd->devices(part(2, 300), n.view(), 0) == 0b0100);
  // One whole device: 0.5 * 300 + 0.5 * 900 = 600: sigmoid(0.5) = 0.6225.
  CHECK(fgd->score(whole(2, 1), n.view()) == 62);
  CHECK(fgd->devices(whole(2, 1), n.view(), 0) == 0b0001);
  // Seven cores leave three: nothing fits, all 1900 is lost: sigmoid(-0.8) = 0.3100.
  CHECK(fgd->score(cpu(7), n.view()) == 31);
  CHECK(fgd->devices(cpu(7), n.view(), 0) == 0);
  // Five cores leave five: the two-device jobs did not fit before either.
  CHECK(fgd->score(cpu(5), n.view()) == 50);
}

TEST_CASE("fgd takes the lowest of the devices with the best score") {
  const auto fgd = make_placement("fgd", kMix);
  CHECK(fgd->devices(part(1, 300), node(10, {0, 300, 1000, 300}).view(), 0) == 0b0010);
  // 100/1000 from one device with 900 or 800 left: both reach 50 when truncated, so the first.
  CHECK(fgd->devices(part(1, 1), node(64, {901, 801}).view(), 0) == 0b01);
}

TEST_CASE("fgd without a mix does not prefer any server") {
  const auto fgd = make_placement("fgd");
  CHECK(fgd->score(whole(1, 1), node(64, {1000, 1000}).view()) == 50);
  CHECK(fgd->score(part(1, 100), node(64, {1000, 500}).view()) == 50);
}
