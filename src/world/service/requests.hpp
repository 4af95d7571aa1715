// What happens to requests: they arrive, are routed, wait, are served, call other services, and
// are answered. Functions on the state of the world; processes call them at their events.
//
// Computes: FCFS or processor sharing at each replica, exactly, one event a completion.
// Equation (ps): each of n requests gets work at rate speed * min(1, slots / n).
// Units: ns; work is rounded to whole ns when it is drawn, completions up to the next ns.
// Source: definitions of M/G/c and processor-sharing queues.
// Leaves out: the network between client and replica but for the latency between regions, which is
// added to the answer; time slicing below a request; a change of a replica's speed in the middle
// of a request under FCFS.
#pragma once

#include <cstdint>

#include "world/service/state.hpp"
#include "world/world.hpp"

namespace hyperdc {

/// Kinds of events of a service's process; the first are those of OwnerEvent.
enum class ServiceEvent : std::uint32_t {
  placed,
  stopped,
  lost,
  evicted,
  arrive,         // arg: origin
  finish,         // arg: request
  shared,         // arg: deployment << 32 | replica; the next completion under processor sharing
  answer,         // arg: request; the answer arrives at the caller
  think,          // arg: user; a user of a closed loop asks
  started,        // arg: deployment << 32 | replica
  warm,           // arg: the same
  drained,        // arg: the same; the drain deadline
  retry,          // arg: request
  timeout,        // arg: request
  healthy,        // arg: deployment << 32 | replica; it answers its checks
  unhealthy,      // arg: the same; it does not
  unreachable,    // arg: request; it was sent to a replica that is gone
  rollout,        // a rollout is due
  baked,          // arg: version; its wave was watched for long enough
  detected,       // arg: version; it was seen to be bad
  engine_end,     // arg: deployment << 32 | replica; a stretch of iterations ends
  engine_begin,   // arg: the same; another one begins
  handed_over,    // arg: request; its cache is where it is decoded, or sets out over a fabric
  next_turn,      // arg: conversation; it goes on
  cache_leaves,   // arg: transfer; the first byte of a cache is sent
  part_arrives,   // arg: the same; one of its flows is there
  weights_leave,  // arg: deployment << 32 | replica; it begins to read from a store
  weights_there,  // arg: the same; it has its weights
};
inline constexpr std::uint32_t kServiceEvents = 28;

constexpr std::uint64_t replica_arg(std::uint32_t deployment, std::uint32_t replica) {
  return std::uint64_t{deployment} << 32 | replica;
}

/// The state of the world on which the functions below work.
struct ServiceContext {
  World& world;
  ServiceState& service;
  Engine& engine;
};

/// A free slot, as RequestState{} but not `free` once its phase is set.
std::uint32_t take_request(ServiceState& service);
/// A new request, not sent yet; `user` is its user in a closed loop, or its conversation.
std::uint32_t new_request(const ServiceContext& c, std::uint16_t origin,
                          std::uint32_t user = kNoUser);
/// Routes a request to a replica. Where that is not possible the attempt fails at once.
void send_request(const ServiceContext& c, std::uint32_t request);
/// A request from outside; `user` as above, or kNoUser.
void request_arrives(const ServiceContext& c, std::uint16_t origin, std::uint32_t user);
/// Work of a request is done under FCFS.
void request_finishes(const ServiceContext& c, std::uint32_t request);
/// The first of those that share a replica is done.
void shared_finishes(const ServiceContext& c, std::uint32_t deployment, std::uint32_t replica);
/// Gives back the slot that a request held while others worked for it.
void release_replica(const ServiceContext& c, std::uint32_t request);

/// Tells the router how many requests a replica has, if it follows.
void note_load(DeploymentState& deployment, std::uint32_t replica);
/// Brings the integrals of a replica that has `load` requests up to now.
void account_replica(ReplicaState& replica, std::uint32_t load, SimTime now);
/// Every request at the replica fails: its server is gone.
void crash_requests(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);

}  // namespace hyperdc
