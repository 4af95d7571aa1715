// World: all state of one run. Built from a const Scenario and a seed; two worlds share nothing.
//
// Processes (world/process) change it and schedule events; they never call each other. Ids are
// indexes into the vectors here, and vectors keep the order of the scenario.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/policy/scheduler.hpp>

#include "core/large_pages.hpp"
#include "engine/engine.hpp"
#include "metrics/recorder.hpp"
#include "model/fleet.hpp"
#include "scenario/scenario.hpp"
#include "workload/trace.hpp"
#include "world/accounts.hpp"
#include "world/availability_state.hpp"
#include "world/fabric_state.hpp"
#include "world/flow_log.hpp"
#include "world/fragmentation_meter.hpp"
#include "world/job_log.hpp"
#include "world/job_timeline.hpp"
#include "world/nodes/state.hpp"
#include "world/placer.hpp"
#include "world/power_meter.hpp"
#include "world/request_log.hpp"
#include "world/service/state.hpp"
#include "world/storage_state.hpp"
#include "world/store_state.hpp"
#include "world/training_state.hpp"

namespace hyperdc {

/// What a service is told of its replicas: the first kinds of events of its process.
enum class OwnerEvent : std::uint32_t {
  placed,   // it runs now
  stopped,  // it runs no more and waits again: it gave way to another job
  lost,     // it is gone: its server failed, or the pool refused it
  evicted,  // its server is to be switched off: it shall end, and another may start elsewhere
};
inline constexpr std::uint32_t kOwnerEvents = 4;

/// What the world keeps of a job beside its JobView. Slots are reused. One cache line: at a hundred
/// thousand running jobs and more, every completion meets its job cold.
struct alignas(64) JobState {
  EventId end_event = kNoEvent;
  Duration run;         // work to do; meaningful if `departs`
  Duration done;        // useful work behind it; grows by preemption only
  SimTime first_start;  // meaningful if `has_started`
  Share first;          // where the first member runs, or ran last
  std::uint32_t workload = 0;
  std::uint32_t preemptions = 0;
  std::uint32_t running_at = 0;  // place in PoolState::running
  std::uint32_t failures = 0;    // of its servers, while it ran
  std::uint32_t owner_arg = 0;   // what its service calls it
  bool departs : 1 = true;       // false: it never leaves by itself
  bool has_started : 1 = false;
  bool after_failure : 1 = false;  // what stopped it last was a failure
  bool owned : 1 = false;          // a replica of a service
  bool confined : 1 = false;       // kept in its regions while others had room
  bool moved : 1 = false;          // what stopped it last was a migration
  bool there : 1 = false;          // it waits or runs; its slot may be used anew otherwise
};
static_assert(sizeof(JobState) == 64);

/// What only jobs.csv wants to know. Kept while there is a log.
struct JobNotes {
  std::string name;
  std::string_view because;  // reasons are constants of policies
};

/// Allocation and fragmentation when the offered accelerator demand is at a share of capacity.
struct DemandPoint {
  std::int64_t percent = 0;
  std::uint64_t arrivals = 0;  // whose running sum of demand rounds to `percent`
  Int128 allocated_milli = 0;  // summed over those arrivals
  double fragmented_milli = 0;
};

/// How far a running job is, where speeds change.
struct JobPace {
  SimTime since;    // of the last change of its speed
  Duration worked;  // until then, since its start
  Duration work;    // that it had to do at its start
  double speed = 1;
};

/// Of a job that is slower than its servers let it be.
struct JobLimit {
  double speed = 1;   // of its slowest member, whatever its server does
  double factor = 1;  // of what its members would do

  bool operator==(const JobLimit&) const = default;
};

/// Books of a tenant that the pool names.
struct TenantBooks {
  MetricId wait, completion;
  Int128 core_milli_ns = 0, accelerator_milli_ns = 0;  // held by jobs that do not run any more
  std::uint64_t preempted = 0;
};

struct PlatformState;
struct PoolPlatforms;
struct PowerPlant;
struct PoolTraffic;
struct PoolMarks;
struct PoolKinds;
struct PoolLosses;
class GangDomains;
class PoolReservations;
struct DefragmentState;

struct PoolMetrics {
  MetricId cores, memory, accelerators, waiting, running, fragmentation;
  MetricId servers_down;  // only where servers come and go
};

struct PoolState {
  const PoolSpec* spec = nullptr;
  std::uint32_t index = 0;  // in World::pools
  std::vector<FleetBlock> blocks;
  std::vector<std::uint32_t> block_type;  // server type of each block
  std::vector<std::uint32_t> block_region;
  std::vector<std::uint32_t> block_racks;  // RackGroup of each block
  std::vector<std::uint32_t> block_first;  // first server of each block
  std::vector<std::uint32_t> zones;        // of World::zones, by bit; where a service spreads only
  std::vector<std::uint32_t> power_part;   // PowerMeter part of each block
  std::vector<std::uint32_t> block_endpoint;  // of the fabric: of the first server of each block
  std::unique_ptr<Fleet> fleet;
  std::unique_ptr<Placer> placer;
  std::unique_ptr<EnergyForecast> energy;  // what the scheduler knows of it
  std::unique_ptr<Scheduler> scheduler;
  std::unique_ptr<FragmentationMeter> fragmentation;  // only with a mix of accelerator jobs
  std::vector<JobMixEntry> mix;

  LargeVector<JobView> jobs;                     // by JobId
  LargeVector<JobState> states;                  // by JobId
  std::vector<std::vector<Share>> gangs;         // by JobId; shares of jobs of several members
  std::vector<JobNotes> notes;                   // by JobId; empty without a log
  LargeVector<JobPace> paces;                    // by JobId; only where speeds change
  std::vector<double> speed;                     // of full, by block; empty where it never changes
  std::map<std::uint32_t, JobLimit> job_limits;  // by JobId
  std::vector<JobId> free_slots;
  std::vector<JobId> running;
  std::vector<Share> scratch;                       // of one start
  std::unique_ptr<AvailabilityState> availability;  // only where servers come and go
  std::unique_ptr<NodesState> nodes;                // only with a node autoscaler
  std::unique_ptr<PoolTraffic> traffic;             // only where jobs communicate
  std::vector<std::uint32_t> elastic_gangs;         // workloads: runs whose copies may be fewer
  std::unique_ptr<PoolMarks> marks;                 // only where work is marked
  std::unique_ptr<PoolKinds> kinds;                 // only where jobs have profiles
  std::unique_ptr<PoolLosses> losses;               // only with accelerators
  std::unique_ptr<PoolPlatforms> platforms;         // only with jobs on platforms
  std::unique_ptr<GangDomains> domains;             // only with a topology
  std::unique_ptr<PoolReservations> reserved;       // only with reservations
  std::unique_ptr<DefragmentState> defragment;      // only where jobs are moved
  std::vector<TenantTerms> terms;                   // by tenant, as they come
  std::vector<std::uint32_t> named;       // by tenant: of PoolSpec::tenants, or their number
  std::vector<TenantBooks> tenant_books;  // as PoolSpec::tenants
  std::uint64_t waiting = 0;
  /// Waiting jobs by age, kept only under a queue limit; stale entries are dropped from the back.
  struct Queued {
    std::uint64_t number;
    JobId job;
  };
  std::vector<Queued> queued;
  SchedulerView view;

  ProcessId process;
  std::optional<SimTime> pass_at;  // a scheduling pass is pending for this moment
  EventId wake_event = kNoEvent;
  std::optional<SimTime> wake_at;

  std::int64_t offered_milli = 0;  // accelerator demand of all jobs so far
  std::uint64_t arrivals_in_pass = 0;
  std::vector<DemandPoint> demand_points;

  PoolMetrics metrics;
  LevelAccount busy_cores_milli, busy_accelerator_milli, idle_accelerator_milli;
  LevelAccount idle_cores_milli, down_cores_milli, down_accelerator_milli;
  Int128 job_core_ns = 0, job_accelerator_ns = 0;      // summed by job: the other side of the books
  Int128 batch_core_ns = 0, batch_accelerator_ns = 0;  // of those, by jobs that are no replicas
  std::uint64_t vain_preemptions = 0;                  // since a job came, ended or got further
  std::uint64_t split_gangs = 0;                       // starts whose members span scale-up domains
  std::optional<SimTime> first_submit;
  SimTime last_end;
};

/// What jobs of elastic training did with what they had.
struct ElasticBooks {
  std::uint64_t restarts = 0;  // starts of jobs but their first
  double samples = 0;          // that were trained on
  double useful = 0;           // of these, by what one at the first batch is worth
  Int128 held_ns = 0;          // accelerators x ns that they had
  Int128 restarting_ns = 0;    // of these, while they came up
};

struct WorkloadState {
  const JobsWorkload* spec = nullptr;
  std::unique_ptr<JobSource> source;
  std::vector<std::uint32_t> tenants;  // of the source -> of the pool
  std::uint16_t first_profile = 0;     // of the pool: of its profile 1, less 1
  std::uint64_t submitted = 0, started = 0, finished = 0, rejected = 0, preempted = 0;
  std::uint64_t failed = 0, interrupted = 0;  // by failures: given up; stopped
  ZoneSet zones = 0;                          // of the pool, that its jobs may run in; 0: any
  std::uint64_t confined = 0;                 // jobs that would have fitted elsewhere
  Int128 lost_core_milli_ns = 0,
         lost_accelerator_milli_ns = 0;  // work to be done again, or in vain
  LevelAccount in_system;                // jobs
  Int128 job_ns = 0;                     // time in system, summed by job
  std::optional<SimTime> first_submit;
  SimTime last_end;
  MetricId wait, completion, slowdown, submitted_count, finished_count, rejected_count;
  ExchangeMetrics exchanges;                // only where its jobs communicate
  std::unique_ptr<TrainingState> training;  // only of a training run
  std::unique_ptr<PlatformState> platform;  // only of jobs on a platform
  ElasticBooks elastic;                     // only of elastic training
  /// By block of the pool: servers * 10^6 that it holds; empty where nothing has a price.
  std::vector<LevelAccount> held_ppm;
};

/// Books of one cause of failures.
struct FailureState {
  const FailureSpec* spec = nullptr;
  std::uint64_t down = 0;  // items (of maintenance: servers) that it holds down
  MetricId count, down_level;
  MetricId waiting_level;            // of causes at random
  MetricId replaced, spares_level;   // of cubes with spares
  MetricId emptied, moved, stopped;  // of maintenance
};

/// Books of one control plane.
struct PlaneState {
  const ControlPlaneSpec* spec = nullptr;
  std::uint32_t reasons = 0;  // outages that last now
  std::vector<bool> pools;    // by pool: every rack of it is in the scope
  MetricId outages, down_level;
};

struct GrowthState;
struct DataTransfers;  // world/data_transfer.hpp
class MarketState;
class BuyerState;
struct ObjectsState;

/// Decisions of control that were taken after the warm-up; those of routers are in the counts of
/// services.
struct ControlDecisions {
  SimTime from;
  std::uint64_t scheduling = 0;  // jobs and replicas that were placed, stopped or rejected
  std::uint64_t scaling = 0;     // evaluations of autoscalers of replicas and nodes, of allocators
  void count(std::uint64_t& kind, SimTime now) const { kind += now >= from ? 1 : 0; }
};

struct World {
  World();
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const Scenario* scenario = nullptr;
  std::uint64_t seed = 0;
  Recorder* recorder = nullptr;
  JobLog* log = nullptr;              // may be null
  FlowLog* flow_log = nullptr;        // may be null
  RequestLog* request_log = nullptr;  // may be null
  JobTimeline* timeline = nullptr;    // may be null
  std::vector<FabricState> fabrics;   // as Scenario::fabrics
  std::vector<StoreState> stores;     // as Scenario::stores
  std::deque<StorageState> storage;   // as Scenario::storage
  std::vector<StorageRequestsState> storage_requests;
  std::vector<std::unique_ptr<ObjectsState>> objects;  // as Scenario::storage
  std::vector<TransfersState> transfers;
  std::vector<CollectivesState> collectives;
  std::vector<PoolState> pools;
  std::vector<WorkloadState> workloads;
  std::deque<ServiceState> services;   // deque: they refer to each other
  std::vector<std::string> tenants;    // names, by index, over all workloads
  std::vector<FailureState> failures;  // as Scenario::failures
  std::vector<PlaneState> planes;      // as Scenario::control_planes
  /// By rack group: planes of the kind that are out there; empty where there are no planes.
  std::vector<std::int32_t> launch_out, health_out;
  std::vector<std::string> zones;                     // "REGION.ZONE" of rack groups, as they come
  std::vector<std::uint32_t> zone_of_rack;            // by rack group
  std::shared_ptr<DataTransfers> transfer_books;      // between regions
  std::vector<std::unique_ptr<GrowthState>> growth;   // as Scenario::growth
  std::vector<std::unique_ptr<MarketState>> markets;  // as Scenario::markets
  std::vector<std::unique_ptr<BuyerState>> buyers;    // as Scenario::buyers
  PowerMeter power;
  std::vector<std::unique_ptr<PowerPlant>> plants;  // by region; null without devices
  ControlDecisions decisions;
  std::uint64_t jobs_submitted = 0;  // numbers of jobs
  bool has_end = false;              // false: the run ends when nothing is left to do
};

/// Where the members of a running job are.
std::span<const Share> shares_of(const PoolState& pool, JobId job);

/// The mix of jobs that a pool is offered: what fragmentation is measured against. Empty where no
/// job asks for an accelerator or where there are too many kinds to call them a mix. Builds
/// nothing.
std::vector<JobMixEntry> job_mix(const Scenario& scenario, std::uint64_t seed, std::uint32_t pool);

/// Builds pools, metrics and sources. Nothing is scheduled yet.
std::unique_ptr<World> build_world(const Scenario& scenario, std::uint64_t seed,
                                   Recorder& recorder);

/// Where a server of a pool stands.
struct ServerPlace {
  std::uint32_t group = 0;              // of racks
  std::uint32_t rack = 0, in_rack = 0;  // of that group
  auto operator<=>(const ServerPlace&) const = default;
};
ServerPlace place_of(const World& world, const PoolState& pool, ServerId server);
/// "us-east.gpu/r12/s3": rack group, rack, server within the rack.
std::string server_name(const World& world, const PoolState& pool, ServerId server);

}  // namespace hyperdc
