// Encoders, ranking and vision models: what follows from their shapes, and the time of one batch on
// a chip, by hand. Published counts: unit/scenario/prediction_models_test.cpp.
#include "ai/prediction_cards.hpp"

#include <catch2/catch.hpp>

#include "ai/inference/roofline.hpp"

namespace hyperdc {
namespace {

/// Four tables of 1,000 rows of 8 numbers, two rows read of each.
RecommenderCard small_ranking() {
  RecommenderCard card;
  card.inputs = 3;
  card.bottom = {16, 8};
  card.top = {32, 1};
  card.tables = {4, 4000, 8, 8};
  return card;
}

EncoderCard small_encoder() {
  return {.layers = 2,
          .hidden = 64,
          .heads = 4,
          .intermediate = 256,
          .vocabulary = 1000,
          .positions = 128,
          .segments = 2};
}

/// 1e12 operations, 2e12 in 8 bits, 1e10 bytes and 1e9 over its link, a second.
constexpr ChipRates kSmallChip{1e12, 2e12, 0, 1e10, 1e9};

double us(const IterationTime& time, const IterationLoad& load) {
  return static_cast<double>(time.of(load).ns) * 1e-3;
}

/// Whole prompts of so many tokens.
IterationLoad batch(std::uint64_t prompts, std::uint64_t tokens) {
  return {prompts * tokens, 0, 0, prompts, prompts * tokens * (tokens + 1) / 2};
}

TEST_CASE("an encoder by hand") {
  const ModelWork work = work_of(small_encoder());
  // Of a layer: queries, keys, values and output 4 x 64^2, MLP 2 x 64 x 256.
  CHECK(work.linear_parameters == 2.0 * (16384 + 32768));
  CHECK(work.linear_bytes == 2 * work.linear_parameters);
  CHECK(work.embedding_bytes == 2.0 * 1130 * 64);
  CHECK(work.attention_flops == 2.0 * 4 * 64);
  CHECK(work.kv_bytes == 0);
  CHECK(work.head_parameters == 0);
  CHECK(work.most_prompt == 128);
  CHECK(work.one_pass);
  CHECK(parameters_of(AnyModelCard(small_encoder())).total == 98304.0 + 1130 * 64);
  EncoderCard gated = small_encoder();
  gated.gated = true;
  CHECK(work_of(gated).linear_parameters == 2.0 * (16384 + 49152));
}

TEST_CASE("a ranking model by hand") {
  const ModelWork work = work_of(small_ranking());
  // 3 x 16 + 16 x 8; the top sees 8 numbers and the products of 5 vectors, two at a time.
  CHECK(work.linear_parameters == 48.0 + 128 + (8 + 10) * 32 + 32);
  CHECK(work.further_flops == 2.0 * 10 * 8);
  CHECK(work.table_bytes == 4000.0 * 8 * 2);
  CHECK(work.gathered_bytes == 8.0 * 8 * 2);
  CHECK(work.pooled_bytes == 4.0 * 8 * 2);
  CHECK(work.weight_bytes() == work.linear_bytes + work.table_bytes);
  CHECK(work.layers == 4);
  const ParameterCount parameters = parameters_of(AnyModelCard(small_ranking()));
  CHECK(parameters.total == 784.0 + 32000);
  CHECK(parameters.active == 784.0 + 64);
  // Rows in 8 bits, the MLPs in 16: what was summed is in the format of these.
  RecommenderCard narrow = small_ranking();
  narrow.rows = NumberFormat::fp8;
  CHECK(work_of(narrow).table_bytes == 32000);
  CHECK(work_of(narrow).gathered_bytes == 64);
  CHECK(work_of(narrow).pooled_bytes == work.pooled_bytes);
}

TEST_CASE("a vision model by hand") {
  const ModelWork work = work_of(VisionCard{16, 1e6, 5e7, NumberFormat::fp8});
  CHECK(work.linear_bytes == 1e6);
  CHECK(work.linear_precision == Precision::fp8);
  // Each multiply-and-add is two operations, however often a weight is used.
  CHECK(2 * work.linear_parameters + work.further_flops == 1e8);
  const RooflineTime time(work, kSmallChip, {}, {});
  // 10 images of 1e8 operations at 2e12; of one image the weights take longer, 1e6 at 1e10.
  CHECK(us(time, batch(10, 1)) == Approx(500));
  CHECK(us(time, batch(1, 1)) == Approx(100));
  CHECK(time.work(batch(10, 1), 1).flops == 1e9);
}

TEST_CASE("a vision transformer counts as its layers do") {
  // ViT-L/16: 196 patches and a class token pass 24 layers. Patches of 768 numbers are embedded.
  const EncoderCard layers{.layers = 24, .hidden = 1024, .heads = 16, .intermediate = 4096};
  const ModelWork work = work_of(layers);
  const double macs =
      197 * work.linear_parameters + 197.0 * 197 * work.attention_flops / 2 + 196.0 * 768 * 1024;
  CHECK(macs == Approx(61.6e9).epsilon(0.002));
}

TEST_CASE("time of a batch of texts: each token attends to all of its text") {
  const ModelWork work = work_of(small_encoder());
  const RooflineTime time(work, kSmallChip, {}, {});
  // 20 texts of 100 tokens: 2,000 x 2 x 98,304 operations, 20 x 100^2 x 512 of attention.
  const double operations = 2000.0 * 2 * 98304 + 20.0 * 10000 * 512;
  CHECK(us(time, batch(20, 100)) == Approx(operations / 1e12 * 1e6).epsilon(1e-4));
  CHECK(time.work(batch(20, 100), 1).flops == operations);
  // One token: its weights take 196,608 bytes at 1e10, and it attends to itself.
  CHECK(us(time, batch(1, 1)) == Approx(19.6608 + 512 / 1e12 * 1e6).epsilon(1e-4));
}

TEST_CASE("time of a batch of items: matrices, rows, and tables on several accelerators") {
  Efficiencies software;
  software.gather = 0.5;
  software.iteration_s = 1e-4;
  software.layer_s = 1e-5;
  software.sum_s = 2e-5;
  const ModelWork work = work_of(small_ranking());
  const RooflineTime alone(work, kSmallChip, software, {});
  // 10,000 items: 2 x 784 + 160 operations each at 1e12, and 128 bytes at half of 1e10.
  const double products = 1e4 * 1728 / 1e12 * 1e6, rows = 1e4 * 128 / 5e9 * 1e6;
  CHECK(us(alone, batch(10, 1000)) == Approx(100 + 40 + products + rows).epsilon(1e-4));
  CHECK(alone.work(batch(10, 1000), 1).bytes == 2 * 784 + 1e4 * 128);
  // Attention is none, whatever the prompts.
  CHECK(us(alone, batch(1, 10000)) == us(alone, batch(10, 1000)));
  // Two accelerators: half of the items and of the rows each, and of 64 pooled bytes an item each
  // sends a quarter to the other.
  const RooflineTime two(work, kSmallChip, software, {2, 1});
  const double sent = 1e4 * 64 / 4 / 1e9 * 1e6;
  CHECK(us(two, batch(10, 1000)) ==
        Approx(100 + 40 + 20 + products / 2 + rows / 2 + sent).epsilon(1e-4));
  // Each reads all of the matrices: 1,568 bytes at 1e10 for one item.
  const double one = (64.0 / 5e9 + 64.0 / 4 / 1e9 + 1568 / 1e10) * 1e6;
  CHECK(us(two, batch(1, 1)) == Approx(100 + 40 + 20 + one).epsilon(1e-4));
}

}  // namespace
}  // namespace hyperdc
