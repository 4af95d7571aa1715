// What moves between regions and what that costs, resolved. Units: bytes, USD.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hyperdc {

/// What a region charges for bytes that leave it and for requests that enter at it.
struct DataTransferPrices {
  std::vector<double> region_B;  // of each byte to each region; 0 for itself
  double internet_B = 0;         // of each byte of answers that leave to people
  double request = 0;            // of each request that people send in at it
  std::string source;            // empty: not said
};

/// Mean bytes of a message of an endpoint: a fixed part, and a part for each token.
struct PayloadSpec {
  double request = 0, response = 0;
  double prompt_token = 0, output_token = 0;  // of a language model
};

}  // namespace hyperdc
