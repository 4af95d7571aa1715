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
// While a way between gateway and replica has no path that is alive, answers are held; they leave
// at the first tick at which both ways have one again, and their time on the way includes the wait.
// A replica that is lost takes the answers that are held there along.
// Valid: many requests an interval, up to 2^52 bytes of one way of a replica (more are cut off).
// Leaves out: variance of the time on the way, requests that are refused, what calls between
// services move; requests that wait for a path (they are served, and their answers held), answers
// that are on their way when the path dies (they arrive), health checks that go over the fabric.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "world/service/requests.hpp"
#include "world/service/state.hpp"
#include "world/world.hpp"

namespace hyperdc {

enum class ServiceNetworkEvent : std::uint32_t { tick, sent };

struct ReplicaTraffic {
  EndpointId endpoint;
  std::uint64_t number = 0;             // of the replica whose traffic this is
  std::uint64_t answers = 0;            // since the last tick
  Duration delay;                       // both ways
  bool cut = false;                     // a way had no path; seen to be over at a tick
  std::optional<std::uint64_t> looked;  // FabricState::fault_changes when the paths were looked at
  struct Way {
    std::optional<std::uint32_t> group;  // of the flow under way
    std::uint64_t bytes = 0;             // that it had to send
  };
  std::array<Way, 2> ways;  // in, out
};

/// An answer that has no path to its gateway.
struct HeldAnswer {
  std::uint32_t request = 0;
  SimTime since;
  EndpointId endpoint;       // of its replica
  std::uint64_t number = 0;  // ReplicaTraffic::number
};

struct ServiceNetwork {
  ProcessId process;
  std::uint32_t fabric = 0;
  std::uint32_t gateway = 0;                          // the first
  std::vector<std::vector<ReplicaTraffic>> replicas;  // by deployment and replica
  std::vector<HeldAnswer> held;                       // in the order in which they came
  MetricId delay, held_level;
};

void build_service_network(World& world, ServiceState& service);

/// An answer sets out: how long both ways take on the fabric. Nothing: there is no path, and the
/// answer is held until a tick sends it.
std::optional<Duration> network_delay(const ServiceContext& c, std::uint32_t request);
/// A replica is lost: the answers held there fail.
void lose_held_answers(const ServiceContext& c, const DeploymentState& deployment,
                       std::uint32_t replica);

/// One interval is over.
void network_tick(const ServiceContext& c);
/// The flow of one way of a replica has been sent.
void network_sent(World& world, ServiceState& service, std::uint64_t arg);

}  // namespace hyperdc
