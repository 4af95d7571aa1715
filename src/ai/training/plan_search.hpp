// PlanSearch: how to spread a training step over so many accelerators that it is fastest.
//
// Computes: every plan of tensor x context x pipeline x data ranks that is `accelerators`, with
// every expert_parallel, interleave, schedule, micro-batch, ZeRO stage and kind of recomputation,
// of which the parts that are fixed are those of `fixed`; without those that do not divide what
// they share, and without those whose memory, activations included, is more than an accelerator
// has. Ordered by the time of a step (training_step.hpp), then by memory, then by the plan itself.
// Tried are: divisors of the heads within a scale-up domain; powers of two of context that leave
// 1,024 tokens to a rank; numbers of stages up to the layers; micro-batches of 1, 2, 4, 8
// sequences; interleavings up to what the layers allow; sequence_parallel wherever there is
// tensor_parallel. Source: definition. Cost: some 10^4 to 10^6 plans of 1 us each. Leaves out:
// stages of unequal layers, plans that leave accelerators idle.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ai/training/training_step.hpp"

namespace hyperdc {

/// Parts of a plan that are not searched.
struct FixedPlan {
  std::optional<std::uint32_t> tensor, context, pipeline, data, expert, interleave, zero;
  std::optional<std::uint64_t> micro_batch;
  std::optional<bool> sequence_parallel;
  std::optional<Recompute> recompute;
  std::optional<Schedule> schedule;
};

struct PlanQuestion {
  ModelCard model;
  TrainingChip chip;
  TrainingSoftware software;
  double memory_bytes = 0;  // of an accelerator; 0: not known, everything fits
  std::uint64_t accelerators = 1;
  std::uint64_t sequence = 1, batch = 1;
  FixedPlan fixed;
  std::vector<Schedule> schedules = {Schedule::one_f_one_b};  // that are tried
  // Of every plan:
  Precision precision = Precision::bf16;
  double imbalance = 1;
  std::uint32_t expert_domains = 0;
};

struct RankedPlan {
  TrainingPlan plan;
  TrainingTime time;
  TrainingMemory memory;
};

struct PlanRanking {
  std::vector<RankedPlan> best;  // fastest first
  std::uint64_t tried = 0;       // that go into each other
  std::uint64_t fitting = 0;     // of these, into memory
  double least_bytes = 0;        // of those tried, the least that one needs
};

/// The `most` fastest.
PlanRanking rank_plans(const PlanQuestion& question, std::size_t most);

/// "tensor 8, pipeline 16, data 128, interleave 7, micro-batch 1, ZeRO 1, nothing recomputed".
std::string describe_plan(const TrainingPlan& plan);

}  // namespace hyperdc
