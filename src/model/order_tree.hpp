// OrderTree: which server is the first in the tie order on which a request fits.
//
// Computes: the lowest place in the tie order with enough cores, memory and devices of an allowed
// model left; and all such places. Exact.
// How: a tree over the places, sixteen children a node, that keeps the most that any server below
// has left in each dimension; subtrees that cannot hold the request are not entered.
// Cost: an update or a search O(log servers) where one dimension is scarce. Where no single
// dimension excludes a subtree but no server in it has all of them, its children are looked at
// too: at worst all servers.
// Leaves out: scores; servers that hold other kinds of jobs.
#pragma once

#include <cstdint>
#include <vector>

#include "core/large_pages.hpp"
#include "model/fleet.hpp"
#include "model/order_set.hpp"

namespace hyperdc {

class OrderTree {
 public:
  explicit OrderTree(const Fleet& fleet);

  /// Must be called after every change of a server.
  void update(ServerId server);

  /// The most that is left: exact for a server, a bound for each dimension above.
  struct Most {
    std::int64_t cores = 0;
    std::int64_t memory = 0;
    ModelSet models = 0;
    std::uint16_t device = 0;  // 1/1000 on the device with most left
    std::uint16_t whole = 0;   // free devices
    ZoneSet zones = 0;
    bool operator==(const Most&) const = default;
  };
  const Most& at(std::uint32_t place) const { return levels_[0][place]; }
  static bool can_hold(const Most& most, const Request& request) {
    if (most.cores < request.cores_milli || most.memory < request.memory_bytes) return false;
    if (request.zones != 0 && (request.zones & most.zones) == 0) return false;
    if (request.accelerators == 0) return true;
    if (request.models != 0 && (request.models & most.models) == 0) return false;
    if (request.accelerators == 1) return most.device >= request.accelerator_milli;
    return most.whole >= request.accelerators;
  }

  /// Lowest place on which the request fits, memory included; OrderSet::kNone when there is none.
  /// Adds the nodes that were looked at to `looks`.
  std::uint32_t first(const Request& request, std::uint64_t& looks) const;
  /// Does the request fit on the server at this place?
  bool fits(const Request& request, std::uint32_t place) const {
    return can_hold(levels_[0][place], request);
  }
  /// Appends every place on which the request fits, rising.
  void all(const Request& request, std::vector<std::uint32_t>& places, std::uint64_t& looks) const;

  std::size_t memory_used() const;

 private:
  static constexpr std::size_t kWidth = 16;

  static void raise(Most& most, const Most& by);
  static bool exceeds(const Most& most, const Most& child);
  Most of_server(std::uint32_t place) const;
  template <class Visit>
  bool descend(const Request& request, std::size_t level, std::size_t node, Visit& visit) const;

  const Fleet& fleet_;
  std::vector<LargeVector<Most>> levels_;  // [0]: servers by place; the last: one root
};

}  // namespace hyperdc
