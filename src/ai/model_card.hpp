// Model card: the shape of a language model, as its config.json states it, and what follows.
//
// Computes parameters, bytes and operations (model_work.hpp) from the shape. With h hidden, n
// heads, k kv_heads, d head_size, V vocabulary and b bytes of a number in its format, for one
// layer:
//   attention matrices  h n d + 2 h k d + n d h
//   cache of a token    2 k d b
//   attention           4 n d operations for each token attended to (2 n d scores, 2 n d values)
//   MLP                 g h i: i its intermediate size, g = 3 matrices if gated, else 2
//   MoE layer           E experts of g h i_e, a router of h E and a shared MLP of g h i_s
// Latent attention (MLA; r ranks, p nope, o rope, v value sizes) instead of the first three:
//   attention matrices  h r_q + r_q n (p + o) [without r_q: h n (p + o)] + h (r_kv + o)
//                       + r_kv n (p + v) + n v h
//   cache of a token    (r_kv + o) b
//   attention           2 n (r_kv + o) + 2 n r_kv: the absorbed form, which decodes use. Engines
//                       prefill in the other form, 2 n (p + o + v): 0.29 of it for DeepSeek-V3.
// And V h for the embeddings, V h again for the head unless the two are tied.
// Units: parameters, bytes, operations. Source: the models' published code and config.json;
// docs/models/model-cards.md has the counts beside published ones.
// Valid: decoders whose layers are attention and an MLP. Leaves out: norms and biases (under
// 0.05 % of parameters), attention sinks, vision towers, heads that predict further tokens, and
// scales of fp8 numbers.
#pragma once

#include <cstdint>
#include <optional>

#include "ai/model_work.hpp"

namespace hyperdc {

/// How a number is kept. mxfp4 has a scale of 8 bits for 32 numbers, nvfp4 one for 16.
enum class NumberFormat : std::uint8_t { fp32, bf16, fp16, fp8, mxfp4, nvfp4 };

/// Of one number, its share of a scale included.
double bytes_of(NumberFormat format);
/// mxfp4 is multiplied in bf16: activations of the models that use it stay in bf16.
Precision precision_of(NumberFormat format);

/// Attention whose cache is one latent vector a token (MLA).
struct LatentAttention {
  std::uint64_t q_rank = 0;  // 0: queries come from the hidden vector itself
  std::uint64_t kv_rank = 0;
  std::uint64_t nope = 0, rope = 0, value = 0;  // sizes of a head
};

struct ExpertLayers {
  std::uint64_t layers = 0;  // the others have a dense MLP
  std::uint64_t experts = 0, per_token = 0;
  std::uint64_t intermediate = 0;         // of one expert
  std::uint64_t shared_intermediate = 0;  // of all shared experts of a layer together
};

struct ModelCard {
  std::uint64_t layers = 0, hidden = 0;
  std::uint64_t heads = 0, kv_heads = 0, head_size = 0;
  std::optional<LatentAttention> latent;  // then without kv_heads and head_size
  std::uint64_t window = 0, window_layers = 0;
  std::uint64_t intermediate = 0;  // of dense layers
  bool gated = true;
  std::optional<ExpertLayers> moe;
  std::uint64_t vocabulary = 0;
  bool tied_embeddings = false;
  // mlp: of dense layers and shared experts; weights: embeddings, head, routers, activations.
  NumberFormat weights = NumberFormat::bf16, attention = NumberFormat::bf16;
  NumberFormat mlp = NumberFormat::bf16, experts = NumberFormat::bf16;
  NumberFormat cache = NumberFormat::bf16;
};

ModelWork work_of(const ModelCard& card);

/// Of all of the model, and of what one token passes: its experts alone. Both with the embeddings.
struct ParameterCount {
  double total = 0, active = 0;
};
ParameterCount parameters_of(const ModelCard& card);

}  // namespace hyperdc
