// Replication: what requests of a service write in one region is copied to others over the WAN.
//
// Computes: a request writes `bytes` with probability `share` when its work is done, in the region
// that served it. Asynchronous: a stream from there to each region of `to` gathers what was written
// and sends all of it, as one flow, at multiples of `every`; while a flow is under way the next
// waits for its arrival. Lag of a batch = its arrival - the first write in it. Synchronous: each
// write is a flow to each region of `to`, and its answer sets out when the last of them has
// acknowledged: time of the flow on the links that it shares + latency of the way back.
// Loss: when a region has lost its last replica to a failure, what was written there and has not
// been sent whole is lost for good: recovery point = now - the first write that is lost (0: none),
// for each region of `to`; recovery time = from then until the first answer to people of that
// region whose attempt began later. Answers that wait for copies fail with their replica. Exact for
// flows of piecewise constant rate (network/flow). Units: bytes, s. Source: definitions of RPO and
// RTO, ISO 22301; log shipping and synchronous commit as PostgreSQL 16 has them (synchronous_commit
// = remote_write). Valid: services whose single requests are simulated. Leaves out: reading from
// copies, consistency between them, conflicts, what a copy takes at its region, regions of `to`
// that are lost themselves, catching up of a region that comes back.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "network/fabric.hpp"
#include "world/fabric_state.hpp"
#include "world/service/requests.hpp"

namespace hyperdc {

enum class ReplicationEvent : std::uint32_t { ship, arrived, written, acknowledged };

/// A flow that may have been sent already.
struct CopyFlow {
  FlowId flow;
  FlowOwner owner;
  std::uint32_t to = 0;  // region
};

struct Replication {
  /// From where it was written to one region.
  struct Stream {
    std::uint32_t from = 0, to = 0;  // regions
    std::uint64_t unsent = 0;        // bytes
    SimTime first;                   // write of these
    std::uint64_t sending = 0;       // bytes of the flow under way; 0: none
    SimTime sending_first;
    CopyFlow flow;
    bool planned = false, late = false;  // an event will ship; it came while a flow was under way
  };
  /// A write whose answer waits.
  struct Write {
    std::uint32_t request = kNoSlot;  // none: its replica was lost, or the slot is free
    std::uint64_t replica_number = 0;
    std::uint32_t from = 0;  // region
    SimTime since;
    std::uint32_t left = 0;  // acknowledgements to come
    std::vector<CopyFlow> flows;
  };
  explicit Replication(const RandomStream& stream) : draws(stream) {}

  ProcessId process;
  RandomStream draws;
  std::vector<Stream> streams;
  std::vector<Write> writes;
  std::vector<std::uint32_t> free_writes;
  std::uint64_t flows = 0;                      // started so far
  std::vector<std::optional<SimTime>> lost_at;  // by region whose people wait for an answer
  std::uint64_t written = 0, copied = 0, lost = 0, uncopied = 0;  // bytes, by stream
  MetricId lag, wait, copied_bytes, uncopied_level, lost_bytes, recovery_point, recovery_time;
};

void build_replication(World& world, ServiceState& service);

/// The work of a request is done. True: its answer waits for copies of what it wrote.
bool waits_for_copies(const ServiceContext& c, std::uint32_t request);
/// A replica is lost to a failure: the answers that wait there fail; and what its region has not
/// sent is lost if it was the last.
void lose_copies(const ServiceContext& c, const DeploymentState& deployment, std::uint32_t replica);
void lose_region(const ServiceContext& c, std::uint32_t region);

// What the events do.
void ship_copies(const ServiceContext& c, std::uint32_t stream);
void copies_arrive(const ServiceContext& c, std::uint64_t arg);
void copy_written(const ServiceContext& c, std::uint64_t arg);
void copy_acknowledged(const ServiceContext& c, std::uint64_t arg);

}  // namespace hyperdc
