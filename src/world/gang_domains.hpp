// GangDomains: in which domain of a pool (server, rack, pod, all of it) a gang is placed.
//
// Computes: with room(s) = members that server s holds beside what it has, and room(D) its sum over
// the servers of domain D, a gang of n members goes to the smallest kind of domain of which one has
// room(D) >= n; of those the one with the least room (best fit, the fullest), the most (worst fit)
// or the first. Within D the same rule goes down from pods to racks to servers: to the child that
// holds all the rest, by the same ranking, or else first to the child with the most room, so that
// few children are used. Servers are then in their order, which is that of the fabric.
// Slices: racks are cubes of 16 servers of 4 chips, 4 x 4 x 4. A job of 1, 2, 4, 8 or 16 servers
// takes an aligned block of them (2x2x1, 2x2x2, 2x2x4, 2x4x4, 4x4x4: positions count z, then y,
// then x), of all free ones that whose split leaves the least (buddy allocation: least largest free
// block around it, then fewest free servers in the cube, then first); a larger one whole free
// cubes, any of them, up to the largest slice. No other size fits. A pod is `racks_per_pod` racks
// of a region in their order; or, by the fabric of the region, racks that are nearer to the pod's
// first rack than the farthest rack is (links of a path between first accelerators; on a torus:
// cubes); without a fabric all racks of the region. Source: Slurm, topology/tree and its best-fit
// algorithm (slurm.schedmd.com/topology.html); Google Cloud, "TPU v4" (shapes inside a cube);
// Knuth, TAOCP 1, 2.5 (buddy system). Cost: a decision for a gang looks at every server of the
// pool. Valid: any fleet; slices need servers of 4 accelerators, 16 a rack. Leaves out: jobs of one
// member (but for slices), which the placement places; nearness beyond pods; other shapes of the
// same number of chips; on fabrics whose distances are no tree (slim fly, jellyfish, graphs) pods
// depend on the order of the racks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hyperdc/core/request.hpp>

#include "model/fleet.hpp"
#include "scenario/orchestration_spec.hpp"

namespace hyperdc {

struct PoolState;
struct World;

/// Members that so many cores, so much memory and what is left of each device hold, `most` at most.
std::int64_t members_in(const Request& request, std::int64_t cores_milli, std::int64_t memory_bytes,
                        std::span<const std::uint16_t> devices_milli, std::int64_t most);
/// Members that fit on a server beside what it holds, `most` at most.
std::uint32_t room_on(const Request& request, const Fleet& fleet, ServerId server,
                      std::uint32_t most);

class GangDomains {
 public:
  /// Servers from `first` on, side by side.
  struct Rack {
    std::uint32_t first = 0, count = 0, pod = 0;
  };
  GangDomains(const TopologySpec& spec, const Fleet& fleet, std::vector<Rack> racks);

  /// Whether it is asked for jobs of so many members.
  bool places(std::uint32_t members) const;
  /// Whether a job of so many members may stand nowhere else than where this places it.
  bool binds(std::uint32_t members) const {
    return slices() || (members > 1 && spec_.required != DomainNeed::any);
  }
  bool slices() const { return spec_.largest_slice.has_value(); }
  /// A server for each member, in order; false: there is no such domain now.
  bool choose(const Request& request, std::uint32_t members, std::vector<ServerId>& servers) const;
  /// Would an empty pool hold it in one domain of the kind that is required?
  bool possible(const Request& request, std::uint32_t members) const;
  /// "slices have no 12 chips; next: 8 and 16"; empty: its size is legal.
  std::string_view illegal_size(const Request& request, std::uint32_t members);
  /// Sets of servers of which one would have to hold the job: racks, pods or blocks; empty: all.
  std::vector<std::vector<ServerId>> candidates(const Request& request,
                                                std::uint32_t members) const;

  /// A gang starts on these.
  void count_start(std::span<const Share> shares);
  struct Books {
    std::uint64_t gangs = 0, racks = 0, pods = 0, in_rack = 0, in_pod = 0;
  };
  const Books& books() const { return books_; }

 private:
  struct Child {
    std::uint32_t id = 0, room = 0;
  };
  std::optional<std::size_t> pick(std::span<const Child> all, std::uint32_t members) const;
  std::size_t next_of(std::span<const Child> all, std::uint32_t members) const;
  void take_servers(std::vector<Child> servers, std::uint32_t members,
                    std::vector<ServerId>& out) const;
  void take_rack(std::uint32_t rack, std::uint32_t members, std::vector<ServerId>& out) const;
  void take_racks(std::vector<Child> racks, std::uint32_t members,
                  std::vector<ServerId>& out) const;
  bool take_domain(std::uint32_t members, std::vector<ServerId>& out) const;
  void measure(const Request& request, std::uint32_t members, bool empty) const;
  std::vector<Child> racks_of(std::optional<std::uint32_t> pod) const;
  std::uint32_t most_in_one() const;

  /// Servers that a slice of this job needs; nothing: no slice has its size.
  std::optional<std::uint32_t> slice_servers(const Request& request, std::uint32_t members) const;
  bool choose_slice(const Request& request, std::uint32_t members, std::vector<ServerId>& servers,
                    bool empty) const;
  bool choose_block(std::uint32_t servers, std::uint32_t& first) const;

  TopologySpec spec_;
  const Fleet& fleet_;
  std::vector<Rack> racks_;
  std::vector<std::uint32_t> rack_of_;  // by server
  std::uint32_t pods_ = 0;
  // By accelerators of a member and members: what was said of them.
  std::map<std::pair<std::int32_t, std::uint32_t>, std::string> illegal_;
  // By what a member asks for and members: shapes of servers do not change.
  mutable std::map<std::pair<Request, std::uint32_t>, bool> possible_;
  Books books_;
  // of the decision under way
  mutable std::vector<std::uint32_t> room_, rack_room_, pod_room_;
};

/// Racks and pods of the pool as they stand; after the fabrics.
void enable_domains(World& world, PoolState& pool);

}  // namespace hyperdc
