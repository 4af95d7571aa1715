// One UPS lineup of a 4N3 block is lost at 95 % load: the overload, the trip, the cap, the cascade.
#include <catch2/catch.hpp>
#include <cmath>

#include "model/power/capping.hpp"
#include "model/power/power_tree.hpp"
#include "model/power/throttle.hpp"
#include "support/instants.hpp"

namespace hyperdc {
namespace {

using test::at_s;

constexpr double kLineup_w = 1e6;

/// 125 % for 30 s and 150 % for 10 s.
TripCurve ups_curve() {
  return TripCurve({{1.03, 600}, {1.25, 30}, {1.5, 10}, {2.0, 0.2}}, 600);
}

/// Four lineups; racks in six groups, one for each pair of lineups, that draw half from each
/// (distributed redundancy). At 95 % of four lineups each group draws 3.8 MW / 6 = 633.3 kW.
PowerTree block_4n3() {
  std::vector<PowerDeviceSpec> lineups(4);
  for (PowerDeviceSpec& lineup : lineups) {
    lineup.capacity_w = kLineup_w;
    lineup.curve = ups_curve();
  }
  std::vector<PowerLoadSpec> groups;
  for (std::uint32_t a = 0; a < 4; ++a) {
    for (std::uint32_t b = a + 1; b < 4; ++b) {
      groups.push_back({{DeviceId{a}, DeviceId{b}}, Supply::shared});
    }
  }
  PowerTree tree(std::move(lineups), std::move(groups));
  for (std::uint32_t g = 0; g < 6; ++g) tree.set_load_w(LoadId{g}, 0.95 * 4 * kLineup_w / 6);
  tree.settle();
  return tree;
}

/// log t is a line in log r: 30 s * (r / 1.25) ^ (ln(10/30) / ln(1.5/1.25)).
/// r = 0.95 * 4/3 = 1.266667: r / 1.25 = 1.013333, exponent -6.02569, so 30 s * 0.923290.
constexpr double kTrip_s = 27.6987;

TEST_CASE("4N3 at 95 %: the three lineups that are left go to 126.7 %") {
  PowerTree tree = block_4n3();
  for (std::uint32_t i = 0; i < 4; ++i) CHECK(tree.share(DeviceId{i}) == Approx(0.95));
  CHECK(!tree.next_event());
  tree.advance(at_s(12));
  tree.fail(DeviceId{0});
  tree.settle();
  // Three groups shared with lineup 0; each partner takes the other half of one: 316.7 kW more.
  for (std::uint32_t i = 1; i < 4; ++i) CHECK(tree.share(DeviceId{i}) == Approx(0.95 * 4 / 3));
  CHECK(to_seconds(*tree.next_event()) == Approx(12 + kTrip_s).epsilon(1e-6));
}

TEST_CASE("block redundancy: reserves spread over the other lineups come to the same") {
  // 12 groups: for each lineup three, with one reserve at each other lineup.
  std::vector<PowerDeviceSpec> lineups(4);
  for (PowerDeviceSpec& lineup : lineups) lineup.capacity_w = kLineup_w;
  std::vector<PowerLoadSpec> groups;
  for (std::uint32_t a = 0; a < 4; ++a) {
    for (std::uint32_t b = 0; b < 4; ++b) {
      if (a != b) groups.push_back({{DeviceId{a}, DeviceId{b}}, Supply::first});
    }
  }
  PowerTree tree(std::move(lineups), std::move(groups));
  for (std::uint32_t g = 0; g < 12; ++g) tree.set_load_w(LoadId{g}, 0.95 * kLineup_w / 3);
  tree.settle();
  CHECK(tree.share(DeviceId{2}) == Approx(0.95));
  tree.fail(DeviceId{0});
  tree.settle();
  for (std::uint32_t i = 1; i < 4; ++i) CHECK(tree.share(DeviceId{i}) == Approx(0.95 * 4 / 3));
}

TEST_CASE("without caps the block is dark 27.7 s after the loss") {
  PowerTree tree = block_4n3();
  tree.advance(at_s(12));
  tree.fail(DeviceId{0});
  tree.advance(at_s(12 + kTrip_s - 0.01));
  CHECK(tree.take_switched_loads().empty());
  tree.advance(at_s(12 + kTrip_s + 0.01));
  // All three carried the same and trip at the same moment; no group has a feed left.
  int trips = 0;
  for (const PowerEvent& event : tree.take_events()) {
    trips += event.kind == PowerEvent::Kind::tripped ? 1 : 0;
  }
  CHECK(trips == 3);
  CHECK(tree.take_switched_loads().size() == 6);
}

TEST_CASE("with unequal lineups the cascade speeds up from trip to trip") {
  // 100 kW more on the pair of lineups 1 and 2. After the loss 1 and 2 are at 131.67 %, 3 at
  // 126.67 %. 1 and 2 trip at 30 * (1.316667/1.25)^-6.02569 = 21.9355 s; all of the load that still
  // has a feed is then on 3: groups 0-3, 1-3, 2-3 = 1.9 MW, 190 %: between (150 %, 10 s) and
  // (200 %, 0.2 s) that is 10 * (1.9/1.5)^(ln(0.02)/ln(4/3)) = 0.4017 s when cold. Damage so far
  // 21.9355/27.6987 = 0.79193, so 3 holds 0.20807 * 0.4017 = 0.0836 s more.
  PowerTree tree = block_4n3();
  tree.set_load_w(LoadId{3}, 0.95 * 4 * kLineup_w / 6 + 100e3);
  tree.settle();
  tree.fail(DeviceId{0});
  tree.settle();
  CHECK(to_seconds(*tree.next_event()) == Approx(21.9355).epsilon(1e-4));
  tree.advance(*tree.next_event());
  CHECK(!tree.live(DeviceId{1}));
  CHECK(!tree.live(DeviceId{2}));
  CHECK(tree.share(DeviceId{3}) == Approx(1.9));
  CHECK(to_seconds(*tree.next_event()) == Approx(21.9355 + 0.0836).epsilon(1e-4));
}

std::vector<CapLeaf> leaves(double floor_share, const PowerTree& tree) {
  std::vector<CapLeaf> out;
  for (std::uint32_t g = 0; g < 6; ++g) {
    const double watts = tree.demand_w(LoadId{g});
    out.push_back({watts, floor_share * watts, 0});
  }
  return out;
}

TEST_CASE("the cap beats the trip: a quarter less power, 8 s after the loss") {
  // Lost at 12 s. Measured every 5 s: seen at 15 s. Decided 1 s and carried out 4 s later: 20 s,
  // that is 8 s after the loss and 19.7 s before the trip. To 95 %: 1 - 0.95 / 1.266667 = 25 %
  // less; to 100 % it would be 21.05 %.
  PowerTree tree = block_4n3();
  Capping capping({whole_seconds(5), whole_seconds(1), whole_seconds(4)}, 4);
  const std::vector<CapLeaf> racks = leaves(0.4, tree);
  const auto needed = [&] {
    for (std::uint32_t i = 0; i < 4; ++i) capping.note(tree, DeviceId{i});
    return capping.needed();
  };
  CHECK(!needed());
  tree.advance(at_s(12));
  tree.fail(DeviceId{0});
  tree.settle();
  CHECK(needed());
  const SimTime seen = capping.next_measurement(at_s(12));
  CHECK(seen == at_s(15));
  tree.advance(seen);
  const auto caps = capping.measure(tree, racks);
  const SimTime acts = capping.acts_at(seen);
  CHECK(acts == at_s(20));
  CHECK(acts < *tree.next_event());
  tree.advance(acts);
  for (std::uint32_t g = 0; g < 6; ++g) {
    REQUIRE(caps[g]);
    CHECK(*caps[g] == Approx(0.75 * racks[g].demand_w));
    tree.set_load_w(LoadId{g}, *caps[g]);
  }
  tree.settle();
  for (std::uint32_t i = 1; i < 4; ++i) CHECK(tree.share(DeviceId{i}) == Approx(0.95));
  CHECK(tree.damage(DeviceId{1}, acts) == Approx(8 / kTrip_s).epsilon(1e-5));
  CHECK(!tree.next_event());
  // Still limited at the next measurement, with the same caps: the demand is what it was.
  tree.advance(at_s(25));
  const auto again = capping.measure(tree, racks);
  for (std::uint32_t g = 0; g < 6; ++g) CHECK(*again[g] == Approx(*caps[g]));
  CHECK(capping.limited(DeviceId{1}));
  // The lineup is back and the racks would draw 1 % less: 94 %, not above the target.
  tree.repair(DeviceId{0});
  tree.settle();
  std::vector<CapLeaf> less = racks;
  for (CapLeaf& rack : less) rack.demand_w *= 0.99;
  for (const auto& cap : capping.measure(tree, less)) CHECK(!cap);
  CHECK(!capping.limited(DeviceId{1}));
  CHECK(!needed());
}

TEST_CASE("the trip beats a cap that takes 30 s") {
  PowerTree tree = block_4n3();
  const Capping capping({whole_seconds(5), whole_seconds(10), whole_seconds(20)}, 4);
  tree.fail(DeviceId{0});
  tree.settle();
  CHECK(capping.acts_at(capping.next_measurement(at_s(0))) > *tree.next_event());
}

TEST_CASE("the lowest priority gives first, and only what is missing comes from the next") {
  // One device of 100 W. 60 W of priority 0 (floor 30), 60 W of priority 5 (floor 10): 120 %.
  // Target 80 %: 40 W must go; priority 0 gives its 30 W, priority 5 the other 10.
  std::vector<PowerDeviceSpec> devices(1);
  devices[0].capacity_w = 100;
  PowerTree tree(std::move(devices),
                 {{{DeviceId{0}}, Supply::first}, {{DeviceId{0}}, Supply::first}});
  tree.set_load_w(LoadId{0}, 60);
  tree.set_load_w(LoadId{1}, 60);
  tree.settle();
  const std::vector<CapLeaf> racks{{60, 10, 5}, {60, 30, 0}};
  const std::vector<DeviceId> limited{DeviceId{0}};
  const auto check = [&](double target, double first_w, double second_w) {
    const std::vector<double> allowed = allowed_power(tree, racks, limited, target);
    CHECK(allowed[0] == Approx(first_w));
    CHECK(allowed[1] == Approx(second_w));
  };
  check(0.8, 50, 30);
  check(1.15, 60, 55);  // 5 W must go: all from priority 0
  check(0.1, 10, 30);   // nothing below the floors, however little is allowed
}

TEST_CASE("a cap near the racks counts for the devices above") {
  // Row of 100 W with 120 W below it, and 90 W beside it, under one lineup of 200 W (210 W). The
  // row goes to 100 W first; the lineup then has 190 W and needs nothing more.
  std::vector<PowerDeviceSpec> devices(2);
  devices[0].capacity_w = 200;
  devices[1].capacity_w = 100;
  devices[1].feeds = {DeviceId{0}};
  PowerTree tree(std::move(devices),
                 {{{DeviceId{1}}, Supply::first}, {{DeviceId{0}}, Supply::first}});
  tree.set_load_w(LoadId{0}, 120);
  tree.set_load_w(LoadId{1}, 90);
  tree.settle();
  const std::vector<CapLeaf> racks{{120, 0, 0}, {90, 0, 0}};
  const std::vector<DeviceId> limited{DeviceId{0}, DeviceId{1}};
  const std::vector<double> allowed = allowed_power(tree, racks, limited, 1.0);
  CHECK(allowed[0] == Approx(100));
  CHECK(allowed[1] == 90);
}

TEST_CASE("a capped server runs slower, and never faster than it did") {
  // idle 100, busy 300, exponent 2: cap 175 W leaves 75/300 = 1/4 of the dynamic power: f = 1/2.
  const ThrottleModel square{2, 0.2, 1};
  CHECK(clock_under_cap(square, 100, 300, 175) == Approx(0.5));
  CHECK(power_at_clock(square, 100, 300, 0.5) == Approx(175));
  CHECK(slowdown_at_clock(square, 0.5) == Approx(2));
  // Half of the work waits for memory: 0.5 / 0.5 + 0.5 = 1.5 times as long.
  CHECK(slowdown_at_clock({2, 0.2, 0.5}, 0.5) == Approx(1.5));
  CHECK(clock_under_cap(square, 100, 300, 400) == 1);
  CHECK(clock_under_cap(square, 100, 300, 90) == 0.2);
  for (double cap = 90; cap < 450; cap += 7) {
    CHECK(slowdown_at_clock(square, clock_under_cap(square, 100, 300, cap)) >= 1);
  }
}

}  // namespace
}  // namespace hyperdc
