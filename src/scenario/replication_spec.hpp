// ReplicationSpec: what requests of a service write, and which other regions have a copy of it,
// resolved. Units: bytes, s.
#pragma once

#include <cstdint>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct ReplicationSpec {
  std::uint32_t fabric = 0;       // the WAN
  std::vector<std::uint32_t> to;  // regions
  double share = 1;               // of the requests write
  std::uint64_t bytes = 0;        // of a write
  bool synchronous = false;       // the answer waits until every copy is there
  Duration every;                 // asynchronous: what was written since is sent at multiples of it
  double cap_Bps = 0;             // of one stream; 0: none
};

}  // namespace hyperdc
