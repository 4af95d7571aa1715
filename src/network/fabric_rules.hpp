// FabricRules: how flows choose paths and share links, as a scenario states it.
#pragma once

#include <cstdint>
#include <optional>

namespace hyperdc {

enum class Routing : std::uint8_t {
  ecmp,      // one equal path, by hash
  spray,     // all equal paths, evenly
  adaptive,  // the least loaded at the start, detours too
  valiant,   // a random detour, where there are any
};

enum class FlowSharing : std::uint8_t {
  max_min,      // exact
  approximate,  // max-min in which levels that move by less than kApproximate are left alone
  constant,     // nobody shares
};

inline constexpr double kApproximate = 1e-3;

/// A link down to an endpoint that more than `flows` flows share carries `factor` of its capacity.
struct Incast {
  std::uint32_t flows = 0;
  double factor = 1;
};

struct FabricRules {
  Routing routing = Routing::ecmp;
  std::uint32_t most_paths = 256;  // that spray spreads over or adaptive looks at, for one flow
  FlowSharing sharing = FlowSharing::max_min;
  std::optional<Incast> incast;
  double contention = 1;  // share of the capacity of a link that two or more flows cross
};

}  // namespace hyperdc
