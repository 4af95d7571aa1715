#include "model/power/power_tree.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "support/instants.hpp"
#include "support/random_pool.hpp"

namespace hyperdc {
namespace {

using test::at_s;

using Kind = PowerEvent::Kind;

PowerDeviceSpec device(std::string name, double capacity_w, std::vector<DeviceId> feeds,
                       Supply supply = Supply::first) {
  PowerDeviceSpec spec;
  spec.name = std::move(name);
  spec.capacity_w = capacity_w;
  spec.feeds = std::move(feeds);
  spec.supply = supply;
  return spec;
}

std::vector<Kind> kinds(const std::vector<PowerEvent>& events, DeviceId of) {
  std::vector<Kind> out;
  for (const PowerEvent& event : events) {
    if (event.device == of) out.push_back(event.kind);
  }
  return out;
}

TEST_CASE("loads add up to the root, and a load that comes and goes leaves nothing") {
  PowerTree tree({device("utility", 100, {}), device("row", 50, {DeviceId{0}})},
                 {{{DeviceId{1}}, Supply::first}, {{DeviceId{1}}, Supply::first}});
  tree.set_load_w(LoadId{0}, 0.1);
  tree.set_load_w(LoadId{1}, 0.2);
  tree.settle();
  CHECK(tree.load_w(DeviceId{0}) == Approx(0.3));
  CHECK(tree.share(DeviceId{1}) == Approx(0.3 / 50));
  tree.set_load_w(LoadId{0}, 0);
  tree.set_load_w(LoadId{1}, 0);
  tree.settle();
  CHECK(tree.load_w(DeviceId{0}) == 0.0);
}

TEST_CASE("2N: each of two feeds carries half, the survivor all") {
  PowerTree tree({device("a", 100, {}), device("b", 100, {})},
                 {{{DeviceId{0}, DeviceId{1}}, Supply::shared}});
  tree.set_load_w(LoadId{0}, 90);
  tree.settle();
  CHECK(tree.load_w(DeviceId{0}) == 45);
  CHECK(tree.load_w(DeviceId{1}) == 45);
  tree.fail(DeviceId{0});
  tree.settle();
  CHECK(tree.load_w(DeviceId{0}) == 0);
  CHECK(tree.load_w(DeviceId{1}) == 90);
  CHECK(tree.live(LoadId{0}));
  tree.fail(DeviceId{1});
  tree.settle();
  CHECK(!tree.live(LoadId{0}));
  CHECK(tree.take_switched_loads() == std::vector<LoadId>{LoadId{0}});
  tree.repair(DeviceId{1});
  tree.settle();
  CHECK(tree.live(LoadId{0}));
  CHECK(tree.load_w(DeviceId{1}) == 90);
}

TEST_CASE("N+1: a bus shared by three modules of which two are enough") {
  std::vector<PowerDeviceSpec> devices{device("m0", 50, {}), device("m1", 50, {}),
                                       device("m2", 50, {})};
  PowerDeviceSpec bus;
  bus.feeds = {DeviceId{0}, DeviceId{1}, DeviceId{2}};
  bus.supply = Supply::shared;
  devices.push_back(bus);
  PowerTree tree(std::move(devices), {{{DeviceId{3}}, Supply::first}});
  tree.set_load_w(LoadId{0}, 90);
  tree.settle();
  for (std::uint32_t m = 0; m < 3; ++m) CHECK(tree.load_w(DeviceId{m}) == 30);
  tree.fail(DeviceId{1});
  tree.settle();
  CHECK(tree.load_w(DeviceId{0}) == 45);
  CHECK(tree.load_w(DeviceId{1}) == 0);
  CHECK(tree.load_w(DeviceId{2}) == 45);
}

TEST_CASE("a trip takes every load below and waits for a repair") {
  // 130 W on a row of 100 W that holds 130 % for 60 s: trips at 60 s. Its loads go, nothing else.
  std::vector<PowerDeviceSpec> devices{device("utility", 1000, {}),
                                       device("row1", 100, {DeviceId{0}}),
                                       device("row2", 100, {DeviceId{0}})};
  devices[1].curve = TripCurve({{1.1, 100}, {1.3, 60}}, 300);
  PowerTree tree(std::move(devices), {{{DeviceId{1}}, Supply::first},
                                      {{DeviceId{1}}, Supply::first},
                                      {{DeviceId{2}}, Supply::first}});
  tree.set_load_w(LoadId{0}, 80);
  tree.set_load_w(LoadId{1}, 50);
  tree.set_load_w(LoadId{2}, 90);
  tree.settle();
  CHECK(tree.next_event() == at_s(60));
  tree.advance(at_s(60));
  CHECK(!tree.live(LoadId{0}));
  CHECK(!tree.live(LoadId{1}));
  CHECK(tree.live(LoadId{2}));
  CHECK(tree.load_w(DeviceId{0}) == 90);
  CHECK(kinds(tree.take_events(), DeviceId{1}) == std::vector<Kind>{Kind::tripped, Kind::died});
  tree.set_load_w(LoadId{0}, 40);
  tree.advance(at_s(100));
  CHECK(!tree.live(DeviceId{1}));
  tree.repair(DeviceId{1});
  tree.settle();
  CHECK(tree.live(LoadId{0}));
  CHECK(tree.load_w(DeviceId{1}) == 90);
  CHECK(!tree.next_event());
}

TEST_CASE("a cascade: the partner that takes over trips in its turn") {
  // Two feeds at 60 % each (2N that is no longer 2N). a fails at 0: b goes to 120 %, which its
  // curve holds for 30 s; then nothing has power.
  std::vector<PowerDeviceSpec> devices{device("a", 100, {}), device("b", 100, {})};
  devices[1].curve = TripCurve({{1.2, 30}, {1.5, 5}}, 300);
  PowerTree tree(std::move(devices), {{{DeviceId{0}, DeviceId{1}}, Supply::shared}});
  tree.set_load_w(LoadId{0}, 120);
  tree.settle();
  CHECK(!tree.next_event());
  tree.fail(DeviceId{0});
  tree.settle();
  CHECK(tree.share(DeviceId{1}) == Approx(1.2));
  CHECK(tree.next_event() == at_s(30));
  tree.advance(at_s(30));
  CHECK(!tree.live(LoadId{0}));
}

/// utility, generator (up after 20 s) -> ups (battery `minutes` at 60 W) -> one rack of 60 W.
PowerTree with_generator(double battery_j) {
  std::vector<PowerDeviceSpec> devices{device("utility", 1000, {}), device("generator", 1000, {}),
                                       device("ups", 100, {DeviceId{0}, DeviceId{1}})};
  devices[1].starts = whole_seconds(20);
  devices[2].battery_j = battery_j;
  devices[2].recharge_w = 6;
  devices[2].transfer = whole_seconds(5);
  PowerTree tree(std::move(devices), {{{DeviceId{2}}, Supply::first}});
  tree.set_load_w(LoadId{0}, 60);
  tree.settle();
  return tree;
}

TEST_CASE("the battery bridges the start of the generator and the transfer to it") {
  // Utility lost at 10 s. Generator up at 30 s, transfer done at 35 s: 25 s * 60 W = 1500 J of
  // 2000 J are used. From 35 s it recharges with 6 W: 500 + 6 * 100 = 1100 J at 135 s.
  PowerTree tree = with_generator(2000);
  tree.advance(at_s(10));
  tree.fail(DeviceId{0});
  tree.settle();
  CHECK(tree.on_battery(DeviceId{2}));
  CHECK(tree.load_w(DeviceId{0}) == 0);
  CHECK(tree.load_w(DeviceId{1}) == 0);
  CHECK(tree.next_event() == at_s(30));
  tree.advance(at_s(32));
  CHECK(tree.live(DeviceId{1}));
  CHECK(tree.on_battery(DeviceId{2}));
  tree.advance(at_s(35));
  CHECK(!tree.on_battery(DeviceId{2}));
  CHECK(tree.load_w(DeviceId{1}) == 66);
  CHECK(tree.below(DeviceId{1}).front().part == 1);
  CHECK(tree.charge_j(DeviceId{2}, at_s(35)) == Approx(500));
  CHECK(tree.charge_j(DeviceId{2}, at_s(135)) == Approx(1100));
  CHECK(tree.live(LoadId{0}));
  CHECK(tree.take_switched_loads().empty());
  // The utility is back: make before break, and the generator stops.
  tree.advance(at_s(200));
  tree.repair(DeviceId{0});
  tree.settle();
  CHECK(tree.load_w(DeviceId{0}) == 66);
  CHECK(tree.load_w(DeviceId{1}) == 0);
  CHECK(!tree.live(DeviceId{1}));
  // 1500 J at 6 W are 250 s: full at 285 s.
  CHECK(tree.next_event() == at_s(285));
  tree.advance(at_s(285));
  CHECK(tree.load_w(DeviceId{0}) == 60);
  CHECK(tree.charge_j(DeviceId{2}, at_s(400)) == 2000);
  CHECK(!tree.next_event());
}

TEST_CASE("a battery that is too small is the end, until the generator has the load") {
  // 900 J at 60 W: empty 15 s after the loss. The generator (20 s) and the transfer (5 s) bring
  // the rack back 25 s after it.
  PowerTree tree = with_generator(900);
  tree.advance(at_s(10));
  tree.fail(DeviceId{0});
  tree.advance(at_s(24.9));
  CHECK(tree.live(LoadId{0}));
  CHECK(tree.next_event() == at_s(25));
  tree.advance(at_s(25));
  CHECK(!tree.live(LoadId{0}));
  tree.advance(at_s(34));
  CHECK(!tree.live(LoadId{0}));
  tree.advance(at_s(35));
  CHECK(tree.live(LoadId{0}));
}

TEST_CASE("a change of the load changes when the battery is empty") {
  // 2000 J: 10 s at 60 W leave 1400 J, then 140 W last 10 s: empty 20 s after the loss.
  std::vector<PowerDeviceSpec> devices{device("utility", 1000, {}),
                                       device("ups", 1000, {DeviceId{0}})};
  devices[1].battery_j = 2000;
  PowerTree tree(std::move(devices), {{{DeviceId{1}}, Supply::first}});
  tree.set_load_w(LoadId{0}, 60);
  tree.settle();
  tree.fail(DeviceId{0});
  tree.advance(at_s(10));
  tree.set_load_w(LoadId{0}, 140);
  tree.settle();
  CHECK(tree.next_event() == at_s(20));
  tree.advance(at_s(20));
  CHECK(!tree.live(LoadId{0}));
}

TEST_CASE("feeds in a cycle and feeds that do not exist are refused") {
  CHECK_THROWS_AS(PowerTree({device("a", 1, {DeviceId{1}}), device("b", 1, {DeviceId{0}})}, {}),
                  InvariantError);
  CHECK_THROWS_AS(PowerTree({device("a", 1, {DeviceId{7}})}, {}), InvariantError);
}

// ---- against a slow and obvious one ----

struct Slow {
  std::vector<PowerDeviceSpec> devices;
  std::vector<PowerLoadSpec> loads;
  std::vector<bool> up;
  std::vector<double> watts;

  bool live(DeviceId d) const {
    if (!up[d.value]) return false;
    if (devices[d.value].feeds.empty()) return true;
    for (const DeviceId feed : devices[d.value].feeds) {
      if (live(feed)) return true;
    }
    return false;
  }
  /// What a consumer of `want` watts draws from `from`.
  double drawn(const std::vector<DeviceId>& feeds, Supply supply, double want,
               DeviceId from) const {
    int n = 0;
    bool first = false;
    bool among = false;
    for (const DeviceId feed : feeds) {
      if (!live(feed)) continue;
      if (n == 0) first = feed == from;
      among = among || feed == from;
      ++n;
    }
    if (supply == Supply::first) return first ? want : 0;
    return among ? want / n : 0;
  }
  double load(DeviceId d) const {
    if (!live(d)) return 0;
    double sum = 0;
    for (std::size_t i = 0; i < loads.size(); ++i) {
      sum += drawn(loads[i].feeds, loads[i].supply, watts[i], d);
    }
    for (std::size_t i = 0; i < devices.size(); ++i) {
      const DeviceId child{static_cast<std::uint32_t>(i)};
      const auto& feeds = devices[i].feeds;
      if (std::find(feeds.begin(), feeds.end(), d) == feeds.end() || !live(child)) continue;
      sum += drawn(devices[i].feeds, devices[i].supply, load(child), d);
    }
    return sum;
  }
};

/// Three layers: sources, lineups, rows; each with one to three feeds of the layer above.
Slow random_facility(test::Dice& dice) {
  Slow slow;
  const auto some = [&](std::uint32_t first, std::uint32_t n) {
    std::vector<DeviceId> out;
    for (std::uint32_t k = 0; k < n; ++k) {
      if (dice.below(2) == 0) out.push_back(DeviceId{first + k});
    }
    if (out.empty()) out.push_back(DeviceId{first + dice.below(n)});
    return out;
  };
  const auto supply = [&] { return dice.below(2) == 0 ? Supply::shared : Supply::first; };
  for (int i = 0; i < 2; ++i) slow.devices.push_back(device("s", 1e4, {}));
  for (int i = 0; i < 4; ++i) slow.devices.push_back(device("u", 1e3, some(0, 2), supply()));
  for (int i = 0; i < 5; ++i) slow.devices.push_back(device("r", 500, some(2, 4), supply()));
  for (int i = 0; i < 12; ++i) slow.loads.push_back({some(6, 5), supply()});
  slow.up.assign(slow.devices.size(), true);
  slow.watts.assign(slow.loads.size(), 0);
  return slow;
}

TEST_CASE("the tree and a recursion over all of it agree after every change") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test::Dice dice(seed);
    Slow slow = random_facility(dice);
    PowerTree tree(slow.devices, slow.loads);
    for (int step = 0; step < 100; ++step) {
      if (dice.below(3) == 0) {
        const DeviceId d{dice.below(static_cast<std::uint32_t>(slow.devices.size()))};
        slow.up[d.value] = !slow.up[d.value];
        slow.up[d.value] ? tree.repair(d) : tree.fail(d);
      } else {
        const LoadId l{dice.below(static_cast<std::uint32_t>(slow.loads.size()))};
        slow.watts[l.value] = dice.below(1000);
        tree.set_load_w(l, slow.watts[l.value]);
      }
      if (dice.below(3) == 0) continue;  // several changes at once
      tree.settle();
      for (std::uint32_t i = 0; i < slow.devices.size(); ++i) {
        INFO("seed " << seed << " step " << step << " device " << i);
        REQUIRE(tree.live(DeviceId{i}) == slow.live(DeviceId{i}));
        REQUIRE(std::fabs(tree.load_w(DeviceId{i}) - slow.load(DeviceId{i})) < 1e-4);
        double below = 0;  // what the loads below send through it
        for (const auto& [load, part] : tree.below(DeviceId{i})) {
          below += part * slow.watts[load.value];
        }
        REQUIRE(std::fabs(below - slow.load(DeviceId{i})) < 1e-3);
      }
    }
  }
}

}  // namespace
}  // namespace hyperdc
