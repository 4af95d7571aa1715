#include "network/fabric.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "network/flow/constant.hpp"
#include "network/flow/max_min.hpp"

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

std::unique_ptr<Sharing> make_sharing(const Topology& topology,
                                      const SharedFabric::Options& options) {
  std::vector<double> capacities = capacities_of(topology, options.efficiency);
  const FlowSharing kind = options.rules.sharing;
  if (kind == FlowSharing::constant) return std::make_unique<ConstantRates>(std::move(capacities));
  MaxMin::Options exact;
  exact.longest_path = topology.longest_path();
  exact.tolerance = kind == FlowSharing::approximate ? kApproximate : options.tolerance;
  exact.attempt = options.attempt;
  return std::make_unique<MaxMin>(std::move(capacities), exact);
}

/// A cable from a switch to an endpoint or its NIC.
bool leads_to_endpoint(const Topology& topology, LinkId link) {
  const LinkEnds ends = topology.ends(link);
  return topology.link(link).tier == 0 && ends.from >= topology.hosts() && ends.from > ends.to;
}

}  // namespace

SharedFabric::SharedFabric(std::shared_ptr<const Topology> topology, const Options& options)
    : topology_(std::move(topology)),
      efficiency_(options.efficiency),
      limits_(options.rules.incast.has_value() || options.rules.contention < 1),
      rules_(options.rules),
      router_(*topology_, options.rules, options.seed,
              capacities_of(*topology_, options.efficiency)),
      sharing_(make_sharing(*topology_, options)),
      link_bytes_(topology_->links(), 0) {
  HYPERDC_CHECK(rules_.contention > 0 && rules_.contention <= 1, "contention is a share");
  HYPERDC_CHECK(!rules_.incast || (rules_.incast->factor > 0 && rules_.incast->factor <= 1),
                "incast leaves a share");
  HYPERDC_CHECK(!limits_ || rules_.sharing != FlowSharing::constant,
                "flows that do not share have neither incast nor contention");
  if (limits_) fraction_.assign(topology_->links(), 1);
}

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
  for (const FlowId flow : sharing_->settle()) set_rate(flow, sharing_->rate_Bps(flow));
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

std::optional<PathChoice> SharedFabric::route(FlowId id) const {
  const Flow& flow = flow_at(id);
  if (flow.state != State::running || router_.spreads()) return std::nullopt;
  return flow.route;
}

std::optional<std::uint32_t> SharedFabric::choice(FlowId id) const {
  const std::optional<PathChoice> on = route(id);
  if (!on || on->detour || on->around) return std::nullopt;
  return on->choice;
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
    put_on_path(id);
  }
  return id;
}

Duration SharedFabric::latency_of(const LinkPath& path) const {
  Duration all;
  for (const LinkId link : path.links()) all = all + topology_->link(link).latency;
  return all;
}

/// Which paths a flow that is spread takes now; false: none is alive.
bool SharedFabric::find_spread(Flow& flow) {
  const std::size_t living = router_.spread(flow.spec).size();
  flow.narrow = living < router_.paths_of_spread(flow.spec);
  flow.substitute = living == 0;
  if (living > 0) return true;
  const std::optional<PathChoice> other = router_.substitute(flow.spec, path_);
  if (other) flow.route = *other;
  return other.has_value();
}

/// Of a running flow; valid until the next call.
std::span<const PathChoice> SharedFabric::spread_of(const Flow& flow) {
  if (flow.substitute) return {&flow.route, 1};
  return router_.spread(flow.spec);
}

/// Puts a flow that is on no path on one, or on all, or among those that wait.
void SharedFabric::put_on_path(FlowId id) {
  Flow& flow = flows_[id.value];
  bool found = false;
  if (router_.spreads()) {
    found = find_spread(flow);
    if (found) {
      const std::span<const LinkShare> links =
          router_.shares(flow.spec, spread_of(flow), flow.latency);
      sharing_->add_spread(id, links, flow.spec.weight, flow.spec.cap_Bps);
    }
  } else if (const auto route = router_.choose(flow.spec, *sharing_, path_)) {
    found = true;
    flow.route = *route;
    flow.narrow = route->around;
    flow.latency = latency_of(path_);
    sharing_->add(id, path_, flow.spec.weight, flow.spec.cap_Bps);
  }
  if (!found) {
    flow.state = State::waiting;
    waiting_.push_back(id);
    set_rate(id, 0);
    return;
  }
  flow.state = State::running;
  if (limits_) for_each_link(flow, [&](LinkId link) { update_limit(link); });
  plan_end(id);  // a flow without bytes ends now; any other when its rate is known
}

/// Takes a running flow off its links; it keeps what it has left.
void SharedFabric::leave_path(FlowId id) {
  Flow& flow = flows_[id.value];
  count_bytes(flow, sent_bytes(id));
  update(id);
  leave_links(id);
  flow.rate_Bps = 0;
}

void SharedFabric::leave_links(FlowId id) {
  sharing_->remove(id);
  if (limits_) for_each_link(flows_[id.value], [&](LinkId link) { update_limit(link); });
}

/// Links of a running flow, each once.
template <class Act>
void SharedFabric::for_each_link(const Flow& flow, const Act& act) {
  if (router_.spreads()) {
    Duration latency;
    for (const LinkShare& one : router_.shares(flow.spec, spread_of(flow), latency)) {
      act(one.link);
    }
    return;
  }
  router_.path(flow.spec, flow.route, path_);
  for (const LinkId link : path_.links()) act(link);
}

void SharedFabric::count_bytes(Flow& flow, std::uint64_t sent) {
  const std::uint64_t more = sent - std::exchange(flow.counted, sent);
  if (!router_.spreads()) {
    router_.path(flow.spec, flow.route, path_);
    for (const LinkId link : path_.links()) link_bytes_[link.value] += more;
    return;
  }
  if (more == 0) return;
  const std::span<const PathChoice> paths = spread_of(flow);
  const std::uint64_t each = more / paths.size();
  std::uint64_t over = more % paths.size();
  for (const PathChoice choice : paths) {
    const std::uint64_t bytes = each + (over > 0 ? 1 : 0);
    over -= over > 0 ? 1 : 0;
    router_.path(flow.spec, choice, path_);
    for (const LinkId link : path_.links()) link_bytes_[link.value] += bytes;
  }
}

/// What of a link's capacity is left by the number of its flows.
double SharedFabric::held_factor(LinkId link) const {
  const std::size_t flows = sharing_->flows_on(link);
  double factor = flows >= 2 ? rules_.contention : 1;
  if (rules_.incast && flows > rules_.incast->flows && leads_to_endpoint(*topology_, link)) {
    factor = std::min(factor, rules_.incast->factor);
  }
  return factor;
}

void SharedFabric::update_limit(LinkId link) {
  sharing_->set_capacity(link, capacity_Bps(link) * fraction_[link.value] * held_factor(link));
}

void SharedFabric::count_live(SimTime now) {
  move_to(now);
  settle();
  for (std::uint32_t id = 0; id < flows_.size(); ++id) {
    if (flows_[id].state == State::running) count_bytes(flows_[id], sent_bytes({id}));
  }
}

void SharedFabric::add_live_bytes(SimTime now, std::span<double> bytes) {
  move_to(now);
  for (std::uint32_t id = 0; id < flows_.size(); ++id) {
    const Flow& flow = flows_[id];
    if (flow.state != State::running) continue;
    const std::uint64_t sent = sent_bytes({id});
    const auto more = static_cast<double>(sent - std::min(sent, flow.counted));
    if (!router_.spreads()) {
      router_.path(flow.spec, flow.route, path_);
      for (const LinkId link : path_.links()) bytes[link.value] += more;
      continue;
    }
    Duration latency;
    for (const LinkShare& one : router_.shares(flow.spec, spread_of(flow), latency)) {
      bytes[one.link.value] += more * one.share;
    }
  }
}

bool SharedFabric::reaches(const FlowSpec& spec) {
  if (spec.from == spec.to) return true;
  if (router_.spreads() && !router_.spread(spec).empty()) return true;
  if (router_.spreads()) return router_.substitute(spec, path_).has_value();
  return router_.choose(spec, *sharing_, path_).has_value();
}

std::vector<double> SharedFabric::greedy_Bps(std::span<const FlowId> flows) {
  settle();
  std::vector<FlowId> running;
  for (const FlowId flow : flows) {
    if (flow_at(flow).state == State::running) running.push_back(flow);
  }
  const std::vector<double> shares_Bps = sharing_->greedy_Bps(running);
  std::vector<double> all;
  auto next = shares_Bps.begin();
  for (const FlowId flow : flows) {
    all.push_back(flow_at(flow).state == State::running ? *next++ : 0);
  }
  return all;
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

void SharedFabric::set_capacities(std::span<const LinkFraction> links, SimTime now) {
  for (const auto& [link, fraction] : links) {
    HYPERDC_CHECK(link.value < topology_->links(), "there is no such link");
    HYPERDC_CHECK(fraction >= 0 && fraction <= 1,
                  "a link has between none and all of its capacity");
  }
  move_to(now);
  list_moving(links);
  for (const auto& [link, fraction] : links) {
    if (limits_) fraction_[link.value] = fraction;
    const double capacity = capacity_Bps(link) * fraction;
    sharing_->set_capacity(link, limits_ ? capacity * held_factor(link) : capacity);
    router_.set_capacity(link, capacity);
  }
  for (const FlowId id : moving_) put_on_path(id);
}

/// Takes off their paths the flows that need others when links die or come back, while the router
/// still knows these paths.
void SharedFabric::list_moving(std::span<const LinkFraction> links) {
  moving_.clear();
  bool revives = false;
  for (const auto& [link, fraction] : links) {
    const bool dies = fraction == 0;
    if (router_.dead(link) == dies) continue;
    if (dies) sharing_->list_flows_on(link, moving_);
    if (!dies) revives = true;
  }
  if (revives && (router_.spreads() || router_.goes_around())) {
    for (std::uint32_t id = 0; id < flows_.size(); ++id) {
      if (flows_[id].state == State::running && flows_[id].narrow) moving_.push_back({id});
    }
  }
  std::ranges::sort(moving_, {}, [&](FlowId id) { return flows_[id.value].order; });
  moving_.erase(std::unique(moving_.begin(), moving_.end()), moving_.end());
  for (const FlowId id : moving_) leave_path(id);
  if (!revives) return;
  moving_.insert(moving_.end(), waiting_.begin(), waiting_.end());
  waiting_.clear();
}

double SharedFabric::load(LinkId link) {
  settle();
  return sharing_->load_Bps(link);
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
      leave_links(id);
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
