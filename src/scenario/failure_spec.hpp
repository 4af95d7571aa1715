// FailureSpec: what goes out of service, when, and how it comes back. One entry a cause of the map
// `failures` of a scenario. Units: SI; times as Duration.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "network/fault_groups.hpp"
#include "workload/outage_trace.hpp"

namespace hyperdc {

/// What fails as one: an item. All servers of a rack, zone or region stop with it.
enum class FaultItem { server, accelerator, rack, zone, region };

/// Items fail at random and are repaired.
struct RandomFailures {
  DistributionSpec time_to_failure = Exponential{1};  // s, of an item that is new or repaired
  double lemon_share = 0;                             // of the items, drawn once
  double lemon_factor = 1;                            // their times to failure are divided by it
  double common_probability = 0;                      // that a failure is not alone
  FaultItem common_group = FaultItem::rack;           // among the items of the same ...
  double common_share = 1;                            // each other item fails too with this chance
  DistributionSpec repair = Constant{0};              // s of a technician's work
  std::optional<std::uint32_t> technicians;           // nothing: as many as are needed
  std::optional<std::uint32_t> spares;                // in stock at the start; nothing: no limit
  DistributionSpec lead_time = Constant{0};           // s from the use of a part to its successor
};

/// Outages from a file: at each, a share of the items is out for a while.
struct ReplayedOutages {
  std::vector<OutageRow> rows;
  double time_scale = 1;
  std::uint32_t places = 0;  // that rows name: items
};

/// One outage at a given moment.
struct PlannedOutage {
  Duration at;
  Duration lasts;
  std::optional<std::uint64_t> items;  // drawn at random; nothing: `share` of them
  double share = 1;
};

/// Rack after rack is drained, worked on, and comes back.
struct Maintenance {
  Duration first;
  Duration every;  // from the begin of a round to the next; zero: one round
  std::uint32_t racks_at_once = 1;
  Duration drain;     // jobs that still run then are stopped
  Duration lasts;     // from the moment at which all servers of the wave are empty
  bool move = false;  // jobs are stopped at the notice and wait for another server
};

/// Cubes of a TPU pod that are in no slice and replace those that fail.
struct SpareCubes {
  std::uint32_t count = 0;  // at the start
  Duration after;           // from a failure until the spare is in place
};

/// Parts of the network of a region or of the WAN: once at a given time, or at random.
struct NetworkFault {
  std::uint32_t fabric = 0;
  NetworkPart of = NetworkPart::network_switch;
  std::string tier;
  double capacity = 0;  // share that the links of a part keep; 0: they are dead
  // Once:
  std::optional<Duration> at;
  Duration lasts;
  std::uint32_t first = 0;  // item
  std::uint32_t items = 1;
  // At random, where `at` is missing:
  double mtbf_s = 1;  // of one item; exponential
  DistributionSpec repair_s = Constant{0};
  std::optional<SpareCubes> spares;  // of cubes
};

struct FailureSpec {
  std::string name;
  FaultItem of = FaultItem::server;
  std::vector<std::uint32_t> racks;  // indices into Scenario::racks; each in some pool
  std::variant<RandomFailures, ReplayedOutages, PlannedOutage, Maintenance, NetworkFault> what;
};

}  // namespace hyperdc
