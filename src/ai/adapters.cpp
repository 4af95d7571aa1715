#include "ai/adapters.hpp"

namespace hyperdc {
namespace {

constexpr double kNumberBytes = 2;

/// Inputs and outputs of the matrices of one layer's attention.
std::uint64_t sides_of_attention(const ModelCard& card) {
  const std::uint64_t h = card.hidden, n = card.heads;
  if (!card.latent) return 4 * h + 2 * n * card.head_size + 2 * card.kv_heads * card.head_size;
  const LatentAttention& of = *card.latent;
  const std::uint64_t query = h + n * (of.nope + of.rope) + 2 * of.q_rank;
  const std::uint64_t compressed = h + of.kv_rank + of.rope;
  const std::uint64_t expanded = of.kv_rank + n * (of.nope + of.value);
  return query + compressed + expanded + n * of.value + h;
}

}  // namespace

AdapterWork adapter_of(const ModelCard& card, std::uint64_t rank) {
  const std::uint64_t matrices = card.gated ? 3 : 2, h = card.hidden;
  std::uint64_t dense = card.layers, sides = card.layers * sides_of_attention(card);
  if (card.moe) {
    dense -= card.moe->layers;
    const std::uint64_t shared = card.moe->shared_intermediate;
    if (shared > 0) sides += card.moe->layers * matrices * (h + shared);
  }
  sides += dense * matrices * (h + card.intermediate);
  const auto parameters = static_cast<double>(rank * sides);
  return {parameters, parameters * kNumberBytes};
}

AdapterWork adapter_of_bytes(double bytes) {
  return {bytes / kNumberBytes, bytes};
}

}  // namespace hyperdc
