#include "ai/training/training_layer.hpp"

#include <algorithm>
#include <cmath>

namespace hyperdc {
namespace {

constexpr double kCastBytes = 3;  // of a number: read in bf16, written in fp8

/// Tokens that a token sees through a window, a mean of the sequence.
double in_window(double sequence, double window) {
  return window >= sequence ? sequence / 2 : window - window * window / (2 * sequence);
}

}  // namespace

double RankGroup::in_domain(const TrainingChip& chip) const {
  return std::clamp(std::floor(chip.scale_up_domain / stride), 1.0, ranks);
}

double half_exchange_s(double bytes, const RankGroup& group, const TrainingChip& chip) {
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

double expert_share(const ModelCard& model) {
  return model.moe ? as_real(model.moe->layers) / as_real(model.layers) : 0;
}

double mlp_width(const ModelCard& model) {
  const double share = expert_share(model);
  const double dense = (1 - share) * as_real(model.intermediate);
  if (!model.moe) return dense;
  const ExpertLayers& moe = *model.moe;
  return dense + share * as_real(moe.intermediate * moe.per_token + moe.shared_intermediate);
}

double attention_width(const ModelCard& model) {
  if (!model.latent) return 2 * as_real(model.heads * model.head_size);
  const LatentAttention& latent = *model.latent;
  return as_real(model.heads * (latent.nope + latent.rope + latent.value));
}

double up_parameters(const ModelCard& model) {
  if (!model.latent) return 0;
  const LatentAttention& latent = *model.latent;
  return as_real(model.heads * (latent.q_rank * (latent.nope + latent.rope) +
                                latent.kv_rank * (latent.nope + latent.value)));
}

SeenTokens seen_tokens(const ModelCard& model, std::uint64_t sequence, bool fused) {
  const double all = as_real(sequence), window = as_real(model.window);
  const double share = as_real(model.window_layers) / as_real(model.layers);
  const double computed = (1 - share) * all / 2 + share * in_window(all, window);
  return {(1 - share) * all + share * std::min(all, window), fused ? computed : all};
}

TrainingLayer::TrainingLayer(const ModelCard& model, const TrainingPlan& plan,
                             const TrainingChip& chip, const TrainingSoftware& software)
    : model_(model),
      plan_(plan),
      chip_(chip),
      software_(software),
      tokens_(as_real(plan.micro_batch * plan.sequence) / plan.context),
      hidden_(as_real(model.hidden)),
      queries_(as_real(model.heads * model.head_size)) {
  const double share = expert_share(model);
  products =
      (model.latent ? latent_products() : attention_products()) + (1 - share) * dense_products();
  if (share > 0) {
    products += share * expert_products();
    const double token = expert_token();
    experts = share * (all_to_all_s(there() * token) + all_to_all_s(kActivationBytes * token));
  }
  attention = seen_products();
  // Fused kernels repeat scores themselves; of latent vectors heads are made again.
  again = up_projections() + (model.latent && software.fused_attention ? 0 : attention);
  in_memory = bytes_in_memory();
  tensor =
      4 * half_exchange_s(kActivationBytes * tokens_ * hidden_, {as_real(plan.tensor), 1}, chip);
  context = half_exchange_s(context_bytes(), {as_real(plan.context), as_real(plan.tensor)}, chip);
  hide_exchanges();
}

/// Each by no more than what is computed beside it: exchanges of matrices beside these, those of
/// experts beside what is left of forward and backward.
void TrainingLayer::hide_exchanges() {
  tensor_back = tensor;
  experts_back = experts;
  const double forward = std::min(software_.overlap_tensor * tensor, products);
  const double back = std::min(software_.overlap_tensor * tensor, 2 * products);
  tensor -= forward;
  tensor_back -= back;
  const double beside = std::max(0.0, 3 * (products + attention) - forward - back);
  const double hidden = std::min(software_.overlap_experts * 2 * experts, beside) / 2;
  experts -= hidden;
  experts_back -= hidden;
}

double TrainingLayer::product_at(double operations, double peak) const {
  if (operations <= 0) return 0;
  return operations / (peak * software_.compute * software_.matrices.at(operations));
}

double TrainingLayer::matrix(double operations) const {
  return product_at(operations, plan_.precision == Precision::fp8 ? chip_.fp8_flops : chip_.flops);
}

/// Each rank has a head of keys at least.
double TrainingLayer::keys() const {
  return as_real(std::max<std::uint64_t>(model_.kv_heads, plan_.tensor) * model_.head_size);
}

double TrainingLayer::attention_products() const {
  const double each = 2 * tokens_ * hidden_ / plan_.tensor;
  return matrix(each * (queries_ + 2 * keys())) + matrix(each * queries_);
}

double TrainingLayer::up_projections() const {
  if (!model_.latent) return 0;
  const LatentAttention& latent = *model_.latent;
  const double each = 2 * tokens_ * as_real(model_.heads) / plan_.tensor;
  return matrix(each * as_real(latent.q_rank * (latent.nope + latent.rope))) +
         matrix(each * as_real(latent.kv_rank * (latent.nope + latent.value)));
}

/// What goes down to the ranks is computed by each of tensor_parallel.
double TrainingLayer::latent_products() const {
  const LatentAttention& latent = *model_.latent;
  const double each = 2 * tokens_ * hidden_, heads = as_real(model_.heads) / plan_.tensor;
  const double whole = heads * as_real(latent.nope + latent.rope);  // queries without a rank
  return matrix(each * (latent.q_rank == 0 ? whole : as_real(latent.q_rank))) +
         matrix(each * as_real(latent.kv_rank + latent.rope)) + up_projections() +
         matrix(each * heads * as_real(latent.value));
}

double TrainingLayer::dense_products() const {
  const double each = 2 * tokens_ * hidden_ * as_real(model_.intermediate) / plan_.tensor;
  return (model_.gated ? 3 : 2) * matrix(each);
}

double TrainingLayer::expert_products() const {
  const ExpertLayers& moe = *model_.moe;
  const double each = 2 * tokens_ * hidden_ / plan_.tensor;
  const double routed = as_real(moe.intermediate * moe.per_token) * plan_.imbalance;
  return (model_.gated ? 3 : 2) *
             (matrix(each * routed) + matrix(each * as_real(moe.shared_intermediate))) +
         product(each * as_real(moe.experts));
}

double TrainingLayer::seen_products() const {
  const double seen = seen_tokens(model_, plan_.sequence, software_.fused_attention).computed;
  const double all = tokens_ * seen * attention_width(model_) / plan_.tensor;
  const double time = 2 * product(all);  // scores, and values by them
  if (software_.fused_attention) return time;
  const double scores = tokens_ * as_real(plan_.sequence) * as_real(model_.heads) / plan_.tensor;
  return time + moved(4 * scores) + (software_.dropout ? moved(5 * scores) : 0);
}

double TrainingLayer::bytes_in_memory() const {
  const double width = mlp_width(model_) / plan_.tensor;
  const double all = tokens_ * hidden_ / (plan_.sequence_parallel ? plan_.tensor : 1);
  const double activation = (model_.gated ? 6 : 4) * tokens_ * width;
  const double time =
      2 * moved(4 * all) + 2 * moved((software_.dropout ? 7 : 6) * all) + moved(activation);
  if (plan_.precision != Precision::fp8) return time;
  const double values = model_.latent ? as_real(model_.heads * model_.latent->value) : queries_;
  return time + 2 * moved(kCastBytes * all) + moved(kCastBytes * tokens_ * width) +
         moved(kCastBytes * tokens_ * values / plan_.tensor);
}

/// `bytes_of_token` of all tokens once; each goes to per_token experts, or once to each domain that
/// has some of them, and to the experts from there.
double TrainingLayer::all_to_all_s(double bytes_of_token) const {
  const RankGroup group{as_real(plan_.expert), as_real(plan_.tensor)};
  const double inside = group.in_domain(chip_), n = group.ranks;
  const double each = as_real(model_.moe->per_token);
  double to_domain = (inside - 1) / n * each, to_others = (n - inside) / n * each;
  if (plan_.expert_domains > 0 && n > inside) {
    to_others = std::min(to_others, plan_.expert_domains * (n - inside) / n);
    to_domain = (inside - 1) / inside * each;
  }
  double time = 0;
  if (inside > 1) {
    time = chip_.scale_up_latency_s + to_domain * bytes_of_token / chip_.scale_up_Bps;
  }
  if (n > inside) {
    time = std::max(time, chip_.network_latency_s + to_others * bytes_of_token / chip_.network_Bps);
  }
  return time;
}

/// Of all tokens of a rank, to one expert.
double TrainingLayer::expert_token() const {
  return tokens_ * hidden_ / (plan_.sequence_parallel ? plan_.tensor : 1) * plan_.imbalance;
}

/// There in the format of the matrices, back in bf16.
double TrainingLayer::there() const {
  return plan_.precision == Precision::fp8 ? 1 : kActivationBytes;
}

double TrainingLayer::expert_bytes(double copies) const {
  return (there() + kActivationBytes) * expert_token() * copies;
}

/// Keys and values of the whole sequence, or what one latent vector a token has of both; where a
/// window is seen, of that before the first token of a rank.
double TrainingLayer::context_bytes() const {
  if (plan_.context == 1) return 0;
  const double token = model_.latent ? as_real(model_.latent->kv_rank + model_.latent->rope)
                                     : 2 * keys() / plan_.tensor;
  const double all = as_real(plan_.sequence), c = plan_.context;
  const double share = as_real(model_.window_layers) / as_real(model_.layers);
  const double window = std::min(all, as_real(model_.window) * c / (c - 1));
  return kActivationBytes * as_real(plan_.micro_batch) * token *
         ((1 - share) * all + share * window);
}

}  // namespace hyperdc
