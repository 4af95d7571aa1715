// The step of a training run: parts by hand, and laws.
#include "ai/training/training_step.hpp"

#include <algorithm>
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
  const double bytes = 6 * 1024 * 32000.0;  // of logits, beside what the one stage keeps
  CHECK(kept(perfect()).activations == Approx(16 * 2 * 1024 * h + bytes));
  plan.recompute = Recompute::selective;
  CHECK(training_time(small_gpt(), plan, chip(), perfect()).recomputed ==
        Approx(none.attention / 3).epsilon(1e-9));
  // Korthikanti et al.: 34 s b h a layer, and 5 a s^2 b where scores are kept
  TrainingSoftware plain;
  CHECK(kept(plain).activations == Approx(16 * 34 * 1024 * h + bytes));
  plan.recompute = Recompute::none;
  CHECK(kept(plain).activations == Approx(16 * (34 * 1024 * h + 5 * 16 * 1024 * 1024.0) + bytes));
  // Of two stages the first keeps two micro-batches, the last one and its logits
  plan = plan_of(1, 2, 1);
  CHECK(kept(plain).activations ==
        Approx(std::max(16 * (34 * 1024 * h + 5 * 16 * 1024 * 1024.0),
                        8 * (34 * 1024 * h + 5 * 16 * 1024 * 1024.0) + bytes)));
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

TEST_CASE("weights take their part of backward where the schedule sets it apart") {
  ModelCard model = small_gpt();
  model.layers = 64;
  TrainingPlan plan = plan_of(1, 16, 1);
  const auto bubble = [&](Schedule schedule) {
    plan.schedule = schedule;
    return training_time(model, plan, chip(), perfect());
  };
  // 64 micro-batches; the last stage is slowest, with the head: a third of the products are W
  const TrainingTime plain = bubble(Schedule::one_f_one_b);
  const double stage = plain.bubble / 15, weights = plain.matrices / 64 / 3;
  CHECK(bubble(Schedule::zb_h1).bubble == Approx(15 * (stage - 2 * weights)).epsilon(1e-9));
  CHECK(bubble(Schedule::zb_h2).bubble == Approx(15 * (stage - 3 * weights)).epsilon(1e-9));
  // A rank of DualPipe has the last stage and the first: of each half of the micro-batches, and so
  // half of the head and of its bytes
  const double head = 6 * 1024 * 32000 * 1024.0 / 100e12 / 2, bytes = 8 * 1024 * 32000 / 1e12 / 2;
  const double half = stage - head - bytes, of_weights = weights - head / 3;
  const double forward = (plain.matrices + plain.attention) / 192 - head / 3 +
                         (plain.in_memory / 64 - bytes) / 2.5 + plain.sends / 128;
  const TrainingTime both = bubble(Schedule::dualpipe);
  CHECK(both.bubble == Approx(7 * (2 * half - forward - 3 * of_weights)).epsilon(1e-9));
  CHECK(both.matrices == Approx(plain.matrices - 64 * head).epsilon(1e-9));
  const auto memory = [&](Schedule schedule) {
    plan.schedule = schedule;
    return training_memory(model, plan, perfect());
  };
  const double held = memory(Schedule::one_f_one_b).activations / 16;
  const double logits = 6 * 1024 * 32000.0;  // all stages keep as many micro-batches
  CHECK(memory(Schedule::zb_h1).activations == Approx(16 * held + logits));
  CHECK(memory(Schedule::zb_h2).activations == Approx(31 * held + logits));
  CHECK(memory(Schedule::dualpipe).activations == Approx(17 * held + logits));
  const TrainingMemory twice = memory(Schedule::dualpipe), once = memory(Schedule::zb_h1);
  CHECK(twice.weights == Approx(2 * once.weights));
  CHECK(twice.optimizer == Approx(once.optimizer));  // ZeRO 1: both copies share it
}

TEST_CASE("the last stage lacks half of the layers that are missing") {
  ModelCard model = small_gpt();
  model.layers = 61;  // of 16 stages of 4: 3 are missing, 2 of them in the last
  const double h = 1024, head = 32000 * h, layer = 12 * h * h;
  const TrainingTime time = training_time(model, plan_of(1, 16, 1), chip(), perfect());
  CHECK(time.matrices == Approx(6 * 64 * 1024 * (2 * layer + head) / 100e12).epsilon(1e-9));
}

TEST_CASE("exchanges are hidden by their share, and by no more than is computed beside them") {
  TrainingPlan plan = plan_of(2, 1, 1);
  TrainingChip slow = chip();
  const TrainingTime open = training_time(small_gpt(), plan, slow, perfect());
  TrainingSoftware fused = perfect();
  fused.overlap_tensor = 0.5;
  CHECK(training_time(small_gpt(), plan, slow, fused).tensor ==
        Approx(open.tensor / 2).epsilon(1e-9));
  CHECK(training_time(small_gpt(), plan, slow, fused).matrices == open.matrices);
  // An exchange ten times as long as the products: of it what these take remains hidden
  slow.scale_up_Bps = chip().scale_up_Bps / 100;
  fused.overlap_tensor = 1;
  const TrainingTime bound = training_time(small_gpt(), plan, slow, fused);
  const double head = 3 * 2 * 64 * 1024.0 * 1024 * 32000 / 2 / 100e12;
  CHECK(bound.tensor == Approx(100 * open.tensor - (open.matrices - head)).epsilon(1e-9));
  TrainingPlan stages = plan_of(1, 2, 4);
  fused.overlap_sends = 0.25;
  CHECK(training_time(small_gpt(), stages, chip(), fused).sends ==
        Approx(0.75 * training_time(small_gpt(), stages, chip(), perfect()).sends).epsilon(1e-9));
}

TEST_CASE("exchanges of experts: hidden, to few domains, and of the busiest rank") {
  ModelCard model = small_gpt();
  model.intermediate = 0;
  model.moe = ExpertLayers{16, 8, 4, 512, 0};
  TrainingPlan plan = plan_of(1, 1, 8);  // two domains of 4
  plan.expert = 8;
  TrainingSoftware software = perfect();
  const auto time_of = [&] { return training_time(model, plan, chip(), software); };
  const TrainingTime open = time_of();
  const double token = 2 * 1024 * 1024.0;  // bytes of all tokens once
  CHECK(open.experts == Approx(8 * 16 * 4 * 0.5 * 4 * token / 10e9).epsilon(1e-9));
  plan.expert_domains = 2;  // half of two go to the other domain, 3 of 4 copies within
  CHECK(time_of().experts == Approx(8 * 16 * 4 * 0.5 * 2 * token / 10e9).epsilon(1e-9));
  plan.expert_domains = 0;
  plan.imbalance = 1.5;
  CHECK(time_of().experts == Approx(1.5 * open.experts).epsilon(1e-9));
  const double routed = 6 * 8 * 1024 * 16 * 1024.0 * 2 * 512 * 4 / 100e12;
  CHECK(time_of().matrices - open.matrices == Approx(0.5 * routed).epsilon(1e-9));
  plan.imbalance = 1;
  software.overlap_experts = 1;
  const double head = 6 * 8 * 1024 * 1024.0 * 32000 / 100e12;
  CHECK(time_of().experts ==
        Approx(open.experts - (open.matrices + open.attention - head)).epsilon(1e-9));
}

TEST_CASE("fp8: matrices of layers at its peak, the rest as it was, and casts") {
  TrainingChip both = chip();
  both.fp8_flops = 200e12;
  TrainingPlan plan = plan_of(1, 1, 1);
  const TrainingTime wide = training_time(small_gpt(), plan, both, perfect());
  plan.precision = Precision::fp8;
  const TrainingTime narrow = training_time(small_gpt(), plan, both, perfect());
  const double tokens = 64 * 1024, h = 1024, head = 6 * tokens * 32000 * h / 100e12;
  CHECK(narrow.matrices - head == Approx((wide.matrices - head) / 2).epsilon(1e-9));
  CHECK(narrow.attention == wide.attention);
  // Three inputs of h and one of 4 h, 3 bytes each
  CHECK(narrow.in_memory - wide.in_memory ==
        Approx(16 * 2.5 * 3 * tokens * 7 * h / 1e12).epsilon(1e-9));
  const TrainingFlops flops = training_flops(small_gpt(), plan, perfect());
  CHECK(flops.model == training_flops(small_gpt(), plan_of(1, 1, 1), perfect()).model);
}

TEST_CASE("windows: what is seen, counted and sent") {
  ModelCard model = small_gpt();
  const TrainingPlan plan = plan_of(1, 1, 1);
  const double all = training_time(model, plan, chip(), perfect()).attention;
  const double counted = training_flops(model, plan, perfect()).model;
  model.window = 256;
  model.window_layers = 12;
  // Of 1,024 tokens one sees 256 - 256^2 / 2,048 = 224 instead of 512, in 12 of 16 layers
  CHECK(training_time(model, plan, chip(), perfect()).attention ==
        Approx(all * (0.25 + 0.75 * 224 / 512)).epsilon(1e-9));
  CHECK(counted - training_flops(model, plan, perfect()).model ==
        Approx(3 * 64 * 1024 * 12 * 4 * 1024.0 * (1024 - 256)).epsilon(1e-9));
  TrainingSoftware plain = perfect();
  plain.fused_attention = false;
  CHECK(training_time(model, plan, chip(), plain).attention ==
        Approx(training_time(small_gpt(), plan, chip(), plain).attention));
  TrainingPlan parts = plan_of(1, 1, 1);
  parts.context = 4;  // three quarters of 1,024; of a window the 256 before
  CHECK(training_time(model, parts, chip(), perfect()).context ==
        Approx(training_time(small_gpt(), parts, chip(), perfect()).context *
               (0.25 + 0.75 * 256 / 768))
            .epsilon(1e-9));
}

TEST_CASE("latent attention: its matrices, its heads, what is exchanged and kept") {
  ModelCard model = small_gpt();
  model.kv_heads = model.head_size = 0;
  model.latent = LatentAttention{384, 128, 64, 32, 64};
  const double h = 1024, tokens = 64 * 1024;
  const double down = h * 384 + h * 160, up = 384 * 16 * 96 + 128 * 16 * 128 + 16 * 64 * h;
  const auto time_of = [&](const TrainingPlan& plan) {
    return training_time(model, plan, chip(), perfect());
  };
  const double mlp = 8 * h * h;
  const TrainingTime alone = time_of(plan_of(1, 1, 1));
  CHECK(alone.matrices ==
        Approx(6 * tokens * (16 * (down + up + mlp) + 32000 * h) / 100e12).epsilon(1e-9));
  // Half of 1,024 tokens, heads of 96 for scores and 64 for values
  CHECK(alone.attention ==
        Approx(3 * 16 * tokens * 2 * 512 * 16 * (96 + 64) / 100e12).epsilon(1e-9));
  CHECK(training_flops(model, plan_of(1, 1, 1), perfect()).model ==
        Approx(100e12 * (alone.matrices + 2 * alone.attention)).epsilon(1e-9));
  // Two ranks share all but what goes down to the ranks
  CHECK(time_of(plan_of(2, 1, 1)).matrices ==
        Approx(6 * tokens * (16 * (down + (up + mlp) / 2) + 16000 * h) / 100e12).epsilon(1e-9));
  TrainingPlan halves = plan_of(1, 1, 1);
  halves.context = 2;
  CHECK(time_of(halves).context ==
        Approx(64 * 16 * 3 * 0.5 * 2 * 1024 * 160 / 100e9).epsilon(1e-9));
  // 8 h of norms and residuals, q, k, v and output, 16 h of the MLP; the ranks by both of two
  const TrainingMemory kept = training_memory(model, plan_of(2, 1, 1), perfect());
  CHECK(kept.activations ==
        Approx(16 * 1024 * (8 * h + 2 * (384 + 128 + 32) + (4 * 16 * (96 + 64) + 16 * h) / 2) +
               6 * 1024 * 16000.0));
  // Heads made again of the latent vectors: of them their output is kept, and is their product
  TrainingPlan again = plan_of(2, 1, 1);
  again.recompute = Recompute::selective;
  const double heads = 384 * 16 * 96 + 128 * 16 * 128;
  CHECK(time_of(again).recomputed == Approx(2 * tokens * 16 * heads / 2 / 100e12).epsilon(1e-9));
  CHECK(kept.activations - training_memory(model, again, perfect()).activations ==
        Approx(16 * 1024 * (4 * 16 * (96 + 64) - 2 * 16 * 64) / 2));
  CHECK(training_flops(model, again, perfect()).hardware -
            training_flops(model, plan_of(2, 1, 1), perfect()).hardware ==
        Approx(2 * tokens * 16 * heads).epsilon(1e-9));
}

}  // namespace
}  // namespace hyperdc
