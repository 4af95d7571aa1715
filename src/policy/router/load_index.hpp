// LoadIndex: the replica with the least load in O(1), and O(1) for each change of a load by one.
//
// Replicas of equal load stand in a list, in the order in which they came to that load; lists are
// found by load. A change by k costs O(1), and O(k) when it leaves the least list empty. Memory is
// 16 B a replica and 8 B for each load up to the highest seen, never more than requests take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hyperdc {

class LoadIndex {
 public:
  /// At load 0, behind the others there. The replica must not be in.
  void add(std::uint32_t replica);
  void remove(std::uint32_t replica);
  /// Moves it behind the others of that load; nothing happens if it has this load already.
  void set(std::uint32_t replica, std::uint32_t load);
  bool has(std::uint32_t replica) const { return replica < nodes_.size() && nodes_[replica].in; }
  bool empty() const { return count_ == 0; }
  /// Of the replicas with the least load the one that has had it longest. Not when empty().
  std::uint32_t least() const { return lists_[least_].first; }
  /// Puts it behind the others of its load.
  void rotate(std::uint32_t replica);

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Node {
    std::uint32_t previous = kNone, next = kNone;
    std::uint32_t load = 0;
    bool in = false;
  };
  struct List {
    std::uint32_t first = kNone, last = kNone;
  };
  void append(std::uint32_t replica, std::uint32_t load);
  void unlink(const Node& node);
  void find_least();

  std::vector<Node> nodes_;  // by replica
  std::vector<List> lists_;  // by load
  std::uint32_t least_ = 0;  // lists below it are empty; it is not, unless all are
  std::size_t count_ = 0;
};

}  // namespace hyperdc
