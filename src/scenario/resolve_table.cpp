#include "scenario/resolve_table.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace hyperdc {
namespace {

/// Nearly all tokens that are drawn are fewer: the most there may be, or else mean and three
/// deviations.
double nearly_most(const DistributionSpec& spec) {
  if (const auto* uniform = std::get_if<Uniform>(&spec)) return uniform->high;
  if (const auto* empirical = std::get_if<Empirical>(&spec)) {
    return *std::ranges::max_element(empirical->values);
  }
  if (const auto* line = std::get_if<Interpolated>(&spec)) return line->values.back();
  const Distribution drawn(spec);
  return std::min(drawn.mean() + 3 * std::sqrt(drawn.variance()), kMostTokens);
}

/// Tokens of the longest contexts that are usual; no more than the cache holds.
std::uint64_t usual_context(const InferenceSpec& spec) {
  double most = 0;
  if (spec.trace) {
    for (const TokenRequest& row : spec.trace->rows) {
      most = std::max(most, static_cast<double>(row.prompt + row.output));
    }
  } else if (spec.conversations) {
    most = static_cast<double>(spec.conversations->max_context);
  } else {
    for (const TokenClass& k : spec.classes) {
      most = std::max(most, nearly_most(k.prompt) + nearly_most(k.output));
    }
  }
  std::uint64_t held = 0;
  for (const EngineSpec& engine : spec.engines) {
    held = std::max(held, engine.rules.blocks * engine.rules.block_tokens);
  }
  return std::min(static_cast<std::uint64_t>(most), held);
}

/// One value says nothing of how the time goes on.
void check_values(Resolution& r, const View& file, const IterationTable& table, bool decodes) {
  const auto check = [&](const char* key, const std::vector<std::uint64_t>& values) {
    if (values.size() > 1) return;
    r.error("E034", file,
            fmt::format("the table has one {}, {}: how the time goes on from there is not known",
                        key, values.front()),
            "two at least");
  };
  check("prompt", table.prompts);
  if (!decodes) return;  // then neither is asked for
  check("sequences", table.sequences);
  if (table.sequences.size() > 1) check("context", table.contexts);
}

/// What the engine may have in an iteration and nobody measured.
void warn_of_ends(Resolution& r, const View& file, const IterationTable& table,
                  const InferenceSpec& spec) {
  const auto warn = [&](const char* key, std::uint64_t most, const std::vector<std::uint64_t>& of) {
    if (most <= of.back()) return;
    r.warning("E034", file,
              fmt::format("the table ends at {} = {}, an iteration at {}", key, of.back(), most),
              "beyond it goes on as a straight line");
  };
  const BatchRules& rules = spec.engines.front().rules;
  warn("prompt", rules.max_tokens, table.prompts);
  if (!spec.keeps_cache()) return;
  warn("sequences", rules.max_sequences, table.sequences);
  if (!r.problems.failed()) warn("context", usual_context(spec), table.contexts);
}

/// Where the straight line goes to a time that cannot be counted.
void check_times(Resolution& r, const View& file,
                 const std::shared_ptr<const IterationTable>& table, const BatchRules& rules) {
  constexpr double kMostNs = 0x1p62;  // 146 years
  constexpr auto kTokens = static_cast<std::uint64_t>(kMostTokens);
  const TableTime time(table);
  for (const std::uint64_t prompt : {std::uint64_t{0}, kTokens}) {
    for (const std::uint32_t sequences : {0U, 1U, rules.max_sequences}) {
      for (const std::uint64_t context : {std::uint64_t{0}, 2 * kTokens}) {
        if (time.real_ns(prompt, sequences, context) < kMostNs) continue;
        r.error("E034", file,
                fmt::format("with prompt {}, sequences {} and context {} an iteration would take "
                            "more than 146 years, as the times of the table go on",
                            prompt, sequences, context),
                "times are in ns");
        return;
      }
    }
  }
}

}  // namespace

void check_table(Resolution& r, const View& engine, const InferenceSpec& spec) {
  if (spec.engines.empty()) return;
  const auto* table =
      std::get_if<std::shared_ptr<const IterationTable>>(&spec.engines.front().iteration);
  if (table == nullptr || *table == nullptr) return;
  const View file = engine["iteration"]["table"]["file"];
  check_values(r, file, **table, spec.keeps_cache());
  warn_of_ends(r, file, **table, spec);
  check_times(r, file, *table, spec.engines.front().rules);
}

}  // namespace hyperdc
