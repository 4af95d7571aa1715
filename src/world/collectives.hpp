// Collectives in a run: the phases of a plan as groups of flows on a fabric.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ai/collective/plan.hpp"
#include "world/world.hpp"

namespace hyperdc {

/// One collective under way. Its owner gets two kinds of events and answers each with next():
/// the flows of a phase have been sent; the latency of a phase has passed.
class CollectiveRun {
 public:
  /// `label` tells the flows of one user of the fabric from those of others.
  void set(std::shared_ptr<const CollectivePlan> plan, std::vector<EndpointId> ranks,
           std::uint32_t fabric, std::uint32_t label);
  /// Begins; `sent` and `passed` are the events. True: there is nothing to exchange.
  bool begin(World& world, const FlowOwner& sent, const FlowOwner& passed, Engine& engine);
  void sent(World& world, Engine& engine);
  /// True: it is done. Else the next phase has begun.
  bool passed(World& world, Engine& engine);
  /// Stops it where it is.
  void cancel(World& world, Engine& engine);
  bool under_way() const { return under_way_; }

 private:
  void begin_phase(World& world, Engine& engine);

  std::shared_ptr<const CollectivePlan> plan_;
  std::vector<EndpointId> ranks_;
  std::uint32_t fabric_ = 0;
  std::uint32_t label_ = 0;
  FlowOwner sent_, passed_;
  std::uint64_t phase_ = 0;
  std::optional<std::uint32_t> group_;
  EventId event_ = kNoEvent;
  bool under_way_ = false;
};

ExchangeMetrics declare_exchanges(Recorder& recorder, const std::string& workload);
/// A collective has ended now that began at `since`; alone it takes what its closed form says.
/// `measured`: it counts for the samples.
void note_exchange(const World& world, const ExchangeMetrics& metrics, SimTime now, SimTime since,
                   Duration alone, bool measured);

}  // namespace hyperdc
