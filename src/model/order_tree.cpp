#include "model/order_tree.hpp"

#include <algorithm>

namespace hyperdc {

OrderTree::OrderTree(const Fleet& fleet) : fleet_(fleet) {
  LargeVector<Most> level(fleet.servers());
  for (std::uint32_t place = 0; place < fleet.servers(); ++place) level[place] = of_server(place);
  levels_.push_back(std::move(level));
  while (levels_.back().size() > 1) {
    const LargeVector<Most>& below = levels_.back();
    LargeVector<Most> above((below.size() + kWidth - 1) / kWidth);
    for (std::size_t i = 0; i < below.size(); ++i) raise(above[i / kWidth], below[i]);
    levels_.push_back(std::move(above));
  }
}

OrderTree::Most OrderTree::of_server(std::uint32_t place) const {
  const ServerId server = fleet_.server_at(place);
  Most most{
      fleet_.cores_left_milli(server), fleet_.memory_left(server), fleet_.shape(server).model, 0, 0,
      fleet_.shape(server).zone};
  for (const std::uint16_t left : fleet_.accelerators_left_milli(server)) {
    most.device = std::max(most.device, left);
    most.whole = static_cast<std::uint16_t>(most.whole + (left == kWholeAccelerator));
  }
  return most;
}

void OrderTree::raise(Most& most, const Most& by) {
  most.cores = std::max(most.cores, by.cores);
  most.memory = std::max(most.memory, by.memory);
  most.models |= by.models;
  most.zones |= by.zones;
  most.device = std::max(most.device, by.device);
  most.whole = std::max(most.whole, by.whole);
}

/// Does `most` owe nothing to this child, so that the child's loss does not lower it?
bool OrderTree::exceeds(const Most& most, const Most& child) {
  return most.cores > child.cores && most.memory > child.memory && most.device > child.device &&
         most.whole > child.whole;
}

void OrderTree::update(ServerId server) {
  std::size_t at = fleet_.order_of(server);
  Most before = levels_[0][at];
  Most after = of_server(static_cast<std::uint32_t>(at));
  levels_[0][at] = after;
  for (std::size_t level = 1; level < levels_.size() && !(before == after); ++level) {
    at /= kWidth;
    Most& most = levels_[level][at];
    const Most old = most;
    Most raised = before;
    raise(raised, after);
    if (raised == after || exceeds(most, before)) {
      raise(most, after);  // nothing fell, or nothing that shows here
    } else {
      const LargeVector<Most>& below = levels_[level - 1];
      const std::size_t end = std::min(below.size(), (at + 1) * kWidth);
      most = Most{};
      for (std::size_t child = at * kWidth; child < end; ++child) raise(most, below[child]);
    }
    before = old;
    after = most;
  }
}

/// Visits the places below `node` on which the request fits, rising, until visit says true.
template <class Visit>
bool OrderTree::descend(const Request& request, std::size_t level, std::size_t node,
                        Visit& visit) const {
  ++visit.looks;
  if (!can_hold(levels_[level][node], request)) return false;
  if (level == 0) return visit(static_cast<std::uint32_t>(node));
  const std::size_t end = std::min(levels_[level - 1].size(), (node + 1) * kWidth);
  for (std::size_t child = node * kWidth; child < end; ++child) {
    if (descend(request, level - 1, child, visit)) return true;
  }
  return false;
}

std::uint32_t OrderTree::first(const Request& request, std::uint64_t& looks) const {
  struct {
    std::uint32_t found = OrderSet::kNone;
    std::uint64_t looks = 0;
    bool operator()(std::uint32_t place) {
      found = place;
      return true;
    }
  } visit;
  if (!levels_[0].empty()) descend(request, levels_.size() - 1, 0, visit);
  looks += visit.looks;
  return visit.found;
}

void OrderTree::all(const Request& request, std::vector<std::uint32_t>& places,
                    std::uint64_t& looks) const {
  struct {
    std::vector<std::uint32_t>& places;
    std::uint64_t looks = 0;
    bool operator()(std::uint32_t place) {
      places.push_back(place);
      return false;
    }
  } visit{places};
  if (!levels_[0].empty()) descend(request, levels_.size() - 1, 0, visit);
  looks += visit.looks;
}

std::size_t OrderTree::memory_used() const {
  std::size_t bytes = 0;
  for (const auto& level : levels_) bytes += level.capacity() * sizeof(Most);
  return bytes;
}

}  // namespace hyperdc
