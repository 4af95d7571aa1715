// FabricState: the network of a region, or the WAN, in one run. One process turns its next end into
// one event.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/engine.hpp"
#include "metrics/recorder.hpp"
#include "network/fabric.hpp"
#include "scenario/fabric_spec.hpp"
#include "world/accounts.hpp"

namespace hyperdc {

inline constexpr std::uint32_t kNoGroup = ~std::uint32_t{0};

/// Who is told, by an event of phase workload, when the last byte of a flow has arrived. A flow of
/// a group counts for that alone, when it has been sent.
struct FlowOwner {
  ProcessId process;
  std::uint32_t kind = 0;
  std::uint64_t arg = 0;
  std::uint32_t group = kNoGroup;
};

/// Flows that began together: one event when the last of them has been sent, upon which the owner
/// frees the group.
struct FlowGroup {
  FlowOwner owner;
  std::uint64_t left = 0;
  EventId sent_event = kNoEvent;  // the owner is told by it, later in the same moment
  std::vector<FlowId> flows;
};

struct FabricState {
  const FabricSpec* spec = nullptr;
  std::unique_ptr<SharedFabric> fabric;
  ProcessId process;
  std::optional<SimTime> settles_at;  // an event is pending that looks for the next end
  EventId end_event = kNoEvent;       // of the next end
  SimTime end_at;                     // meaningful if there is such an event
  std::vector<FlowOwner> owners;      // by flow
  std::vector<FlowGroup> groups;
  std::vector<std::uint32_t> free_groups;
  std::vector<std::uint64_t> link_bytes_before;  // at the end of the warm-up; empty: none
  std::map<std::uint32_t, std::vector<double>>
      link_faults;                  // by link: causes that hold it down; or empty
  std::uint64_t fault_changes = 0;  // of link_faults, so far
  MetricId flows, waiting, delivered;
};

struct TransfersState {
  const TransfersWorkload* spec = nullptr;
  std::uint64_t offered = 0, completed = 0;
  MetricId time, slowdown, offered_count, completed_count, bytes;
  std::vector<MetricId> slowdown_by_size;  // as kFlowSizes
};

/// Of the collectives of one workload, whoever runs them.
struct ExchangeMetrics {
  MetricId time, slowdown, count;
};

struct CollectivesState {
  const CollectivesWorkload* spec = nullptr;
  ExchangeMetrics exchanges;
  MetricId iteration;
  std::uint64_t measured = 0;            // collectives whose computation began after the warm-up
  Int128 exchanging_ns = 0, all_ns = 0;  // of these
};

}  // namespace hyperdc
