// What clients of a storage system ask for, and what serves them beside its drives.
// Units: SI; times as Duration.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "workload/trace.hpp"

namespace hyperdc {

enum class CachePolicy { lru, fifo };

/// Objects that are read without drives.
struct StorageCache {
  double bytes = 0;
  double rate_Bps = 0;  // of all that it serves
  CachePolicy policy = CachePolicy::lru;
};

/// What each access of an object asks first.
struct StorageMetadata {
  DistributionSpec time = Constant{0};  // s, of one operation
  std::uint32_t servers = 1;
};

/// Where data goes when it is so old.
struct StorageTier {
  std::uint32_t to = 0;  // index into Scenario::storage
  Duration after;
};

/// What clients pay, USD.
struct StoragePrices {
  double read = 0, write = 0;  // of one request
  double egress_B = 0;         // of each byte of reads that leaves the region
  std::string source;
};

/// Beside the drives of a system.
struct StorageService {
  std::optional<StorageCache> cache;
  std::optional<StorageMetadata> metadata;
  std::optional<StorageTier> tier;
  std::optional<StoragePrices> prices;
};

/// When the other fragments of a read are read as well.
struct StorageHedge {
  std::optional<Duration> after;  // or
  double quantile = 0;            // of the last reads
};

/// Zipf: the k-th object is asked for in proportion to 1 / k^exponent.
struct StoragePopularity {
  std::uint64_t objects = 1;
  double exponent = 0;
};

/// Reads and writes of clients of a storage system.
struct StorageRequests {
  std::string name;
  std::uint32_t system = 0;  // index into Scenario::storage
  ArrivalSpec arrivals;
  DistributionSpec bytes = Constant{1};
  double reads = 1;                    // share
  std::vector<std::uint32_t> clients;  // racks that ask over the fabric; none: no network
  double stripe_bytes = 0;             // 0: all of a request is in one group
  std::uint32_t at_once = 0;           // stripes; 0: all
  std::optional<StoragePopularity> popularity;
  std::optional<StorageHedge> hedge;
  std::optional<DistributionSpec> age;  // s, of what is read
  bool outside = false;                 // reads leave the region
};

}  // namespace hyperdc
