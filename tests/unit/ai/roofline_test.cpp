// The time of an iteration on a chip, by hand, and a stretch of them against one after the other.
#include "ai/inference/roofline.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/rng.hpp"

namespace hyperdc {
namespace {

/// Ten layers of 1e9 parameters in 16 bits on a chip of 1e15 operations and 1e12 bytes a second.
ModelWork dense_model() {
  ModelWork model;
  model.layers = 10;
  model.hidden = 1000;
  model.linear_parameters = 1e9;
  model.linear_bytes = 2e9;
  model.head_parameters = 1e8;
  model.head_bytes = 2e8;
  model.attention_flops = 1e6;
  model.kv_bytes = 1e5;
  model.kv_heads = 8;
  return model;
}

constexpr ChipRates kChip{1e15, 2e15, 0, 1e12, 1e11};

double ms(const IterationTime& time, const IterationLoad& load) {
  return static_cast<double>(time.of(load).ns) * 1e-6;
}

TEST_CASE("roofline by hand: memory, operations, caches, attention") {
  const RooflineTime time(dense_model(), kChip, {}, {});
  // One token: 2.2e9 bytes at 1e12 a second, and 5,000 tokens of 1e5 bytes in its cache.
  CHECK(ms(time, {0, 1, 0, 0, 0}) == Approx(2.2));
  CHECK(ms(time, {0, 1, 5000, 0, 0}) == Approx(2.7));
  // 4,000 tokens of one prompt: 8e12 operations, 2e8 for its one output; no more bytes than that.
  CHECK(ms(time, {4000, 0, 0, 1, 0}) == Approx(8.0 + 2e-4));
  // Each of a million pairs of tokens takes 1e6 operations.
  CHECK(ms(time, {4000, 0, 0, 1, 1'000'000}) == Approx(8.0 + 2e-4 + 1.0));
}

TEST_CASE("roofline by hand: efficiencies, overheads and tensor parallelism") {
  Efficiencies software;
  software.compute = 0.5;
  software.memory = 0.8;
  software.cache = 0.4;
  software.link = 0.5;
  software.layer_s = 1e-5;
  software.iteration_s = 5e-4;
  software.sum_s = 2e-6;
  const RooflineTime alone(dense_model(), kChip, software, {});
  CHECK(ms(alone, {0, 1, 1000, 0, 0}) == Approx(2.2 / 0.8 + 0.1 / 0.4 + 0.1 + 0.5));
  const RooflineTime four(dense_model(), kChip, software, {4, 1});
  // 20 sums: 2 us each, and 2 x 3/4 of 2,000 bytes a token at half of 1e11.
  const double sums = 20 * (2e-3 + 2 * 0.75 * 2000 / 0.5e11 * 1e3);
  CHECK(ms(four, {0, 1, 1000, 0, 0}) == Approx(2.2 / 3.2 + 0.1 / 1.6 + 0.1 + 0.5 + sums));
  // Its cache has two heads: it is split over two of four.
  ModelWork two_heads = dense_model();
  two_heads.kv_heads = 2;
  const RooflineTime split(two_heads, kChip, software, {4, 1});
  CHECK(ms(split, {0, 1, 1000, 0, 0}) == Approx(2.2 / 3.2 + 0.1 / 0.8 + 0.1 + 0.5 + sums));
}

TEST_CASE("roofline by hand: matrices in two formats") {
  ModelWork model = dense_model();
  model.linear_precision = Precision::fp8;
  model.linear_wide_parameters = 4e8;
  const RooflineTime time(model, kChip, {}, {});
  // 4,000 tokens: 6e8 parameters at 2e15 operations a second, 4e8 at 1e15; 2e8 for one output.
  CHECK(ms(time, {4000, 0, 0, 1, 0}) == Approx(2.4 + 3.2 + 2e-4));
}

TEST_CASE("roofline by hand: experts") {
  ModelWork model = dense_model();
  model.moe_layers = 5;
  model.experts = 8;
  model.experts_per_token = 2;
  model.expert_parameters = 1e8;
  model.expert_bytes = 1e8;
  model.expert_precision = Precision::fp8;
  Efficiencies software;
  software.expert_layer_s = 1e-4;
  const RooflineTime time(model, kChip, software, {});
  // One token asks for two of eight; two tokens for 8 (1 - (3/4)^2) = 3.5 on average.
  CHECK(ms(time, {0, 1, 0, 0, 0}) == Approx(2.2 + 2 * 5 * 0.1 + 0.5));
  CHECK(ms(time, {0, 2, 0, 0, 0}) == Approx(2.2 + 3.5 * 5 * 0.1 + 0.5));
  // 8,000 tokens: 2 x 1e8 x 2 x 5 operations each at 2e15.
  CHECK(ms(time, {8000, 0, 0, 1, 0}) == Approx(16.0 + 2e-4 + 8.0 + 0.5));
  // Two groups: each reads half of the experts that somebody asks for, and each has half of the
  // decodes; tokens go to the experts and back, 2,000 bytes each, half of them to the other group.
  const RooflineTime groups(model, kChip, software, {1, 2});
  const double move = 2 * 5 * 0.5 * 2000 / 1e11 * 1e3;
  CHECK(ms(groups, {0, 2, 0, 0, 0}) == Approx(2.2 + 3.5 / 2 * 5 * 0.1 + 0.5 + 2 * move));
  CHECK(ms(groups, {0, 2, 1000, 0, 0}) == Approx(2.2 + 3.5 / 2 * 5 * 0.1 + 0.5 + 2 * move + 0.05));
  // One prompt is in one group, and the other waits for it; of two each has one.
  CHECK(ms(groups, {8000, 0, 0, 1, 0}) == Approx(16.0 + 2e-4 + 4.0 + 0.5 + 8000 * move));
  CHECK(ms(groups, {8000, 0, 0, 2, 0}) == Approx(8.0 + 2e-4 + 4.0 + 0.5 + 8000 * move));
}

TEST_CASE("roofline by hand: whole experts on each accelerator") {
  ModelWork model = dense_model();
  model.moe_layers = 5;
  model.experts = 8;
  model.experts_per_token = 2;
  model.expert_parameters = 1e8;
  model.expert_bytes = 1e8;
  model.expert_precision = Precision::fp8;
  const RooflineTime whole(model, kChip, {}, {1, 2, 1, true});
  // A token asks for two of eight. Of these one of two accelerators has 1 + 0.56419 sqrt(6/7), and
  // the token goes to the other one unless both are where it is: 3/7 x 1/2.
  const double most = 1 + 0.56419 * std::sqrt(6.0 / 7);
  const double move = 2 * 5 * 0.5 * (1 - 3.0 / 14) * 2000 / 1e11 * 1e3;
  CHECK(ms(whole, {0, 1, 0, 0, 0}) == Approx(2.2 + most * 5 * 0.1 + move).epsilon(1e-5));
  // 8,000 tokens of two experts: each accelerator has half of 16,000 but for 47 of them.
  const double work = 8000 + 0.56419 * std::sqrt(8000 * 6.0 / 7);
  CHECK(ms(whole, {8000, 0, 0, 2, 0}) ==
        Approx(8.0 + 2e-4 + work * 2 * 1e8 * 5 / 2e15 * 1e3 + 8000 * move).epsilon(1e-5));
  // Where everybody's experts are all of them, each accelerator has its own four.
  CHECK(ms(whole, {0, 80, 0, 0, 0}) == Approx(2.2 + 4 * 5 * 0.1 + 80 * move).epsilon(1e-5));
  // In one group all tokens are where they are needed; the sums are those of slices.
  const RooflineTime group(model, kChip, {}, {2, 1, 1, true}), slices(model, kChip, {}, {2, 1});
  CHECK(ms(group, {0, 1, 0, 0, 0}) - ms(slices, {0, 1, 0, 0, 0}) ==
        Approx((most - 1) * 5 * 0.1).epsilon(1e-4));
  // Without experts it changes nothing.
  CHECK(RooflineTime(dense_model(), kChip, {}, {2, 1, 1, true}).of({0, 9, 90, 0, 0}) ==
        RooflineTime(dense_model(), kChip, {}, {2, 1}).of({0, 9, 90, 0, 0}));
}

TEST_CASE("roofline by hand: a pipeline of stages") {
  Efficiencies software;
  software.layer_s = 1e-5;
  software.sum_s = 2e-6;
  const RooflineTime stages(dense_model(), kChip, software, {1, 1, 4});
  // From stage to stage three times: 2 us and 2,000 bytes a token of a micro-batch.
  const double send = 3 * 2e-3, send_token = 3 * 2000 / 1e11 * 1e3;
  // One sequence passes all layers with all of its cache; of eight each micro-batch has two, and a
  // quarter of the caches; of five the largest has two.
  CHECK(ms(stages, {0, 1, 1000, 0, 0}) == Approx(2.2 + 0.1 + 0.1 + send + send_token));
  CHECK(ms(stages, {0, 5, 5000, 0, 0}) == Approx(2.2 + 0.2 + 0.1 + send + 2 * send_token));
  CHECK(ms(stages, {0, 8, 8000, 0, 0}) == Approx(2.2 + 0.8 / 4 + 0.1 + send + 2 * send_token));
  // One prompt is in one micro-batch, of four each has one.
  CHECK(ms(stages, {4000, 0, 0, 1, 0}) == Approx(8.0 + 2e-4 + 0.1 + send + 4000 * send_token));
  CHECK(ms(stages, {4000, 0, 0, 4, 0}) == Approx(2.2 + 0.1 + send + 1000 * send_token));
  // The weights are read once for each micro-batch that there is.
  CHECK(stages.work({0, 3, 0, 0, 0}, 2).bytes == Approx(2 * 3 * 2.2e9 + 3 * 1e5));
  CHECK(stages.work({0, 8, 0, 0, 0}, 1).bytes == Approx(4 * 2.2e9));
}

TEST_CASE("roofline by hand: drafts and who proposes them") {
  Efficiencies software;
  software.iteration_s = 5e-4;
  const RooflineTime heads(dense_model(), kChip, software, {}, {3, 1e-4, {}});
  // Memory as for one token, and three drafts of 0.1 ms; the cache is read once.
  CHECK(ms(heads, {0, 1, 1000, 0, 0}) == Approx(2.2 + 0.1 + 0.5 + 0.3));
  // A prompt has none. 2,000 decodes of four tokens: 16e12 operations and 8,000 outputs.
  CHECK(ms(heads, {4000, 0, 0, 1, 0}) == Approx(8.0 + 2e-4 + 0.5));
  CHECK(ms(heads, {0, 2000, 0, 0, 0}) == Approx(16.0 + 1.6 + 0.5 + 0.3));
  CHECK(heads.work({0, 2, 0, 0, 0}, 1).flops == Approx(2 * 1.1e9 * 2 * 4));
  // A drafter of a tenth: three iterations without scheduling, and the prompts.
  ModelWork small = dense_model();
  small.linear_parameters = 1e8;
  small.linear_bytes = 2e8;
  small.head_parameters = small.head_bytes = 0;
  small.kv_bytes = 1e4;
  const RooflineTime two(dense_model(), kChip, software, {}, {3, 0, small});
  CHECK(ms(two, {0, 1, 1000, 0, 0}) == Approx(2.2 + 0.1 + 0.5 + 3 * (0.2 + 0.01)));
  CHECK(ms(two, {4000, 0, 0, 1, 0}) == Approx(8.0 + 2e-4 + 0.5 + 0.8));
}

TEST_CASE("roofline by hand: adapters") {
  const auto with = [](IterationLoad load, std::uint64_t adapters) {
    load.adapters = adapters;
    return load;
  };
  const RooflineTime time(dense_model(), kChip, {}, {}, {}, adapter_of_bytes(1e8));
  // Eight sequences read three of 1e8 bytes; a prompt of 4,000 has 2 x 5e7 operations a token.
  CHECK(ms(time, with({0, 8, 0, 0, 0}, 3)) == Approx(2.2 + 0.3));
  CHECK(ms(time, with({4000, 0, 0, 1, 0}, 1)) == Approx(8.0 + 2e-4 + 0.4));
  CHECK(ms(time, {0, 8, 0, 0, 0}) == Approx(2.2));
  CHECK(time.work(with({0, 8, 0, 0, 0}, 3), 1).bytes == Approx(2.5e9));
  CHECK(time.work(with({0, 8, 0, 0, 0}, 3), 1).flops == Approx(8 * 2 * 1.15e9));
  // Two share each; of two groups each has two of the four sequences, and no more adapters.
  const RooflineTime two(dense_model(), kChip, {}, {2, 1}, {}, adapter_of_bytes(1e8));
  const RooflineTime without(dense_model(), kChip, {}, {2, 1});
  CHECK(ms(two, with({0, 8, 0, 0, 0}, 3)) - ms(without, {0, 8, 0, 0, 0}) == Approx(0.15));
  ModelWork experts = dense_model();
  experts.experts = experts.experts_per_token = 2;
  const RooflineTime groups(experts, kChip, {}, {1, 2}, {}, adapter_of_bytes(1e8));
  CHECK(ms(groups, with({0, 4, 0, 0, 0}, 4)) - ms(groups, {0, 4, 0, 0, 0}) == Approx(0.2));
}

TEST_CASE("a stretch of a roofline with drafts is the sum of its iterations", "[property]") {
  ModelWork model = dense_model(), small = dense_model();
  model.window = 100;
  model.window_kv_bytes = 6e4;
  small.window = 60;
  small.window_kv_bytes = 3e3;
  small.kv_bytes = 10'007;
  const bool stages = GENERATE(false, true);
  const RooflineTime time(model, kChip, {}, {1, 1, stages ? 3U : 1U}, {4, 0, small});
  const RandomStream stream(1, "drafts");
  std::uint64_t windows = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const auto below = [&](double n, std::uint64_t k) {
      return static_cast<std::uint64_t>(n * stream.uniform(i, k));
    };
    IterationLoad load;
    load.decoding = 1 + below(9, 0);
    load.cached = load.decoding * (1 + below(200, 1));
    load.fraction = below(1024, 2);
    load.growth = 1024 + below(4096, 3);
    const auto stretch = time.stretch(load);
    REQUIRE(stretch.has_value());
    const std::uint64_t most = std::min<std::uint64_t>(stretch->valid, 150);
    windows += most < 150 ? 1 : 0;
    Duration sum;
    IterationLoad next = load;
    for (std::uint64_t n = 1; n <= most; ++n) {
      sum = sum + time.of(next);
      next.fraction += next.growth;
      next.cached += next.decoding * (next.fraction / 1024);
      next.fraction %= 1024;
      REQUIRE(sum_of(*stretch, n) == sum);
    }
  }
  CHECK(windows > 50);
}

TEST_CASE("a stretch of a roofline is the sum of its iterations", "[property]") {
  ModelWork model = dense_model();
  model.window = 100;
  model.window_kv_bytes = 6e4;
  model.window_attention_flops = 3e5;
  model.kv_bytes = 100'003;
  const RooflineTime time(model, kChip, {}, {});
  const RandomStream stream(1, "roofline");
  std::uint64_t windows = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    IterationLoad load;
    load.decoding = 1 + static_cast<std::uint64_t>(9 * stream.uniform(i, 0));
    load.cached = load.decoding * (1 + static_cast<std::uint64_t>(200 * stream.uniform(i, 1)));
    const auto stretch = time.stretch(load);
    REQUIRE(stretch.has_value());
    const std::uint64_t most = std::min<std::uint64_t>(stretch->valid, 150);
    windows += most < 150 ? 1 : 0;
    Duration sum;
    for (std::uint64_t n = 1; n <= most; ++n) {
      sum = sum + time.of(load);
      load.cached += load.decoding;
      REQUIRE(sum_of(*stretch, n) == sum);
    }
  }
  CHECK(windows > 50);
  CHECK_FALSE(time.stretch({10, 1, 5, 1, 55}).has_value());
}

}  // namespace
}  // namespace hyperdc
