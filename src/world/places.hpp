// PlaceRecorder: what each rack and each link did over time, for heat maps and floor plans. Only
// when a run is asked for it; observes at the ends of steps of the time series and changes nothing.
//
// Computes, at a moment, of each rack
//   allocated = accelerators held by jobs / its accelerators (in a rack without: of its cores),
//   down      = servers that are failed, in maintenance, draining, booting or off / its servers,
//   power     = sum over servers of what one of its type draws in its status, idle
//             + what busy cores and accelerators of servers of its kind in its rack group add,
//               dealt out by the cores and accelerators that jobs hold there,
//   holder    = the workload (where there is one workload: the tenant) that holds most of it;
// and of each link, between two moments,
//   use       = bytes that crossed it / (its capacity when whole * time).
// Units: shares, W before cooling. Source: definition; the power of a rack group is exact (it is
// that of PowerMeter), that of one rack is exact where jobs in the group load servers alike.
// Bounds: kMostMoments moments and kMostPlaceRows rows of racks, or of links of one fabric. Beyond,
// neighbours share a row or a moment: the mean of the means, the greatest of the greatest, who
// holds most of the row at the last of the moments.
// Cost: a moment looks at every server, link and flow once, and at running jobs of pools that
// several workloads use (or tenants, where there is one workload).
// Leaves out: what racks did between two moments; which tenant holds most, beyond kMostHolders.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "metrics/place_maps.hpp"
#include "world/world.hpp"

namespace hyperdc {

inline constexpr std::size_t kMostHolders = 1'000;

/// What tells links of a fabric apart on a map: tier and direction.
struct LinkRows {
  std::vector<std::uint32_t> row_of;  // by link: of PlaceMap::rows
  std::vector<double> before;         // by link: bytes until the last moment
  std::vector<double> capacity_Bps;   // by link, when whole
};

/// What one rack holds at a moment.
struct RackNow {
  Resources all, used;
  std::uint32_t servers = 0, out = 0;
  double watts = 0;
};

class PlaceRecorder {
 public:
  /// `steps`: of the time series until the end; nothing where the end is not known. The world must
  /// have its processes, and outlive this.
  PlaceRecorder(const World& world, std::optional<std::uint64_t> steps);

  void step_closed(SimTime at);
  /// The last moment, unless a step closed there.
  void close(SimTime end);
  PlaceMaps take();

 private:
  /// A rack group, or a part of it, whose servers are side by side.
  struct Group {
    std::uint32_t rack_group = 0;
    std::uint32_t racks = 0;
    std::uint32_t first_row = 0;
    std::uint32_t racks_per_row = 1;
    const PoolState* pool = nullptr;  // null: in no pool
    std::uint32_t first_block = 0, blocks = 0;
  };
  void build_groups();
  void add_rack_rows();
  void moment(SimTime at);
  void sample_racks();
  void sample_group(const Group& group);
  void put_rack(const Group& group, std::uint32_t rack, const RackNow& now);
  void sample_holders();
  void hold(const PoolState& pool, JobId job);
  void hold_by_only();
  void choose_holders();
  void sample_links(SimTime at);

  const World& world_;
  PlaceMaps maps_;
  std::vector<Group> groups_;
  bool by_tenant_ = false;
  bool holders_ = false;
  std::vector<std::uint32_t> label_of_;  // by workload: of holders
  std::vector<std::uint32_t> only_;      // by pool: its one workload, of holders; kNobody: several
  std::vector<std::vector<std::uint32_t>> row_of_;  // by pool, then server
  std::vector<std::vector<std::int64_t>> held_;     // by row, then holder: of this moment
  std::vector<LinkRows> links_;                     // by fabric
  std::vector<double> bytes_;                       // scratch, by link
  std::vector<double> sums_;                        // scratch of a moment
  SimTime last_;
  std::vector<bool> has_accelerators_;  // by row
  std::size_t most_moments_ = kMostMoments;
  std::uint64_t stride_ = 1;  // steps of the series between moments
  std::uint64_t closed_ = 0;  // steps since the last moment
};

/// By group: how many of its places share a row, so that there are at most `most` rows, or one a
/// group. The largest groups share first.
std::vector<std::uint32_t> places_per_row(std::span<const std::uint32_t> sizes, std::size_t most);

/// Rows of the links of a fabric, and what it is made of (world/places_links.cpp).
LinkRows add_link_rows(const FabricSpec& spec, PlaceMap& map);
FabricPlan plan_of(const FabricSpec& spec);

}  // namespace hyperdc
