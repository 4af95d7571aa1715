#include "world/market/bid_book.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

std::uint64_t mixed_order(std::uint64_t order) {
  std::uint64_t z = order + 0x9E3779B97F4A7C15U;  // SplitMix64
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

}  // namespace

void BidBook::sum_up(Index at) {
  Node& node = nodes_[at];
  node.sum = node.least = node.most = node.bid.accelerators;
  for (const Index child : {node.left, node.right}) {
    if (child == kNone) continue;
    node.sum += nodes_[child].sum;
    node.least = std::min(node.least, nodes_[child].least);
    node.most = std::max(node.most, nodes_[child].most);
  }
}

BidBook::Index BidBook::merge(Index left, Index right) {
  if (left == kNone) return right;
  if (right == kNone) return left;
  const bool on_top = nodes_[left].priority > nodes_[right].priority;
  const Index top = on_top ? left : right;
  if (on_top) {
    nodes_[left].right = merge(nodes_[left].right, right);
  } else {
    nodes_[right].left = merge(left, nodes_[right].left);
  }
  sum_up(top);
  return top;
}

void BidBook::split(Index at, const StandingBid& bid, Index& left, Index& right) {
  if (at == kNone) {
    left = right = kNone;
    return;
  }
  Index part = kNone;
  if (nodes_[at].bid < bid) {
    split(nodes_[at].right, bid, part, right);
    nodes_[at].right = part;
    left = at;
  } else {
    split(nodes_[at].left, bid, left, part);
    nodes_[at].left = part;
    right = at;
  }
  sum_up(at);
}

void BidBook::insert(const StandingBid& bid) {
  Index at = 0;
  if (free_.empty()) {
    at = static_cast<Index>(nodes_.size());
    nodes_.emplace_back();
  } else {
    at = free_.back();
    free_.pop_back();
  }
  nodes_[at] = Node{};
  nodes_[at].bid = bid;
  nodes_[at].priority = mixed_order(bid.order);
  sum_up(at);
  Index before = kNone, after = kNone;
  split(root_, bid, before, after);
  root_ = merge(merge(before, at), after);
}

void BidBook::erase(double usd_per_s, std::uint64_t order) {
  Index before = kNone, after = kNone, one = kNone, rest = kNone;
  split(root_, {usd_per_s, order}, before, after);
  split(after, {usd_per_s, order + 1}, one, rest);
  HYPERDC_CHECK(one != kNone, "a bid that ends was standing");
  free_.push_back(one);
  root_ = merge(before, rest);
}

const StandingBid& BidBook::last() const {
  Index at = root_;
  while (nodes_[at].right != kNone) at = nodes_[at].right;
  return nodes_[at].bid;
}

std::uint64_t BidBook::sum_of(Index at, std::uint64_t heard) const {
  if (at == kNone || nodes_[at].least > heard) return 0;
  const Node& node = nodes_[at];
  if (node.most <= heard) return node.sum;
  const std::uint64_t own = node.bid.accelerators <= heard ? node.bid.accelerators : 0;
  return own + sum_of(node.left, heard) + sum_of(node.right, heard);
}

std::uint64_t BidBook::at_least(double usd_per_s, std::uint64_t heard) const {
  std::uint64_t sum = 0;
  for (Index at = root_; at != kNone;) {
    const Node& node = nodes_[at];
    if (node.bid.usd_per_s < usd_per_s) {
      at = node.left;
      continue;
    }
    sum += sum_of(node.left, heard);
    if (node.bid.accelerators <= heard) sum += node.bid.accelerators;
    at = node.right;
  }
  return sum;
}

std::optional<double> BidBook::first_beyond(std::uint64_t supply, std::uint64_t heard) const {
  return search(root_, supply, heard);
}

/// Takes from the room what fits.
std::optional<double> BidBook::search(Index at, std::uint64_t& room, std::uint64_t heard) const {
  if (at == kNone || nodes_[at].least > heard) return {};
  const Node& node = nodes_[at];
  if (node.most <= heard && node.sum <= room) {
    room -= node.sum;
    return {};
  }
  if (const auto left = search(node.left, room, heard)) return left;
  if (node.bid.accelerators <= heard) {
    if (node.bid.accelerators > room) return node.bid.usd_per_s;
    room -= node.bid.accelerators;
  }
  return search(node.right, room, heard);
}

}  // namespace hyperdc
