// Requests to a language model from a file: when each comes, how many tokens it brings and how many
// it asks for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

inline constexpr double kMostTokens = 1e8;  // of a prompt, and of an output

struct TokenRequest {
  SimTime at;
  std::uint64_t prompt = 1, output = 1;
};

struct TokenTrace {
  std::vector<TokenRequest> rows;  // by time, else as in the file
  std::string sha256;
};

/// A CSV file with arrival_ns, prompt and output, in any order of columns. At most 4,000,000 rows,
/// held in memory.
Result<TokenTrace> read_token_trace(const std::string& file);

}  // namespace hyperdc
