#include "network/fabric.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr double kMostBytes = 9007199254740992.0;  // 2^53: doubles are whole numbers up to here
constexpr double kNsOfSecond = static_cast<double>(kNsPerSecond);
constexpr double kMostNs = 9.2e18;  // below 2^63

std::vector<double> capacities_of(const Topology& topology, double efficiency) {
  std::vector<double> capacities;
  capacities.reserve(topology.links());
  for (std::uint32_t l = 0; l < topology.links(); ++l) {
    capacities.push_back(topology.link({l}).capacity_Bps * efficiency);
  }
  return capacities;
}

}  // namespace

SharedFabric::SharedFabric(std::shared_ptr<const Topology> topology, const Options& options)
    : topology_(std::move(topology)),
      efficiency_(options.efficiency),
      ecmp_(options.seed),
      sharing_(capacities_of(*topology_, efficiency_), {.longest_path = topology_->longest_path(),
                                                        .tolerance = options.tolerance,
                                                        .attempt = options.attempt}),
      dead_(topology_->links(), 0),
      link_bytes_(topology_->links(), 0) {}

const SharedFabric::Flow& SharedFabric::flow_at(FlowId flow) const {
  HYPERDC_CHECK(flow.value < flows_.size() && flows_[flow.value].state != State::absent,
                "there is no flow " + std::to_string(flow.value));
  return flows_[flow.value];
}

/// Settles what changed before the clock moves on, and sees that no end is passed.
void SharedFabric::move_to(SimTime now) {
  if (now == now_) return;
  HYPERDC_CHECK(now > now_, "the clock of a fabric does not go back");
  settle();
  HYPERDC_CHECK(ends_.empty() || ends_.top().at >= now, "the clock passed the end of a flow");
  now_ = now;
}

void SharedFabric::settle() {
  for (const FlowId flow : sharing_.settle()) set_rate(flow, sharing_.rate_Bps(flow));
}

double SharedFabric::left_now(FlowId id) const {
  const Flow& flow = flows_[id.value];
  if (ends_.due(id, now_)) return 0;  // whatever the rounding of a double says
  return std::max(0.0, flow.left - flow.rate_Bps * to_seconds(now_ - flow.since));
}

void SharedFabric::update(FlowId id) {
  Flow& flow = flows_[id.value];
  if (flow.since == now_) return;
  flow.left = left_now(id);
  flow.since = now_;
}

void SharedFabric::set_rate(FlowId id, double rate_Bps) {
  update(id);
  flows_[id.value].rate_Bps = rate_Bps;
  plan_end(id);
}

void SharedFabric::plan_end(FlowId id) {
  const Flow& flow = flows_[id.value];
  double ns = 0;
  if (flow.left > 0 && flow.rate_Bps < kNoCap_Bps) {
    ns = std::ceil(flow.left / flow.rate_Bps * kNsOfSecond);  // a rate of 0 gives infinity
  }
  if (ns < kMostNs - static_cast<double>(flow.since.ns)) {
    ends_.set({flow.since + nanoseconds(static_cast<std::int64_t>(ns)), flow.order, id});
  } else {
    ends_.erase(id);
  }
}

std::uint64_t SharedFabric::sent_bytes(FlowId id) const {
  return flows_[id.value].spec.bytes - static_cast<std::uint64_t>(std::ceil(left_now(id)));
}

std::optional<std::uint32_t> SharedFabric::choice(FlowId id) const {
  const Flow& flow = flow_at(id);
  if (flow.state != State::running) return std::nullopt;
  return flow.choice;
}

FlowId SharedFabric::start(const FlowSpec& spec, SimTime now) {
  HYPERDC_CHECK(spec.from.value < topology_->hosts() && spec.to.value < topology_->hosts(),
                "a flow goes from a host to a host");
  HYPERDC_CHECK(static_cast<double>(spec.bytes) <= kMostBytes, "a flow has at most 2^53 bytes");
  HYPERDC_CHECK(spec.weight > 0 && std::isfinite(spec.weight) && spec.cap_Bps > 0,
                "weights and caps are above 0");
  move_to(now);
  FlowId id{static_cast<std::uint32_t>(flows_.size())};
  if (free_.empty()) {
    flows_.emplace_back();
  } else {
    id = {free_.back()};
    free_.pop_back();
  }
  Flow& flow = flows_[id.value];
  flow = Flow{};
  flow.spec = spec;
  flow.order = started_++;
  flow.left = static_cast<double>(spec.bytes);
  flow.since = now_;
  ++live_;
  bytes_.offered += spec.bytes;
  if (spec.from == spec.to) {
    flow.state = State::local;
    set_rate(id, spec.cap_Bps);
  } else {
    route(id);
  }
  return id;
}

bool SharedFabric::alive(const LinkPath& path) const {
  if (dead_links_ == 0) return true;
  return std::ranges::none_of(path.links(), [&](LinkId link) { return dead_[link.value] != 0; });
}

/// The path that the hash chooses; when it is dead, one of those alive, by the hash. Its links are
/// then in path_.
std::optional<std::uint32_t> SharedFabric::living_choice(const Flow& flow) {
  const std::uint32_t n = topology_->choices(flow.spec.from, flow.spec.to);
  const std::uint64_t hash = ecmp_.hash(flow.spec);
  const auto is_alive = [&](std::uint32_t choice) {
    topology_->path(flow.spec.from, flow.spec.to, choice, path_);
    return alive(path_);
  };
  const std::uint32_t first = ecmp_.choose(hash, n);
  if (is_alive(first)) return first;
  std::uint32_t living = 0;
  for (std::uint32_t choice = 0; choice < n; ++choice) living += is_alive(choice) ? 1 : 0;
  if (living == 0) return std::nullopt;
  std::uint32_t skip = ecmp_.choose(hash, living, 1);
  for (std::uint32_t choice = 0;; ++choice) {
    if (is_alive(choice) && skip-- == 0) return choice;
  }
}

Duration SharedFabric::latency_of(const LinkPath& path) const {
  Duration all;
  for (const LinkId link : path.links()) all = all + topology_->link(link).latency;
  return all;
}

/// Puts a flow that is on no path on one, or among those that wait.
void SharedFabric::route(FlowId id) {
  Flow& flow = flows_[id.value];
  const std::optional<std::uint32_t> choice = living_choice(flow);
  if (!choice) {
    flow.state = State::waiting;
    waiting_.push_back(id);
    set_rate(id, 0);
    return;
  }
  flow.state = State::running;
  flow.choice = *choice;
  flow.latency = latency_of(path_);
  sharing_.add(id, path_, flow.spec.weight, flow.spec.cap_Bps);
  plan_end(id);  // a flow without bytes ends now; any other when its rate is known
}

/// Takes a running flow off its links; it keeps what it has left.
void SharedFabric::leave_path(FlowId id) {
  Flow& flow = flows_[id.value];
  count_bytes(flow, sent_bytes(id));
  update(id);
  sharing_.remove(id);
  flow.rate_Bps = 0;
}

void SharedFabric::count_bytes(Flow& flow, std::uint64_t sent) {
  topology_->path(flow.spec.from, flow.spec.to, flow.choice, path_);
  for (const LinkId link : path_.links()) link_bytes_[link.value] += sent - flow.counted;
  flow.counted = sent;
}

void SharedFabric::count_live(SimTime now) {
  move_to(now);
  settle();
  for (std::uint32_t id = 0; id < flows_.size(); ++id) {
    if (flows_[id].state == State::running) count_bytes(flows_[id], sent_bytes({id}));
  }
}

double SharedFabric::greedy_Bps(FlowId flow) {
  settle();
  return flow_at(flow).state == State::running ? sharing_.greedy_Bps(flow) : 0;
}

Duration SharedFabric::alone(const FlowSpec& spec) const {
  double rate = spec.cap_Bps;
  Duration latency;
  if (spec.from != spec.to) {
    LinkPath path;
    topology_->path(spec.from, spec.to, 0, path);
    for (const LinkId link : path.links()) rate = std::min(rate, capacity_Bps(link));
    latency = latency_of(path);
  }
  if (spec.bytes == 0 || rate == kNoCap_Bps) return latency;
  const double ns = std::ceil(static_cast<double>(spec.bytes) / rate * kNsOfSecond);
  HYPERDC_CHECK(ns < kMostNs - static_cast<double>(latency.ns), "a flow takes over 292 years");
  return latency + nanoseconds(static_cast<std::int64_t>(ns));
}

void SharedFabric::free(FlowId id) {
  flows_[id.value].state = State::absent;
  free_.push_back(id.value);
  --live_;
}

std::uint64_t SharedFabric::cancel(FlowId id, SimTime now) {
  const Flow& flow = flow_at(id);
  move_to(now);
  const std::uint64_t sent = sent_bytes(id);
  if (flow.state == State::running) leave_path(id);
  if (flow.state == State::waiting) std::erase(waiting_, id);
  ends_.erase(id);
  bytes_.delivered += sent;
  bytes_.withdrawn += flow.spec.bytes - sent;
  free(id);
  return sent;
}

void SharedFabric::set_capacity(LinkId link, double fraction, SimTime now) {
  HYPERDC_CHECK(link.value < dead_.size(), "there is no such link");
  HYPERDC_CHECK(fraction >= 0 && fraction <= 1, "a link has between none and all of its capacity");
  move_to(now);
  sharing_.set_capacity(link, capacity_Bps(link) * fraction);
  const bool was_dead = dead_[link.value] != 0;
  const bool is_dead = fraction == 0;
  if (was_dead == is_dead) return;
  dead_[link.value] = is_dead ? 1 : 0;
  dead_links_ += is_dead ? 1 : std::size_t{0} - 1;
  moving_.clear();
  if (is_dead) {
    for (const MaxMin::Member& member : sharing_.members(link)) moving_.push_back({member.flow});
    std::ranges::sort(moving_, {}, [&](FlowId id) { return flows_[id.value].order; });
    for (const FlowId id : moving_) leave_path(id);
  } else {
    std::swap(moving_, waiting_);
  }
  for (const FlowId id : moving_) route(id);
}

double SharedFabric::load(LinkId link) {
  settle();
  return sharing_.load_Bps(link);
}

double SharedFabric::rate(FlowId flow) {
  settle();
  return flow_at(flow).rate_Bps;
}

Duration SharedFabric::path_latency(EndpointId from, EndpointId to) const {
  LinkPath path;
  topology_->path(from, to, 0, path);
  return latency_of(path);
}

std::optional<FlowEnd> SharedFabric::next_end() {
  settle();
  if (ends_.empty()) return std::nullopt;
  const EndHeap::Entry& first = ends_.top();
  return FlowEnd{first.flow, first.at, first.at + flows_[first.flow.value].latency};
}

/// The integral of the rate is the bytes, to 1 ns and to rounding.
void SharedFabric::check_end(FlowId id) const {
  const Flow& flow = flows_[id.value];
  if (flow.rate_Bps == kNoCap_Bps) return;
  const double passed = flow.rate_Bps * to_seconds(now_ - flow.since);
  const double rounding = 1e-12 * static_cast<double>(flow.spec.bytes);
  HYPERDC_CHECK(passed >= flow.left - rounding, "a flow ended before all was sent");
  HYPERDC_CHECK(passed - flow.left <= flow.rate_Bps / kNsOfSecond + rounding,
                "a flow ended more than 1 ns late");
}

std::span<const FlowEnd> SharedFabric::advance(SimTime now) {
  move_to(now);
  settle();
  ended_.clear();
  while (!ends_.empty() && ends_.top().at == now_) {
    const FlowId id = ends_.top().flow;
    Flow& flow = flows_[id.value];
    ended_.push_back({id, now_, now_ + flow.latency});
    check_end(id);
    ends_.erase(id);
    if (flow.state == State::running) {
      count_bytes(flow, flow.spec.bytes);
      sharing_.remove(id);
    } else if (flow.state == State::waiting) {
      std::erase(waiting_, id);  // it has sent all, in the moment in which its path died
    }
    bytes_.delivered += flow.spec.bytes;
    free(id);
  }
  return ended_;
}

FabricBytes SharedFabric::bytes() const {
  FabricBytes all = bytes_;
  for (const Flow& flow : flows_) {
    if (flow.state != State::absent) all.in_flight += flow.spec.bytes;
  }
  return all;
}

}  // namespace hyperdc
