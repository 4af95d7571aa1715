#include "scenario/resolve_speculation.hpp"

#include <cmath>
#include <fmt/format.h>

#include "scenario/resolve_models.hpp"

namespace hyperdc {
namespace {

/// Parts of a token that an iteration gives: the one that it has anyhow, and the drafts up to the
/// first that is not accepted, sum of a^i for i <= k (Leviathan et al., ICML'23).
std::uint64_t growth_of(std::uint32_t drafts, double acceptance) {
  double tokens = 0, all_so_far = 1;
  for (std::uint32_t i = 0; i <= drafts; ++i, all_so_far *= acceptance) tokens += all_so_far;
  return static_cast<std::uint64_t>(std::llround(tokens * static_cast<double>(kTokenParts)));
}

Drafts drafts_of(Resolution& r, const View& engine, std::uint32_t tokens) {
  const View draft = engine["speculation"]["draft"];
  Drafts out;
  out.tokens = tokens;
  if (draft && engine["iteration"] && !engine["iteration"]["roofline"]) {
    r.error("E016", draft, "stated iteration times are those of iterations with drafts",
            "remove it, or use a roofline");
  }
  if (const View time = draft["time"]) out.token_s = to_seconds(time.duration());
  const View model = draft["model"];
  if (!model) return out;
  const auto card = model_card_of(r, model);
  if (!card) return out;  // reported
  if (std::holds_alternative<ModelCard>(*card)) {
    out.model = work_of(*card);
    const double stages = engine["pipeline_parallel"].number();
    if (stages > static_cast<double>(out.model->layers)) {
      r.error(
          "E034", model,
          fmt::format("{} has {} layers for {} stages", model.text(), out.model->layers, stages),
          "one with more layers, or fewer stages");
    }
  } else {
    r.error("E034", model, model.text() + " generates no tokens", "a language model");
  }
  return out;
}

}  // namespace

Drafts resolve_speculation(Resolution& r, const View& workload, InferenceSpec& spec) {
  const View engine = workload["engine"], stated = engine["speculation"];
  if (!stated || !stated["tokens"] || !stated["acceptance"] || spec.engines.empty()) return {};
  if (!spec.keeps_cache()) {
    r.error("E034", stated, "a model of one pass generates no tokens", "remove it");
    return {};
  }
  if (workload["handoff"]) {
    r.error("E016", stated, "who gets its requests decodes them", "state it there");
  }
  const auto tokens = static_cast<std::uint32_t>(std::max(1.0, stated["tokens"].number()));
  for (EngineSpec& one : spec.engines) {
    one.rules.drafts = tokens;
    one.rules.growth = growth_of(tokens, stated["acceptance"].number());
  }
  const BatchRules& rules = spec.engines.front().rules;
  const std::uint64_t needed = std::uint64_t{rules.max_sequences} * (1 + tokens);
  if (rules.max_tokens < needed) {
    r.error("E034", stated["tokens"],
            fmt::format("{} sequences with {} tokens each, of {} an iteration", rules.max_sequences,
                        1 + tokens, rules.max_tokens),
            fmt::format("\"max_tokens\": {} or more", needed));
  }
  return drafts_of(r, engine, tokens);
}

}  // namespace hyperdc
