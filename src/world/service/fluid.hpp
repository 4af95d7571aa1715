// A service of fluid fidelity: its deployments advance by queueing formulas, without requests.
//
// Computes: from one scrape to the next, the expected requests of each origin (exact integral of
// its demand curve) and what its clients send again (model/client/retry_flow), their shares among
// the deployments (region router), and one FluidStation step for each deployment at the mean
// number and speed of its ready replicas. Books, sensors, counts, latencies and power are those of
// an exact service and have the same names. All numbers are expected values; counts are rounded
// when they are told, latencies are dealt in whole requests (model/strata_dealer). Only what an
// autoscaler reads is drawn: busy slots and arrivals around their expectation, as chance would
// have them (model/load_fluctuation; arrivals of variance Ca2 times their number); readings of
// latencies are not.
// Equations and sources: model/fluid_station.hpp. Valid range and error: docs/models/fluid.md.
// An endpoint of a model has trials of its engines instead of formulas (engine_station.hpp), and
// times to tokens.
// Leaves out: order and identity of requests; variation of the number that arrives. A leaving
// replica is there as long as the requests that it would have had, which the others serve.
#pragma once

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "metrics/sample_buckets.hpp"
#include "model/client/retry_flow.hpp"
#include "model/fluid_station.hpp"
#include "model/load_fluctuation.hpp"
#include "model/strata_dealer.hpp"
#include "world/service/engine_station.hpp"
#include "world/service/fluid_queue.hpp"
#include "world/service/requests.hpp"

namespace hyperdc {

/// An endpoint: what its engines do, and what of it is not told yet.
struct FluidEngines {
  explicit FluidEngines(std::shared_ptr<EngineStation> of) : station(std::move(of)) {}

  std::shared_ptr<EngineStation> station;
  EngineReading now;                         // of one replica, over the last step
  StrataDealer ttft, tpot;                   // for sensors that keep them
  StrataDealer told_tpot, told_gaps;         // for metrics
  std::array<double, 5> expected{}, told{};  // tokens and times
};

struct FluidDeployment {
  FluidDeployment(const FluidService& service, std::size_t kinds)
      : station(service), dealers(kinds) {}

  FluidStation station;
  std::vector<StrataDealer> dealers;         // by origin and failures before
  StrataDealer sensed;                       // for sensors that keep latencies
  Int128 ready_ns = 0, speed_ppm_ns = 0;     // of the deployment's accounts, at FluidState::at
  FluidQueue queue;                          // what the station holds, by when it was admitted
  std::vector<ReplicaInfo::Sample> samples;  // of all its slots, oldest first
  LoadFluctuation fluctuation;
  double deviation_s = 0;  // of the busy slots from the books, slots * s since the last scrape
  std::unique_ptr<FluidEngines> engines;  // of an endpoint
};

struct FluidState {
  FluidState(std::uint64_t seed, const ServiceWorkload& service, std::size_t origins);

  RetryFlow retries;
  RandomStream chance;
  bool watched = false;  // an autoscaler reads the sensors
  double arrivals_cv2 = 1;
  double concurrency = 1;
  double work_s = 0;  // of a request alone
  std::uint64_t steps = 0;
  SimTime at;                               // up to which everything is told
  std::deque<FluidDeployment> deployments;  // stations do not move
  std::array<double, RequestCounts::kKinds> expected{};
  std::array<std::uint64_t, RequestCounts::kKinds> told{};
  SampleBuckets latency,
      before_service;        // since the warm-up; of an endpoint: before the first token
  SampleBuckets tpot, gaps;  // of an endpoint
  double good_since_warmup = 0, failed_since_warmup = 0;  // of those that arrived since then
  std::vector<double> shares;                             // scratch, by deployment
  std::vector<double> flows;  // attempts of the step, by origin and deployment
};

void build_fluid(ServiceState& service, std::uint64_t seed);
/// Moves the service from where it is to `to`.
void advance_fluid(const World& world, ServiceState& service, SimTime to);
/// Moves the service to the end of the run, and tells its samples.
void close_fluid(World& world, ServiceState& service, SimTime end);
/// A ready replica is gone, and what it had.
void crash_fluid(ServiceState& service, DeploymentState& deployment);
/// What the sensors see beside the books, in slots * s since the last scrape.
double take_deviation_s(ServiceState& service, const DeploymentState& deployment);
/// How long a replica that leaves has something to do, or may have.
Duration fluid_drain_time(const ServiceState& service, const DeploymentState& deployment);
/// Tells how busy the slots were since the last scrape, for readings of single replicas.
void sample_fluid(ServiceState& service, DeploymentState& deployment,
                  const ReplicaInfo::Sample& sample);

}  // namespace hyperdc
