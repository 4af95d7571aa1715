// PowerTree: utility, generators, UPS lineups, distribution and the racks below them.
//
// Computes: the power that flows through every device from what the racks draw, which devices and
//   racks have power, and when the next thing happens by itself (a trip, an empty battery, the end
//   of a transfer, a generator that is up).
//   A device or rack with supply `shared` draws equal parts from all of its live feeds; with
//   `first` all of it from the first live feed in the order of its list. So
//     N+1   a bus shared by N+1 feeds;
//     2N    racks shared by two feeds;
//     4N3   racks shared by two of four lineups (distributed), or `first` of a primary and a
//           reserve (block redundant): a lost lineup loads the other three by a third each.
//   A lost device loads its partners at the same moment. One whose feeds are all dead lives on its
//   battery, E = charge - integral of load dt, and dies with it. With a live feed again it draws
//   `recharge` from it, beside its load, until the battery is full. A feed that takes over from a
//   dead one does so after `transfer`; a generator is asked for when no feed before it lives and is
//   up `start` later. A device trips by its curve (trip_curve.hpp) and stays off until repaired.
// Units: W, J, s; inside 10^-6 W in integers, so that a load that comes and goes leaves nothing.
// Source: structure as in Zhang et al., "Flex", ISCA'21 (4N/3 distributed redundancy) and Fu et
// al.,
//   ASPLOS'20; a dead feed is ridden through for 12 ms by the power supplies of servers
//   (missioncriticalmagazine.com/articles/87820, "The lithium-ion UPS").
// Cost: a change costs the devices between it and the sources, once each; a device that dies or
//   comes back costs what is below it. Nothing costs the fleet. A reading costs O(1).
// Valid range: loads up to 10^12 W; feeds without cycles (checked).
// Leaves out: losses (they are in the PUE; those of charging too), reactive power, phases,
//   selectivity of breakers.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/time.hpp>

#include "model/power/trip_curve.hpp"

namespace hyperdc {

using DeviceId = Id<struct PowerDeviceTag>;
using LoadId = Id<struct PowerLoadTag>;

enum class Supply { shared, first };

/// A dead time up to this long is bridged by the power supplies of the servers.
inline constexpr Duration kRideThrough{12'000'000};

struct PowerDeviceSpec {
  std::string name;
  std::optional<double> capacity_w;  // nothing: whatever is asked for
  std::vector<DeviceId> feeds;       // none: a source
  Supply supply = Supply::first;
  TripCurve curve;
  Duration transfer;               // from a dead feed to the next live one
  double battery_j = 0;            // full at the start
  double recharge_w = 0;           // while a feed lives, until it is full; loads the feed
  std::optional<Duration> starts;  // a source that runs only while it is asked for
};

struct PowerLoadSpec {
  std::vector<DeviceId> feeds;  // at least one
  Supply supply = Supply::first;
};

struct PowerEvent {
  enum class Kind { tripped, battery_empty, on_battery, transferred, generator_up, died, revived };
  SimTime at;
  Kind kind = Kind::tripped;
  DeviceId device;
};

class PowerTree {
 public:
  /// Feeds must not form a cycle and must exist: InvariantError.
  PowerTree(std::vector<PowerDeviceSpec> devices, std::vector<PowerLoadSpec> loads);

  /// Lets everything happen that is due up to and at `now`.
  void advance(SimTime now);
  /// When something happens by itself if nothing is changed from outside.
  std::optional<SimTime> next_event() const;

  // Changes from outside, at the moment of the last advance(); settle() carries them through.
  void set_load_w(LoadId load, double watts);  // what it draws while it has power
  void fail(DeviceId device);
  void repair(DeviceId device);  // of a failure or a trip; cold
  void settle();

  double load_w(DeviceId device) const;
  /// Load over capacity; 0 for a device without capacity.
  double share(DeviceId device) const;
  double capacity_w(DeviceId device) const { return *spec_[device.value].capacity_w; }
  bool has_capacity(DeviceId device) const { return spec_[device.value].capacity_w.has_value(); }
  bool live(DeviceId device) const { return nodes_[device.value].live; }
  bool up(DeviceId device) const { return nodes_[device.value].up; }
  bool overloaded(DeviceId device) const { return nodes_[device.value].trip.overloaded(); }
  bool on_battery(DeviceId device) const { return nodes_[device.value].on_battery; }
  double charge_j(DeviceId device, SimTime at) const;
  double damage(DeviceId device, SimTime at) const { return nodes_[device.value].trip.damage(at); }
  bool live(LoadId load) const { return nodes_[node_of(load)].live; }
  double demand_w(LoadId load) const;
  /// 0: nothing below it; above the height of everything it feeds.
  std::uint32_t height(DeviceId device) const { return nodes_[device.value].rank; }
  std::size_t devices() const { return spec_.size(); }
  std::size_t loads() const { return nodes_.size() - spec_.size(); }
  const PowerDeviceSpec& spec(DeviceId device) const { return spec_[device.value]; }

  struct Below {
    LoadId load;
    double part = 0;  // of what the load draws that flows through the device
  };
  /// The live loads that a device feeds now, in the order of loads.
  std::vector<Below> below(DeviceId device) const;

  // What happened since the last call, in order of time.
  std::vector<PowerEvent> take_events() { return std::exchange(events_, {}); }
  /// Loads that lost or got back their power, and devices whose load changed; in order of ids.
  std::vector<LoadId> take_switched_loads();
  std::vector<DeviceId> take_changed_devices();

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  struct Node {
    std::vector<std::uint32_t> feeds, children;
    std::vector<std::int64_t> drawn_uw;  // by feed
    std::vector<bool> asks;              // by feed: a generator is asked for
    Supply supply = Supply::first;
    std::uint32_t rank = 0;    // 0 without children; above every child's
    std::int64_t load_uw = 0;  // what flows out; of a load what it would draw
    bool up = true;            // not failed, not tripped
    bool live = false;         // has power to give
    bool on_battery = false;
    bool recharging = false;       // draws for its battery, too
    bool running = false;          // of a generator
    std::uint32_t askers = 0;      // of a generator
    std::uint32_t active = kNone;  // place in feeds; supply `first`
    std::optional<SimTime> switches_at, starts_at, empty_at, full_at;
    double charge_j = 0;
    SimTime charge_since;
    TripState trip;
    std::optional<SimTime> due;  // its entry in due_
    bool switched = false, changed = false;
  };
  using Ranked = std::pair<std::uint32_t, std::uint32_t>;  // rank, node

  std::uint32_t node_of(LoadId load) const {
    return static_cast<std::uint32_t>(spec_.size()) + load.value;
  }
  bool is_load(std::uint32_t node) const { return node >= spec_.size(); }
  void link();
  void rank_nodes();
  void note(PowerEvent::Kind kind, std::uint32_t node);
  void handle_due(std::uint32_t node);
  bool source_lives(std::uint32_t node) const;
  void choose_feed(std::uint32_t node);
  void ask_generators(std::uint32_t node);
  bool has_input(std::uint32_t node) const;
  void evaluate(std::uint32_t node);
  void account_charge(std::uint32_t node);
  std::vector<std::int64_t> draws(std::uint32_t node) const;
  void draw(std::uint32_t node);
  void plan(std::uint32_t node);

  std::vector<PowerDeviceSpec> spec_;
  std::vector<Node> nodes_;  // devices, then loads
  SimTime now_;
  bool built_ = false;
  std::set<std::pair<SimTime, std::uint32_t>> due_;
  std::set<Ranked> down_, up_;  // to be evaluated; to draw anew
  std::set<std::uint32_t> plan_;
  std::vector<PowerEvent> events_;
  std::vector<LoadId> switched_;
  std::vector<DeviceId> changed_;
};

}  // namespace hyperdc
