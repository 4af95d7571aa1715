// How long an iteration takes on a chip, by a roofline with efficiencies of the software.
//
// Computes, of an iteration with N tokens (prompts and decodes) on `data` groups of `tensor`
// accelerators: a group shares each matrix; groups have sequences of their own and share the
// experts. All wait for the group with the most: decodes are spread evenly, and of c prompts it has
// ceil(c / data). With n tokens there, of which m give an output, and F, B the peaks of a chip:
//   dense    max( (2 P_linear n / F_linear + 2 P_head m / F_bf16) / (tensor e_compute),
//                 bytes of these matrices / (tensor e_memory B) ); matrices that are kept in more
//            bits than the others are multiplied in bf16
//   experts  max( 2 P_expert k N layers / (data tensor e_compute F),
//                 hit bytes_expert layers / (data tensor e_memory B) ) + layers t_expert_layer,
//            hit = E (1 - (1 - k / E)^N): of E experts those that somebody asks for. So each
//            accelerator has a slice of every expert. With expert parallelism it has E / G whole
//            ones, G = data tensor, and all wait for the one with the most:
//            max( 2 P_expert most(k, N) layers / (e_compute F),
//                 most(hit, 1) bytes_expert layers / (e_memory B) ); most(): expert_share.hpp
//   caches   of the tokens that decodes attend to, each: max( bytes / (split e_cache B),
//            operations / (tensor e_compute F_bf16) ) / data
//   prompts  operations of attention in that group / (tensor e_compute F_bf16)
//   sums     2 layers (t_sum + 2 (tensor - 1) / tensor n bytes / (e_link link)): all-reduces;
//            2 moe layers (t_sum + (data - 1) / data N bytes / (e_link link)): tokens go to the
//            groups that have their experts, and back (all-gather and reduce-scatter). With expert
//            parallelism each accelerator sends N / G tokens, each to the accelerators with its
//            experts, which are `others` beside its own (two all-to-alls):
//            2 moe layers (t_sum + others N / G bytes / (e_link link))
//   rest     layers t_layer + t_iteration
// With a pipeline of q stages, each with its part of the layers, the sequences are q micro-batches,
// and while one is in a stage the others are in the others. An iteration is a round in which each
// goes through all stages: the time of the largest micro-batch (decodes are spread evenly, and of c
// prompts it has ceil(c / q)) on one group, which reads all weights for each, and
//   sends    (q - 1) (t_sum + n bytes / (e_link link)): from stage to stage
// With k drafts a decode computes k + 1 tokens of its sequence at once, which are verified: n, m
// and N count them, its cache is read once, and its operations are k + 1 times as many. Before that
// are k steps of the drafter: iterations of its own model for the same sequences and caches, or a
// time each; it computes prompts too.
//
// With adapters (adapters.hpp), of which the sequences of a group ask for x different ones, each of
// a matrix's accelerators has its part of them, and the products come beside those of the matrices:
//   adapters max( 2 P_adapter n / (tensor e_compute F_bf16), x bytes_adapter / (tensor e_memory B)
//   )
//
// Models of one pass (encoders, ranking, vision): each token of a prompt of p attends to all p. And
//   gathers  of each token: bytes of its rows of tables / (tensor e_gather B)
//   tables   are shared by the accelerators of a group, of which each has all matrices and computes
//            an equal part of the tokens. Instead of the sums above one all-to-all:
//            t_sum + n (tensor - 1) / tensor^2 bytes of a token's pooled rows / (e_link link)
// Caches are split over at most as many accelerators of a group as there are heads in them. In
// layers that see a window a decode attends to min(its mean context, window).
// Units: s, bytes, operations; result in ns, of which 2^-20 are counted. Source: Williams et al.,
// Roofline (CACM 2009); the form with one term a part of a transformer: Vidur (MLSys'24), BLIS.
// Valid: what the efficiencies were fitted on (docs/models/roofline.md). Leaves out: tiles that are
// filled in part, stages of unequal time, experts that are asked for more than others, imbalance
// among groups, copies of experts, overlap of sums with products and of gathers with them, windows
// in prompts, items that are not divided evenly, what it takes to start the products of adapters
// (two more a matrix).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "ai/adapters.hpp"
#include "ai/inference/expert_share.hpp"
#include "ai/inference/iteration_time.hpp"
#include "ai/model_work.hpp"

namespace hyperdc {

/// Of one accelerator; 0: it has none.
struct ChipRates {
  double bf16_flops = 0, fp8_flops = 0, fp4_flops = 0;  // operations a second
  double memory_Bps = 0;
  double link_Bps = 0;  // of its scale-up link, each way
};

/// Operations a second in that format, or in the next wider one that the chip has.
double peak_flops(const ChipRates& chip, Precision precision);

/// What software makes of a chip; times in s, the rest in shares of the data sheet.
struct Efficiencies {
  double compute = 1, memory = 1, cache = 1, link = 1;
  double layer_s = 0, iteration_s = 0, sum_s = 0, expert_layer_s = 0;
  double gather = 1;  // of the memory bandwidth, reading rows of tables
};

/// Tokens that a smaller model, or something else, proposes for each decode of an iteration.
struct Drafts {
  std::uint32_t tokens = 0;
  double token_s = 0;              // what each takes, where no model says it
  std::optional<ModelWork> model;  // that proposes them, on the same accelerators
};

/// How the accelerators of a replica share it; data or pipeline is 1.
struct Parallelism {
  std::uint32_t tensor = 1, data = 1, pipeline = 1;
  bool expert = false;  // each has whole experts, not a slice of every one

  std::uint64_t accelerators() const { return std::uint64_t{tensor} * data * pipeline; }
};

class RooflineTime final : public IterationTime {
 public:
  RooflineTime(const ModelWork& model, const ChipRates& chip, const Efficiencies& software,
               const Parallelism& parallel, const Drafts& drafts = {},
               const AdapterWork& adapter = {});

  Duration of(const IterationLoad& load) const override;
  std::optional<StretchTime> stretch(const IterationLoad& first) const override;
  /// Of the model, whatever it is spread over: each weight read once by each micro-batch.
  IterationWork work(const IterationLoad& first, std::uint64_t iterations) const override;

 private:
  void set_exchanges(const ChipRates& chip, const Efficiencies& software,
                     const Parallelism& parallel);
  WideNs without_caches(const IterationLoad& load) const;
  WideNs of_largest(WideNs parts, const IterationLoad& load) const;
  WideNs step_of(const IterationLoad& load) const;
  WideNs drafts_of(const IterationLoad& load) const;
  WideNs parts_of(const IterationLoad& load) const;
  double attended(const IterationLoad& load) const;
  double experts_hit(double tokens) const;
  double expert_s(double tokens) const;
  double adapters_s(const IterationLoad& load, double tokens) const;
  double most_of(std::uint64_t count) const;

  ModelWork model_;
  AdapterWork adapter_;
  double drafts_ = 0, draft_token_s_ = 0;
  std::unique_ptr<const RooflineTime> drafter_;
  std::optional<ExpertShare> whole_experts_;  // with expert parallelism
  // Seconds, each on its accelerator.
  double linear_token_s_ = 0, head_token_s_ = 0, matrices_s_ = 0, gather_token_s_ = 0;
  double expert_token_s_ = 0, expert_s_ = 0;    // the latter: to read one expert in all layers
  double adapter_token_s_ = 0, adapter_s_ = 0;  // the latter: to read one
  double attended_s_ = 0, sum_token_s_ = 0, move_token_s_ = 0, fixed_s_ = 0;
  std::uint64_t groups_ = 1;  // or micro-batches: each has sequences of its own
  bool stages_ = false;
  // Parts of a ns for each token that a decode attends to, in layers that see all or a window.
  WideNs cached_parts_ = 0, window_parts_ = 0;
};

}  // namespace hyperdc
