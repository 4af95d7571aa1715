// Who waits for an engine: a queue for each priority, the most urgent first.
// Cost: O(1) a change, O(k) a question with k priorities.
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

  void push_back(Slot slot, std::int32_t priority) {
    lines_[priority].push_back(slot);
    ++size_;
  }
  /// Before all of its priority.
  void push_front(Slot slot, std::int32_t priority) {
    lines_[priority].push_front(slot);
    ++size_;
  }
  void pop_front(std::int32_t priority) {
    lines_[priority].pop_front();
    --size_;
  }

  bool empty() const { return size_ == 0; }
  std::uint64_t size() const { return size_; }

  /// Does anybody wait who is as urgent?
  bool anybody_before(std::int32_t priority) const {
    for (const auto& [theirs, line] : lines_) {
      if (theirs < priority) break;
      if (!line.empty()) return true;
    }
    return false;
  }
  /// The first of the most urgent queue whose first is as asked.
  template <typename Condition>
  std::optional<Slot> first_if(const Condition& condition) const {
    for (const auto& [priority, line] : lines_) {
      if (!line.empty() && condition(line.front())) return line.front();
    }
    return std::nullopt;
  }
  /// Visits the first of each queue, the most urgent one first.
  template <typename Visit>
  void each_first(const Visit& visit) const {
    for (const auto& [priority, line] : lines_) {
      if (!line.empty()) visit(line.front());
    }
  }
  /// Is the last of some queue as asked?
  template <typename Condition>
  bool any_last(const Condition& condition) const {
    for (const auto& [priority, line] : lines_) {
      if (!line.empty() && condition(line.back())) return true;
    }
    return false;
  }

 private:
  std::map<std::int32_t, std::deque<Slot>, std::greater<>> lines_;
  std::uint64_t size_ = 0;
};

}  // namespace hyperdc
