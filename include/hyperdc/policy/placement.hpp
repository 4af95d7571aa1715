// Placement: on which server (and which of its accelerators) one member of a job runs.
//
// A placement policy is a pure score of (request, state of a server). The world keeps servers of
// equal state in groups and remembers scores by (request, state), so a decision costs the number
// of distinct states, not the number of servers. Highest score wins; among equal scores the server
// that comes first in the pool's order (listed, or shuffled once a run from a named stream).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <hyperdc/core/params.hpp>
#include <hyperdc/core/request.hpp>
#include <hyperdc/policy/energy_signal.hpp>

namespace hyperdc {

/// What a placement may look at: a value, independent of which server has it. Memory is checked
/// by the world, server by server, and is not part of the state.
struct NodeView {
  const ServerShape* shape = nullptr;
  std::int64_t cores_left_milli = 0;
  std::span<const std::uint16_t> accelerators_left_milli;  // one entry a device, 0..1000
  /// Bit k: a job of k whole accelerators runs here (k = 1..32); bit 0: one that shares a device.
  /// Filled only for policies whose uses_holds() is true, so that it does not split states.
  std::uint64_t holds = 0;
};

struct PlacementContext {
  std::span<const JobMixEntry> mix;  // most frequent first; valid for the life of the policy
};

class Placement {
 public:
  /// best_score: as above. uniform_random: any server on which the request fits, with equal
  /// probability. first_in_order: the first on which it fits, as if every score were equal; the
  /// world then needs no scores and finds it in the logarithm of the number of servers.
  enum class Choice { best_score, uniform_random, first_in_order };

  virtual ~Placement() = default;
  virtual Choice choice() const { return Choice::best_score; }
  virtual bool uses_holds() const { return false; }
  /// Called only for servers on which `request` fits but for memory (see fits below). Pure: the
  /// same arguments give the same score, which the world remembers.
  virtual std::int64_t score(const Request& request, const NodeView& node) const = 0;
  /// Bit mask of the devices to take. Default: whole devices lowest index first; a shared device
  /// by best fit (least left, then lowest index). `draw` is 64 random bits for this decision.
  virtual std::uint32_t devices(const Request& request, const NodeView& node,
                                std::uint64_t draw) const;
  /// By what it prefers regions of the pool; nothing: it does not look at them.
  virtual std::optional<EnergySignal> follows() const { return std::nullopt; }
  /// Puts `order`, the numbers of the pool's regions as listed, into the order in which they are
  /// tried; per_J: what a joule costs or emits there now. A job goes whole into the first region
  /// with room for all of its members, and where none has it, its members one by one.
  virtual void order_regions(std::span<const double> /*per_J*/,
                             std::vector<std::uint32_t>& /*order*/) const {}
};

using PlacementEntry = Entry<Placement, PlacementContext>;
/// Every placement policy, in the order of the reference. Listed by hand in policy/builtin.cpp.
std::span<const PlacementEntry> placements();

/// Cores, model and devices suffice (memory is checked by the caller).
bool fits(const Request& request, const NodeView& node);

}  // namespace hyperdc
