// Fabric: flows share bandwidth, and the fabric says which of them ends next. It never sees an
// event: a process keeps one pending event at next_end() and calls advance() there
// (docs/adr/0010-fabrics.md).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

using FlowId = Id<struct FlowTag>;  // a slot: reused after the flow has left
using EndpointId = Id<struct EndpointTag>;
using LinkId = Id<struct LinkTag>;  // directed

inline constexpr double kNoCap_Bps = std::numeric_limits<double>::infinity();

struct FlowSpec {
  EndpointId from;
  EndpointId to;
  std::uint64_t bytes = 0;      // at most 2^53
  double cap_Bps = kNoCap_Bps;  // above 0
  double weight = 1;            // above 0, finite: share of a full link relative to other flows
  std::uint32_t label = 0;      // what tells flows of one pair apart in the choice of a path
};

struct FlowEnd {
  FlowId flow;
  SimTime at;       // the last byte is sent: the links are free
  SimTime arrives;  // the last byte arrives: later by the latency of the path
  bool operator==(const FlowEnd&) const = default;
};

/// A link and the share of its capacity that it has, from 0 to 1.
struct LinkFraction {
  LinkId link;
  double fraction = 1;
};

/// Whole bytes since the start. Law: offered = delivered + withdrawn + in_flight.
struct FabricBytes {
  std::uint64_t offered = 0;    // of all flows that were started
  std::uint64_t delivered = 0;  // of flows that ended, and what cancelled ones had sent
  std::uint64_t withdrawn = 0;  // what cancelled flows had not sent
  std::uint64_t in_flight = 0;  // of flows that have not ended, added up flow by flow
};

/// Each `now` is at least the one before and at most the next end (InvariantError). Changes at one
/// moment are settled together at the next question, so several starts cost one solution.
class Fabric {
 public:
  virtual ~Fabric() = default;

  virtual FlowId start(const FlowSpec& spec, SimTime now) = 0;
  /// Takes a flow out that has not ended; returns the whole bytes that it has sent.
  virtual std::uint64_t cancel(FlowId flow, SimTime now) = 0;
  /// Scales links, each once, to fractions of their capacities. 0: a link is dead, its flows take
  /// another path or wait until there is one. All links change at once: no flow moves to one that
  /// dies with its own.
  virtual void set_capacities(std::span<const LinkFraction> links, SimTime now) = 0;
  void set_capacity(LinkId link, double fraction, SimTime now) {
    const LinkFraction one{link, fraction};
    set_capacities({&one, 1}, now);
  }
  /// Sum of the rates on a link, bytes per second.
  virtual double load(LinkId link) = 0;
  /// Rate of a flow, bytes per second; 0 while it waits.
  virtual double rate(FlowId flow) = 0;
  virtual Duration path_latency(EndpointId from, EndpointId to) const = 0;
  /// The end that comes first; of equal ones, that of the flow that was started first.
  virtual std::optional<FlowEnd> next_end() = 0;
  /// Moves to `now` and takes out the flows that end there, in the order of their start. The span
  /// is valid until the next call.
  virtual std::span<const FlowEnd> advance(SimTime now) = 0;
  virtual FabricBytes bytes() const = 0;
};

}  // namespace hyperdc
