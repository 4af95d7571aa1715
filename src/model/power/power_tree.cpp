#include "model/power/power_tree.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

namespace {

constexpr double kMicro = 1e-6;

std::int64_t micro(double watts) {
  return std::llround(watts / kMicro);
}

}  // namespace

PowerTree::PowerTree(std::vector<PowerDeviceSpec> devices, std::vector<PowerLoadSpec> loads)
    : spec_(std::move(devices)) {
  nodes_.resize(spec_.size() + loads.size());
  const auto connect = [&](std::size_t i, const std::vector<DeviceId>& feeds, Supply supply) {
    nodes_[i].supply = supply;
    for (const DeviceId feed : feeds) {
      HYPERDC_CHECK(feed.value < spec_.size(), "a feed that does not exist");
      nodes_[i].feeds.push_back(feed.value);
    }
  };
  for (std::size_t i = 0; i < spec_.size(); ++i) connect(i, spec_[i].feeds, spec_[i].supply);
  for (std::size_t i = 0; i < loads.size(); ++i) {
    HYPERDC_CHECK(!loads[i].feeds.empty(), "a load without a feed");
    connect(spec_.size() + i, loads[i].feeds, loads[i].supply);
  }
  link();
  rank_nodes();
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) down_.insert({nodes_[i].rank, i});
  settle();
  built_ = true;
  events_.clear();
  switched_.clear();
  for (Node& node : nodes_) node.switched = false;
}

void PowerTree::link() {
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    node.drawn_uw.assign(node.feeds.size(), 0);
    node.asks.assign(node.feeds.size(), false);
    for (const std::uint32_t feed : node.feeds) nodes_[feed].children.push_back(i);
    if (!is_load(i)) node.charge_j = spec_[i].battery_j;
  }
}

/// Kahn's order from the loads up; what is left over lies on a cycle.
void PowerTree::rank_nodes() {
  std::vector<std::size_t> waiting(nodes_.size());
  std::vector<std::uint32_t> ready;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    waiting[i] = nodes_[i].children.size();
    if (waiting[i] == 0) ready.push_back(i);
  }
  std::size_t done = 0;
  while (!ready.empty()) {
    const std::uint32_t child = ready.back();
    ready.pop_back();
    ++done;
    for (const std::uint32_t feed : nodes_[child].feeds) {
      nodes_[feed].rank = std::max(nodes_[feed].rank, nodes_[child].rank + 1);
      if (--waiting[feed] == 0) ready.push_back(feed);
    }
  }
  HYPERDC_CHECK(done == nodes_.size(), "feeds form a cycle");
}

void PowerTree::note(PowerEvent::Kind kind, std::uint32_t node) {
  events_.push_back({now_, kind, DeviceId{node}});
}

void PowerTree::advance(SimTime now) {
  settle();
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto [at, node] = *due_.begin();
    now_ = std::max(now_, at);
    due_.erase(due_.begin());
    nodes_[node].due.reset();
    handle_due(node);
    settle();
  }
  HYPERDC_CHECK(now_ <= now, "power goes back in time");
  now_ = now;
}

std::optional<SimTime> PowerTree::next_event() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

void PowerTree::handle_due(std::uint32_t i) {
  Node& node = nodes_[i];
  const auto is_due = [&](const std::optional<SimTime>& at) { return at && *at <= now_; };
  if (node.up && is_due(node.trip.trips_at())) {
    node.up = false;
    note(PowerEvent::Kind::tripped, i);
  }
  if (is_due(node.starts_at)) {
    node.starts_at.reset();
    node.running = true;
    note(PowerEvent::Kind::generator_up, i);
  }
  if (is_due(node.empty_at)) {
    node.empty_at.reset();
    node.charge_j = 0;
    node.charge_since = now_;
    note(PowerEvent::Kind::battery_empty, i);
  }
  if (is_due(node.full_at)) {
    node.full_at.reset();
    node.charge_j = spec_[i].battery_j;
    node.charge_since = now_;
  }
  down_.insert({node.rank, i});
  plan_.insert(i);
}

void PowerTree::set_load_w(LoadId load, double watts) {
  const std::uint32_t i = node_of(load);
  nodes_[i].load_uw = micro(watts);
  up_.insert({nodes_[i].rank, i});
}

void PowerTree::fail(DeviceId device) {
  nodes_[device.value].up = false;
  down_.insert({nodes_[device.value].rank, device.value});
}

void PowerTree::repair(DeviceId device) {
  Node& node = nodes_[device.value];
  node.up = true;
  node.trip.reset(now_);
  down_.insert({node.rank, device.value});
}

bool PowerTree::source_lives(std::uint32_t i) const {
  return !spec_[i].starts || nodes_[i].running;
}

/// Supply `first`: which feed serves now. A feed that takes over from a dead one comes after the
/// transfer time; the way back to an earlier feed makes before it breaks.
void PowerTree::choose_feed(std::uint32_t i) {
  Node& node = nodes_[i];
  const auto live = std::find_if(node.feeds.begin(), node.feeds.end(),
                                 [&](std::uint32_t feed) { return nodes_[feed].live; });
  const bool switching_done = node.switches_at && *node.switches_at <= now_;
  if (live == node.feeds.end()) {
    node.active = kNone;
    node.switches_at.reset();
    return;
  }
  const auto best = static_cast<std::uint32_t>(live - node.feeds.begin());
  const bool served = node.active != kNone && nodes_[node.feeds[node.active]].live;
  const Duration transfer = is_load(i) ? Duration{} : spec_[i].transfer;
  const bool at_once = !built_ || transfer <= kRideThrough || best == 0;
  if (served || at_once || switching_done) {
    if (built_ && node.active != best && !is_load(i)) note(PowerEvent::Kind::transferred, i);
    node.active = best;
    node.switches_at.reset();
    return;
  }
  node.active = kNone;
  if (!node.switches_at) node.switches_at = now_ + transfer;
}

bool PowerTree::has_input(std::uint32_t i) const {
  const Node& node = nodes_[i];
  if (node.feeds.empty()) return source_lives(i);
  if (node.supply == Supply::first) return node.active != kNone;
  return std::any_of(node.feeds.begin(), node.feeds.end(),
                     [&](std::uint32_t feed) { return nodes_[feed].live; });
}

/// A generator is asked for while no feed before it (shared: no other feed) lives.
void PowerTree::ask_generators(std::uint32_t i) {
  Node& node = nodes_[i];
  bool before = false;
  for (const std::uint32_t feed : node.feeds) {
    const bool generator = spec_[feed].starts.has_value();
    if (node.supply == Supply::shared && !generator) before = before || nodes_[feed].live;
  }
  for (std::size_t k = 0; k < node.feeds.size(); ++k) {
    const std::uint32_t feed = node.feeds[k];
    Node& source = nodes_[feed];
    if (spec_[feed].starts) {
      const bool asks = node.up && !before;
      if (asks != node.asks[k]) {
        node.asks[k] = asks;
        source.askers += asks ? 1 : -1;
        down_.insert({source.rank, feed});
      }
    }
    if (node.supply == Supply::first) before = before || source.live;
  }
}

/// Is there power, by which feed, and who below must know?
void PowerTree::evaluate(std::uint32_t i) {
  Node& node = nodes_[i];
  const bool was_live = node.live;
  const bool was_on_battery = node.on_battery;
  if (!is_load(i)) account_charge(i);
  if (node.supply == Supply::first && !node.feeds.empty()) choose_feed(i);
  ask_generators(i);
  if (!is_load(i) && spec_[i].starts) {
    if (node.askers == 0 || !node.up) {
      node.running = false;
      node.starts_at.reset();
    } else if (!node.running && !node.starts_at) {
      node.starts_at = now_ + *spec_[i].starts;
    }
  }
  const bool input = has_input(i);
  node.on_battery = node.up && !input && node.charge_j > 0;
  node.live = node.up && (input || node.on_battery);
  node.recharging = !is_load(i) && node.live && input && spec_[i].recharge_w > 0 &&
                    node.charge_j < spec_[i].battery_j;
  if (node.on_battery && !was_on_battery) note(PowerEvent::Kind::on_battery, i);
  if (!is_load(i)) plan_.insert(i);
  up_.insert({node.rank, i});
  if (node.live == was_live) return;
  if (is_load(i)) {
    if (!node.switched) switched_.push_back(LoadId{i - static_cast<std::uint32_t>(spec_.size())});
    node.switched = true;
  } else {
    note(node.live ? PowerEvent::Kind::revived : PowerEvent::Kind::died, i);
  }
  for (const std::uint32_t child : node.children) down_.insert({nodes_[child].rank, child});
}

/// Brings the charge up to now, as the battery was used until now.
void PowerTree::account_charge(std::uint32_t i) {
  Node& node = nodes_[i];
  const PowerDeviceSpec& spec = spec_[i];
  if (spec.battery_j <= 0) return;
  node.charge_j = charge_j(DeviceId{i}, now_);
  node.charge_since = now_;
}

double PowerTree::charge_j(DeviceId device, SimTime at) const {
  const Node& node = nodes_[device.value];
  const PowerDeviceSpec& spec = spec_[device.value];
  const double passed_s = to_seconds(at - node.charge_since);
  double flow_w = 0;
  if (node.on_battery) {
    flow_w = -static_cast<double>(node.load_uw) * kMicro;
  } else if (node.live) {
    flow_w = spec.recharge_w;
  }
  return std::clamp(node.charge_j + flow_w * passed_s, 0.0, spec.battery_j);
}

/// What the node takes from each of its feeds: whole 10^-6 W, the remainder from the first ones.
std::vector<std::int64_t> PowerTree::draws(std::uint32_t i) const {
  const Node& node = nodes_[i];
  std::vector<std::int64_t> out(node.feeds.size(), 0);
  if (!node.up || !node.live || node.on_battery) return out;
  const std::int64_t sum = node.load_uw + (node.recharging ? micro(spec_[i].recharge_w) : 0);
  if (node.supply == Supply::first) {
    if (node.active != kNone) out[node.active] = sum;
    return out;
  }
  std::int64_t n = 0;
  for (const std::uint32_t feed : node.feeds) n += nodes_[feed].live ? 1 : 0;
  if (n == 0) return out;
  std::int64_t rest = sum % n;
  for (std::size_t k = 0; k < node.feeds.size(); ++k) {
    if (!nodes_[node.feeds[k]].live) continue;
    out[k] = sum / n + (rest > 0 ? 1 : 0);
    rest = std::max<std::int64_t>(0, rest - 1);
  }
  return out;
}

void PowerTree::draw(std::uint32_t i) {
  Node& node = nodes_[i];
  std::vector<std::int64_t> wanted = draws(i);
  for (std::size_t k = 0; k < node.feeds.size(); ++k) {
    const std::int64_t more = wanted[k] - node.drawn_uw[k];
    if (more == 0) continue;
    const std::uint32_t feed = node.feeds[k];
    Node& parent = nodes_[feed];
    plan_.insert(feed);
    account_charge(feed);  // at the old load
    parent.load_uw += more;
    if (!parent.changed) changed_.push_back(DeviceId{feed});
    parent.changed = true;
    up_.insert({parent.rank, feed});
  }
  node.drawn_uw = std::move(wanted);
}

/// When this device will do something by itself.
void PowerTree::plan(std::uint32_t i) {
  constexpr double kFar_s = 250.0 * 365 * 86400;
  Node& node = nodes_[i];
  node.trip.set(now_, spec_[i].curve, node.up && node.live ? share(DeviceId{i}) : 0.0);
  node.empty_at.reset();
  if (node.on_battery && node.load_uw > 0) {
    account_charge(i);
    const double left_s = node.charge_j / (static_cast<double>(node.load_uw) * kMicro);
    if (left_s < kFar_s) {
      node.empty_at = now_ + Duration{static_cast<std::int64_t>(std::ceil(left_s * 1e9))};
    }
  }
  node.full_at.reset();
  if (node.recharging) {
    account_charge(i);
    const double left_s = (spec_[i].battery_j - node.charge_j) / spec_[i].recharge_w;
    if (left_s < kFar_s) {
      node.full_at = now_ + Duration{static_cast<std::int64_t>(std::ceil(left_s * 1e9))};
    }
  }
  std::optional<SimTime> due;
  const auto earliest = [&](const std::optional<SimTime>& at) {
    if (at && (!due || *at < *due)) due = at;
  };
  if (node.up) earliest(node.trip.trips_at());
  earliest(node.empty_at);
  earliest(node.full_at);
  earliest(node.switches_at);
  earliest(node.starts_at);
  if (due == node.due) return;
  if (node.due) due_.erase({*node.due, i});
  node.due = due;
  if (due) due_.insert({*due, i});
}

void PowerTree::settle() {
  while (!down_.empty()) {
    const std::uint32_t node = std::prev(down_.end())->second;  // the highest first
    down_.erase(std::prev(down_.end()));
    evaluate(node);
  }
  while (!up_.empty()) {
    const std::uint32_t node = up_.begin()->second;  // the lowest first
    up_.erase(up_.begin());
    draw(node);
  }
  for (const std::uint32_t node : plan_) plan(node);
  plan_.clear();
}

double PowerTree::load_w(DeviceId device) const {
  const Node& node = nodes_[device.value];
  return static_cast<double>(node.load_uw) * kMicro;
}

double PowerTree::share(DeviceId device) const {
  const std::optional<double>& capacity = spec_[device.value].capacity_w;
  return capacity ? load_w(device) / *capacity : 0.0;
}

double PowerTree::demand_w(LoadId load) const {
  return static_cast<double>(nodes_[node_of(load)].load_uw) * kMicro;
}

std::vector<PowerTree::Below> PowerTree::below(DeviceId device) const {
  // Nodes of falling rank: a node's part is complete before it is passed on.
  std::set<Ranked, std::greater<>> open{{nodes_[device.value].rank, device.value}};
  std::map<std::uint32_t, double> part_of{{device.value, 1.0}};
  std::vector<Below> out;
  while (!open.empty()) {
    const std::uint32_t i = open.begin()->second;
    open.erase(open.begin());
    const double part = part_of[i];
    if (is_load(i)) {
      out.push_back({LoadId{i - static_cast<std::uint32_t>(spec_.size())}, part});
      continue;
    }
    for (const std::uint32_t child : nodes_[i].children) {
      const Node& c = nodes_[child];
      if (!c.live || c.load_uw == 0) continue;
      const auto drawn = static_cast<double>(
          std::accumulate(c.drawn_uw.begin(), c.drawn_uw.end(), std::int64_t{}));
      for (std::size_t k = 0; k < c.feeds.size(); ++k) {
        if (c.feeds[k] != i || c.drawn_uw[k] == 0) continue;
        part_of[child] += part * static_cast<double>(c.drawn_uw[k]) / drawn;
        open.insert({c.rank, child});
      }
    }
  }
  std::sort(out.begin(), out.end(), [](const Below& a, const Below& b) { return a.load < b.load; });
  return out;
}

std::vector<LoadId> PowerTree::take_switched_loads() {
  std::vector<LoadId> out = std::exchange(switched_, {});
  for (const LoadId load : out) nodes_[node_of(load)].switched = false;
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<DeviceId> PowerTree::take_changed_devices() {
  std::vector<DeviceId> out = std::exchange(changed_, {});
  for (const DeviceId device : out) nodes_[device.value].changed = false;
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace hyperdc
