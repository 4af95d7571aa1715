// StoreSpec: what new replicas of endpoints read the weights of their models from, and what
// training runs write and read.
#pragma once

#include <cstdint>
#include <string>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct StoreSpec {
  std::string name;
  std::uint32_t region = 0;
  double rate_Bps = 0;         // of all readers together, and of writers without a rate of theirs
  double client_rate_Bps = 0;  // of each at most
  Duration latency;            // to the first byte
  double write_rate_Bps = 0;   // of all writers together; 0: they share the other
  bool written = false;        // by somebody in the scenario
};

}  // namespace hyperdc
