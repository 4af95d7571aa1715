// The description of every input file: scenarios and catalog entries.
#pragma once

#include "metrics/recorder.hpp"
#include "scenario/describe.hpp"

namespace hyperdc {

/// A whole scenario file.
TypeRef scenario_type();
/// A whole study file.
TypeRef study_type();
TypeRef variants_type();
/// A whole baseline file, which `check` reads and writes (experiment/baseline_file.hpp).
TypeRef baseline_type();
TypeRef plan_type();  // its key "plan"

// Parts, also files of their own in the catalog.
TypeRef accelerator_type();       // of the map "accelerator_types"
TypeRef server_type();            // of the map "server_types"
TypeRef accelerator_file_type();  // scenarios/catalog/accelerators/NAME.json
TypeRef server_file_type();       // scenarios/catalog/servers/NAME.json
TypeRef fabric_type();            // of the map "fabric_types"
TypeRef fabric_file_type();       // scenarios/catalog/fabrics/NAME.json
TypeRef drive_type();             // of the map "drive_types"
TypeRef drive_file_type();        // scenarios/catalog/drives/NAME.json
TypeRef tuning_file_type();       // scenarios/catalog/collectives/NAME.json
TypeRef training_file_type();     // scenarios/catalog/training/NAME.json
TypeRef serving_file_type();      // scenarios/catalog/serving/NAME.json
TypeRef platform_file_type();     // scenarios/catalog/platforms/NAME.json
TypeRef model_type();             // of the map "model_types"
TypeRef model_file_type();        // scenarios/catalog/models/NAME.json
Field sources_field();            // of each of them

// Parts of scenario_type(), one function a section of the file.
TypeRef region_type();
TypeRef facility_type();  // of a region
TypeRef ownership_type();
TypeRef price_type();  // of servers, buildings and the like
TypeRef electricity_type();
TypeRef carbon_type();
TypeRef water_type();
TypeRef facility_costs_type();
Field rack_feeds_field();  // of a rack group
Field rack_supply_field();
Field rack_cooling_field();
TypeRef store_type();
TypeRef storage_type();  // of a region
TypeRef pool_type();
TypeRef nodes_type();  // of a pool
TypeRef topology_type();
TypeRef reservation_type();
TypeRef defragment_type();
TypeRef workload_type();
TypeRef failure_type();
TypeRef control_plane_type();
TypeRef growth_type();
TypeRef market_type();
TypeRef buyer_type();
TypeRef objective_type();
TypeRef location_type();
TypeRef latency_type();
TypeRef wan_type();
/// Whether a workload or a failure is of the fabric of a region or of the WAN.
Field over_field();

// Parts of a service that decide where its requests go and what its clients do.
TypeRef router_type();
TypeRef region_router_type();
TypeRef data_transfer_type();
/// Of endpoints; `tokens`: of a language model.
Field payload_field(bool tokens);
Field replication_field();
Field residency_field();
Field job_residency_field();
TypeRef admission_type();
TypeRef client_type();

TypeRef autoscaler_type();
TypeRef rollout_type();
Variant service_variant();           // of workload_type()
Variant inference_variant();         // of workload_type()
Variant transfers_variant();         // of workload_type()
Variant training_variant();          // the same
Variant elastic_variant();           // the same
Variant collectives_variant();       // of workload_type()
Variant storage_requests_variant();  // of workload_type()
/// What a collective is, of collectives and of jobs that communicate.
std::vector<Field> collective_fields();
TypeRef communication_type();  // of jobs
Field platform_field();        // of jobs
/// When jobs or transfers come.
TypeRef arrivals_type();

/// A length of time: at least `least` (s), at most kMaxSeconds.
TypeRef time_type(std::string_view example, double least = 0);

/// A value of `dimension` drawn at random: a constant, or one of the distributions.
TypeRef distribution_type(Dimension dimension, std::string_view example, Range range);

/// A rate of requests over time.
TypeRef demand_type();
/// How requests come over such a curve.
TypeRef request_arrivals_type();
/// Local time minus UTC.
TypeRef utc_offset_type();

// Bounds on sizes, so that a slip of a digit is an error and not a computer without memory.
inline constexpr Range kEnergyPriceRange{-1e-3, 1e-3};  // USD/J
inline constexpr Range kIntensityRange{0, 1e-2};        // g/J
inline constexpr double kMaxServers = 20e6;
inline constexpr double kMaxAccelerators = 100e6;
inline constexpr std::size_t kMaxRackGroups = 20'000;
inline constexpr std::size_t kMaxPools = 1'000;
inline constexpr double kMaxReplications = 100'000;
inline constexpr std::size_t kMaxVariations = 100'000;
inline constexpr double kMaxJobs = 1e9;
inline constexpr double kMaxCores = 1e5;                // of one server or job member
inline constexpr double kMaxMemory = 1125899906842624;  // 1 PiB, of one server or job member
inline constexpr double kMaxTransferSize = 0x1p53;
inline constexpr double kMaxFabricLinks = 20e6;  // of one fabric; directed
inline constexpr double kMaxSeconds = 100.0 * 365 * 86400;
inline constexpr double kNanosecond = 1e-9;          // s
inline constexpr double kMaxSteps = kMaxSeriesRows;  // of a time series
inline constexpr double kMaxAttempts = 100;          // of one request
inline constexpr double kMaxWindowCalls = 1e6;       // that a circuit breaker remembers

}  // namespace hyperdc
