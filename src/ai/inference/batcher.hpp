// Batcher: one engine replica that serves sequences by continuous batching.
//
// Computes: which sequences take part in each iteration, how many tokens of each, and when each
// gets its first token and its last. Rules (R1-R5, docs/models/batching.md), three modes:
//   chunked     vLLM V1 (and Sarathi-Serve): running sequences first, in order of admission, one
//               token each or a chunk of a prompt; what is left of `max_tokens` admits from the
//               queue, the last one in part. Without `chunked_prefill` only whole prompts.
//   prefill-first  vLLM V0: an iteration admits whole prompts, or all running sequences decode.
//   static      the same, but nobody is admitted before all of a batch are done (FasterTransformer;
//               with outputs of one token a server of predictions, as Triton).
// An engine that idles may wait for more to come before it begins (`delay`).
// Key-value memory is blocks of `block_tokens` tokens. When none is free the sequence admitted last
// loses all of its blocks and goes to the head of the queue, to be computed anew. With priorities
// the queue is one for each, the most urgent first, and who loses is the least urgent.
// Between two changes of the batch (somebody comes who is let in, gets a first token, ends, needs a
// block that is not there) iterations differ only in k, the tokens in the cache, which grows by one
// a sequence: they are one stretch and cost one call, not one an iteration.
// With asynchronous scheduling (vLLM since 0.14) the next iteration is composed while the present
// one computes: who arrives during iteration i runs in i + 2, and what iteration i sets free is
// given away from i + 2 on.
// With prefix caching a sequence that is admitted, again or for the first time, has computed what
// blocks hold of it (prefix_cache.hpp), all but its last token; blocks that end up with a chunk are
// there for others from then on. Those of outputs only help the sequence itself, when it was
// preempted, unless its prefix names them too: then others, from when it ends or gives way on.
// With speculation a decode is given the tokens of an iteration that are accepted, in whole tokens:
// the same for all that decode (decode_group.hpp). It has blocks for all that are proposed, and
// they count as tokens of the iteration. With host memory: what an iteration fetches from there, or
// moves there from who gives way, comes before it computes. Prefix caching writes to it beside the
// iterations (host_blocks.hpp). A sequence whose prompt another engine computed brings its cache:
// it needs blocks for it, and has computed all but its first output token. With variants of a model
// (variants.hpp) who may join a batch depends on which it asks for, what an admission loads comes
// before the iteration computes, and each variant has prefixes of its own. Units: tokens, blocks,
// ns. Source: github.com/vllm-project/vllm, V0 and V1 schedulers; Yu et al. (Orca), OSDI'22;
// Agrawal et al. (Sarathi-Serve), OSDI'24. Valid: max_tokens >= max_sequences, as vLLM demands. A
// sequence that could never be whole in memory (or, without chunks, in one iteration) is refused,
// as is a prompt that the model cannot take. A model of one pass keeps no cache: it needs no
// blocks, and its outputs are one token. Leaves out: moves to and from the host beside the
// iterations; drafts of which sequences have different luck. Cost: amortised O(log n) a change with
// n running sequences; a preemption O(n).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "ai/inference/decode_group.hpp"
#include "ai/inference/host_blocks.hpp"
#include "ai/inference/iteration_time.hpp"
#include "ai/inference/prefix_cache.hpp"
#include "ai/inference/token_gaps.hpp"
#include "ai/inference/variants.hpp"
#include "ai/inference/waiting_line.hpp"

namespace hyperdc {

enum class BatchMode { chunked, prefill_first, whole_batches };

struct BatchRules {
  BatchMode mode = BatchMode::chunked;
  bool chunked_prefill = true;  // of mode chunked
  /// Where nobody runs, an iteration begins when max_sequences wait or somebody has waited so long.
  Duration delay;
  /// Of mode chunked: an iteration is composed when the one before it begins (A1, A2).
  bool asynchronous = false;
  std::uint32_t max_sequences = 128;
  std::uint32_t max_tokens = 2048;  // of an iteration
  std::uint32_t block_tokens = 16;
  std::uint64_t blocks = 0;
  /// False: a model of one pass, which needs no blocks; outputs are one token.
  bool keeps_cache = true;
  std::uint64_t max_prompt = ~std::uint64_t{0};  // that the model can take
  bool prefix_caching = false;                   // blocks < 2^32 - 1
  std::optional<Duration> prefix_time_to_live;
  /// Speculation: so many tokens are proposed for each decode, of which an iteration gives it, with
  /// the one that it has anyhow, `growth` parts of a token (kTokenParts), drafts + 1 tokens at
  /// most.
  std::uint32_t drafts = 0;
  std::uint64_t growth = kTokenParts;
  /// Of host memory. With prefix caching what is found there need not be computed; without, who
  /// gives way keeps its cache there, where it fits.
  std::uint64_t host_blocks = 0;
  std::int64_t host_block_parts = 0;  // of a ns (kNsParts), to move one block
  VariantRules variants;

  /// That so many tokens of a sequence, and drafts after them, need.
  std::uint64_t blocks_of(std::uint64_t tokens) const {
    if (!keeps_cache || tokens == 0) return 0;
    return (tokens + drafts + block_tokens - 1) / block_tokens;
  }
};

/// False: such a sequence can never finish (R5).
bool can_finish(const BatchRules& rules, std::uint64_t prompt, std::uint64_t output);

/// What became of a sequence at the end of a stretch.
struct BatchProgress {
  enum class What : std::uint8_t { first_token, done };
  What what = What::first_token;
  std::uint64_t tag = 0;  // that it arrived with
  std::uint32_t preemptions = 0;
  std::uint64_t cached = 0;  // tokens of its prompt that were there when it was first admitted
};

class Batcher {
 public:
  /// What a sequence comes with: its prompt alone, or from another engine the cache of its prompt
  /// and its first token; it then asks for two tokens or more.
  enum class Brings : std::uint8_t { prompt, cache };

  /// `time` must outlive this.
  Batcher(const BatchRules& rules, const IterationTime& time);

  /// Joins the queue, behind those of its priority (higher is more urgent). It can finish. `now` is
  /// not before any earlier call. After the arrivals of a moment, and after finish(), begin() must
  /// be called at the same moment when idle() holds. True: the stretch that is on its way now ends
  /// earlier, at end().
  bool arrive(std::uint64_t tag, std::uint64_t prompt, std::uint64_t output, SimTime now,
              const PrefixIds& prefix = {}, Brings brings = Brings::prompt,
              std::int32_t priority = 0, std::uint32_t variant = 0);

  /// Iterations take another time from the next one on: the stretch ends with the one that is on
  /// its way at `now`. True: end() is earlier than it was. The times of this stretch stay.
  bool cut(SimTime now);

  /// No iteration is on its way.
  bool idle() const { return !end_; }
  /// When the stretch ends; there is one.
  std::optional<SimTime> end() const { return end_; }

  /// Begins the next iterations at `now` if anybody runs or waits, unless it waits for more to
  /// come: until due() at most. idle() before.
  void begin(SimTime now);
  /// Who waits is waited with until then: begin() is called again, or earlier after an arrival.
  std::optional<SimTime> due() const { return due_; }
  /// Ends the stretch, whose end() is now, and appends what became of whom, in order of admission.
  void finish(std::vector<BatchProgress>& progress);

  /// Between tokens, of the stretch that ended last.
  const std::vector<TokenGap>& token_gaps() const { return gaps_.gaps(); }

  // Readings, as of the last begin() or finish().
  std::uint64_t waiting() const { return queue_.size(); }
  /// When who waits longest came; nothing if nobody waits.
  std::optional<SimTime> oldest_arrival() const;
  /// Tokens that wait to be computed, before those of a newcomer: all of the queue, and what is
  /// left of the prompt that is computed in part.
  std::uint64_t backlog_tokens() const { return backlog_; }
  /// So many have left the backlog so far: computed or found in the cache.
  std::uint64_t drained_tokens() const { return drained_; }
  /// Nobody more gets in: blocks are short, or a static batch is on its way.
  bool full() const { return full_; }
  std::uint64_t running() const { return running_; }
  std::uint64_t blocks_used() const { return rules_.blocks - free_; }
  std::uint64_t iterations() const { return iterations_; }
  std::uint64_t preemptions() const { return preemptions_; }
  /// Of the stretch that ended last.
  const IterationWork& last_work() const { return last_work_; }
  /// Of the iterations of the stretch on its way that have ended by now.
  IterationWork work_by(SimTime now) const;
  /// Tokens of caches that came from the host so far.
  std::uint64_t host_tokens() const { return host_tokens_; }
  /// Tokens computed so far, recomputed ones included, and those past the end of a sequence.
  std::uint64_t computed_tokens() const { return computed_tokens_; }
  /// What the cache, or the host, has of a prompt that is not here.
  std::uint64_t tokens_in_cache(const PrefixIds& prefix, std::uint64_t prompt, SimTime now,
                                std::uint32_t variant = 0) const;
  /// Of variants, so far.
  struct VariantUse {
    std::uint64_t loads = 0;
    Duration loading;                       // before iterations
    std::uint64_t admitted = 0, found = 0;  // sequences for the first time; theirs was loaded
  };
  const VariantUse& variant_use() const { return variant_use_; }
  bool variant_loaded(std::uint32_t variant) const { return variants_.loaded(variant); }

 private:
  using Slot = WaitingLine::Slot;
  static constexpr Slot kNone = ~Slot{0};
  enum class State : std::uint8_t { absent, waiting, prefill, decoding };

  struct Sequence {
    std::uint64_t tag = 0;
    SimTime arrived;
    SimTime token_at;  // when it had its last; while decoding: when it began to
    std::uint64_t prompt = 0, output = 0;
    std::uint64_t outputs = 0;   // so far; while decoding: when it began to
    std::uint64_t computed = 0;  // tokens in its blocks; the same
    std::uint64_t room = 0;      // that its blocks are for, beside drafts
    std::uint64_t admitted = 0;  // number of its admission
    std::uint64_t cached = 0;    // tokens, at its first
    std::uint32_t preemptions = 0;
    std::int32_t priority = 0;
    std::uint32_t variant = 0;
    State state = State::absent;
    bool brings_cache = false;           // until it is admitted
    std::uint64_t on_host = 0;           // tokens of it that are kept there; the same
    Slot before = kNone, after = kNone;  // in order of admission
  };
  /// With prefix caching: the blocks of a sequence. While it decodes some that it has are not yet
  /// in the list.
  struct Cached {
    BlockKeys keys;
    PrefixCache::Held held;
  };
  /// What the cache has of a sequence, and after that the host.
  struct Hit {
    PrefixCache::Run run;
    std::uint64_t on_host = 0;
  };
  /// A part of a prompt in the present iteration.
  struct Chunk {
    Slot slot = kNone;
    std::uint64_t tokens = 0;
  };

  std::uint64_t blocks_of(std::uint64_t tokens) const { return rules_.blocks_of(tokens); }
  std::uint64_t known(const Sequence& s) const { return s.prompt + s.outputs; }
  /// Of the sequences that decode, in an iteration.
  std::uint64_t decode_tokens() const { return group_.size() * (1 + rules_.drafts); }

  std::uint64_t ended_by(SimTime at) const;
  bool comes_late(Slot slot) const;
  std::optional<Slot> head() const;
  void join_variant(const Sequence& s);
  void leave_ended_variants();
  std::uint64_t adapters_of_iteration() const;
  bool waits_for_scheduler() const;
  void compose_chunked();
  void compose_prefill_first();
  std::uint64_t grow_running();
  Slot least_urgent() const;
  void admit_chunked(std::uint64_t budget);
  bool admit_whole();
  SimTime end_after(std::uint64_t iterations) const;
  Hit prefix_of(Slot slot) const;
  std::uint64_t computed_of(Slot slot, const Hit& hit) const;
  void fetch(Sequence& s, std::uint64_t blocks);
  void keep_on_host(Sequence& s);
  void admit(Slot slot, std::uint64_t tokens, const Hit& hit);
  void take_blocks(std::uint64_t blocks);
  void hold_blocks(Slot slot, std::uint64_t tokens);
  std::uint64_t give_blocks_back(Slot slot);
  void add_chunk(Slot slot, std::uint64_t tokens);
  void drain(std::uint64_t tokens) {
    backlog_ -= tokens;
    drained_ += tokens;
  }
  void preempt(Slot slot);
  std::uint64_t steps_without_change() const;
  void start_decoding(Slot slot);
  void leave_decoding(Slot slot);
  void link_last(Slot slot);
  void unlink(Slot slot);
  void release(Slot slot);
  void end_chunks(std::vector<BatchProgress>& progress);
  void end_decodes(std::vector<BatchProgress>& progress);

  BatchRules rules_;
  const IterationTime& time_;
  std::uint64_t watermark_ = 0;  // blocks that admission leaves free; mode prefill-first

  std::vector<Sequence> sequences_;
  std::vector<Slot> free_slots_;
  WaitingLine queue_;
  Slot first_ = kNone, last_ = kNone;  // running, in order of admission
  Slot tail_ = kNone;                  // whose prompt is computed in part
  std::uint64_t running_ = 0;
  std::uint64_t free_ = 0;  // blocks
  std::uint64_t admissions_ = 0, arrivals_ = 0;
  std::optional<PrefixCache> cache_;
  std::vector<Cached> cached_blocks_;  // with a cache: by slot
  std::optional<HostBlocks> host_;     // the same
  std::uint64_t host_free_ = 0;        // blocks, without
  SimTime now_;                        // of the present begin() or finish()
  // Asynchronous scheduling: what the next iteration was composed without.
  SimTime composed_;                            // when: who came later is not in
  std::uint64_t ended_ = 0, ended_blocks_ = 0;  // sequences that ended with the last, and theirs
  std::vector<std::uint32_t> ended_variants_;   // the same

  LoadedVariants variants_;
  VariantUse variant_use_;
  bool gathers_ = false;  // the batch begins: those of the model of the first are taken past others
  DecodeGroup group_;
  TokenGaps gaps_;
  std::vector<Slot> ended_slots_;

  // The stretch on its way.
  std::vector<Chunk> chunks_;  // of its one iteration; empty: all decode
  bool decodes_ = false;
  bool cut_ = false;          // it ends as early as it can
  std::uint64_t length_ = 0;  // iterations
  IterationLoad load_;        // of the first of them
  std::uint64_t moved_ = 0;   // blocks to and from the host, before them
  Duration loading_;          // of variants, the same
  IterationWork last_work_;
  SimTime began_;
  std::optional<SimTime> end_, due_;

  std::uint64_t iterations_ = 0, preemptions_ = 0, computed_tokens_ = 0;
  std::uint64_t backlog_ = 0, drained_ = 0, host_tokens_ = 0;
  bool full_ = false;
};

}  // namespace hyperdc
