// InferenceSpec: what makes a service an endpoint of a language model (docs/models/inference.md).
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "ai/inference/batcher.hpp"
#include "ai/inference/linear_time.hpp"
#include "ai/inference/roofline.hpp"
#include "ai/inference/table_time.hpp"
#include "core/distribution.hpp"
#include "workload/token_trace.hpp"

namespace hyperdc {

/// Each request begins with what all of its group begin with; which group is drawn, equally likely.
struct GeneratedPrefixes {
  std::uint64_t groups = 1;
  DistributionSpec tokens;  // drawn once a group
};

struct RooflineSpec {
  ModelWork model;
  ChipRates chip;
  Efficiencies software;
  Parallelism parallel;
  Drafts drafts;
  AdapterWork adapter;  // one of those that there are
};

/// How replicas in one pool batch, and how long their iterations take.
struct EngineSpec {
  BatchRules rules;
  std::variant<LinearCoefficients, RooflineSpec, std::shared_ptr<const IterationTable>> iteration;
  Duration load;  // of the weights, when a replica starts; beside it, of those from a store:
  double weight_bytes = 0;
  std::optional<std::uint32_t> store;  // of Scenario::stores
  std::optional<Duration> local_load;  // on a server that has kept them
};

std::unique_ptr<IterationTime> iteration_time_of(const EngineSpec& engine);
/// What one request takes there that is alone.
Duration time_alone(const EngineSpec& engine, const IterationTime& time, std::uint64_t prompt,
                    std::uint64_t output);

/// Whose prompts are computed here are decoded by another endpoint, which gets their caches.
struct HandoffSpec {
  double token_bytes = 0;          // of a token in the cache
  std::optional<double> rate_Bps;  // of each transfer; over a fabric at most, else there is one
  std::optional<std::uint32_t> fabric;  // that caches go over
  Duration latency;
};

/// Requests of one class. Tokens are rounded to whole ones, at least 1, or are those of a trace.
struct TokenClass {
  DistributionSpec prompt, output;
  std::optional<Duration> slo_ttft, slo_tpot;  // a request within both counts as good
};

/// What arrives are conversations: each turn asks with all that was said before it.
struct ConversationSpec {
  DistributionSpec turns;  // rounded to whole ones, at least 1
  DistributionSpec think_s;
  std::uint64_t max_context = 0;  // tokens; one that has so many ends
};

/// Adapters, or whole models, of which each request asks for one: the k-th in proportion to
/// 1 / k^popularity.
struct VariantSpec {
  std::uint32_t count = 1;
  double popularity = 0;
};

struct InferenceSpec {
  std::vector<EngineSpec> engines;  // by deployment
  /// Of each request outside the engine: front end, tokenizer and the way back of its tokens.
  Duration request_time;
  std::optional<HandoffSpec> handoff;  // to the one service that it calls
  bool handed = false;                 // its requests come from handoffs
  double mean_prompt = 1, mean_output = 1;
  std::vector<TokenClass> classes;  // as ServiceWorkload::classes
  bool by_priority = false;         // engines take the most urgent request first
  std::optional<GeneratedPrefixes> prefixes;
  std::optional<ConversationSpec> conversations;
  std::optional<VariantSpec> variants;
  std::shared_ptr<const TokenTrace> trace;
  std::optional<Duration> slo_ttft;  // of the endpoint: what admission goes by

  /// False: its model computes prompts in one pass, and decodes nothing.
  bool keeps_cache() const { return engines.empty() || engines.front().rules.keeps_cache; }
};

}  // namespace hyperdc
