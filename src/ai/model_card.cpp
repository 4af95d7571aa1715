#include "ai/model_card.hpp"

namespace hyperdc {
namespace {

double number(std::uint64_t n) {
  return static_cast<double>(n);
}

/// Of one layer.
struct Attention {
  double parameters = 0, flops = 0, cached = 0;  // cached: numbers of a token
};

Attention latent_attention(const ModelCard& card, const LatentAttention& latent) {
  const double h = number(card.hidden), n = number(card.heads);
  const double rq = number(latent.q_rank), r = number(latent.kv_rank);
  const double nope = number(latent.nope), rope = number(latent.rope), v = number(latent.value);
  const double query = latent.q_rank > 0 ? h * rq + rq * n * (nope + rope) : h * n * (nope + rope);
  return {query + h * (r + rope) + r * n * (nope + v) + n * v * h, 2 * n * (r + rope) + 2 * n * r,
          r + rope};
}

Attention attention_of(const ModelCard& card) {
  if (card.latent) return latent_attention(card, *card.latent);
  const double h = number(card.hidden), d = number(card.head_size);
  const double n = number(card.heads), k = number(card.kv_heads);
  return {2 * h * n * d + 2 * h * k * d, 4 * n * d, 2 * k * d};
}

}  // namespace

double bytes_of(NumberFormat format) {
  switch (format) {
    case NumberFormat::fp32:
      return 4;
    case NumberFormat::bf16:
    case NumberFormat::fp16:
      return 2;
    case NumberFormat::fp8:
      return 1;
    case NumberFormat::mxfp4:
      return 0.5 + 1.0 / 32;
    case NumberFormat::nvfp4:
      return 0.5 + 1.0 / 16;
  }
  return 0;
}

Precision precision_of(NumberFormat format) {
  if (format == NumberFormat::fp8) return Precision::fp8;
  return format == NumberFormat::nvfp4 ? Precision::fp4 : Precision::bf16;
}

ModelWork work_of(const ModelCard& card) {
  const ExpertLayers moe = card.moe.value_or(ExpertLayers{});
  const double h = number(card.hidden), layers = number(card.layers);
  const double moe_layers = number(moe.layers);
  const double matrices = card.gated ? 3 : 2;
  const Attention one = attention_of(card);
  const double attention = layers * one.parameters;
  const double mlp = matrices * h *
                     ((layers - moe_layers) * number(card.intermediate) +
                      moe_layers * number(moe.shared_intermediate));
  const double routers = moe_layers * h * number(moe.experts);

  ModelWork out;
  out.layers = card.layers;
  out.hidden = card.hidden;
  out.activation_bytes = bytes_of(card.weights);
  out.linear_parameters = attention + mlp + routers;
  out.linear_bytes = attention * bytes_of(card.attention) + mlp * bytes_of(card.mlp) +
                     routers * bytes_of(card.weights);
  // Precisions are in order, the narrowest last.
  const Precision attends = precision_of(card.attention), feeds = precision_of(card.mlp);
  out.linear_precision = mlp == 0 || attends > feeds ? attends : feeds;
  if (out.linear_precision != Precision::bf16) {
    out.linear_wide_parameters = routers + (attends < out.linear_precision ? attention : 0) +
                                 (feeds < out.linear_precision ? mlp : 0);
  }
  out.moe_layers = moe.layers;
  out.experts = moe.experts;
  out.experts_per_token = moe.per_token;
  out.expert_parameters = matrices * h * number(moe.intermediate);
  out.expert_bytes = out.expert_parameters * bytes_of(card.experts);
  out.expert_precision = precision_of(card.experts);
  out.head_parameters = h * number(card.vocabulary);
  out.head_bytes = out.head_parameters * bytes_of(card.weights);
  out.embedding_bytes = card.tied_embeddings ? 0 : out.head_bytes;
  out.attention_flops = number(card.layers - card.window_layers) * one.flops;
  out.window_attention_flops = number(card.window_layers) * one.flops;
  out.kv_bytes = layers * one.cached * bytes_of(card.cache);
  out.window_kv_bytes = number(card.window_layers) * one.cached * bytes_of(card.cache);
  out.window = card.window;
  out.kv_heads = card.latent ? 1 : card.kv_heads;
  return out;
}

ParameterCount parameters_of(const ModelCard& card) {
  const ModelWork work = work_of(card);
  const double rest =
      work.linear_parameters + work.head_parameters * (card.tied_embeddings ? 1 : 2);
  const double expert_layers = number(work.moe_layers) * work.expert_parameters;
  return {rest + expert_layers * number(work.experts),
          rest + expert_layers * number(work.experts_per_token)};
}

}  // namespace hyperdc
