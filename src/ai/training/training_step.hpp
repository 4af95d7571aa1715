// TrainingStep: how long one step of training a transformer takes, alone on its accelerators.
//
// Computes, for a model of L layers, hidden h, n heads of size d, k kv heads, MLP of width i (g
// matrices: 3 gated, else 2), vocabulary V, on tensor t x context c x pipeline p x data d ranks,
// from micro-batches of b sequences of s tokens; m = b s / c tokens. Of one layer, one micro-batch:
//   matrices   2 m (h n d + 2 h k d + n d h + g h i) / t operations, each matrix by itself at
//              compute x e(its operations) x F; MoE: g h i_e k_e, and the router and shared MLP
//   attention  4 b s^2 / c n d / t operations, half of them where kernels skip what is masked
//              (fused); else also softmax and dropout: 9 b n s^2 / (c t) bytes
//   in memory  two norms (4 m h bytes each), two dropouts with residuals (7 m h; 6 without
//              dropout), the activation (2 (g) m i / t): at e(bytes) x B; norms and dropouts / t
//              with sequence parallelism
//   tensor     two all-reduces of 2 m h bytes, or as many reduce-scatters and all-gathers
//   context    an all-gather of the keys and values of the whole sequence, 4 b s k d / t bytes
//   experts    two all-to-alls of 2 m h k_e bytes over e ranks of data x context, MoE layers; with
//              fp8 the first of 1 m h k_e; to other domains D m h of these where a token's experts
//              lie in D at most. Both and the operations of experts x `imbalance` (busiest / mean)
// Latent attention (MLA): the matrices of model_card.hpp, those down to the ranks by each rank of
// tensor; attention of heads of sizes p + o (scores) and v; context gathers r_kv + o numbers a
// token. Layers with a window w: each token sees w - w^2 / 2 s of s tokens where kernels skip what
// is masked; context sends w. fp8: matrices of layers at the peak of fp8, attention, router and
// head in bf16; 3 bytes more for each number that enters a matrix. Hidden: of tensor
// min(`overlap_tensor` x exchange, the layer's matrices), forward and backward apart; of experts
// min(`overlap_experts` x exchange, what is left of matrices and attention in both);
// `overlap_sends` of sends. The parts of a step are what is not hidden. Backward: twice the
// operations (and bytes of scores), 1.5 of the other bytes, as many exchanges (context: twice);
// computed again: attention, of MLA what makes heads (selective), or all of forward (full). Of a
// step with M = B / (d b) micro-batches:
//   stage      ceil(L / p) layers; the last with the head, 3 x 2 m h V / t operations and 8 m V / t
//              bytes, and half of the p ceil(L / p) - L missing layers; all wait for the slowest
//   bubble     by schedule (pipeline_schedule.hpp); weights' part of backward: the products again,
//              attention has none
//   sends      2 v of 2 m h / t bytes a micro-batch, within a domain if all ranks are in one
//   gradients  reduce-scatter and all-gather of 2 bytes a parameter of a rank over d x c ranks (of
//              experts d c / e), of which a share `overlap` is hidden; ZeRO 2 scatters after each
//              micro-batch, ZeRO 3 also gathers twice for each
//   optimizer  16 bytes a parameter kept (Adam in fp32)
// Exchanges of n ranks, g of them in a scale-up domain and N = n / g domains: (g - 1) (a0 + S / (g
// B0)) and then (N - 1) (a1 + S / (N g B1)), half an all-reduce: rings, hierarchical. An all-to-all
// the longer of (g - 1) / n S / B0 and (n - g) / n S / B1. Ranks are numbered tensor first, then
// context, data, pipeline.
// Memory of a rank: 2 bytes of weights, 4 of gradients, 12 of optimizer a parameter, shared over
// data x context ranks by ZeRO stage, twice as many of both for dualpipe; activations of as many
// micro-batches as are in flight: of a layer m h (10 + (4 (n + k) d / h + 4 i / h) / t) + 5 n s m /
// t bytes, 6 i where gated (Korthikanti et al. 2022; the first part / t with sequence parallelism,
// 8 without dropout; of latent attention 2 (r_q + r_kv + o) + 4 n (p + o + v) / t for 4 (n + k) d /
// t; the last not with fused attention or selective recomputation), or 2 m h where all is computed
// again. Units: s, bytes, operations. Source: as named; efficiencies by size: Isaev et al.,
// Calculon (SC'23). The last stage has logits, 6 m V / t. Valid: docs/models/training.md. Leaves
// out: stragglers, documents of several lengths, imbalance among stages beside the head, other
// traffic on the fabric; exchanges of embeddings and head; memory that one layer needs while it
// computes, and that fp8 may keep activations in one byte; heads that predict further tokens.
#pragma once

#include <cstdint>
#include <vector>

#include "ai/model_card.hpp"
#include "ai/training/pipeline_schedule.hpp"

namespace hyperdc {

/// A share of the peak by the size of the work: straight in the logarithm between points.
struct SizeEfficiency {
  struct Point {
    double size = 0, share = 0;  // rising sizes
  };
  std::vector<Point> points;

  double at(double size) const;
};

struct TrainingSoftware {
  SizeEfficiency matrices;  // by operations
  SizeEfficiency memory;    // by bytes
  double compute = 1;       // of all matrices, beside that
  double overlap = 0;       // of the exchange of gradients
  // Shares of other exchanges; of the first two no more than is computed beside them.
  double overlap_tensor = 0, overlap_experts = 0, overlap_sends = 0;
  bool fused_attention = false, dropout = true;
};

/// What one rank has.
struct TrainingChip {
  double flops = 0;  // peak in bf16
  double memory_Bps = 0;
  double scale_up_Bps = 0, network_Bps = 0;              // each way, as collectives get them
  double scale_up_latency_s = 0, network_latency_s = 0;  // of a step
  std::uint32_t scale_up_domain = 8;                     // ranks
  double fp8_flops = 0;                                  // peak in fp8; 0: there is none
};

enum class Recompute : std::uint8_t { none, selective, full };

struct TrainingPlan {
  std::uint64_t sequence = 0;     // tokens
  std::uint64_t batch = 0;        // sequences of a step
  std::uint64_t micro_batch = 1;  // sequences
  std::uint32_t tensor = 1, context = 1, pipeline = 1, data = 1;
  std::uint32_t expert = 1;      // ranks of data x context that share the experts
  std::uint32_t interleave = 1;  // chunks of layers of a stage
  bool sequence_parallel = false;
  Recompute recompute = Recompute::none;
  std::uint32_t zero = 1;  // stage: 0..3
  Schedule schedule = Schedule::one_f_one_b;
  Precision precision = Precision::bf16;  // bf16 or fp8: of the matrices of layers
  double imbalance = 1;                   // tokens of the busiest rank of experts over the mean
  std::uint32_t expert_domains = 0;       // that the experts of a token lie in at most; 0: any

  std::uint64_t accelerators() const { return std::uint64_t{tensor} * context * pipeline * data; }
  /// Of one pipeline in a step.
  std::uint64_t micro_batches() const { return batch / (data * micro_batch); }
  Pipeline stages() const { return {schedule, pipeline, interleave, micro_batches()}; }
};

struct TrainingTime {
  // Parts of a step, s, of the slowest stage; they add up to the whole.
  double matrices = 0, attention = 0, in_memory = 0;  // forward and backward
  double recomputed = 0;
  double tensor = 0, context = 0, experts = 0;  // exchanges
  double sends = 0, bubble = 0, gradients = 0, optimizer = 0;

  double step() const { return computed() + exchanged() + bubble + optimizer; }
  double computed() const { return matrices + attention + in_memory + recomputed; }
  double exchanged() const { return tensor + context + experts + sends + gradients; }
};

/// Of the rank that has most: its layers, and an embedding or the head.
struct RankParameters {
  double shared = 0, experts = 0;  // with others in `replicas`, and in that over expert
  double replicas = 1;             // data x context, and copies of stages in a pipeline
};
RankParameters parameters_of_rank(const ModelCard& model, const TrainingPlan& plan);

TrainingTime training_time(const ModelCard& model, const TrainingPlan& plan,
                           const TrainingChip& chip, const TrainingSoftware& software);

/// Operations of a step: of the model, each token seeing all of its sequence; and those that are
/// done, without what fused attention skips and with what is computed again.
struct TrainingFlops {
  double model = 0, hardware = 0;
};
TrainingFlops training_flops(const ModelCard& model, const TrainingPlan& plan,
                             const TrainingSoftware& software);

/// Of the rank that needs most, bytes.
struct TrainingMemory {
  double weights = 0, gradients = 0, optimizer = 0, activations = 0;
  double sum() const { return weights + gradients + optimizer + activations; }
};
TrainingMemory training_memory(const ModelCard& model, const TrainingPlan& plan,
                               const TrainingSoftware& software);

}  // namespace hyperdc
