// StorageSpec: a storage system of a region: which drives keep fragments of data in which groups,
// and how what fails is repaired. Units: SI; times as Duration.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "economics/price.hpp"
#include "model/storage/code.hpp"
#include "scenario/storage_clients_spec.hpp"

namespace hyperdc {

enum class StoragePlacement { random, copysets };
/// Of a group, at most one fragment is in the same server, or rack; or an equal part in each zone,
/// in racks of their own.
enum class StorageSpread { server, rack, zone };

struct StorageRepair {
  double rate_Bps = 0;        // that a drive reads or writes for one repair
  std::uint32_t streams = 1;  // repairs that a drive takes part in at a time
  Duration detect;            // from the failure of a drive until its fragments are rebuilt
  Duration after;             // the same of a server that is down
  bool on_fabric = false;     // bytes are flows on the fabric of the region
};

/// Data that is written new, beside what is there at the beginning.
struct StorageGrowth {
  double data_Bps = 0;     // of data, without the rest of the code
  std::uint32_t open = 1;  // groups that are written at a time
};

/// Drives that join the system later.
struct StorageJoin {
  Duration at;
  std::uint32_t first_drive = 0, drives = 0;
};

struct StorageRebalance {
  double rate_Bps = 0;        // of one move, on each of its drives
  std::uint32_t streams = 1;  // moves that a drive takes part in at a time
  double tolerance = 0;       // of the mean fill, that a drive may have more or less
};

/// Servers that fail for good at once.
struct StorageBurst {
  double servers = 0;        // share
  std::uint32_t trials = 0;  // bursts
};

/// Losses that are simulated beside the run.
struct StorageDurability {
  double life_shape = 1;  // Weibull's, of time_to_failure
  std::uint32_t replications = 30, effort = 1000;
  std::optional<StorageBurst> burst;
};

struct StorageSpec {
  std::string name;  // "us-east.blob"
  std::uint32_t region = 0;
  std::vector<std::uint32_t> racks;  // indices into Scenario::racks; those that join later last
  StorageCode code = StorageCode::replication(1);
  std::string drive;  // "hdd-20tb"
  std::optional<Price> drive_price;
  std::string drive_price_source;
  double drive_bytes = 0;
  double drive_Bps = 0;
  Duration seek;  // of each access of a client
  std::uint32_t drives_per_server = 1;
  std::uint32_t drives = 0;          // at the beginning
  std::uint64_t groups = 0;          // placement groups
  std::uint64_t fragment_bytes = 0;  // of one group on one drive
  StoragePlacement placement = StoragePlacement::random;
  StorageSpread spread = StorageSpread::server;
  std::uint32_t scatter_width = 0;
  DistributionSpec time_to_failure = Exponential{1};  // s, of a drive
  Duration replace;                                   // until a new drive is in its place
  StorageRepair repair;
  StorageService service;  // beside the drives
  double full_ratio = 1;   // share of a drive that fragments may take
  std::optional<StorageGrowth> growth;
  std::vector<StorageJoin> joins;  // by time; their drives are numbered on from the others
  std::optional<StorageRebalance> rebalance;
  std::optional<StorageDurability> durability;

  std::uint32_t all_drives() const {
    return joins.empty() ? drives : joins.back().first_drive + joins.back().drives;
  }
  /// From the failure of a drive until a fragment of it is rebuilt that waits for no other.
  double repair_s() const {
    return to_seconds(repair.detect) + static_cast<double>(fragment_bytes) / repair.rate_Bps;
  }
  /// Drives that are there, times seconds, in [from, to).
  double drive_seconds(double from_s, double to_s) const;
  /// USD of all drives in [from, to): what is charged, and upkeep. Those that join are new then.
  double drive_charge(double from_s, double to_s) const;
  double drive_upkeep(double from_s, double to_s) const;
};

}  // namespace hyperdc
