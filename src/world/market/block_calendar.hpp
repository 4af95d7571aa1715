// What is booked of a zone's blocks, from each moment at which that changes.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

class BlockCalendar {
 public:
  /// Whether `accelerators` more are at no moment of [from, to) more than `all`.
  bool fits(SimTime from, SimTime to, std::uint64_t accelerators, std::uint64_t all) const {
    if (accelerators > all) return false;
    auto it = booked_.upper_bound(from);
    std::uint64_t level = it == booked_.begin() ? 0 : std::prev(it)->second;
    while (level + accelerators <= all && it != booked_.end() && it->first < to) {
      level = (it++)->second;
    }
    return level + accelerators <= all;
  }

  void book(SimTime from, SimTime to, std::uint64_t accelerators) {
    const auto end = change_at(to);
    for (auto it = change_at(from); it != end; ++it) it->second += accelerators;
  }

  /// What is over by then.
  void forget(SimTime now) {
    while (booked_.size() > 1 && std::next(booked_.begin())->first <= now) {
      booked_.erase(booked_.begin());
    }
  }

 private:
  using Booked = std::map<SimTime, std::uint64_t>;

  Booked::iterator change_at(SimTime at) {
    const auto it = booked_.lower_bound(at);
    if (it != booked_.end() && it->first == at) return it;
    return booked_.emplace_hint(it, at, it == booked_.begin() ? 0 : std::prev(it)->second);
  }

  Booked booked_;  // from then on, until the next
};

}  // namespace hyperdc
