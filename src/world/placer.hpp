// Placer: finds servers for all members of a job, or says why not. One a pool, and the only one
// that changes its fleet.
//
// A placement that scores servers is answered by ScoreBoard over ServerGroups, one that takes the
// first or a random server by FitIndex; their headers state the cost of a decision.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <hyperdc/policy/placement.hpp>

#include "core/rng.hpp"
#include "model/fit_index.hpp"
#include "model/fleet.hpp"
#include "model/server_groups.hpp"
#include "world/fragmentation_meter.hpp"
#include "world/region_order.hpp"
#include "world/score_board.hpp"

namespace hyperdc {

class GangDomains;

/// How often a member fits on one empty server of this shape.
std::uint64_t members_on(const Request& request, const ServerShape& shape);

class Placer {
 public:
  Placer(Fleet& fleet, std::unique_ptr<Placement> policy, RandomStream draws);

  /// Takes shares for `members` members of `request` and appends them to `shares`; if one member
  /// finds no server, gives everything back and returns false. `job_number` keys random draws.
  bool place(const Request& request, std::uint32_t members, std::uint64_t job_number,
             std::vector<Share>& shares);
  void release(const Request& request, std::span<const Share> shares);
  /// Takes the share of one member of whole devices on this server, the first that are free; the
  /// caller knows that it fits.
  Share take_on(const Request& request, ServerId server);

  /// From now on gangs go where these say (null: wherever a server holds a member).
  void arrange(const GangDomains* domains) { domains_ = domains; }

  /// From now on jobs go where the placement prefers regions; without it no region is preferred.
  void follow(RegionOrder regions) { regions_.emplace(std::move(regions)); }
  /// The moment of the decisions that come.
  void at(SimTime now) { now_ = now; }

  /// Servers and devices go out of service and come back (Fleet::close).
  void close(ServerId server);
  void open(ServerId server);
  void close_device(ServerId server, std::uint32_t device);
  void open_device(ServerId server, std::uint32_t device);

  /// Would the job fit if the pool were empty? (a job for which this is false is rejected)
  bool possible(const Request& request, std::uint32_t members) const;
  /// Would `members` fit if `without` were given back? Nothing is changed at return.
  struct Held {
    Request request;
    std::span<const Share> shares;
    std::uint64_t number = 0;  // of the job; for would_move
  };
  bool would_fit(const Request& request, std::uint32_t members, std::uint64_t job_number,
                 std::span<const Held> without);
  /// The same, and would those then fit beside it, elsewhere or not, in this order?
  bool would_move(const Request& request, std::uint32_t members, std::uint64_t job_number,
                  std::span<const Held> others);
  /// Would the members fit if they might lie anywhere?
  bool would_fit_apart(const Request& request, std::uint32_t members, std::uint64_t job_number);
  /// "no server has 8 devices free (largest: 5)": why one member does not fit now, for --explain
  /// and jobs.csv. Looks at every server.
  std::string why_refused(const Request& request) const;

  /// Reports every change of a server to `meter` (null: to none) from now on.
  void watch(FragmentationMeter* meter) { meter_ = meter; }

  const Fleet& fleet() const { return fleet_; }
  /// Server states that occur now; 0 for placements that do not score.
  std::size_t distinct_states() const { return groups_ ? groups_->live().size() : 0; }
  /// Bytes of heap held by the fleet and its indexes, for the memory targets.
  std::size_t memory_used() const;

 private:
  NodeView view(ServerId server) const;
  std::optional<ServerId> find(const Request& request, std::uint64_t job_number,
                               std::uint64_t member);
  std::uint32_t find_random(const Request& request, std::uint64_t job_number, std::uint64_t member);
  void take_at(const Request& request, ServerId server, std::uint64_t job_number,
               std::uint64_t member, std::vector<Share>& shares);
  bool place_in_domain(const Request& request, std::uint32_t members, std::uint64_t job_number,
                       std::vector<Share>& shares);
  bool place_anywhere(const Request& request, std::uint32_t members, std::uint64_t job_number,
                      std::vector<Share>& shares);
  bool place_by_region(const Request& request, std::uint32_t members, std::uint64_t job_number,
                       std::vector<Share>& shares);
  template <class Place>
  bool in_some_region(const Request& request, Place&& place);
  void take_again(std::span<const Held> held);
  bool take_one(const Request& request, std::uint64_t job_number, std::uint64_t member,
                std::vector<Share>& shares);
  void take(const Request& request, const Share& share);
  void give_back(const Request& request, const Share& share);
  void give_back_from(const Request& request, std::size_t first, std::vector<Share>& shares);
  void changed(ServerId server);

  Fleet& fleet_;
  std::unique_ptr<Placement> policy_;
  RandomStream draws_;
  std::vector<FleetBlock> shapes_;      // distinct ones with their number of servers
  std::optional<FitIndex> fits_;        // of placements without scores
  std::optional<ServerGroups> groups_;  // of placements with scores
  std::optional<ScoreBoard> board_;
  FragmentationMeter* meter_ = nullptr;
  const GangDomains* domains_ = nullptr;
  std::optional<RegionOrder> regions_;  // of placements that prefer some
  SimTime now_;
  std::vector<std::uint32_t> candidates_;  // scratch of find_random
  std::vector<Share> trial_;               // scratch of would_fit
};

}  // namespace hyperdc
