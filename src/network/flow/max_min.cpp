#include "network/flow/max_min.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr double kShortest = 1.0 / 16;           // of the attempt allowed, after failures
constexpr std::uint64_t kLongAttemptEvery = 16;  // failures
constexpr double kNearlyFull = 1 - 1e-9;  // above this share of its capacity a link is looked at

bool differs(double a, double b, double tolerance) {
  if (a == b) return false;
  const double larger = std::max(a, b);
  return !std::isfinite(larger) || std::fabs(a - b) > tolerance * larger;
}

}  // namespace

MaxMin::MaxMin(std::vector<double> capacities_Bps, const Options& options)
    : longest_path_(options.longest_path),
      tolerance_(options.tolerance),
      attempt_(options.attempt),
      least_attempt_(options.least_attempt),
      capacity_Bps_(std::move(capacities_Bps)) {
  for (const double capacity : capacity_Bps_) {
    HYPERDC_CHECK(capacity >= 0 && std::isfinite(capacity), "a capacity is a finite amount");
  }
  const std::size_t n = capacity_Bps_.size();
  level_.assign(n, kUnlimited);
  load_.assign(n, 0);
  dirty_.assign(n, 0);
  members_.resize(n);
  rest_.assign(n, {});
}

void MaxMin::push(std::vector<Key>& heap, Key key) {
  heap.push_back(key);
  std::push_heap(heap.begin(), heap.end());
}

MaxMin::Key MaxMin::pop(std::vector<Key>& heap) {
  std::pop_heap(heap.begin(), heap.end());
  const Key key = heap.back();
  heap.pop_back();
  return key;
}

void MaxMin::make_dirty(std::uint32_t link, double level) {
  if (dirty_[link] != 0) return;
  dirty_[link] = 1;
  push(queue_, {level, link});
}

void MaxMin::touch(std::uint32_t flow) {
  if (flows_[flow].mark != kIdle) return;
  flows_[flow].mark = kTouched;
  touched_.push_back(flow);
}

/// Least and second level of a flow from those of its links.
void MaxMin::rescan(std::uint32_t flow) {
  Flow& f = flows_[flow];
  f.least = kUnlimited;
  f.second = kUnlimited;
  f.tightest = kNone;
  for (const Hop& hop : hops_of(flow)) {
    const double level = level_[hop.link];
    if (level < f.least) {
      f.second = f.least;
      f.least = level;
      f.tightest = hop.link;
    } else if (level < f.second) {
      f.second = level;
    }
  }
}

/// A link that is not full carries `amount` more; it is looked at only when it may get full.
void MaxMin::add_load(std::uint32_t link, double amount, double level) {
  if (dirty_[link] != 0) return;  // evaluating it adds its load up anew
  load_[link] += amount;
  if (!(load_[link] <= capacity_Bps_[link] * kNearlyFull)) make_dirty(link, level);
}

/// A flow of `hops` links, with room for them, that is on no link yet.
MaxMin::Flow& MaxMin::enter(FlowId flow, std::size_t hops, double weight, double cap_Bps) {
  HYPERDC_CHECK(hops > 0, "a flow crosses at least one link");
  HYPERDC_CHECK(weight > 0 && std::isfinite(weight) && cap_Bps > 0, "weights and caps are above 0");
  while (flow.value >= flows_.size()) {
    flows_.emplace_back().first = static_cast<std::uint32_t>(hops_.size());
    room_.push_back(longest_path_);
    hops_.resize(hops_.size() + longest_path_);
  }
  Flow& f = flows_[flow.value];
  HYPERDC_CHECK(f.mark == kAbsent, "the flow is there already");
  std::uint32_t first = f.first;
  if (hops > room_[flow.value]) {  // it moves to the end, to at least twice the room
    first = static_cast<std::uint32_t>(hops_.size());
    room_[flow.value] = static_cast<std::uint32_t>(std::bit_ceil(hops));
    hops_.resize(hops_.size() + room_[flow.value]);
    HYPERDC_CHECK(hops_.size() < kNone, "flows cross more than 2^32 links");
  }
  f = Flow{};
  f.first = first;
  f.limit = cap_Bps / weight;
  f.weight = weight;
  f.cap_Bps = cap_Bps;
  f.hops = static_cast<std::uint32_t>(hops);
  f.mark = kIdle;
  f.fresh = true;
  return f;
}

void MaxMin::add(FlowId flow, std::span<const LinkId> path, double weight, double cap_Bps) {
  enter(flow, path.size(), weight, cap_Bps);
  const std::span<Hop> hops = hops_of(flow.value);
  for (std::size_t i = 0; i < path.size(); ++i) hops[i].link = path[i].value;
  join(flow);
}

void MaxMin::add_spread(FlowId flow, std::span<const LinkShare> links, double weight,
                        double cap_Bps) {
  Flow& f = enter(flow, links.size(), weight, cap_Bps);
  f.spread = true;
  if (shares_.size() < hops_.size()) shares_.resize(hops_.size());
  const std::span<Hop> hops = hops_of(flow.value);
  for (std::size_t i = 0; i < links.size(); ++i) {
    HYPERDC_CHECK(links[i].share > 0 && links[i].share <= 1, "a share is above 0 and at most 1");
    hops[i].link = links[i].link.value;
    shares_[f.first + i] = links[i].share;
  }
  join(flow);
}

/// Puts a flow on its links.
void MaxMin::join(FlowId flow) {
  Flow& f = flows_[flow.value];
  const std::span<Hop> hops = hops_of(flow.value);
  for (std::uint32_t i = 0; i < f.hops; ++i) {
    std::vector<Member>& list = members_[hops[i].link];
    hops[i].place = static_cast<std::uint32_t>(list.size());
    list.push_back({flow.value, i});
  }
  memberships_ += f.hops;
  rescan(flow.value);
  touch(flow.value);
  const double level = f.level();
  for (std::uint32_t i = 0; i < f.hops; ++i) {
    const std::uint32_t link = hops[i].link;
    if (level < kUnlimited && level_[link] == kUnlimited) {
      add_load(link, weight_at(f, i) * level, level);
    } else {
      make_dirty(link, std::min(level, level_[link]));
    }
  }
}

void MaxMin::remove(FlowId flow) {
  HYPERDC_CHECK(flow.value < flows_.size() && flows_[flow.value].mark != kAbsent, "no such flow");
  Flow& f = flows_[flow.value];
  const std::span<const Hop> hops = hops_of(flow.value);
  for (std::uint32_t i = 0; i < f.hops; ++i) {
    const Hop& hop = hops[i];
    std::vector<Member>& list = members_[hop.link];
    const Member last = list.back();
    list[hop.place] = last;
    hops_[std::size_t{flows_[last.flow].first} + last.hop].place = hop.place;
    list.pop_back();
    if (level_[hop.link] < kUnlimited) {
      make_dirty(hop.link, level_[hop.link]);
    } else if (dirty_[hop.link] == 0) {
      load_[hop.link] = list.empty() ? 0 : load_[hop.link] - weight_at(f, i) * f.level();
    }
  }
  memberships_ -= f.hops;
  f.mark = kAbsent;  // its entry in touched_, if any, is passed over
}

void MaxMin::set_capacity(LinkId link, double capacity_Bps) {
  HYPERDC_CHECK(capacity_Bps >= 0 && std::isfinite(capacity_Bps), "a capacity is a finite amount");
  if (capacity_Bps_[link.value] == capacity_Bps) return;
  capacity_Bps_[link.value] = capacity_Bps;
  if (!members_[link.value].empty()) {
    make_dirty(link.value,
               std::min(level_[link.value],
                        capacity_Bps / static_cast<double>(members_[link.value].size())));
  }
}

void MaxMin::list_flows_on(LinkId link, std::vector<FlowId>& out) const {
  for (const Member& member : members_[link.value]) out.push_back({member.flow});
}

double MaxMin::load_Bps(LinkId link) const {
  return full(link) ? capacity_Bps_[link.value] : load_[link.value];
}

std::span<const FlowId> MaxMin::settle() {
  changed_.clear();
  if (queue_.empty() && touched_.empty()) return changed_;
  ++counts_.settled;
  if (propagate()) {
    allowance_ = std::min(1.0, allowance_ * 2);
  } else {
    // An attempt that fails is work lost: after several a short one is made, and now and then a
    // long one, in case the traffic has changed.
    allowance_ = ++given_up_ % kLongAttemptEvery == 0 ? 1 : std::max(allowance_ / 2, kShortest);
    fill();
  }
  report();
  return changed_;
}

/// True when no link is dirty any more; false when the work allowed is used up.
bool MaxMin::propagate() {
  if (attempt_ <= 0) return false;
  const std::size_t allowed =
      std::max(least_attempt_,
               static_cast<std::size_t>(attempt_ * allowance_ * static_cast<double>(memberships_)));
  work_ = 0;
  while (!queue_.empty()) {
    const std::uint32_t link = pop(queue_).id;
    dirty_[link] = 0;
    work_ += members_[link].size();
    if (work_ > allowed) return false;
    ++counts_.evaluations;
    const double to = evaluate(link);
    if (differs(to, level_[link], tolerance_)) move_level(link, to);
  }
  return true;
}

/// Level of a link, given what its flows may have elsewhere. Sets its load when it is not full.
double MaxMin::evaluate(std::uint32_t link) {
  const std::vector<Member>& list = members_[link];
  if (demands_.size() < list.size()) demands_.resize(list.size() * 2);
  double sum = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Flow& f = flows_[list[i].flow];
    const double level = f.elsewhere(link);
    const double weight = weight_at(f, list[i].hop);
    demands_[i] = {level, weight};
    sum += weight * level;
  }
  // What fits but for rounding fits: equal links one after the other then have one that is full.
  if (list.empty() || sum <= capacity_Bps_[link] * (1 + tolerance_)) {
    load_[link] = sum;
    return kUnlimited;
  }
  return water_level(capacity_Bps_[link], list.size());
}

/// The u with sum of weight * min(level, u) = capacity over the first n of demands_, which together
/// want more. From below: each round drops those that want less than an equal share of the rest.
double MaxMin::water_level(double capacity, std::size_t n) {
  double taken = 0;
  double weight = 0;
  for (std::size_t i = 0; i < n; ++i) weight += demands_[i].weight;
  for (;;) {
    const double level = std::max(0.0, capacity - taken) / weight;
    std::size_t kept = 0;
    double left = 0;
    double most = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const Demand d = demands_[i];
      if (d.level < level) {
        taken += d.level * d.weight;
        most = std::max(most, d.level);
      } else {
        left += d.weight;
        demands_[kept++] = d;
      }
    }
    if (kept == n) return level;
    if (kept == 0) return most;  // by rounding: all fit exactly
    work_ += kept;
    n = kept;
    weight = left;
  }
}

void MaxMin::move_level(std::uint32_t link, double to) {
  const double from = level_[link];
  level_[link] = to;
  work_ += members_[link].size();
  for (const Member& member : members_[link]) {
    Flow& f = flows_[member.flow];
    const Flow before = f;
    if (f.tightest == link) {
      if (to <= f.second) {
        f.least = to;
      } else {
        rescan(member.flow);
      }
    } else if (to < f.least) {
      f.second = f.least;
      f.least = to;
      f.tightest = link;
    } else if (to < f.second) {
      f.second = to;
    } else if (from == f.second) {
      rescan(member.flow);
    }
    if (f.level() != before.level()) touch(member.flow);
    if (f.least != before.least || f.second != before.second || f.tightest != before.tightest) {
      tell_neighbours(member.flow, link, before);
    }
  }
}

/// Makes dirty the other links of a flow on which what the flow may have elsewhere now matters.
void MaxMin::tell_neighbours(std::uint32_t flow, std::uint32_t link, const Flow& before) {
  const Flow& f = flows_[flow];
  work_ += f.hops;
  const std::span<const Hop> hops = hops_of(flow);
  for (std::uint32_t i = 0; i < f.hops; ++i) {
    const Hop& hop = hops[i];
    if (hop.link == link || dirty_[hop.link] != 0) continue;
    const double had = before.elsewhere(hop.link);
    const double has = f.elsewhere(hop.link);
    if (had == has) continue;
    const double level = level_[hop.link];
    if (level == kUnlimited) {
      add_load(hop.link, weight_at(f, i) * (has - had), std::min(had, has));
    } else if (std::min(had, level) != std::min(has, level)) {
      make_dirty(hop.link, std::min({had, has, level}));
    }
  }
}

/// Progressive filling of all links with a heap. A level only rises while flows freeze, so a key
/// that is out of date is too low and is put back.
void MaxMin::fill() {
  ++counts_.filled;
  begin_filling();
  const std::size_t n = links();
  while (!filling_.empty()) {
    const Key key = pop(filling_);
    if (key.id >= n) {
      const auto flow = static_cast<std::uint32_t>(key.id - n);
      if (flows_[flow].mark == kFilling) freeze(flow, key.level);
      continue;
    }
    const Rest& rest = rest_[key.id];
    if (rest.flows == 0) continue;
    const double level = std::max(0.0, rest.spare_Bps) / rest.weight;
    if (level > key.level && !filling_.empty() && filling_.front().level < level) {
      push(filling_, {level, key.id});
      continue;
    }
    level_[key.id] = level;
    for (const Member& member : members_[key.id]) {
      if (flows_[member.flow].mark == kFilling) freeze(member.flow, level);
    }
  }
  end_filling();
}

void MaxMin::begin_filling() {
  for (const Key& key : queue_) dirty_[key.id] = 0;
  queue_.clear();
  filling_.clear();
  const std::size_t n = links();
  for (std::uint32_t l = 0; l < n; ++l) {
    level_[l] = kUnlimited;
    rest_[l] = {capacity_Bps_[l], 0, static_cast<std::uint32_t>(members_[l].size())};
  }
  for (std::uint32_t i = 0; i < flows_.size(); ++i) {
    Flow& f = flows_[i];
    if (f.mark == kAbsent) continue;
    f.mark = kFilling;
    const std::span<const Hop> hops = hops_of(i);
    for (std::uint32_t k = 0; k < f.hops; ++k) rest_[hops[k].link].weight += weight_at(f, k);
    if (f.limit < kUnlimited) filling_.push_back({f.limit, static_cast<std::uint32_t>(n + i)});
  }
  for (std::uint32_t l = 0; l < n; ++l) {
    if (rest_[l].flows > 0) filling_.push_back({rest_[l].spare_Bps / rest_[l].weight, l});
  }
  std::make_heap(filling_.begin(), filling_.end());
}

void MaxMin::freeze(std::uint32_t flow, double level) {
  Flow& f = flows_[flow];
  f.mark = kIdle;
  const std::span<const Hop> hops = hops_of(flow);
  for (std::uint32_t i = 0; i < f.hops; ++i) {
    Rest& rest = rest_[hops[i].link];
    const double weight = weight_at(f, i);
    rest.spare_Bps -= weight * level;
    rest.weight -= weight;
    --rest.flows;
  }
}

void MaxMin::end_filling() {
  touched_.clear();
  for (std::uint32_t l = 0; l < links(); ++l) {
    load_[l] = members_[l].empty() ? 0 : capacity_Bps_[l] - rest_[l].spare_Bps;
  }
  for (std::uint32_t i = 0; i < flows_.size(); ++i) {
    if (flows_[i].mark == kAbsent) continue;
    rescan(i);
    touch(i);
  }
}

void MaxMin::report() {
  for (const std::uint32_t flow : touched_) {
    Flow& f = flows_[flow];
    if (f.mark != kTouched) continue;  // gone, or gone and come back and seen already
    f.mark = kIdle;
    const double rate = f.least < f.limit ? f.least * f.weight : f.cap_Bps;
    if (!f.fresh && !differs(rate, f.rate_Bps, tolerance_)) continue;
    f.fresh = false;
    f.rate_Bps = rate;
    changed_.push_back({flow});
  }
  touched_.clear();
}

}  // namespace hyperdc
