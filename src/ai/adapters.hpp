// Adapters: low-rank additions (LoRA) to the matrices of a model, of which a server holds many.
//
// Computes the parameters of one of rank r: r (in + out) for each matrix that it adds to, which are
// those of attention and of the dense MLPs ("all-linear" of PEFT; query, key, value, output, gate,
// up and down of vLLM), in all layers. With h hidden, n heads, k kv_heads, d head_size, i
// intermediate and g = 3 matrices if gated, else 2, for one layer:
//   attention    4 h + 2 n d + 2 k d
//   MLA          h + r_q + r_q + n (p + o) [without r_q: h + n (p + o)] + h + r_kv + o
//                + r_kv + n (p + v) + n v + h     (letters as in model_card.hpp)
//   MLP          g (h + i), with shared experts as one of their size
// A token takes 2 operations a parameter of its adapter. Units: parameters, bytes. Source: Hu et
// al. (LoRA), ICLR'22; Sheng et al. (S-LoRA), MLSys'24. Valid: numbers of 2 bytes, as vLLM holds
// them unless told otherwise. Leaves out: adapters of experts, routers, embeddings and heads.
#pragma once

#include <cstdint>

#include "ai/model_card.hpp"

namespace hyperdc {

/// Of one.
struct AdapterWork {
  double parameters = 0, bytes = 0;
};

AdapterWork adapter_of(const ModelCard& card, std::uint64_t rank);
AdapterWork adapter_of_bytes(double bytes);

}  // namespace hyperdc
