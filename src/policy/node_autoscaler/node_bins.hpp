// NodeBins: what is left on servers, real or to be bought, in an order that first fit follows.
//
// Computes: first fit from a bin on, in each dimension (cores, memory, devices with enough left,
// lowest numbers first), and what it was before any number of changes.
// How: a tree over the order with the most cores, memory and accelerators that any bin below has
// left, and a journal of the bins that changed.
// Units: 1/1000 core, byte, 1/1000 accelerator. Source: definition. Valid always.
// Cost: O(log bins) a bin that takes something, closes or is restored; more looks where a subtree
// has enough of each thing but no bin with all of them, at worst all bins. Leaves out: what the
// pool's own placement prefers; racks and scale-up domains.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <hyperdc/policy/node_autoscaler.hpp>

namespace hyperdc {

/// What is left on one server, real or to be bought.
struct NodeBin {
  std::int64_t cores_milli = 0;
  std::int64_t memory_bytes = 0;
  std::array<std::uint16_t, kMaxAcceleratorsPerServer> devices = {};
  std::uint32_t accelerators = 0;
  ModelSet model = 0;
  bool operator==(const NodeBin&) const = default;

  bool fits(const Request& ask) const;
  void take(const Request& ask);  // it fits
};

NodeBin empty_bin(const ServerShape& shape);
NodeBin bin_of(const NodeServer& server, const ServerShape& shape);

class NodeBins {
 public:
  NodeBins() = default;
  explicit NodeBins(std::vector<NodeBin> bins);

  std::size_t size() const { return bins_.size(); }
  bool empty() const { return bins_.empty(); }
  const NodeBin& operator[](std::size_t bin) const { return bins_[bin]; }

  /// One more, the last in order.
  void add(const NodeBin& bin);
  /// It takes nothing any more.
  void close(std::size_t bin);
  /// Takes room for up to `count` members in bins from `from` on; returns how many found it.
  /// `from` is then the bin where the next equal one begins; size() when there is none.
  std::uint32_t take(const Request& each, std::uint32_t count, std::size_t& from);

  /// Now, for undo().
  std::size_t mark() const { return journal_.size(); }
  /// All is again as it was at the mark.
  void undo(std::size_t mark);

 private:
  /// The most of each that any bin below has left; nothing below zero is asked for.
  struct Room {
    std::int64_t cores_milli = -1, memory_bytes = -1, accelerator_milli = -1;
  };
  struct Change {
    std::size_t bin = 0;
    bool open = false;              // it was
    std::optional<NodeBin> before;  // nothing: it was added
  };

  std::size_t first(const Request& each, std::size_t from) const;
  void note(std::size_t bin);  // it is about to change
  void set_room(std::size_t bin, const Room& room);
  void grow();
  static Room room_of(const NodeBin& bin);
  static Room most(const Room& a, const Room& b);

  std::vector<NodeBin> bins_;
  std::size_t leaves_ = 0;   // of the tree: a power of two, or none
  std::vector<Room> rooms_;  // of node n: 2n and 2n + 1; of bin b: leaves_ + b
  std::vector<Change> journal_;
};

}  // namespace hyperdc
