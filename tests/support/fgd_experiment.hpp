// The packing experiment of Weng et al., "Beware of Fragmentation" (FGD), USENIX ATC'23: pods of a
// list are offered to an empty cluster one by one, inflated to 130 % of its accelerators; none
// ever leaves; one that fits nowhere is dropped. Straight on the placer: no scenario, no engine.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <hyperdc/policy/placement.hpp>

#include "model/fleet.hpp"

namespace hyperdc::fgd {

struct Cluster {
  std::vector<FleetBlock> blocks;
  std::vector<std::string> models;  // names by bit
};

struct PodList {
  std::vector<Request> pods;     // in the order of the file, which is that of their names
  std::vector<JobMixEntry> mix;  // most frequent first, ties by first appearance
};

Cluster read_cluster(const std::string& file);
/// Plain or gz. Adds the models that pods name to the cluster's.
PodList read_pods(const std::string& file, Cluster& cluster);

/// The pods in random order, then pods drawn with replacement until the sum of accelerators
/// reaches 130 % of the cluster's (or random ones left out until it does).
std::vector<Request> offered(const PodList& list, std::int64_t capacity_milli, std::uint64_t seed);

/// Means over the arrivals at which the arrived accelerators, in percent of capacity, round to x.
struct Point {
  double alloc_pct = 0;
  double frag_pct = 0;
  std::uint64_t arrivals = 0;
};
struct Outcome {
  std::map<std::int64_t, Point> at;
  std::uint64_t offered = 0, placed = 0;
  double cpu_s = 0;  // of placing only, where the fragmentation is not measured
};
Outcome run(const Cluster& cluster, const PodList& list, const PlacementEntry& policy,
            std::uint64_t seed, bool measure_fragmentation);

/// The entry of this name and its parameters at their defaults.
const PlacementEntry& entry(std::string_view policy);
Params defaults(const PlacementEntry& entry);

}  // namespace hyperdc::fgd
