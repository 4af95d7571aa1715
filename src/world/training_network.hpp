// The exchanges of a training run on the fabric of its region, where its gang lies.
//
// Computes, at each start of a run, the messages of one step (ai/training/training_exchanges.hpp)
// between the endpoints of its ranks, which are numbered over its servers in the order of their
// endpoints (racks). Messages of one pair are one flow; on a fabric that hashes whole flows, one
// for each accelerator of the sender. Then
//   alone      each exchange takes max over links of load / capacity, on the paths that its flows
//              take (spray and adaptive: evenly over all equal paths that are alive)
//   contended  the exchanges follow each other as groups of flows, once a step, from the begin of
//              the step; of `steps_at_once` steps together, with the bytes of all, once in so many
//   step       max of step + sum of what each exchange takes longer than by its spec (exposed) and,
//              where that is more than by the spec, of all exchanges, hidden or not
// The run is as much slower than its step (drag_training): alone from its start on, contended from
// the end of one measurement until that of the next. A step whose flows are not over when the next
// is due holds the gang until they are; that is not charged again; so a message without a way holds
// it until switches or links are back. An exchange that the fabric
// would do faster than the network of a rank takes as long as that.
// Units: s, bytes. Source: definition; docs/models/training.md. Cost: a start costs the messages
// times links of a path. Valid: scale-up domains no larger than servers, or islands that are
// filled in order. Leaves out: exchanges that overlap each other; what `contention` and `incast`
// of a fabric take while it is alone; latency of paths (that of the software holds it); the share
// of all-to-all beyond kMostShifts partners, which these get.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ai/training/training_exchanges.hpp"
#include "network/routing.hpp"
#include "world/world.hpp"

namespace hyperdc {

enum class TrainingNetworkEvent : std::uint32_t { step, sent, passed };

struct TrainingNetwork {
  const TrainingNetworkSpec* spec = nullptr;
  std::vector<TrainingExchange> exchanges;
  std::unique_ptr<PathRouter> router;
  std::vector<LinkId> faulted;  // that it knows of
  ProcessId process;

  // Of the present gang, or the last.
  std::vector<std::vector<FlowSpec>> flows;  // by exchange; empty while it is alone
  double alone_s = 0;                        // a step
  double exposed_s = 0;                      // of that, exchanges between domains
  std::uint32_t racks = 0;

  bool begun = false;  // its first step
  // Flows of a step.
  bool under_way = false;
  bool due = false;  // the next step waits for them
  std::size_t phase = 0;
  std::optional<std::uint32_t> group;
  EventId event = kNoEvent;
  SimTime since, stands_since;
  Duration next;                // of work
  std::int64_t stepped_ns = 0;  // of steps since the run began, without stalls
  std::vector<double> messages_s;
  double measured_s = 0;  // all steps
  double measured_alone_s = 0;
};

void build_training_networks(World& world);
/// The run has just started, and knows when its first step begins.
void begin_training_network(World& world, TrainingState& training, Engine& engine);
/// It stops, or hangs.
void end_training_network(World& world, TrainingState& training, Engine& engine);

// What the events do.
void network_step(World& world, TrainingState& training, Engine& engine);
void network_sent(World& world, TrainingState& training, Engine& engine);
void network_passed(World& world, TrainingState& training, Engine& engine);

void read_training_network(const TrainingState& training, const std::string& prefix,
                           std::vector<MetricValue>& values);

}  // namespace hyperdc
