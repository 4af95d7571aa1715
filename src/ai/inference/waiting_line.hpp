// Who waits for an engine: a queue for each priority, the most urgent first. Of a queue those of
// each variant (variants.hpp) stand in a row of their own, and each knows its place in the queue.
// Cost: O(log v) a change, O(k v) a question with k priorities and v variants that are waited for.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>

namespace hyperdc {

class WaitingLine {
 public:
  using Slot = std::uint32_t;

  void push_back(Slot slot, std::int32_t priority, std::uint32_t variant) {
    lines_[priority][variant].push_back({slot, ++last_});
    ++size_;
  }
  /// Before all of its priority.
  void push_front(Slot slot, std::int32_t priority, std::uint32_t variant) {
    lines_[priority][variant].push_front({slot, --first_});
    ++size_;
  }
  /// The first of this variant leaves.
  void pop_front(std::int32_t priority, std::uint32_t variant) {
    Line& line = lines_[priority];
    const auto row = line.find(variant);
    row->second.pop_front();
    if (row->second.empty() && line.size() > 1) line.erase(row);
    --size_;
  }

  bool empty() const { return size_ == 0; }
  std::uint64_t size() const { return size_; }

  /// Does anybody wait who is as urgent?
  bool anybody_before(std::int32_t priority) const {
    for (const auto& [theirs, line] : lines_) {
      if (theirs < priority) break;
      for (const auto& [variant, row] : line) {
        if (!row.empty()) return true;
      }
    }
    return false;
  }
  /// The first as asked of the most urgent queue that has one, where of each variant the first is
  /// if any is.
  template <typename Condition>
  std::optional<Slot> first_if(const Condition& condition) const {
    for (const auto& [priority, line] : lines_) {
      std::optional<Place> first;
      for (const auto& [variant, row] : line) {
        if (row.empty() || (first && first->number < row.front().number)) continue;
        if (condition(row.front().slot)) first = row.front();
      }
      if (first) return first->slot;
    }
    return std::nullopt;
  }
  /// Visits the first of each variant in each queue.
  template <typename Visit>
  void each_first(const Visit& visit) const {
    for (const auto& [priority, line] : lines_) {
      for (const auto& [variant, row] : line) {
        if (!row.empty()) visit(row.front().slot);
      }
    }
  }
  /// Is the last of some variant in some queue as asked?
  template <typename Condition>
  bool any_last(const Condition& condition) const {
    for (const auto& [priority, line] : lines_) {
      for (const auto& [variant, row] : line) {
        if (!row.empty() && condition(row.back().slot)) return true;
      }
    }
    return false;
  }

 private:
  struct Place {
    Slot slot = 0;
    std::int64_t number = 0;  // in order of the queue
  };
  using Line = std::map<std::uint32_t, std::deque<Place>>;

  std::map<std::int32_t, Line, std::greater<>> lines_;
  std::int64_t first_ = 0, last_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace hyperdc
