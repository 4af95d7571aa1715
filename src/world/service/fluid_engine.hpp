// Endpoints of fluid fidelity: what their engines do between scrapes, as expected values.
//
// Computes, from the readings of an EngineStation at the mean number that was there in a step: who
// ran, the cache in use, tokens, preemptions and work of those that were served; times between
// tokens; the share of the requests that had their tokens in time, as if the first and the others
// were independent. Units: requests, tokens, s. Source: engine_station.hpp. Leaves out: single
// requests; the share of the cache that replicas use which drain.
#pragma once

#include "world/service/fluid.hpp"

namespace hyperdc {

/// Of a deployment; `station` is for its capacity from then on. Nothing unless it is an endpoint.
std::unique_ptr<FluidEngines> make_fluid_engines(const ServiceState& service,
                                                 std::size_t deployment, std::uint64_t seed,
                                                 FluidService& station);

/// After a step: what engines did for `served` requests.
void move_engines(ServiceState& service, DeploymentState& deployment, const FluidInput& input,
                  double served);
/// Requests that run, of all replicas together, in the last step.
double running_requests(const FluidDeployment& fluid, double replicas);

/// How that number varies.
FluctuationInput engine_fluctuation(const FluidDeployment& fluid, const FluidInput& input);

/// Of those admitted in the last step, the share that has its tokens in time, `before_s` after the
/// first attempt and with so much outside the engine.
double tokens_within(const ServiceState& service, const FluidDeployment& fluid, double before_s);
/// At a scrape: the share of the caches in use while so many times as many ran as were expected.
double sense_cache(ServiceState& service, DeploymentState& deployment, double seen,
                   double replica_s);
/// Times between tokens of so many requests that were served.
void tell_token_times(FluidState& state, FluidDeployment& fluid, double requests);
/// Tells what was expected until now.
void tell_engines(World& world, ServiceState& service, SimTime at);

}  // namespace hyperdc
