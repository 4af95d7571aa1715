#include "scenario/resolve_host_memory.hpp"

#include <cmath>
#include <fmt/format.h>

#include <hyperdc/core/units.hpp>

namespace hyperdc {
namespace {

/// Of one block: parts of it are counted in 64 bits.
constexpr double kLongestMove_s = 60;

/// Bytes of a token in the cache: stated, or those of the model. 0 with a problem if nobody says.
double bytes_of_token(Resolution& r, const View& host, double of_model) {
  const View stated = host["token_bytes"];
  if (stated && of_model > 0) {
    r.error("E016", stated, "the model tells the bytes of a token", "remove it");
  }
  if (stated) return stated.number();
  if (of_model <= 0 && !r.problems.failed()) {
    r.error("E034", host, "nothing tells the bytes of a token in the cache", "add \"token_bytes\"");
  }
  return of_model;
}

}  // namespace

void resolve_host_memory(Resolution& r, const View& workload, double token_bytes,
                         InferenceSpec& spec) {
  const View host = workload["engine"]["host_memory"];
  if (!host || !host["size"] || !host["rate"]) return;
  if (!spec.keeps_cache()) {
    r.error("E034", host, "a model of one pass keeps no cache", "remove it");
    return;
  }
  if (spec.engines.empty()) return;  // no pool: reported
  const double block =
      bytes_of_token(r, host, token_bytes) * spec.engines.front().rules.block_tokens;
  if (block <= 0) return;  // reported
  const double size = host["size"].number();
  if (size < block) {
    r.error("E034", host["size"],
            fmt::format("a block of the cache has {}", format_for_people(block, Dimension::bytes)),
            "room for one at least");
  }
  const auto blocks = static_cast<std::uint64_t>(std::floor(size / block));
  const double block_s = block / host["rate"].number();
  if (block_s > kLongestMove_s) {
    r.error("E034", host["rate"],
            fmt::format("a block takes {}", format_for_people(block_s, Dimension::time)),
            fmt::format("{} at most", format_for_people(kLongestMove_s, Dimension::time)));
    return;
  }
  for (EngineSpec& engine : spec.engines) {
    engine.rules.host_blocks = blocks;
    engine.rules.host_block_parts = static_cast<std::int64_t>(parts_of(block_s * 1e9));
  }
  const View memory = workload["instance"]["memory"];
  if (memory && memory.number() < size) {
    r.warning("E034", host["size"],
              fmt::format("a replica holds {} of its server",
                          format_for_people(memory.number(), Dimension::bytes)));
  }
}

}  // namespace hyperdc
