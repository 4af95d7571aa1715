// The step of a training run: parts by hand, and laws.
#include "ai/training/training_step.hpp"

#include <catch2/catch.hpp>

namespace hyperdc {
namespace {

/// GPT of 16 layers: 12 h^2 parameters each, and embeddings that the head shares.
ModelCard small_gpt() {
  ModelCard model;
  model.layers = 16;
  model.hidden = 1024;
  model.heads = 16;
  model.kv_heads = 16;
  model.head_size = 64;
  model.intermediate = 4096;
  model.gated = false;
  model.vocabulary = 32000;
  model.tied_embeddings = true;
  return model;
}

/// Efficiencies of 1, no latency.
TrainingSoftware perfect() {
  TrainingSoftware software;
  software.fused_attention = true;
  software.dropout = false;
  return software;
}

TrainingChip chip() {
  return {100e12, 1e12, 100e9, 10e9, 0, 0, 4};
}

TrainingPlan plan_of(std::uint32_t tensor, std::uint32_t pipeline, std::uint32_t data) {
  TrainingPlan plan;
  plan.sequence = 1024;
  plan.batch = 64;
  plan.tensor = tensor;
  plan.pipeline = pipeline;
  plan.data = data;
  return plan;
}

TEST_CASE("matrices and attention take their operations over the peak") {
  const TrainingTime time = training_time(small_gpt(), plan_of(1, 1, 1), chip(), perfect());
  const double tokens = 64 * 1024, h = 1024;
  CHECK(time.matrices == Approx(6 * tokens * (16 * 12 * h * h + 32000 * h) / 100e12).epsilon(1e-9));
  // 4 s h operations a token and layer, thrice, half of them masked
  CHECK(time.attention == Approx(3 * 16 * 2 * tokens * 1024 * h / 100e12).epsilon(1e-9));
  // two norms of 4 bytes and two residuals of 6, an activation of 4 x 4 h; 8 bytes a logit
  CHECK(time.in_memory ==
        Approx(tokens * (16 * 2.5 * (8 + 12 + 16) * h + 8 * 32000) / 1e12).epsilon(1e-9));
  CHECK(time.tensor + time.context + time.experts + time.sends + time.bubble + time.gradients == 0);
  CHECK(time.optimizer == Approx(16 * (16 * 12 * h * h + 32000 * h) / 1e12).epsilon(1e-9));
  const TrainingFlops flops = training_flops(small_gpt(), plan_of(1, 1, 1), perfect());
  CHECK(flops.model == Approx(100e12 * (time.matrices + 2 * time.attention)).epsilon(1e-9));
  CHECK(flops.hardware == Approx(100e12 * (time.matrices + time.attention)).epsilon(1e-9));
}

TEST_CASE("exchanges by hand: in a domain, across domains, hierarchical") {
  const double h = 1024, micro = 1024 * h * 2;  // bytes of the activations of a micro-batch
  // 2 ranks of a domain: half of the bytes, 4 halves forward and 4 backward a layer, 64 times
  const TrainingTime tensor = training_time(small_gpt(), plan_of(2, 1, 1), chip(), perfect());
  CHECK(tensor.tensor == Approx(64 * 16 * 8 * 0.5 * micro / 100e9).epsilon(1e-9));
  // 4 copies in one domain of 4; 8 in two: 3/4 of the bytes within, then 1/2 of a quarter across
  const double bytes = 2 * (16 * 12 * h * h + 32000 * h);
  const TrainingTime inside = training_time(small_gpt(), plan_of(1, 1, 4), chip(), perfect());
  CHECK(inside.gradients == Approx(2 * 0.75 * bytes / 100e9).epsilon(1e-9));
  const TrainingTime across = training_time(small_gpt(), plan_of(1, 1, 8), chip(), perfect());
  CHECK(across.gradients ==
        Approx(2 * (0.75 * bytes / 100e9 + 0.5 * bytes / 4 / 10e9)).epsilon(1e-9));
  TrainingSoftware hidden = perfect();
  hidden.overlap = 0.75;
  CHECK(training_time(small_gpt(), plan_of(1, 1, 8), chip(), hidden).gradients ==
        Approx(across.gradients / 4).epsilon(1e-9));
  // 2 stages: 2 sends of a micro-batch a time, 64 times; within a domain, or from one to another
  const TrainingTime near = training_time(small_gpt(), plan_of(1, 2, 1), chip(), perfect());
  CHECK(near.sends == Approx(64 * 2 * micro / 100e9).epsilon(1e-9));
  const TrainingTime far = training_time(small_gpt(), plan_of(1, 2, 4), chip(), perfect());
  CHECK(far.sends == Approx(16 * 2 * micro / 10e9).epsilon(1e-9));
}

TEST_CASE("experts and context by hand") {
  ModelCard model = small_gpt();
  model.intermediate = 0;
  model.kv_heads = 4;
  model.moe = ExpertLayers{16, 8, 2, 512, 0};
  const double h = 1024, tokens = 64 * 1024;
  const auto time_of = [&](TrainingPlan plan) {
    return training_time(model, plan, chip(), perfect());
  };
  // Per layer h (1024 + 2 x 256 + 1024) of attention, 2 x 2 x 512 h of two experts, a router of 8 h
  CHECK(time_of(plan_of(1, 1, 1)).matrices ==
        Approx(6 * tokens * h * (16 * (2560 + 2048 + 8) + 32000) / 100e12).epsilon(1e-9));
  // 2 of 4 copies share the experts: half of two tokens' activations go, twice a layer each way,
  // for each of 16 micro-batches
  TrainingPlan shared = plan_of(1, 1, 4);
  shared.expert = 2;
  const double moved = 1024 * h * 2 * 2;
  CHECK(time_of(shared).experts == Approx(16 * 16 * 4 * 0.5 * moved / 100e9).epsilon(1e-9));
  // 8 of 8: 4 lie in another domain
  shared = plan_of(1, 1, 8);
  shared.expert = 8;
  CHECK(time_of(shared).experts == Approx(8 * 16 * 4 * 0.5 * moved / 10e9).epsilon(1e-9));
  const double experts = 16 * 8 * 2 * 512 * h, others = 16 * h * (2560 + 8) + 32000 * h;
  shared.zero = 0;
  const TrainingMemory memory = training_memory(model, shared, perfect());
  CHECK(memory.optimizer == Approx(12 * (others + experts / 8)).epsilon(1e-9));
  // 2 ranks of a sequence: half of the keys and values of 4 heads, 4 bytes each, forward and twice
  // backward, in a domain
  TrainingPlan halves = plan_of(1, 1, 1);
  halves.context = 2;
  CHECK(time_of(halves).context ==
        Approx(64 * 16 * 3 * 0.5 * 4 * 1024 * 256 / 100e9).epsilon(1e-9));
}

TEST_CASE("ZeRO scatters and gathers for each micro-batch") {
  TrainingPlan plan = plan_of(1, 1, 4);  // 16 micro-batches
  const auto gradients = [&](std::uint32_t zero) {
    plan.zero = zero;
    return training_time(small_gpt(), plan, chip(), perfect()).gradients;
  };
  CHECK(gradients(0) == gradients(1));
  CHECK(gradients(2) == Approx(gradients(1) * 17 / 2).epsilon(1e-9));
  CHECK(gradients(3) == Approx(gradients(1) * 48 / 2).epsilon(1e-9));
}

TEST_CASE("the bubble of a pipeline is (p - 1) / (v m) of the rest") {
  // validation.md V5: (16, 64, 1) 0.2344, (16, 64, 4) 0.0586 of ideal; no latency, equal stages
  ModelCard model = small_gpt();
  model.layers = 64;
  TrainingPlan plan = plan_of(1, 16, 1);
  for (const auto& [interleave, share] : {std::pair(1U, 15.0 / 64), std::pair(4U, 15.0 / 256)}) {
    plan.interleave = interleave;
    const TrainingTime time = training_time(model, plan, chip(), perfect());
    const double ideal = time.computed() + time.tensor + time.sends;
    CHECK(time.bubble / ideal == Approx(share).epsilon(1e-9));
  }
}

TEST_CASE("what is computed again, and what is kept for it") {
  TrainingPlan plan = plan_of(1, 1, 1);
  const TrainingTime none = training_time(small_gpt(), plan, chip(), perfect());
  plan.recompute = Recompute::full;
  const TrainingTime full = training_time(small_gpt(), plan, chip(), perfect());
  const double h = 1024, tokens = 64 * 1024;
  const double head = 6 * tokens * 32000 * h / 100e12, logits = tokens * 8 * 32000 / 1e12;
  CHECK(full.recomputed ==
        Approx((none.matrices - head) / 3 + none.attention / 3 + (none.in_memory - logits) / 2.5)
            .epsilon(1e-9));
  const auto kept = [&](const TrainingSoftware& software) {
    return training_memory(small_gpt(), plan, software);
  };
  CHECK(kept(perfect()).activations == Approx(16 * 2 * 1024 * h));
  plan.recompute = Recompute::selective;
  CHECK(training_time(small_gpt(), plan, chip(), perfect()).recomputed ==
        Approx(none.attention / 3).epsilon(1e-9));
  // Korthikanti et al.: 34 s b h a layer, and 5 a s^2 b where scores are kept
  TrainingSoftware plain;
  CHECK(kept(plain).activations == Approx(16 * 34 * 1024 * h));
  plan.recompute = Recompute::none;
  CHECK(kept(plain).activations == Approx(16 * (34 * 1024 * h + 5 * 16 * 1024 * 1024.0)));
}

TEST_CASE("states are shared by the stages of ZeRO") {
  const double parameters = 16 * 12 * 1024.0 * 1024 + 32000 * 1024.0;
  TrainingPlan plan = plan_of(1, 1, 4);
  const auto memory = [&](std::uint32_t zero) {
    plan.zero = zero;
    return training_memory(small_gpt(), plan, perfect());
  };
  CHECK(memory(0).sum() - memory(0).activations == Approx(18 * parameters).epsilon(1e-9));
  CHECK(memory(1).optimizer == Approx(3 * parameters).epsilon(1e-9));
  CHECK(memory(1).gradients == memory(0).gradients);
  CHECK(memory(2).gradients == Approx(parameters).epsilon(1e-9));
  CHECK(memory(3).weights == Approx(parameters / 2).epsilon(1e-9));
}

TEST_CASE("efficiencies are straight in the logarithm of a size") {
  const SizeEfficiency line{{{1e6, 0.2}, {1e8, 0.6}}};
  CHECK(line.at(1e5) == 0.2);
  CHECK(line.at(1e7) == Approx(0.4));
  CHECK(line.at(1e9) == 0.6);
  CHECK(SizeEfficiency{}.at(5) == 1);
}

}  // namespace
}  // namespace hyperdc
