// Scenario: the resolved description of one experiment. Const after resolve(), shared by every
// seed and thread; all state is in World.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/params.hpp>
#include <hyperdc/core/request.hpp>
#include <hyperdc/core/time.hpp>
#include <hyperdc/policy/scheduler.hpp>

#include "ai/inference/roofline.hpp"
#include "model/region_latency.hpp"
#include "scenario/control_plane_spec.hpp"
#include "scenario/cost_spec.hpp"
#include "scenario/data_transfer_spec.hpp"
#include "scenario/fabric_spec.hpp"
#include "scenario/facility_spec.hpp"
#include "scenario/failure_spec.hpp"
#include "scenario/nodes_spec.hpp"
#include "scenario/orchestration_spec.hpp"
#include "scenario/provider_spec.hpp"
#include "scenario/service.hpp"
#include "scenario/storage_spec.hpp"
#include "scenario/store_spec.hpp"
#include "scenario/training_spec.hpp"
#include "workload/trace.hpp"

namespace hyperdc {

/// Idle and full power of a component; draws idle + (full - idle) * utilisation.
struct PowerRange {
  double idle_w = 0;
  double full_w = 0;
};

struct AcceleratorType {
  std::string name;                 // catalog name
  std::string model;                // the model name that jobs ask for (ModelNames)
  std::optional<PowerRange> power;  // nothing: not published
  std::string power_reason;         // why there is none
  double memory_bytes = 0;
  ChipRates rates;                    // of its data sheet
  std::uint32_t scale_up_domain = 1;  // accelerators that share the scale-up fabric
};

struct ServerType {
  std::string name;
  ServerShape shape;
  std::optional<std::uint32_t> accelerator;  // index into Scenario::accelerators
  std::optional<PowerRange> host_power;      // processors, memory, fans, losses; no accelerators
  double drive_w = 0;                        // all drives together, constant
  double nic_w = 0;                          // all NICs together, constant
  double nic_Bps = 0;                        // the same, each way; 0: not said
  std::string power_reason;                  // why host_power is missing
  std::optional<Price> price;                // of a server, while it stands there
  std::string price_source;                  // empty: not said
  double embodied_kg = 0;                    // carbon of making it
  double embodied_life_s = 0;                // over which that is spread
  Duration boot_time;                        // from power-on, or the end of a repair, to service
  std::optional<double> boot_w;              // whole server while it boots; nothing: idle power
  double off_w = 0;                          // whole server while it is off
  std::uint32_t servers_per_domain = 1;      // servers of one scale-up domain (NVL72: 18)
};

/// Servers of one type side by side.
struct RackGroup {
  std::string name;        // "us-east.gpu"
  std::string zone = "a";  // of its region
  std::uint32_t region = 0;
  std::uint32_t servers_per_rack = 1;
  std::uint32_t racks = 0;
  /// (server type, count) in order; one entry but for node lists.
  struct Run {
    std::uint32_t type = 0;
    std::uint32_t count = 0;
  };
  std::vector<Run> servers;
};

struct Region {
  std::string name;
  double pue = 1.0;
  std::optional<double> power_limit_w;  // of the facility, cooling included
  EnergyTerms energy = {};              // what its energy costs and emits
  FacilityCosts costs = {};
  CostSources cost_sources = {};
  std::optional<PueSpec> losses = {};      // instead of a constant PUE
  std::optional<FacilitySpec> plant = {};  // its devices; nothing: power and cooling never fail
  std::optional<DataTransferPrices> transfer = {};
};

enum class PreemptionMode { resume, restart };  // work so far is kept, or lost

/// What becomes of a job whose server is lost: it starts again from nothing, goes on where it was,
/// or is given up.
enum class OnFailure { restart, resume, fail };

/// A tenant that a pool names: it has metrics of its own, and what the scheduler heeds.
struct PoolTenant {
  std::string name;
  TenantTerms terms;
};

struct PoolSpec {
  std::string name;
  std::vector<std::uint32_t> racks;  // indices into Scenario::racks; in no other pool
  PolicyChoice scheduler;
  PolicyChoice placement;
  bool shuffle_ties = false;  // random fixed order among equal scores, once a run
  std::optional<std::uint64_t>
      queue_limit;  // waiting jobs beyond it are rejected; 0: a loss system
  PreemptionMode preemption = PreemptionMode::resume;
  Duration preemption_overhead;  // added to the run time at each restart
  OnFailure on_failure = OnFailure::restart;
  std::optional<std::uint32_t> retries;  // starts after a failure; one more and it is given up
  Duration failure_overhead;             // added to the run time at a start after a failure
  std::vector<PoolTenant> tenants = {};
  bool idle_causes = false;             // report why accelerators are not at work
  std::optional<NodesSpec> nodes = {};  // nothing: every server is on all the time
  std::optional<TopologySpec> topology = {};
  std::vector<ReservationSpec> reservations = {};
  std::optional<DefragmentSpec> defragment = {};
  std::vector<double> demand_points;  // report allocation and fragmentation at these shares
};

/// What the ranks of a job exchange, each time they have worked for so long.
struct JobCommunication {
  std::uint32_t fabric = 0;
  CollectiveRequest request;
  Duration every;
};

struct ElasticSpec;
struct GrowthPlanSpec;
struct MarketSpec;
struct BuyerSpec;
struct OwnershipSpec;
struct PlatformSpec;

struct JobsWorkload {
  std::string name;
  std::uint32_t pool = 0;
  std::optional<std::uint32_t> service;  // these are replicas of that service, not jobs of a source
  JobsSpec jobs;
  std::optional<TraceFacts> facts;
  std::optional<JobCommunication> communication = {};
  std::vector<std::uint32_t> residency = {};  // regions that its jobs may run in; empty: any
  double cpu_utilization = 1.0;               // of allocated cores, for power
  double accelerator_utilization = 1.0;
  std::optional<TrainingSpec> training = {};          // its one job is a training run
  std::shared_ptr<const ElasticSpec> elastic = {};    // an allocator says what its jobs have
  std::shared_ptr<const PlatformSpec> platform = {};  // managed, that runs its jobs
};

struct Objective {
  std::string metric;  // "workloads.batch.wait.p95"
  std::optional<double> at_most, at_least;
  SourcePlace place;
  Dimension most_in = Dimension::none, least_in = Dimension::none;  // of the bounds, as written
};

/// A fact that rests on no citable source, or a conversion that was chosen.
struct Assumption {
  std::string path;
  std::string text;
};

struct FileRead {
  std::string path;  // relative to the scenario
  std::string sha256;
};

struct Scenario {
  std::string name;
  std::string description;
  std::optional<ProviderSpec> provider = {};
  std::uint64_t seed = 1;
  std::optional<Duration> duration;  // nothing: until every job has left or been rejected
  Duration warmup;
  std::optional<Duration> step;  // of the time series; nothing: duration/200, or an hour
  bool complexity = false;       // report what there is to manage
  std::vector<AcceleratorType> accelerators;
  std::vector<ServerType> server_types;
  std::vector<Region> regions;
  RegionLatency latency;
  std::vector<RackGroup> racks;
  std::vector<FabricSpec> fabrics;  // in the order of their regions; the WAN is the last
  std::vector<StoreSpec> stores;
  std::vector<StorageSpec> storage;  // in the order of their regions
  std::vector<PoolSpec> pools;
  std::vector<JobsWorkload> workloads;
  std::vector<TransfersWorkload> transfers;
  std::vector<CollectivesWorkload> collectives;
  std::vector<StorageRequests> storage_requests;
  std::vector<ServiceWorkload> services;
  std::vector<FailureSpec> failures;
  std::vector<ControlPlaneSpec> control_planes;
  std::vector<std::shared_ptr<const GrowthPlanSpec>> growth;
  std::vector<std::shared_ptr<const MarketSpec>> markets;
  std::vector<std::shared_ptr<const BuyerSpec>> buyers;
  std::shared_ptr<const OwnershipSpec> ownership;  // null: nothing is said of it
  std::vector<Objective> objectives;
  ModelNames models;
  std::vector<Assumption> assumptions;
  std::vector<FileRead> files;
  std::string resolved_json;  // every default written out; canonical key order
  std::string sha256;         // of resolved_json and the files
};

}  // namespace hyperdc
