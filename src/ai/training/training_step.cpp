#include "ai/training/training_step.hpp"

#include <algorithm>
#include <cmath>

#include "core/math.hpp"

namespace hyperdc {
namespace {

constexpr double kBytes = 2;  // of an activation, a weight or a gradient that is exchanged
constexpr double kBackwardBytes = 1.5;

double as_real(std::uint64_t n) {
  return static_cast<double>(n);
}

/// Ranks of one exchange: so many, each `stride` ranks after the one before it.
struct Group {
  double ranks = 1, stride = 1;

  double in_domain(const TrainingChip& chip) const {
    return std::clamp(std::floor(chip.scale_up_domain / stride), 1.0, ranks);
  }
};

/// Half an all-reduce of the whole array.
double half_exchange_s(double bytes, const Group& group, const TrainingChip& chip) {
  const double inside = group.in_domain(chip);
  const double outside = std::ceil(group.ranks / inside);
  double time = 0;
  if (inside > 1) {
    time += (inside - 1) * (chip.scale_up_latency_s + bytes / (inside * chip.scale_up_Bps));
  }
  if (outside > 1) {
    time +=
        (outside - 1) * (chip.network_latency_s + bytes / (outside * inside * chip.network_Bps));
  }
  return time;
}

double all_to_all_s(double bytes, const Group& group, const TrainingChip& chip) {
  const double inside = group.in_domain(chip), n = group.ranks;
  double time = 0;
  if (inside > 1) {
    time = chip.scale_up_latency_s + (inside - 1) / n * bytes / chip.scale_up_Bps;
  }
  if (n > inside) {
    time = std::max(time, chip.network_latency_s + (n - inside) / n * bytes / chip.network_Bps);
  }
  return time;
}

double expert_share(const ModelCard& model) {  // of the layers
  return model.moe ? as_real(model.moe->layers) / as_real(model.layers) : 0;
}

double end_parameters(const ModelCard& model) {  // embeddings and head
  return (model.tied_embeddings ? 1 : 2) * as_real(model.vocabulary) * as_real(model.hidden);
}

double expert_parameters(const ModelCard& model) {
  if (!model.moe) return 0;
  return as_real(model.moe->layers) * as_real(model.moe->experts) * (model.gated ? 3 : 2) *
         as_real(model.hidden) * as_real(model.moe->intermediate);
}

/// Of the rank that has most: its layers, and an embedding or the head.
struct RankParameters {
  double shared = 0, experts = 0;  // with others in data x context, and in that over expert
};

RankParameters parameters_of_rank(const ModelCard& model, const TrainingPlan& plan) {
  const double ends = end_parameters(model), experts = expert_parameters(model);
  const double layers = parameters_of(model).total - ends - experts;
  const double here = plan.pipeline == 1 || model.tied_embeddings ? ends : ends / 2;
  const double of_all = std::ceil(as_real(model.layers) / plan.pipeline) / as_real(model.layers);
  return {(layers * of_all + here) / plan.tensor, experts * of_all / (plan.tensor * plan.expert)};
}

/// What one layer takes, forward, of one micro-batch on one rank.
class Layer {
 public:
  Layer(const ModelCard& model, const TrainingPlan& plan, const TrainingChip& chip,
        const TrainingSoftware& software)
      : model_(model),
        plan_(plan),
        chip_(chip),
        software_(software),
        tokens_(as_real(plan.micro_batch * plan.sequence) / plan.context),
        hidden_(as_real(model.hidden)),
        queries_(as_real(model.heads * model.head_size)) {
    const double share = expert_share(model);
    products = attention_products() + (1 - share) * dense_products();
    double width = (1 - share) * as_real(model.intermediate);
    if (share > 0) {
      const ExpertLayers& moe = *model.moe;
      products += share * expert_products();
      width += share * as_real(moe.intermediate * moe.per_token + moe.shared_intermediate);
      const Group group{as_real(plan.expert), as_real(plan.tensor)};
      const double split = plan.sequence_parallel ? plan.tensor : 1;
      const double bytes = kBytes * tokens_ * hidden_ * as_real(moe.per_token) / split;
      experts = share * 2 * all_to_all_s(bytes, group, chip);
    }
    attention = seen_products();
    in_memory = bytes_in_memory(width);
    tensor = 4 * half_exchange_s(kBytes * tokens_ * hidden_, {as_real(plan.tensor), 1}, chip);
    const double kv = 2 * kBytes * as_real(plan.micro_batch * plan.sequence) * keys() / plan.tensor;
    context = half_exchange_s(kv, {as_real(plan.context), as_real(plan.tensor)}, chip);
  }

  double product(double operations) const {
    if (operations <= 0) return 0;
    return operations / (chip_.flops * software_.compute * software_.matrices.at(operations));
  }
  double moved(double bytes) const {
    return bytes > 0 ? bytes / (chip_.memory_Bps * software_.memory.at(bytes)) : 0;
  }
  double tokens() const { return tokens_; }

  double products = 0, attention = 0, in_memory = 0;
  double tensor = 0, context = 0, experts = 0;

 private:
  /// Each rank has a head of keys at least.
  double keys() const {
    return as_real(std::max<std::uint64_t>(model_.kv_heads, plan_.tensor) * model_.head_size);
  }
  double attention_products() const {
    const double each = 2 * tokens_ * hidden_ / plan_.tensor;
    return product(each * (queries_ + 2 * keys())) + product(each * queries_);
  }
  double dense_products() const {
    const double each = 2 * tokens_ * hidden_ * as_real(model_.intermediate) / plan_.tensor;
    return (model_.gated ? 3 : 2) * product(each);
  }
  double expert_products() const {
    const ExpertLayers& moe = *model_.moe;
    const double each = 2 * tokens_ * hidden_ / plan_.tensor;
    return (model_.gated ? 3 : 2) * (product(each * as_real(moe.intermediate * moe.per_token)) +
                                     product(each * as_real(moe.shared_intermediate))) +
           product(each * as_real(moe.experts));
  }
  double seen_products() const {
    const double sequence = as_real(plan_.sequence);
    const double seen = software_.fused_attention ? 0.5 : 1;
    const double time = 2 * product(2 * tokens_ * sequence * queries_ / plan_.tensor * seen);
    if (software_.fused_attention) return time;
    const double scores = tokens_ * sequence * as_real(model_.heads) / plan_.tensor;
    return time + moved(4 * scores) + (software_.dropout ? moved(5 * scores) : 0);
  }
  double bytes_in_memory(double width) const {
    const double all = tokens_ * hidden_ / (plan_.sequence_parallel ? plan_.tensor : 1);
    const double activation = (model_.gated ? 6 : 4) * tokens_ * width / plan_.tensor;
    return 2 * moved(4 * all) + 2 * moved((software_.dropout ? 7 : 6) * all) + moved(activation);
  }

  const ModelCard& model_;
  const TrainingPlan& plan_;
  const TrainingChip& chip_;
  const TrainingSoftware& software_;
  double tokens_, hidden_, queries_;
};

double again(const Layer& layer, Recompute recompute) {
  if (recompute == Recompute::none) return 0;
  if (recompute == Recompute::selective) return layer.attention;
  return layer.products + layer.attention + layer.in_memory + layer.tensor + layer.context +
         layer.experts;
}

/// Forward and backward of one micro-batch in a stage of so many layers, without its sends.
void add_layers(TrainingTime& time, const Layer& layer, const TrainingPlan& plan, double layers) {
  time.matrices += layers * 3 * layer.products;
  time.attention += layers * 3 * layer.attention;
  time.in_memory += layers * (1 + kBackwardBytes) * layer.in_memory;
  time.recomputed += layers * again(layer, plan.recompute);
  time.tensor += layers * 2 * layer.tensor;
  time.context += layers * 3 * layer.context;
  time.experts += layers * 2 * layer.experts;
}

/// The slowest stage, of one micro-batch.
TrainingTime slowest_stage(const Layer& layer, const ModelCard& model, const TrainingPlan& plan) {
  const double layers = std::ceil(as_real(model.layers) / plan.pipeline);
  const double in_last = plan.pipeline * layers == as_real(model.layers) ? layers : layers - 1;
  const double vocabulary = as_real(model.vocabulary) / plan.tensor;
  TrainingTime with_head;
  add_layers(with_head, layer, plan, in_last);
  with_head.matrices += 3 * layer.product(2 * layer.tokens() * as_real(model.hidden) * vocabulary);
  with_head.in_memory += layer.moved(8 * layer.tokens() * vocabulary);
  TrainingTime other;
  add_layers(other, layer, plan, layers);
  return other.step() > with_head.step() ? other : with_head;
}

void scale(TrainingTime& time, double by) {
  for (double* part : {&time.matrices, &time.attention, &time.in_memory, &time.recomputed,
                       &time.tensor, &time.context, &time.experts, &time.sends}) {
    *part *= by;
  }
}

}  // namespace

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
  const Layer layer(model, plan, chip, software);
  TrainingTime out = slowest_stage(layer, model, plan);
  if (plan.pipeline > 1) {
    const double bytes = kBytes * layer.tokens() * as_real(model.hidden) / plan.tensor;
    const bool inside = plan.accelerators() <= chip.scale_up_domain;
    const double each = inside ? chip.scale_up_latency_s + bytes / chip.scale_up_Bps
                               : chip.network_latency_s + bytes / chip.network_Bps;
    out.sends = 2.0 * plan.interleave * each;
  }
  const double stage = out.step();
  scale(out, as_real(plan.micro_batches()));
  out.bubble = (plan.pipeline - 1.0) / plan.interleave * stage;
  const RankParameters parameters = parameters_of_rank(model, plan);
  const double replicas = as_real(plan.data) * plan.context;
  const double tensor = plan.tensor;
  const double exchange_s = half_exchange_s(kBytes * parameters.shared, {replicas, tensor}, chip) +
                            half_exchange_s(kBytes * parameters.experts,
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
  const double attention =
      4 * as_real(model.layers) * as_real(model.heads * model.head_size) * as_real(plan.sequence);
  const double forward = 2 * layers + attention;
  TrainingFlops out;
  out.model = 3 * tokens * (forward + 2 * embedding);
  const double seen = software.fused_attention ? attention / 2 : attention;
  out.hardware = out.model - 3 * tokens * (attention - seen);
  if (plan.recompute == Recompute::full) out.hardware += tokens * (2 * layers + seen);
  if (plan.recompute == Recompute::selective) out.hardware += tokens * seen;
  return out;
}

TrainingMemory training_memory(const ModelCard& model, const TrainingPlan& plan,
                               const TrainingSoftware& software) {
  const RankParameters parameters = parameters_of_rank(model, plan);
  const double replicas = as_real(plan.data) * plan.context;
  const auto held = [&](std::uint32_t stage, double bytes) {
    if (plan.zero < stage) return bytes * (parameters.shared + parameters.experts);
    return bytes * (parameters.shared + parameters.experts * plan.expert) / replicas;
  };
  TrainingMemory out;
  out.optimizer = held(1, 12);
  out.gradients = held(2, 4);
  out.weights = held(3, kBytes);
  const double tokens = as_real(plan.micro_batch * plan.sequence) / plan.context;
  const double hidden = as_real(model.hidden), tensor = plan.tensor;
  const double share = expert_share(model);
  double width = (1 - share) * as_real(model.intermediate);
  if (share > 0) {
    width += share * as_real(model.moe->intermediate * model.moe->per_token +
                             model.moe->shared_intermediate);
  }
  const double split = plan.sequence_parallel ? tensor : 1;
  const double attention_kept =
      4 * as_real((model.heads + model.kv_heads) * model.head_size) / hidden;
  double each = (software.dropout ? 10 : 8) / split +
                (attention_kept + 4 * width / hidden * (model.gated ? 1.5 : 1)) / tensor;
  if (!software.fused_attention && plan.recompute == Recompute::none) {
    each += (software.dropout ? 5 : 2) * as_real(model.heads) * as_real(plan.sequence) / hidden /
            tensor;
  }
  if (plan.recompute == Recompute::full) each = kBytes / split;
  const double stages = plan.pipeline;
  const double flying =
      std::min(as_real(plan.micro_batches()),
               stages + (plan.interleave > 1 ? (stages - 1) / plan.interleave : 0));
  out.activations = tokens * hidden * each * std::ceil(as_real(model.layers) / stages) * flying;
  return out;
}

}  // namespace hyperdc
