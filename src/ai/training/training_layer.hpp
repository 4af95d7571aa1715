// What one layer of a transformer takes forward, of one micro-batch on one rank, and how long its
// exchanges last: parts of a training step (training_step.hpp, where the equations are).
#pragma once

#include "ai/training/training_step.hpp"

namespace hyperdc {

inline constexpr double kActivationBytes = 2;  // of what is exchanged; weights and gradients too

inline double as_real(std::uint64_t n) {
  return static_cast<double>(n);
}

/// Ranks of one exchange: so many, each `stride` ranks after the one before it.
struct RankGroup {
  double ranks = 1, stride = 1;

  double in_domain(const TrainingChip& chip) const;
};

/// Half an all-reduce of the whole array.
double half_exchange_s(double bytes, const RankGroup& group, const TrainingChip& chip);

/// Of the layers.
double expert_share(const ModelCard& model);
/// Numbers of a token that the activation of the MLP gives, of all its experts; a mean of layers.
double mlp_width(const ModelCard& model);
/// Of a token, for each token that it sees: 2 x this many operations.
double attention_width(const ModelCard& model);
/// Parameters of a layer that make heads of latent vectors; 0 without these.
double up_parameters(const ModelCard& model);
/// Tokens that a token sees, a mean of all tokens and layers: as it is counted for the model, and
/// what is computed.
struct SeenTokens {
  double model = 0, computed = 0;
};
SeenTokens seen_tokens(const ModelCard& model, std::uint64_t sequence, bool fused);

class TrainingLayer {
 public:
  TrainingLayer(const ModelCard& model, const TrainingPlan& plan, const TrainingChip& chip,
                const TrainingSoftware& software);

  /// In bf16.
  double product(double operations) const { return product_at(operations, chip_.flops); }
  double moved(double bytes) const {
    return bytes > 0 ? bytes / (chip_.memory_Bps * software_.memory.at(bytes)) : 0;
  }
  double tokens() const { return tokens_; }
  double hidden() const { return hidden_; }
  /// Of keys and values that the ranks of a context group gather, forward.
  double context_bytes() const;
  /// Of a rank to all others of its group, forward: there and back, of `copies` experts a token.
  double expert_bytes(double copies) const;

  double products = 0, attention = 0, in_memory = 0;  // forward
  double again = 0;                             // of forward, what selective recomputation repeats
  double tensor = 0, context = 0, experts = 0;  // forward; what is not hidden
  double tensor_back = 0, experts_back = 0;     // the same of backward

 private:
  double product_at(double operations, double peak) const;
  /// Of the format that the plan multiplies in.
  double matrix(double operations) const;
  double keys() const;
  double attention_products() const;
  double latent_products() const;
  double up_projections() const;
  double dense_products() const;
  double expert_products() const;
  double seen_products() const;
  double bytes_in_memory() const;
  double all_to_all_s(double bytes_of_token) const;
  double expert_token() const;
  double there() const;
  void hide_exchanges();

  const ModelCard& model_;
  const TrainingPlan& plan_;
  const TrainingChip& chip_;
  const TrainingSoftware& software_;
  double tokens_, hidden_, queries_;
};

}  // namespace hyperdc
