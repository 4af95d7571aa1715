// Caches of prompts on their way over a fabric to where their answers are decoded.
//
// Computes: when the cache of a prompt has arrived. The request is at the replica that decodes it
// from the moment that its cache sets out; after `latency` the bytes go there as flows, which share
// links with all other traffic. Where a server has one endpoint it is one flow; where each
// accelerator has its own there is one for each of the replica that has more of them, with equal
// parts of the bytes and of the rate that a transfer may have. The last flow to arrive counts.
// Equation, alone: latency + bytes / (the least of that rate and of what the links together can) +
// latency of the path. What stays at one endpoint takes bytes over the rate, or no time without
// one. Units: bytes, ns. Source: max-min sharing as of all flows (docs/models/fabrics.md). Leaves
// out: parts that go while the prompt is still being computed; a server that is lost while what it
// sent is on its way (it arrives); blocks held at either end meanwhile.
#pragma once

#include <cstdint>
#include <vector>

#include <hyperdc/network/fabric.hpp>

#include "world/service/requests.hpp"

namespace hyperdc {

inline constexpr std::uint32_t kNoTransfer = 0xffffffff;

struct CacheTransfer {
  std::uint64_t number = 0;
  std::uint32_t request = kNoSlot;  // nothing: nobody waits for it any more
  SimTime since;
  EventId departure = kNoEvent;  // of its first byte
  std::uint32_t left = 0;        // flows that have not arrived
  std::vector<FlowId> flows;
};

/// Of an endpoint that decodes.
struct CacheTransfers {
  std::vector<CacheTransfer> all;  // slots are reused
  std::vector<std::uint32_t> free;
  std::uint64_t begun = 0;
};

/// Where a prompt was computed.
struct CacheOrigin {
  std::uint32_t pool = 0;
  Share place;
};

/// Where the cache of a request is that has just been computed there.
CacheOrigin cache_origin(const ServiceContext& c, std::uint32_t request);
/// The request has entered a replica: its cache sets out if it goes over a fabric. False: it needs
/// no more.
bool cache_sets_out(const ServiceContext& c, std::uint32_t request);
/// Its first byte is sent.
void cache_leaves(const ServiceContext& c, std::uint32_t transfer);
/// One of its flows has arrived.
void cache_part_arrives(const ServiceContext& c, std::uint32_t transfer);
/// The replica of the request is lost, and what was on the way there.
void drop_cache(const ServiceContext& c, std::uint32_t request);

}  // namespace hyperdc
