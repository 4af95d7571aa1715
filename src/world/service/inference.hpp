// Replicas of an llm-inference workload: each has an engine that batches what it serves.
//
// Computes: first and last token of each request by continuous batching (ai/inference/batcher.hpp).
// An event ends a stretch of iterations; who arrives in the same moment is in before the next one
// begins, which is an event of a later phase. Metrics: time to the first token and from one further
// token to the next, as callers see them; tokens; preemptions; share of the cache in use.
// Units: ns, tokens, blocks. Source: docs/models/batching.md, docs/models/inference.md.
// Leaves out: streams of tokens over the network (the first token takes as long as an answer).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ai/inference/batcher.hpp"
#include "world/service/cache_transfer.hpp"
#include "world/service/conversations.hpp"
#include "world/service/model_variants.hpp"
#include "world/service/requests.hpp"

namespace hyperdc {

/// Iterations of a replica that is slowed down, as under a power cap.
class ScaledTime final : public IterationTime {
 public:
  explicit ScaledTime(const IterationTime& at_full_speed) : at_full_speed_(at_full_speed) {}
  Duration of(const IterationLoad& load) const override;
  std::optional<StretchTime> stretch(const IterationLoad& first) const override {
    return speed == 1 ? at_full_speed_.stretch(first) : std::nullopt;
  }
  IterationWork work(const IterationLoad& first, std::uint64_t iterations) const override {
    return at_full_speed_.work(first, iterations);
  }

  double speed = 1;  // of the stretch on its way

 private:
  const IterationTime& at_full_speed_;
};

/// How fast an engine begins what waits, while something waits; what is long past counts less.
struct QueuePace {
  void add(std::uint64_t drained, Duration in);

  std::uint64_t tokens = 0;
  Duration over;
};

struct ReplicaEngine {
  ReplicaEngine(const BatchRules& rules, const IterationTime& at_full_speed)
      : time(at_full_speed), batcher(rules, time) {}

  ScaledTime time;
  Batcher batcher;
  EventId end = kNoEvent;    // of the stretch on its way
  EventId begin = kNoEvent;  // of the next one,
  SimTime begins_at;         // and when
  // That the metrics and the sensors know of.
  std::uint64_t preemptions = 0, tokens = 0, host_tokens = 0;
  Batcher::VariantUse variants;
  LevelAccount blocks;   // in use, that the metrics know of
  Int128 blocks_ns = 0;  // of them until the last scrape
  QueuePace pace;
  std::optional<SimTime> waits_since;  // since the stretch began some have waited
};

/// What a request is about, by its slot.
struct TokenState {
  std::uint64_t prompt = 1, output = 1;
  PrefixIds prefix;
  SimTime first_token, done;
  std::uint32_t preemptions = 0;
  std::uint64_t cached = 0;              // tokens
  std::uint64_t replica = 0;             // that its engine was of
  std::int32_t priority = 0;             // of its class
  std::uint32_t variant = 0;             // that it asks for
  CacheOrigin origin;                    // with a handoff over a fabric
  std::uint32_t transfer = kNoTransfer;  // of its cache to where it is decoded
};

/// How much of what was served in one deployment since the last scrape was found in caches.
struct PrefixUse {
  std::uint64_t prompt = 0, cached = 0;  // tokens
  MetricId hit_rate;
};

/// What requests have in common that are not of a trace: a system prompt each.
struct PrefixGroups {
  PrefixGroups(const GeneratedPrefixes& spec, const std::string& workload, std::uint64_t seed);
  PrefixIds of(std::uint64_t request, std::uint64_t prompt) const;

  RandomStream draws;
  std::vector<std::uint64_t> names, tokens;  // by group
};

struct InferenceState {
  InferenceState(const InferenceSpec& spec, const std::string& workload, std::uint64_t seed);

  const InferenceSpec* spec;
  std::vector<std::unique_ptr<IterationTime>> times;  // by deployment
  std::vector<Distribution> prompt, output;           // by class; none of a trace
  RandomStream prompt_draws, output_draws;
  std::optional<PrefixGroups> prefixes;
  std::optional<ConversationState> conversations;
  std::optional<VariantDraws> variants;
  std::vector<TokenState> tokens;                    // by request
  std::vector<std::uint64_t> blocks_in_use;          // by deployment
  std::vector<std::uint32_t> engines_in_use;         // by deployment: with a block in use
  std::vector<IterationWork> work;                   // by deployment, over the whole run
  std::optional<MetricId> ttft, normalised_latency;  // unless others see the first token
  std::vector<MetricId> class_ttft;                  // with more than one class
  MetricId tpot, prompt_tokens, output_tokens, preemptions;
  std::optional<MetricId> cached_tokens;        // with prefix caching
  std::optional<MetricId> host_tokens;          // with host memory
  std::optional<VariantMetrics> loads;          // with variants
  std::optional<MetricId> itl;                  // where tokens are decoded
  std::vector<MetricId> cache_use;              // by deployment
  std::vector<PrefixUse> prefix_use;            // by deployment; none without prefix caching
  CacheTransfers transfers;                     // to replicas that decode
  std::optional<MetricId> kv_transfer;          // with a handoff
  std::optional<MetricId> weights_load;         // from a store
  std::vector<std::vector<bool>> weights_kept;  // by deployment, by server of its pool
};

/// Of a service that is such an endpoint: its state and metrics.
void build_inference(ServiceState& service, Recorder& recorder, std::uint64_t seed);

/// What a router sees of the engines of a deployment.
class EngineCaches final : public CacheView {
 public:
  EngineCaches(const DeploymentState& deployment, const TokenState& request, SimTime now)
      : deployment_(deployment), request_(request), now_(now) {}
  std::uint64_t prompt_tokens() const override { return request_.prompt; }
  std::uint64_t cached_tokens(std::uint32_t replica) const override;
  std::uint64_t blocks_in_use(std::uint32_t replica) const override;
  bool variant_loaded(std::uint32_t replica) const override;

 private:
  const DeploymentState& deployment_;
  const TokenState& request_;
  SimTime now_;
};

/// Model FLOPs and memory bandwidth utilisation of each pool, where its time is a roofline.
void read_inference(const ServiceState& service, SimTime end, std::vector<MetricValue>& values);

/// An engine of the deployment has served this.
void count_prefix(InferenceState& all, const DeploymentState& deployment, const TokenState& tokens);
/// At a scrape: the hit rate since the last one, if anything was served.
void publish_hit_rate(const ServiceContext& c, const DeploymentState& deployment);

/// Share of the cache of a replica in use * s, since the last scrape; 0 if it has no engine.
double take_cache_s(const ServiceState& service, DeploymentState& deployment, std::uint32_t replica,
                    SimTime now);

/// Tokens of prompts and answers, after the warm-up.
double tokens_served(const ServiceState& service, const Recorder& recorder);

/// Draws or looks up what a new request is about; its work is what it takes alone.
void set_tokens(ServiceState& service, std::uint32_t request);
/// The heir of a request asks for the same.
void inherit_tokens(ServiceState& service, std::uint32_t from, std::uint32_t heir);
/// False: no replica of the deployment could ever serve it.
bool can_serve(const ServiceState& service, const DeploymentState& deployment,
               std::uint32_t request);

/// What the engine of a replica, if it has one yet, adds to the view of its admission.
void see_engine(const DeploymentState& deployment, std::uint32_t replica, AdmissionView& view);

/// It is told that it was refused.
void refuse_tokens(const ServiceContext& c, std::uint32_t request);

void engine_takes(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
                  std::uint32_t request);
/// What the engine had is gone.
void clear_engine(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// From its next iteration on it works at the speed of its replica.
void change_engine_speed(const ServiceContext& c, DeploymentState& deployment,
                         std::uint32_t replica);
/// Its stretch ends; another one begins.
void engine_ends(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
void engine_begins(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);

/// An engine has done its part of a request, whose version may have failed it. What it served has
/// all of its tokens, unless somebody else decodes.
void engine_is_done(const ServiceContext& c, std::uint32_t request, bool failed);

/// The prompt is computed: its cache sets out to where it is decoded, unless one token was all.
void hand_over(const ServiceContext& c, std::uint32_t request);
/// A request of `to` goes on where that of `from` has its first token.
void take_over(const ServiceState& from, std::uint32_t request, const ServiceContext& to,
               std::uint32_t child);
/// All tokens are there.
void decoded_elsewhere(const ServiceContext& c, std::uint32_t request);

/// The objectives that there are hold of a request that has its answer, `on_the_way` there and
/// back.
bool tokens_in_time(const ServiceState& service, std::uint32_t request, Duration on_the_way);

}  // namespace hyperdc
