// StoreSpec: what new replicas of endpoints read the weights of their models from.
#pragma once

#include <cstdint>
#include <string>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct StoreSpec {
  std::string name;
  std::uint32_t region = 0;
  double rate_Bps = 0;         // of all readers together
  double client_rate_Bps = 0;  // of each at most
  Duration latency;            // to the first byte
};

}  // namespace hyperdc
