// Adapters and models that share an engine, by hand.
#include "ai/inference/variants.hpp"

#include <catch2/catch.hpp>

#include "ai/adapters.hpp"
#include "support/batch_drive.hpp"

namespace hyperdc {
namespace {

using test::Requests;
using test::serve;
using test::TestTime;

/// Ten ns an iteration, and one each token of a prompt; a load takes 100.
const TestTime kTime({10, 1, 0, 0});

BatchRules rules_with(VariantRules::Share share, std::uint32_t max_loaded) {
  BatchRules rules;
  rules.blocks = 100;
  rules.variants.share = share;
  rules.variants.max_loaded = max_loaded;
  rules.variants.load = Duration{100};
  return rules;
}

BatchRules adapters(std::uint32_t max_loaded) {
  return rules_with(VariantRules::Share::together, max_loaded);
}
BatchRules models(std::uint32_t max_loaded) {
  return rules_with(VariantRules::Share::in_turns, max_loaded);
}

/// A prompt of one token for two.
test::ServedRequest asks(std::uint32_t variant, std::int64_t at = 0) {
  test::ServedRequest request{at, 1, 2};
  request.variant = variant;
  return request;
}

TEST_CASE("a load delays the first token by just as long, once") {
  BatchRules rules = adapters(2);
  Batcher batcher(rules, kTime);
  Requests requests = {asks(0), asks(0, 500), asks(1, 1000), asks(0, 2000)};
  serve(batcher, rules, requests);
  CHECK(requests[0].first_ns == 100 + 11);
  CHECK(requests[0].done_ns == 121);
  CHECK(requests[1].first_ns == 511);
  CHECK(requests[2].first_ns == 1111);
  CHECK(requests[3].first_ns == 2011);
  CHECK(batcher.variant_use().loads == 2);
  CHECK(batcher.variant_use().loading.ns == 200);
  CHECK(batcher.variant_use().admitted == 4);
  CHECK(batcher.variant_use().found == 2);
}

TEST_CASE("two adapters of an iteration are loaded one after the other") {
  BatchRules rules = adapters(2);
  Batcher batcher(rules, kTime);
  Requests requests = {asks(0), asks(1)};
  serve(batcher, rules, requests);
  CHECK(requests[0].first_ns == 212);
  CHECK(requests[1].first_ns == 212);
}

TEST_CASE("who asks for one adapter too many is passed over") {
  BatchRules rules = adapters(1);
  Batcher batcher(rules, kTime);
  Requests requests = {asks(0), asks(1), asks(0), asks(0, 50)};
  serve(batcher, rules, requests);
  // 0-112: the load, and two prompts. 112-123: their last tokens, beside the prompt of the fourth.
  CHECK(requests[0].first_ns == 112);
  CHECK(requests[2].first_ns == 112);
  CHECK(requests[3].first_ns == 123);
  CHECK(requests[2].done_ns == 123);
  // 123-133: its last. 133-244: the second of all, whose adapter takes the place of the other.
  CHECK(requests[3].done_ns == 133);
  CHECK(requests[1].first_ns == 133 + 111);
  CHECK(batcher.variant_use().loads == 2);
}

TEST_CASE("who may join ends a long stretch although others wait before it") {
  const TestTime time({100, 0, 0, 0});
  BatchRules rules = adapters(1);
  Batcher batcher(rules, time);
  Requests requests = {asks(0), asks(1, 10), asks(0, 1050)};
  requests[0].output = 1000;
  serve(batcher, rules, requests);
  CHECK(requests[2].first_ns == 1200);  // 100 + 100 n is when iterations end
  CHECK(requests[0].done_ns == 100 + 1000 * 100);
  CHECK(requests[1].first_ns == requests[0].done_ns + 200);
}

TEST_CASE("a model runs out before another one begins, and nobody passes who waits for that") {
  BatchRules rules = models(1);
  Batcher one(rules, kTime);
  Requests requests = {asks(0), asks(1), asks(0, 50)};
  serve(one, rules, requests);
  CHECK(requests[0].done_ns == 121);
  CHECK(requests[1].first_ns == 121 + 111);
  CHECK(requests[1].done_ns == 242);
  CHECK(requests[2].first_ns == 242 + 111);
  CHECK(one.variant_use().loads == 3);
  // Where two have room the first is there still.
  rules = models(2);
  Batcher both(rules, kTime);
  serve(both, rules, requests);
  CHECK(requests[1].first_ns == 121 + 111);
  CHECK(requests[2].first_ns == 242 + 11);
  CHECK(both.variant_use().loads == 2);
}

TEST_CASE("a batch that begins takes all that ask for the model of the first") {
  BatchRules rules = models(1);
  rules.mode = BatchMode::whole_batches;
  rules.keeps_cache = false;
  rules.blocks = 0;
  Batcher batcher(rules, kTime);
  Requests requests = {asks(0), asks(1), asks(0), asks(1)};
  for (test::ServedRequest& request : requests) request.output = 1;
  serve(batcher, rules, requests);
  CHECK(requests[0].done_ns == 112);
  CHECK(requests[2].done_ns == 112);
  CHECK(requests[1].done_ns == 224);
  CHECK(requests[3].done_ns == 224);
}

TEST_CASE("asynchronous: an adapter is in the way of others until the iteration after its last") {
  BatchRules rules = adapters(1);
  rules.asynchronous = true;
  Batcher batcher(rules, kTime);
  Requests requests = {asks(0), asks(1), asks(0)};
  requests[2].output = 4;
  serve(batcher, rules, requests);
  // Both of the first adapter begin at once; the other has its turn when nobody runs.
  CHECK(requests[0].done_ns == 122);
  CHECK(requests[2].done_ns == 142);
  CHECK(requests[1].first_ns == 142 + 111);
  // With two slots, two adapters that end together, and one that runs on.
  rules = adapters(2);
  rules.asynchronous = true;
  Batcher two(rules, kTime);
  requests = {asks(0), asks(1), asks(2)};
  requests[1].output = 4;
  serve(two, rules, requests);
  CHECK(requests[0].done_ns == 222);
  // 222-232 was composed without knowing that; 232-343 has the third.
  CHECK(requests[2].first_ns == 232 + 111);
  CHECK(requests[1].done_ns == 232 + 111);
}

TEST_CASE("the least recently used one makes room, on the accelerators and on the host") {
  VariantRules rules;
  rules.max_loaded = 2;
  rules.host = 3;
  rules.load = Duration{10};
  rules.fetch = Duration{100};
  LoadedVariants variants(rules);
  const auto uses = [&](std::uint32_t variant) {
    const std::int64_t ns = variants.join(variant).ns;
    variants.leave(variant);
    return ns;
  };
  CHECK(uses(0) == 110);
  CHECK(uses(1) == 110);
  CHECK(uses(0) == 0);
  CHECK(uses(2) == 110);  // in the place of 1
  CHECK_FALSE(variants.loaded(1));
  CHECK(variants.loaded(0));
  CHECK(uses(1) == 10);   // in that of 0
  CHECK(uses(3) == 110);  // in that of 2; the host loses 0
  CHECK(uses(2) == 10);
  CHECK(uses(0) == 110);
  CHECK(variants.join(1).ns == 110);  // the host had 3, 2 and 0
  CHECK(variants.join(0).ns == 0);
  CHECK_FALSE(variants.may_join(3));
  CHECK(variants.may_join(1));
  variants.leave(0);
  CHECK(variants.may_join(3));
  CHECK(variants.loads() == 8);
}

TEST_CASE("each variant has prefixes of its own") {
  BatchRules rules = adapters(2);
  rules.prefix_caching = true;
  rules.block_tokens = 4;
  Batcher batcher(rules, kTime);
  const std::vector<std::uint64_t> ids = {7};
  const PrefixIds prefix{ids, 12, 12};
  Requests requests = {{0, 13, 1, prefix}, {1000, 13, 1, prefix}, {2000, 13, 1, prefix}};
  requests[1].variant = 1;
  serve(batcher, rules, requests);
  CHECK(requests[1].cached == 0);
  CHECK(requests[2].cached == 12);
  CHECK(batcher.tokens_in_cache(prefix, 13, SimTime{3000}, 1) == 12);
  CHECK(batcher.tokens_in_cache(prefix, 13, SimTime{3000}, 2) == 0);
}

TEST_CASE("the size of an adapter follows from the shape of its model") {
  ModelCard llama;
  llama.layers = 32;
  llama.hidden = 4096;
  llama.heads = 32;
  llama.kv_heads = 8;
  llama.head_size = 128;
  llama.intermediate = 14336;
  // As PEFT counts for Llama 3 8B with rank 16 and all seven matrices of a layer.
  CHECK(adapter_of(llama, 16).parameters == 41'943'040);
  CHECK(adapter_of(llama, 16).bytes == 2 * 41'943'040);
  CHECK(adapter_of_bytes(1e6).parameters == 5e5);
  // Experts have none, those that are shared do.
  ModelCard experts = llama;
  experts.moe = ExpertLayers{32, 8, 2, 14336, 0};
  experts.intermediate = 0;
  CHECK(adapter_of(experts, 1).parameters == 32 * (8192 + 8192 + 5120 + 5120));
  experts.moe->shared_intermediate = 100;
  CHECK(adapter_of(experts, 1).parameters == 32 * (26624 + 3 * 4196));
  // Latent attention of DeepSeek-V3, one layer: 7168 x 1536, 1536 x 128 x 192, 7168 x 576,
  // 512 x 128 x 256 and 128 x 128 x 7168.
  ModelCard latent;
  latent.layers = 1;
  latent.hidden = 7168;
  latent.heads = 128;
  latent.latent = LatentAttention{1536, 512, 128, 64, 128};
  latent.intermediate = 18432;
  CHECK(adapter_of(latent, 2).parameters == 2 * ((7168 + 1536) + (1536 + 24576) + (7168 + 576) +
                                                 (512 + 32768) + (16384 + 7168) + 3 * 25600));
}

}  // namespace
}  // namespace hyperdc
