// What follows from the shape of a model, by hand. Published counts: unit/scenario/models_test.cpp.
#include "ai/model_card.hpp"

#include <catch2/catch.hpp>

namespace hyperdc {
namespace {

ModelCard llama_8b() {
  ModelCard card;
  card.layers = 32;
  card.hidden = 4096;
  card.heads = 32;
  card.kv_heads = 8;
  card.head_size = 128;
  card.intermediate = 14336;
  card.vocabulary = 128256;
  return card;
}

ModelCard deepseek_v3() {
  ModelCard card;
  card.layers = 61;
  card.hidden = 7168;
  card.heads = 128;
  card.latent = LatentAttention{1536, 512, 128, 64, 128};
  card.intermediate = 18432;
  card.moe = ExpertLayers{58, 256, 8, 2048, 2048};
  card.vocabulary = 129280;
  card.attention = card.mlp = card.experts = NumberFormat::fp8;
  return card;
}

TEST_CASE("a dense model by hand") {
  const ModelWork work = work_of(llama_8b());
  // Of a layer: queries and output 2 x 4096^2, keys and values 2 x 4096 x 1024, 3 x 4096 x 14336.
  CHECK(work.linear_parameters == 32.0 * (33554432 + 8388608 + 176160768));
  CHECK(work.linear_bytes == 2 * work.linear_parameters);
  CHECK(work.head_parameters == 4096.0 * 128256);
  CHECK(work.embedding_bytes == work.head_bytes);
  CHECK(work.attention_flops == 32.0 * 4 * 32 * 128);
  CHECK(work.window_attention_flops == 0);
  CHECK(work.kv_bytes == 131072);
  CHECK(work.kv_heads == 8);
  CHECK(work.moe_layers == 0);
  CHECK(work.weight_bytes() == 2 * (32.0 * 218103808 + 2.0 * 525336576));
  const ParameterCount parameters = parameters_of(llama_8b());
  // Published, less 65 norms of 4,096.
  CHECK(parameters.total == 8030261248.0 - 65 * 4096);
  CHECK(parameters.active == parameters.total);
}

TEST_CASE("tied embeddings are one table") {
  ModelCard card = llama_8b();
  const double untied = work_of(card).weight_bytes();
  card.tied_embeddings = true;
  CHECK(work_of(card).embedding_bytes == 0);
  CHECK(work_of(card).weight_bytes() == untied - 2 * 525336576.0);
  CHECK(parameters_of(card).total == 8030261248.0 - 65 * 4096 - 525336576.0);
}

TEST_CASE("an MLP without a gate has two matrices") {
  ModelCard card = llama_8b();
  const double gated = work_of(card).linear_parameters;
  card.gated = false;
  CHECK(work_of(card).linear_parameters == gated - 32.0 * 4096 * 14336);
}

TEST_CASE("latent attention and experts by hand") {
  const ModelWork work = work_of(deepseek_v3());
  // 7168 x 1536 + 1536 x 128 x 192, 7168 x 576, 512 x 128 x 256, 128 x 128 x 7168.
  const double attention = 61.0 * (11010048 + 37748736 + 4128768 + 16777216 + 117440512);
  const double mlp = 3 * 7168.0 * (3.0 * 18432 + 58 * 2048);
  const double routers = 58.0 * 7168 * 256;
  CHECK(work.linear_parameters == attention + mlp + routers);
  CHECK(work.linear_bytes == attention + mlp + 2 * routers);
  CHECK(work.linear_precision == Precision::fp8);
  CHECK(work.linear_wide_parameters == routers);
  CHECK(work.expert_parameters == 3.0 * 7168 * 2048);
  CHECK(work.expert_bytes == work.expert_parameters);
  CHECK(work.expert_precision == Precision::fp8);
  CHECK(work.moe_layers == 58);
  // Absorbed: 128 heads score 576 numbers and sum 512.
  CHECK(work.attention_flops == 61.0 * 2 * 128 * (576 + 512));
  CHECK(work.kv_bytes == 61 * 576 * 2);
  CHECK(work.kv_heads == 1);
}

TEST_CASE("queries without a rank come from the hidden vector") {
  ModelCard card = deepseek_v3();
  const double ranked = work_of(card).linear_parameters;
  card.latent->q_rank = 0;
  CHECK(work_of(card).linear_parameters ==
        ranked + 61.0 * (7168.0 * 128 * 192 - 11010048 - 37748736));
}

TEST_CASE("quantised MLPs leave attention in bf16") {
  ModelCard card = llama_8b();
  const double attention = 32.0 * (33554432 + 8388608), mlp = 32.0 * 176160768;
  card.mlp = NumberFormat::fp8;
  ModelWork work = work_of(card);
  CHECK(work.linear_bytes == 2 * attention + mlp);
  CHECK(work.linear_precision == Precision::fp8);
  CHECK(work.linear_wide_parameters == attention);
  card.mlp = NumberFormat::bf16;
  card.attention = NumberFormat::nvfp4;
  work = work_of(card);
  CHECK(work.linear_bytes == 0.5625 * attention + 2 * mlp);
  CHECK(work.linear_precision == Precision::fp4);
  CHECK(work.linear_wide_parameters == mlp);
  card.cache = NumberFormat::fp8;
  CHECK(work_of(card).kv_bytes == 65536);
}

TEST_CASE("experts in mxfp4 with windows in half of the layers") {
  ModelCard card;
  card.layers = 36;
  card.hidden = 2880;
  card.heads = 64;
  card.kv_heads = 8;
  card.head_size = 64;
  card.window = 128;
  card.window_layers = 18;
  card.moe = ExpertLayers{36, 128, 4, 2880, 0};
  card.vocabulary = 201088;
  card.experts = NumberFormat::mxfp4;
  const ModelWork work = work_of(card);
  CHECK(work.expert_bytes == 3.0 * 2880 * 2880 * 17 / 32);
  CHECK(work.expert_precision == Precision::bf16);
  CHECK(work.attention_flops == 18.0 * 4 * 64 * 64);
  CHECK(work.window_attention_flops == work.attention_flops);
  CHECK(work.kv_bytes == 36 * 2 * 8 * 64 * 2);
  CHECK(work.window_kv_bytes == work.kv_bytes / 2);
  CHECK(work.window == 128);
  // No dense MLP: attention and routers alone.
  CHECK(work.linear_parameters == 36.0 * (2880 * 64 * 64 * 2 + 2880 * 8 * 64 * 2 + 2880 * 128));
  CHECK(work.linear_wide_parameters == 0);
}

}  // namespace
}  // namespace hyperdc
