// The fastest ways to spread training runs over their accelerators, as a table and as JSON.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "report/terminal.hpp"

namespace hyperdc {

struct ParallelismRow {
  std::uint32_t tensor = 1, context = 1, pipeline = 1, data = 1, expert = 1, interleave = 1;
  std::uint64_t micro_batch = 1;
  std::uint32_t zero = 1;
  std::string recompute, schedule;
  double step_s = 0, tokens_per_s = 0, mfu = 0;
  double bubble = 0, exchanged = 0;  // shares of a step
  double memory_bytes = 0;           // of an accelerator
};

struct ParallelismScreen {
  std::string workload;
  std::uint64_t accelerators = 0, tried = 0, fitting = 0;
  std::vector<ParallelismRow> best;  // fastest first
  ParallelismRow used;               // by the scenario
};

std::string parallelism_text(std::span<const ParallelismScreen> screens, const TextStyle& style);
/// {"schema": "hyperdc.parallelism/1", …}.
std::string parallelism_json(const std::string& scenario,
                             std::span<const ParallelismScreen> screens);

}  // namespace hyperdc
