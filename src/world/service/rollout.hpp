// Rollouts: a service's replicas change to a new version, wave after wave, and back if it is bad.
//
// Computes: which version each replica has. A wave makes ceil(share * wanted) replicas of each of
// its deployments new ones, as the rolling update of a Kubernetes Deployment does: new replicas
// start while fewer than wanted + ceil(surge * wanted) are there, old ones leave while more than
// wanted - floor(unavailable * wanted) are ready. When all of them are ready the wave bakes; then
// the next begins. A bad version, drawn at the begin, serves slower or fails a share of what it
// served. Its detection, some time after its first ready replica, stops the waves, and the old
// version is rolled out in the same way.
// Units: ns, shares. Source: Kubernetes, "Deployments" (max surge and max unavailable, each 25 %);
// waves and bake time: AWS Builders' Library, "Automating safe, hands-off deployments".
// Leaves out: versions that cannot start; detection that follows what the metrics show; traffic
// that is split by other means than the number of replicas.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "world/service/requests.hpp"

namespace hyperdc {

struct RolloutState {
  explicit RolloutState(const ServiceWorkload& workload, std::uint64_t seed);

  enum class Phase : std::uint8_t { idle, rolling, baking, returning };
  struct Version {
    double factor = 1;      // of service times
    double error_rate = 0;  // of requests
    bool bad() const { return factor != 1 || error_rate > 0; }
  };

  const std::vector<RolloutSpec>* specs;
  RandomStream chance_draws, delay_draws, error_draws;
  std::vector<Version> versions{1};  // the n-th rollout brings the n-th, counted from 1
  Phase phase = Phase::idle;
  std::uint32_t due = 0, begun = 0;                   // rollouts
  std::uint32_t version = 0, stable = 0, before = 0;  // what comes; what the rest runs; before it
  std::uint32_t wave = 0;
  bool exposed = false;    // the new version has had a ready replica
  bool reviewing = false;  // replicas change at this moment; see review_rollout
  EventId bake = kNoEvent, detection = kNoEvent;
  std::uint64_t finished = 0, rolled_back = 0, bad_begun = 0;
  std::uint64_t served = 0, served_by_bad = 0, errors = 0;  // attempts whose work was done
  LevelAccount under_way;

  const RolloutSpec& spec() const { return (*specs)[version - 1]; }
};

/// The rollout that is due now; it waits while another is under way.
void rollout_due(const ServiceContext& c);
/// The wave has been watched for long enough.
void bake_ends(const ServiceContext& c);
/// Somebody has seen that the new version is bad.
void bad_version_detected(const ServiceContext& c);

/// Starts, ends and counts replicas as the rollout under way asks, and goes on with it when its
/// wave is done. False: there is none, and replicas are of one version.
bool review_rollout(const ServiceContext& c, DeploymentState& deployment);
/// What a new replica of the deployment is to run.
std::uint32_t version_of_next(const ServiceState& service, const DeploymentState& deployment);
/// A replica is ready: the new version may be seen now.
void note_exposure(const ServiceContext& c, std::uint32_t version);
/// Speed of replicas of this version, as a share of the usual.
double speed_of_version(const ServiceState& service, std::uint32_t version);
/// The replica has done its part of the request; true: its version failed it.
bool fails_by_version(const ServiceContext& c, const DeploymentState& deployment,
                      const RequestState& request);

}  // namespace hyperdc
