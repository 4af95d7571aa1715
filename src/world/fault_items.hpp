// FaultItems: what a cause of failures may hit, as numbers 0..count-1, and which servers that
// means.
//
// Computes: the items of one kind in a set of rack groups, in the order of the scenario: servers,
// accelerators, racks, zones or regions. A rack group of n servers has ceil(n / servers_per_rack)
// racks; a zone is a name within a region. Only racks that belong to a pool count.
// Cost: O(rack groups) to find an item, then its servers; memory O(rack groups).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

class FaultItems {
 public:
  FaultItems(const World& world, FaultItem of, std::span<const std::uint32_t> racks);

  std::uint32_t count() const { return count_; }

  /// One more, or one less, reason for every server (or the device) of the item to be down.
  void take_down(World& world, std::uint32_t item, Engine& engine, std::string_view because) const;
  void bring_up(World& world, std::uint32_t item, Engine& engine) const;

  using VisitServer = std::function<void(std::uint32_t pool, ServerId server)>;
  void for_each_server(std::uint32_t item, const VisitServer& visit) const;
  /// The items of the same server, rack, zone or region, itself included, rising. `group` must
  /// hold whole items.
  using VisitItem = std::function<void(std::uint32_t item)>;
  void for_each_in_group(std::uint32_t item, FaultItem group, const VisitItem& visit) const;

 private:
  /// Servers of one type side by side in a pool and rack group.
  struct Run {
    std::uint32_t pool = 0;
    std::uint32_t first = 0;  // server of the pool
    std::uint32_t count = 0;
    std::uint32_t accelerators = 0;      // of one server
    std::uint32_t servers_before = 0;    // over all runs
    std::uint32_t devices_before = 0;    // over all runs
    std::uint32_t in_group = 0;          // servers of the rack group before it
    std::uint32_t servers_per_rack = 1;  // of the rack group
    std::uint32_t rack = 0;              // number of the group's first rack
    std::uint32_t zone = 0;
    std::uint32_t region = 0;
  };
  /// Where an item begins: a run, a server within it, a device of it.
  struct Place {
    std::size_t run = 0;
    std::uint32_t server = 0;
    std::uint32_t device = 0;
  };
  struct Span {
    std::uint32_t begin = 0, end = 0;  // servers within a run
  };

  void add_runs(const World& world, std::uint32_t rack, std::uint32_t zone, std::uint32_t region);
  Place find(std::uint32_t item) const;
  static std::uint32_t number_of(const Run& run, std::uint32_t server, FaultItem group);
  static Span span_of(const Run& run, FaultItem group, std::uint32_t number);

  FaultItem of_;
  std::vector<Run> runs_;
  std::uint32_t count_ = 0;
  std::uint32_t servers_ = 0, devices_ = 0, racks_ = 0;
};

}  // namespace hyperdc
