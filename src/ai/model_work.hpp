// What a model costs to run, by its shape: parameters, bytes and operations.
//
// Computes nothing; the numbers that the time of an iteration and the memory of a replica are made
// of (docs/models/model-cards.md). One multiply-and-add is two operations: a token takes
// 2 x linear_parameters in the matrices that all tokens pass. Of a ranking model a token is one
// item to be scored, of a vision model one image. Units: parameters, bytes, operations (FLOP),
// tokens. Source: the fields of config.json.
#pragma once

#include <cstdint>

namespace hyperdc {

/// In which a matrix is multiplied; the narrowest last.
enum class Precision : std::uint8_t { bf16, fp8, fp4 };

struct ModelWork {
  std::uint64_t layers = 0;     // of the transformer
  std::uint64_t hidden = 0;     // numbers of an activation
  double activation_bytes = 2;  // of one of these

  // Matrices that every token passes: attention, dense MLPs, shared experts, routers.
  double linear_parameters = 0, linear_bytes = 0;
  Precision linear_precision = Precision::bf16;
  // Of linear_parameters, those that are multiplied in bf16 although linear_precision is narrower:
  // routers, and attention where only MLPs are quantised.
  double linear_wide_parameters = 0;

  // Experts: of the layers that have them.
  std::uint64_t moe_layers = 0;
  std::uint64_t experts = 0, experts_per_token = 0;  // of a layer
  double expert_parameters = 0, expert_bytes = 0;    // of one expert of one layer
  Precision expert_precision = Precision::bf16;

  // The last matrix, from hidden to vocabulary: of tokens that are followed by an output.
  double head_parameters = 0, head_bytes = 0;
  double embedding_bytes = 0;  // a table in memory; 0 where the head shares it

  // Attention, of a token for each token that it attends to: in layers that see all, and in those
  // that see a window.
  double attention_flops = 0, window_attention_flops = 0;
  // Of a token in the cache: all layers; and of these the layers that see a window alone.
  double kv_bytes = 0, window_kv_bytes = 0;
  std::uint64_t window = 0;    // tokens; 0: no layer has one
  std::uint64_t kv_heads = 1;  // over which tensor parallelism can split the cache

  /// Prompts are computed whole, each token attends to all of its prompt, and there is one output:
  /// no cache is kept. Encoders, ranking and vision models.
  bool one_pass = false;
  std::uint64_t most_prompt = 0;  // tokens; 0: no bound
  /// Of a token, beyond 2 x linear_parameters: a convolution uses a weight more than once.
  double further_flops = 0;
  /// Tables of embeddings that are kept apart from the matrices: in memory, and rows read a token.
  /// Accelerators of a replica share them, and each has a copy of the matrices.
  double table_bytes = 0, gathered_bytes = 0;
  double pooled_bytes = 0;  // of a token: what the tables give, which goes to who computes on it

  /// Of all weights in memory.
  double weight_bytes() const {
    return linear_bytes + static_cast<double>(moe_layers * experts) * expert_bytes + head_bytes +
           embedding_bytes + table_bytes;
  }
};

}  // namespace hyperdc
