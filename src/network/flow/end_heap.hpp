// EndHeap: flows by (end, order of start), with ends that move.
//
// A heap of four children in which each flow knows its place. Exact; O(log n) a change; no
// allocation once as many flows were there.
#pragma once

#include <cstdint>
#include <vector>

#include <hyperdc/network/fabric.hpp>

namespace hyperdc {

class EndHeap {
 public:
  struct Entry {
    SimTime at;
    std::uint64_t order;  // of the start: no two are equal
    FlowId flow;
    bool before(const Entry& o) const { return at != o.at ? at < o.at : order < o.order; }
  };

  bool empty() const { return heap_.empty(); }
  const Entry& top() const { return heap_.front(); }
  /// True when the flow is there and ends at `now` or before.
  bool due(FlowId flow, SimTime now) const {
    return flow.value < place_.size() && place_[flow.value] != kAbsent &&
           heap_[place_[flow.value]].at <= now;
  }

  /// Puts a flow in or moves it.
  void set(const Entry& entry) {
    if (entry.flow.value >= place_.size())
      place_.resize(std::size_t{entry.flow.value} + 1, kAbsent);
    std::uint32_t at = place_[entry.flow.value];
    if (at == kAbsent) {
      at = static_cast<std::uint32_t>(heap_.size());
      heap_.push_back(entry);
    }
    settle(entry, at);
  }

  /// Takes a flow out, if it is there.
  void erase(FlowId flow) {
    if (flow.value >= place_.size() || place_[flow.value] == kAbsent) return;
    const std::uint32_t at = place_[flow.value];
    place_[flow.value] = kAbsent;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (last.flow != flow) settle(last, at);
  }

 private:
  static constexpr std::uint32_t kAbsent = ~std::uint32_t{0};
  static constexpr std::uint32_t kChildren = 4;

  void put(const Entry& entry, std::uint32_t at) {
    heap_[at] = entry;
    place_[entry.flow.value] = at;
  }

  /// Moves `entry` from `at`, whose content does not matter, up or down to where it belongs.
  void settle(const Entry& entry, std::uint32_t at) {
    while (at > 0 && entry.before(heap_[(at - 1) / kChildren])) {
      const std::uint32_t parent = (at - 1) / kChildren;
      put(heap_[parent], at);
      at = parent;
    }
    const auto size = static_cast<std::uint32_t>(heap_.size());
    for (;;) {
      const std::uint64_t first = std::uint64_t{at} * kChildren + 1;
      if (first >= size) break;
      auto least = static_cast<std::uint32_t>(first);
      for (std::uint32_t i = least + 1; i < size && i < first + kChildren; ++i) {
        if (heap_[i].before(heap_[least])) least = i;
      }
      if (!heap_[least].before(entry)) break;
      put(heap_[least], at);
      at = least;
    }
    put(entry, at);
  }

  std::vector<Entry> heap_;
  std::vector<std::uint32_t> place_;
};

}  // namespace hyperdc
