// prepare: a collective between endpoints of a topology, ready to run on a fabric.
//
// Computes the levels of the ranks (levels.hpp; a torus that the ranks fill: one level a dimension;
// ranks in no order: one level of all), chooses an algorithm where none is given, and makes the
// plan and the closed form. Bandwidths are those of the topology times `efficiency`. Units: bytes,
// ns. An automatic choice with more flows at once than a plan may have gives way to an exchange in
// turns (all-to-all) or to a ring, as if all ranks were on one level. Levels slower than 1 MB/s
// count as that in the closed form and the choice; flows have the rates that they have.
// Leaves out: what other traffic does to the choice.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "ai/collective/plan.hpp"
#include "ai/collective/tuning.hpp"
#include "network/topology/topology.hpp"

namespace hyperdc {

struct CollectiveRequest {
  CollectiveOp op = CollectiveOp::all_reduce;
  std::optional<CollectiveAlgorithm> algorithm;  // nothing: the fastest
  std::shared_ptr<const TuningTable> tuning;     // the fastest by its table; null: by closed form
  std::uint64_t bytes = 0;
  bool flows = true;    // false: the plan is not run, and may have any number of flows
  Duration software;    // added to each step
  bool spread = false;  // each flow takes all of its equal paths: it has the ports of all
};

struct PreparedCollective {
  CollectiveAlgorithm algorithm = CollectiveAlgorithm::ring;
  std::shared_ptr<const CollectivePlan> plan;
  Duration alone;  // closed form
  double bus_Bps = 0;
  bool by_table = false;  // a table of tuning was given and has this algorithm between these ranks
};

/// Or why it cannot be done, as one sentence. `ranks`: at least two, all different.
std::variant<PreparedCollective, std::string> prepare_collective(const CollectiveRequest& request,
                                                                 const Topology& topology,
                                                                 double efficiency,
                                                                 std::span<const EndpointId> ranks);

}  // namespace hyperdc
