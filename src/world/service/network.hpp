// Service traffic: what requests and answers take on the fabric of their region, and what they take
// from others there.
//
// Computes: each replica exchanges two aggregate flows with a gateway endpoint, in and out. Each
// interval they are offered what the answers of the last interval moved, plus what is left of
// before, at no more than that over the interval. From the max-min share C that each could have,
// its load rho = offered / (C T), its message of b bytes and its backlog R (bytes) the time on the
// way is
//     latency of the path + R / C + min(b / C / (1 - rho), b / C + T).
// The second term is a fluid queue; the third the mean time of a message that shares C with others
// of the same flow: M/G/1 processor sharing, which depends on the mean size alone (Kleinrock,
// Queueing Systems II, 1976, section 4.4), bounded as no queue is older than an interval.
// Both ways are added to the latency of each answer until the next interval. Units: bytes, s.
// Valid: many requests an interval, up to 2^52 bytes of one way of a replica (more are cut off).
// While no path is alive answers take an interval longer than their path. Leaves out: variance of
// the time on the way, requests that are refused, what calls between services move.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "world/service/state.hpp"
#include "world/world.hpp"

namespace hyperdc {

enum class ServiceNetworkEvent : std::uint32_t { tick, sent };

struct ReplicaTraffic {
  EndpointId endpoint;
  std::uint64_t number = 0;   // of the replica whose traffic this is
  std::uint64_t answers = 0;  // since the last tick
  Duration delay;             // both ways
  struct Way {
    std::optional<std::uint32_t> group;  // of the flow under way
    std::uint64_t bytes = 0;             // that it had to send
  };
  std::array<Way, 2> ways;  // in, out
};

struct ServiceNetwork {
  ProcessId process;
  std::uint32_t fabric = 0;
  std::uint32_t gateway = 0;                          // the first
  std::vector<std::vector<ReplicaTraffic>> replicas;  // by deployment and replica
  MetricId delay;
};

void build_service_network(World& world, ServiceState& service);

/// An answer of this replica is on its way: how long both ways take on the fabric.
Duration network_delay(const World& world, ServiceState& service, std::uint16_t deployment,
                       std::uint32_t replica, SimTime arrived);

/// One interval is over.
void network_tick(World& world, ServiceState& service, Engine& engine);
/// The flow of one way of a replica has been sent.
void network_sent(World& world, ServiceState& service, std::uint64_t arg);

}  // namespace hyperdc
