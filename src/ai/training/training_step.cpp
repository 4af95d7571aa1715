#include "ai/training/training_step.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "ai/training/training_layer.hpp"
#include "core/math.hpp"

namespace hyperdc {
namespace {

constexpr double kBackwardBytes = 1.5;
constexpr double kLogitBytes = 6;  // of one: in bf16, and its softmax in fp32

/// Those that each micro-batch adds to.
constexpr std::array kStageParts = {&TrainingTime::matrices,  &TrainingTime::attention,
                                    &TrainingTime::in_memory, &TrainingTime::recomputed,
                                    &TrainingTime::tensor,    &TrainingTime::context,
                                    &TrainingTime::experts,   &TrainingTime::sends};

double end_parameters(const ModelCard& model) {  // embeddings and head
  return (model.tied_embeddings ? 1 : 2) * as_real(model.vocabulary) * as_real(model.hidden);
}

double expert_parameters(const ModelCard& model) {
  if (!model.moe) return 0;
  return as_real(model.moe->layers) * as_real(model.moe->experts) * (model.gated ? 3 : 2) *
         as_real(model.hidden) * as_real(model.moe->intermediate);
}

double again(const TrainingLayer& layer, Recompute recompute) {
  if (recompute == Recompute::none) return 0;
  if (recompute == Recompute::selective) return layer.again;
  return layer.products + layer.attention + layer.in_memory + layer.tensor + layer.context +
         layer.experts;
}

/// Forward and backward of one micro-batch in a stage of so many layers, without its sends.
void add_layers(TrainingTime& time, const TrainingLayer& layer, const TrainingPlan& plan,
                double layers) {
  time.matrices += layers * 3 * layer.products;
  time.attention += layers * 3 * layer.attention;
  time.in_memory += layers * (1 + kBackwardBytes) * layer.in_memory;
  time.recomputed += layers * again(layer, plan.recompute);
  time.tensor += layers * (layer.tensor + layer.tensor_back);
  time.context += layers * 3 * layer.context;
  time.experts += layers * (layer.experts + layer.experts_back);
}

struct StageWork {
  TrainingTime time;
  double weights = 0;  // of these the products of backward that give gradients of weights
};

/// So many layers, with the head or without.
StageWork stage_of(const TrainingLayer& layer, const TrainingPlan& plan, double layers,
                   double vocabulary) {
  const double width = vocabulary / plan.tensor;
  const double head = layer.product(2 * layer.tokens() * layer.hidden() * width);
  StageWork work{{}, layers * layer.products + head};
  add_layers(work.time, layer, plan, layers);
  work.time.matrices += 3 * head;
  work.time.in_memory += layer.moved(8 * layer.tokens() * width);
  return work;
}

/// What a rank computes that has both stages, each for half of the micro-batches.
StageWork mean_of(const StageWork& a, const StageWork& b) {
  StageWork mean = a;
  mean.weights = (a.weights + b.weights) / 2;
  for (const auto part : kStageParts) mean.time.*part = (a.time.*part + b.time.*part) / 2;
  return mean;
}

/// The slowest stage, of one micro-batch; with two stages a rank, the slowest pair from both ends.
/// Of p ceil(L / p) - L layers that are missing the last stage lacks half, rounded up, and the
/// first the others.
StageWork slowest_stage(const TrainingLayer& layer, const ModelCard& model,
                        const TrainingPlan& plan) {
  const double layers = std::ceil(as_real(model.layers) / plan.pipeline);
  const double missing = plan.pipeline * layers - as_real(model.layers);
  const double in_last = std::max(0.0, layers - std::ceil(missing / 2));
  StageWork ends = stage_of(layer, plan, in_last, as_real(model.vocabulary));
  if (copies_of_stages(plan.schedule) > 1) {
    const double in_first = std::max(0.0, layers - std::floor(missing / 2));
    ends = mean_of(ends, stage_of(layer, plan, in_first, 0));
  }
  const StageWork other = stage_of(layer, plan, layers, 0);
  // Of one stage there is no other; of two with both on each rank neither.
  const bool others = plan.pipeline > copies_of_stages(plan.schedule);
  return others && other.time.step() > ends.time.step() ? other : ends;
}

/// Forward is a third of the products and of the exchanges of context, half of other exchanges.
StageTimes parts_of(const StageWork& work) {
  const TrainingTime& time = work.time;
  const double forward = (time.matrices + time.attention + time.context) / 3 +
                         time.in_memory / (1 + kBackwardBytes) +
                         (time.tensor + time.experts + time.sends) / 2;
  return {forward, time.step() - forward - work.weights, work.weights};
}

void scale(TrainingTime& time, double by) {
  for (const auto part : kStageParts) time.*part *= by;
}

/// Of a token in a layer, for the backward pass: by each rank, and shared by tensor_parallel.
struct KeptNumbers {
  double whole = 0, shared = 0;
};

KeptNumbers kept_by_attention(const ModelCard& model, Recompute recompute) {
  if (!model.latent) {
    return {0, 2 * as_real((model.heads + model.kv_heads) * model.head_size)};
  }
  const LatentAttention& latent = *model.latent;
  const double ranks = as_real(latent.q_rank + latent.kv_rank + latent.rope);
  if (recompute == Recompute::selective) return {ranks, as_real(model.heads * latent.value)};
  return {ranks, 2 * as_real(model.heads * (latent.nope + latent.rope + latent.value))};
}

/// Micro-batches that the stage with the head has, which begins to go back with the first.
double in_flight_in_last(const Pipeline& pipeline) {
  if (pipeline.schedule != Schedule::one_f_one_b) return most_in_flight(pipeline);
  const double chunks = pipeline.interleave;
  return std::min(as_real(pipeline.micro_batches), ((chunks - 1) * pipeline.stages + 1) / chunks);
}

}  // namespace

RankParameters parameters_of_rank(const ModelCard& model, const TrainingPlan& plan) {
  const double ends = end_parameters(model), experts = expert_parameters(model);
  const double layers = parameters_of(model).total - ends - experts;
  const double here = plan.pipeline == 1 || model.tied_embeddings ? ends : ends / 2;
  const double of_all = std::ceil(as_real(model.layers) / plan.pipeline) / as_real(model.layers);
  const double copies = copies_of_stages(plan.schedule);
  return {copies * (layers * of_all + here) / plan.tensor,
          copies * experts * of_all / (plan.tensor * plan.expert),
          copies * plan.data * plan.context};
}

double SizeEfficiency::at(double size) const {
  if (points.empty()) return 1;
  const auto above = std::ranges::find_if(points, [&](const Point& p) { return p.size >= size; });
  if (above == points.begin()) return points.front().share;
  if (above == points.end()) return points.back().share;
  const Point& low = *(above - 1);
  const double f = math::log(size / low.size) / math::log(above->size / low.size);
  return low.share + f * (above->share - low.share);
}

TrainingTime training_time(const ModelCard& model, const TrainingPlan& plan,
                           const TrainingChip& chip, const TrainingSoftware& software) {
  const TrainingLayer layer(model, plan, chip, software);
  StageWork work = slowest_stage(layer, model, plan);
  if (plan.pipeline > 1) {
    const double bytes = kActivationBytes * layer.tokens() * as_real(model.hidden) / plan.tensor;
    const bool inside = plan.accelerators() <= chip.scale_up_domain;
    const double each = inside ? chip.scale_up_latency_s + bytes / chip.scale_up_Bps
                               : chip.network_latency_s + bytes / chip.network_Bps;
    work.time.sends = 2.0 * plan.interleave * each * (1 - software.overlap_sends);
  }
  TrainingTime out = work.time;
  scale(out, as_real(plan.micro_batches()));
  out.bubble = bubble_s(plan.stages(), parts_of(work));
  const RankParameters parameters = parameters_of_rank(model, plan);
  const double replicas = parameters.replicas, tensor = plan.tensor;
  const double exchange_s =
      half_exchange_s(kActivationBytes * parameters.shared, {replicas, tensor}, chip) +
      half_exchange_s(kActivationBytes * parameters.experts,
                      {replicas / plan.expert, tensor * plan.expert}, chip);
  const double batches = as_real(plan.micro_batches());
  const double scatters = plan.zero >= 2 ? batches : 1;
  const double gathers = plan.zero >= 3 ? 2 * batches : 1;
  out.gradients = (scatters + gathers) * exchange_s * (1 - software.overlap);
  double kept = parameters.shared + parameters.experts;
  if (plan.zero >= 1)
    kept = parameters.shared / replicas + parameters.experts * plan.expert / replicas;
  out.optimizer = layer.moved(16 * kept);
  return out;
}

TrainingFlops training_flops(const ModelCard& model, const TrainingPlan& plan,
                             const TrainingSoftware& software) {
  const double tokens = as_real(plan.batch * plan.sequence);
  const double embedding = as_real(model.vocabulary) * as_real(model.hidden);
  const double layers = parameters_of(model).active - end_parameters(model);
  const SeenTokens tokens_seen = seen_tokens(model, plan.sequence, software.fused_attention);
  const double each = 2 * as_real(model.layers) * attention_width(model);
  const double attention = each * tokens_seen.model, seen = each * tokens_seen.computed;
  const double forward = 2 * layers + attention;
  TrainingFlops out;
  out.model = 3 * tokens * (forward + 2 * embedding);
  out.hardware = out.model - 3 * tokens * (attention - seen);
  if (plan.recompute == Recompute::full) out.hardware += tokens * (2 * layers + seen);
  if (plan.recompute == Recompute::selective) {
    out.hardware += tokens * 2 * as_real(model.layers) * up_parameters(model);
    if (!model.latent || !software.fused_attention) out.hardware += tokens * seen;
  }
  return out;
}

TrainingMemory training_memory(const ModelCard& model, const TrainingPlan& plan,
                               const TrainingSoftware& software) {
  const RankParameters parameters = parameters_of_rank(model, plan);
  const auto held = [&](std::uint32_t stage, double bytes) {
    if (plan.zero < stage) return bytes * (parameters.shared + parameters.experts);
    return bytes * (parameters.shared + parameters.experts * plan.expert) / parameters.replicas;
  };
  TrainingMemory out;
  out.optimizer = held(1, 12);
  out.gradients = held(2, 4);
  out.weights = held(3, kActivationBytes);
  const double tokens = as_real(plan.micro_batch * plan.sequence) / plan.context;
  const double hidden = as_real(model.hidden), tensor = plan.tensor;
  const double split = plan.sequence_parallel ? tensor : 1;
  const KeptNumbers attention = kept_by_attention(model, plan.recompute);
  double each = (software.dropout ? 10 : 8) / split + kActivationBytes * attention.whole / hidden +
                (kActivationBytes * attention.shared / hidden +
                 4 * mlp_width(model) / hidden * (model.gated ? 1.5 : 1)) /
                    tensor;
  if (!software.fused_attention && plan.recompute == Recompute::none) {
    each += (software.dropout ? 5 : 2) * as_real(model.heads) * as_real(plan.sequence) / hidden /
            tensor;
  }
  if (plan.recompute == Recompute::full) each = kActivationBytes / split;
  const double of_batch = tokens * hidden * each * std::ceil(as_real(model.layers) / plan.pipeline);
  const double logits = kLogitBytes * tokens * as_real(model.vocabulary) / tensor;
  out.activations = std::max(of_batch * most_in_flight(plan.stages()),
                             of_batch * in_flight_in_last(plan.stages()) + logits);
  return out;
}

}  // namespace hyperdc
