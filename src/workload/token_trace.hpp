// Requests to a language model from a file: when each comes, how many tokens it brings and how many
// it asks for.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/time.hpp>

#include "workload/prefix_ids.hpp"

namespace hyperdc {

inline constexpr double kMostTokens = 1e8;  // of a prompt, and of an output
/// A number that was drawn, or is a mean, as a request may have it.
inline std::uint64_t whole_tokens(double tokens) {
  return static_cast<std::uint64_t>(std::clamp(std::round(tokens), 1.0, kMostTokens));
}
inline constexpr double kMostArrivalNs = 0x1p63 / 4;

struct TokenRequest {
  SimTime at;
  std::uint64_t prompt = 1, output = 1;
  std::uint32_t ids = 0;       // how many name blocks of its prompt,
  std::uint64_t ids_from = 0;  // from here on in the list of all
};

struct TokenTrace {
  std::vector<TokenRequest> rows;  // by time, else as in the file
  std::vector<std::uint64_t> ids;
  std::uint64_t tokens_each = 1;  // that an id names
  std::string sha256;

  PrefixIds prefix(const TokenRequest& row) const;
};

/// csv: arrival_ns, prompt, output, and prefix. mooncake, azure-2023: docs/reference/traces.md.
enum class TokenFormat { csv, mooncake, azure_2023 };

struct TokenTraceSpec {
  TokenFormat format = TokenFormat::csv;
  std::string file;  // path that can be opened
  /// csv: tokens of a block of the column prefix; exactly where there is one.
  std::optional<std::uint64_t> prefix_block;
};

/// At most 4,000,000 rows, held in memory.
Result<TokenTrace> read_token_trace(const TokenTraceSpec& spec);

/// Its rows as in the file, without a sha256: what read_token_trace() makes of lines of JSON.
Result<std::string> read_mooncake(const std::string& file, TokenTrace& trace);

}  // namespace hyperdc
