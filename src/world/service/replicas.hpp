// The life of replicas: asked for, placed by their pool, started, routed to, drained, gone.
//
// Computes: what becomes of each. A replica is a job of the pool without an end; the pool's
// scheduler and placement decide when and where it runs. Who leaves is first one that waits for a
// server, then one that starts, then the youngest that is ready.
// A replica with k times the cores of the scenario's works k times as fast.
// Units: ns. Source: Kubernetes ReplicaSet (not ready before ready, younger before older). Leaves
// out: rescheduling of replicas that run. How many: scaling.hpp; zones: spread.hpp; versions:
// rollout.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "world/service/requests.hpp"

namespace hyperdc {

/// One more replica, of this version: from the warm pool, or from nothing.
void create_replica(const ServiceContext& c, DeploymentState& deployment, std::uint32_t version);
/// Asks for a replica from nothing, which is one of by_age or of the warm pool.
void ask_for_replica(const ServiceContext& c, DeploymentState& deployment, std::uint32_t version,
                     std::vector<std::uint32_t>& among);
/// Takes a replica away: one that is ready and has requests drains.
void remove_replica(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// Whom to take away of those that `may` be and that the launch plane lets go: the youngest of the
/// least advanced phase.
std::optional<std::uint32_t> victim_among(const ServiceContext& c,
                                          const DeploymentState& deployment,
                                          const std::function<bool(std::uint32_t)>& may);
/// Whether the pool still has the replica's job. Where a failure took it in this moment the replica
/// is yet to be told.
bool has_job(const ServiceContext& c, const DeploymentState& deployment, std::uint32_t replica);
/// What it holds of its server is used as that of others is, or (-1) idles.
void drive_server(DeploymentState& deployment, std::uint32_t replica, int sign);
/// `id` becomes that of an event of the replica's.
void schedule_replica(const ServiceContext& c, const DeploymentState& deployment,
                      std::uint32_t replica, ServiceEvent kind, SimTime at, EventId& id);
/// Taking a placed replica away is up to the launch plane of its rack.
bool may_leave(const ServiceContext& c, const DeploymentState& deployment, std::uint32_t replica);

// Events of a replica; they may come for one that has gone in the meantime, and do nothing then.
void replica_placed(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
void replica_stopped(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
void replica_lost(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// Its server is to be switched off: it drains, and another starts elsewhere at once.
void replica_evicted(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
void replica_started(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
void replica_warm(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
void replica_healthy(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
void replica_unhealthy(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
void drain_ends(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);

/// Sets the speed of a placed replica to what its warm-up and its server allow now.
void refresh_speed(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);

/// A draining replica has nothing left to do.
void retire_replica(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);

/// A dead replica that gets no more requests and has none that hang is forgotten.
void release_dead(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);

/// Adds the integrals of a replica to the deployment's books and begins them anew.
void flush_replica(DeploymentState& deployment, std::uint32_t replica, SimTime now);

/// What a pool's event names: the deployment and the replica of its owner.
constexpr std::uint32_t owner_arg(std::uint32_t deployment, std::uint32_t replica) {
  return deployment << 24 | replica;
}
inline constexpr std::uint32_t kMaxReplicas = (1U << 24) - 1;  // of one deployment
inline constexpr std::uint32_t kMaxDeployments = 255;          // of one service

}  // namespace hyperdc
